// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { readFileSync } from "node:fs";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import type { Row, Write } from "../src/lib/outbox";
import { apply } from "../src/lib/reducer";
import { floor } from "../src/lib/store.svelte";
import type { Ask, Problem, State } from "../src/lib/types";
import { useCatalogue } from "../src/lib/values.svelte";
import Service from "../src/screens/Service.svelte";
import { clear, hook, show, submit, tap, text, type } from "./mounted";
import { at, dish, fact, floorOf, guestRow, menuOf, order, presence, roundOf, rowOf } from "./state";

const CATALOGUE = JSON.parse(readFileSync("../gateway/records/catalogue.json", "utf8"));

const recorded: Write[] = [];
const sent: { method: string; path: string; body: unknown }[] = [];

beforeEach(() => {
  speak("en");
  useCatalogue(CATALOGUE);
  recorded.length = sent.length = 0;
  vi.spyOn(floor, "record").mockImplementation(async (write) => void recorded.push(write));
  vi.spyOn(floor, "call").mockImplementation(async (method, path, body) => void sent.push({ method, path, body }) as never);
  vi.stubGlobal("fetch", async () => new Response("null"));
  [floor.undo, floor.rows, location.hash] = [null, [], "#/service"];
});
afterEach(clear);

const KUNGPAO = dish("kungpao", { labels: { "zh-CN": "宫保鸡丁", en: "Kung Pao chicken" }, allergens: ["peanuts"], without: ["peanuts"] });
const NOODLES = dish("noodles", { labels: { "zh-CN": "牛肉面", en: "Beef noodles" }, ingredients: ["coriander"], without: ["coriander"], stock: 5, left: 1 });
const RICE = dish("rice", { labels: { "zh-CN": "白饭", en: "Rice" } });

const ASK: Ask = {
  id: "q", visit: "v-chen", customer: "chen", question: "lunch", state: "answered", by: "anna", by_name: "Anna", at: at(1), count: 1, answer: "x", answered_by: "anna",
  answered_at: at(1), served_by: null, served_at: null,
};
const PEANUTS = fact("peanuts", "chen", { category: "allergy", polarity: "allergy", code: "allergy.peanuts", value: "花生" });
const CORIANDER = fact("coriander", "li", { category: "dislike", polarity: "avoid", code: "dislike.coriander", value: "不要香菜" });

const cabin = (changes: Partial<State> = {}): State =>
  floorOf({
    present: [presence("chen", { place: "1A" }), presence("li", { place: "1C" })],
    preferences: { chen: [PEANUTS], li: [CORIANDER] },
    menus: [menuOf(KUNGPAO, NOODLES, RICE)],
    places: ["1A", "1C", "1D"].map((place) => ({ place, zone: "door", kind: "seat" as const, group: "1" })),
    rounds: [roundOf([guestRow(0, "1A", "chen"), guestRow(1, "1C", "li"), rowOf(2, "1D")])],
    expected: [],
    ...changes,
  });

/** The state after what was recorded here, as the store shows it. */
const after = (state: State): State => recorded.reduce((now, write) => apply(now, { ...write.news, sequence: 0, time: at(5) }), state);

describe("the round", () => {
  it("is two taps a guest: one asks and answers, the second serves", async () => {
    show(Service, { state: cabin() });
    await tap("dish-1A-rice");
    expect(recorded).toHaveLength(1);
    expect(recorded[0]).toMatchObject({ path: "/api/visits/v-chen/asks", body: { question: "lunch", item: "rice", menu: "lunch-1", round: "r1" } });
    expect(recorded[0]!.body.despite).toBeUndefined();
    show(Service, { state: after(cabin()) });
    hook("row-0")!.click();
    flushSync();
    expect(recorded[1]!.path).toBe(`/api/asks/${recorded[0]!.body.id}/served`);
    expect(recorded).toHaveLength(2);
  });

  it("a third tap on the row changes nothing, for what was brought was brought", async () => {
    const rows = [guestRow(0, "1A", "chen", { order: order("o", { state: "served", item: "rice" }) })];
    show(Service, { state: cabin({ rounds: [roundOf(rows)] }) });
    hook("row-0")!.click();
    expect(recorded).toEqual([]);
  });

  it("takes back what was ordered: out of the outbox where it waits, for everyone where it was sent", async () => {
    const state = cabin();
    floor.told = state;
    show(Service, { state });
    await tap("dish-1A-rice");
    const write = recorded[0]!;
    const discard = vi.spyOn(floor.outbox, "discard").mockResolvedValue();
    floor.rows = [{ ...write, seq: 7, key: "k", staff: "anna", at: at(5), tries: 0, refused: null }];
    floor.undo!.back();
    expect(discard).toHaveBeenCalledWith(7);
    expect(recorded).toHaveLength(1);
  });

  it("an unknown guest's seat takes an order too, without a name", async () => {
    show(Service, { state: cabin() });
    await tap("dish-1D-kungpao");
    expect(recorded[0]).toMatchObject({ path: "/api/rounds/r1/places/1D/order", body: { item: "kungpao" } });
    expect(after(cabin()).rounds![0]!.rows[2]!.order).toMatchObject({ item: "kungpao", state: "sent" });
  });

  it("an unknown guest's plate is brought, and what was ordered for it taken back", async () => {
    const rows = [rowOf(2, "1D", { order: order("s", { item: "rice" }) })];
    show(Service, { state: cabin({ rounds: [roundOf(rows)] }) });
    await tap("serve-1D");
    expect(recorded[0]).toMatchObject({ path: "/api/rounds/r1/places/1D/served", body: { served: true } });
    show(Service, { state: cabin() });
    await tap("dish-1D-rice");
    floor.told = after(cabin());
    show(Service, { state: floor.told });
    expect(hook("row-2")!.dataset.stage).toBe("sent");
  });

  it("without a menu offers what the guest likes, and what others answered; still two taps, and still held against what they must not have", async () => {
    const rows = [guestRow(0, "1A", "chen"), guestRow(1, "1C", "li", { order: order("q", { item: null, answer: "Peanut soup" }) })];
    const state = cabin({ asks: [{ ...ASK, visit: "v-li", customer: "li", answer: "Peanut soup" }], rounds: [roundOf(rows, { menu: null })], preferences: { chen: [PEANUTS, fact("l", "chen", { category: "food", value: "Noodles" })], li: [] } });
    show(Service, { state });
    expect(hook("dish-1C-~peanut soup")!.getAttribute("aria-checked")).toBe("true");
    await tap("dish-1A-~noodles");
    expect(recorded[0]!.body).toMatchObject({ answer: "Noodles", question: "lunch" });
    await tap("dish-1C-~peanut soup");
    expect(recorded[1]!.path).toBe("/api/asks/q/served");
  });

  it("shows every row with what may hurt, empty seats, and who has left, in the order of the places", () => {
    const rows = [guestRow(0, "1A", "chen"), rowOf(1, "1C", { state: "left", visit: "v-x", customer: "x", called: "Mrs Li", order: order("o", { state: "served" }) }), rowOf(2, "1D")];
    const due = { id: "e", customer: "zhou", name: null, address_as: "Mr Zhou", wishes: [], tier: null, language: null, place: "1D", from: at(0), until: at(9), note: null };
    show(Service, { state: cabin({ rounds: [roundOf(rows)], expected: [due] }) });
    expect([...document.querySelectorAll("[data-place]")].map((row) => row.getAttribute("data-place"))).toEqual(["1A", "1C", "1D"]);
    expect(hook("row-0")!.textContent).toContain("Peanuts");
    expect(hook("row-1")!.textContent).toMatch(/Mrs Li.*has left/s);
    expect(hook("row-2")!.textContent).toContain("Expected: Mr Zhou");
  });

  it("says in words that the galley has not looked for a minute, and where", () => {
    const rows = [guestRow(0, "1A", "chen", { order: order("o", { at: at(0) }) })];
    show(Service, { state: cabin({ rounds: [roundOf(rows)] }) });
    expect(hook("round-status")!.textContent).toMatch(/galley has not taken 1 order .*1A/);
    expect(hook("stage-1A")!.textContent).toBe("not taken");
  });

  it("walks along the dishes with arrows, and orders nothing by that", () => {
    show(Service, { state: cabin() });
    const first = hook("dish-1A-kungpao")!;
    first.focus();
    first.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    expect(document.activeElement).toBe(hook("dish-1A-noodles"));
    expect(recorded).toEqual([]);
  });
});

describe("a dish that speaks against the guest", () => {
  it("says so on its chip before any tap, and the tap orders nothing", async () => {
    show(Service, { state: cabin() });
    expect(hook("dish-1A-kungpao")!.textContent).toContain("Peanuts");
    expect(hook("dish-1C-kungpao")!.textContent).not.toContain("Peanuts");
    await tap("dish-1A-kungpao");
    expect(recorded).toEqual([]);
    expect(hook("dish-stop")!.getAttribute("role")).toBe("alertdialog");
    expect(hook("dish-stop")!.textContent).toContain("Contains peanuts (allergy: Peanuts)");
    await tap("stop-another");
    expect(hook("dish-stop")).toBeNull();
    expect(recorded).toEqual([]);
  });

  it("is ordered all the same with a reason, which goes with the order", async () => {
    show(Service, { state: cabin() });
    await tap("dish-1A-kungpao");
    await tap("stop-despite");
    expect(recorded).toEqual([]);
    await tap("stop-guest_confirmed");
    expect(recorded[0]!.body).toMatchObject({ item: "kungpao", despite: ["peanuts"], reason: "guest_confirmed" });
  });

  it("another reason wants words", async () => {
    show(Service, { state: cabin() });
    await tap("dish-1A-kungpao");
    await tap("stop-despite");
    await tap("stop-other");
    expect((hook("stop-note-save") as HTMLButtonElement).disabled).toBe(true);
    await type("stop-note", "only the sauce");
    await submit("stop-note-save");
    expect(recorded[0]!.body).toMatchObject({ despite: ["peanuts"], reason: "other", note: "only the sauce" });
  });

  it("is had without what the kitchen can leave out, in one tap", async () => {
    show(Service, { state: cabin() });
    await tap("dish-1C-noodles");
    await tap("stop-without");
    expect(recorded[0]!.body).toMatchObject({ item: "noodles", without: ["coriander"], reason: "prepared_without", despite: ["coriander"] });
  });

  it.each([["宫保鸡丁（花生）", "zh-CN"], ["chicken with Peanuts", "en"], ["kung pao  Chicken", "en"]] as const)("is stopped as words too: %s", async (words, language) => {
    speak(language);
    show(Service, { state: cabin() });
    await tap("seat-1A");
    await type("own-words", words);
    await submit("own-words-save");
    expect(recorded).toEqual([]);
    expect(hook("stop-allergy")).not.toBeNull();
  });

  it("that the gateway knows of and we did not comes back on the row, with its reason", async () => {
    const state = cabin({ preferences: { chen: [], li: [] } });
    show(Service, { state });
    await tap("dish-1A-kungpao");
    expect(recorded).toHaveLength(1);
    const problem: Problem = { type: "against-allergy", title: "Conflict", status: 409, warnings: [{ fact: "peanuts", why: "allergy", code: "peanuts" }] };
    const refused: Row = { ...recorded[0]!, seq: 3, key: "k", staff: "anna", at: at(5), tries: 0, refused: problem };
    vi.spyOn(floor.outbox, "discard").mockResolvedValue();
    floor.rows = [refused];
    show(Service, { state });
    expect(hook("refused-1A")!.textContent).toContain("Not ordered");
    await tap("refused-1A");
    expect(hook("dish-stop")!.textContent).toContain("Contains peanuts");
    await tap("stop-despite");
    await tap("stop-guest_confirmed");
    expect(recorded[1]!.body).toMatchObject({ item: "kungpao", despite: ["peanuts"], reason: "guest_confirmed" });
  });

  it("is stopped in the list by guest as well, where there are no places", async () => {
    show(Service, { state: cabin({ places: [], rounds: [], present: [presence("chen")] }) });
    await tap("dish-kungpao");
    expect(recorded).toEqual([]);
    await tap("stop-without");
    expect(recorded[0]!.body).toMatchObject({ item: "kungpao", without: ["peanuts"], despite: ["peanuts"] });
  });
});

describe("the galley", () => {
  const care = { row: 0, place: "1A", order: "o", item: "kungpao", answer: "x", without: [], reason: null, note: null, served: false, wants_tap: true,
    lines: [{ polarity: "allergy" as const, code: "allergy.peanuts", about: "peanuts", words: null, why: "allergy" as const }] };
  const rows = [guestRow(0, "1A", "chen", { order: order("o", { item: "kungpao", sequence: 9 }) })];
  const state = cabin({ rounds: [roundOf(rows, { care: [care], sequence: 9 })] });

  it("sees places and what to keep away from, and nobody's name", () => {
    location.hash = "#/service/galley";
    dispatchEvent(new Event("hashchange"));
    show(Service, { state });
    expect(hook("care-1A")!.textContent).toMatch(/1A.*Peanuts.*Kung Pao chicken/s);
    expect(hook("galley")!.textContent).not.toContain("chen");
  });

  it("takes what it has seen with one deliberate tap, and says of a flagged plate that it was seen", async () => {
    location.hash = "#/service/galley";
    dispatchEvent(new Event("hashchange"));
    show(Service, { state });
    await tap("galley-take");
    expect(sent).toEqual([{ method: "POST", path: "/api/rounds/r1/counts/acknowledge", body: { sequence: 9 } }]);
    await tap("seen-1A");
    expect(sent[1]!.path).toBe("/api/rounds/r1/places/1A/flag/seen");
    show(Service, { state: { ...state, asks: [{ ...ASK, id: "o" }] } });
    await tap("seen-1A");
    expect(sent[2]!.path).toBe("/api/asks/o/flag/seen");
  });

  it("says with two taps that there is none any more of a dish", async () => {
    location.hash = "#/service/galley";
    dispatchEvent(new Event("hashchange"));
    const count = { item: "kungpao", answer: "x", labels: { "zh-CN": "宫保鸡丁", en: "Kung Pao chicken" }, n: 1, served: 0, left: 3, over: 0 };
    show(Service, { state: cabin({ rounds: [roundOf(rows, { counts: [count] })] }) });
    await tap("sold-out-kungpao");
    expect(sent).toEqual([]);
    await tap("sold-out-kungpao");
    expect(sent).toEqual([{ method: "POST", path: "/api/menus/lunch-1/items/kungpao/stock", body: { stock: 0 } }]);
  });

  it("is only read beside the round: who serves cannot take an order for the galley by mistake", () => {
    location.hash = "#/service";
    dispatchEvent(new Event("hashchange"));
    show(Service, { state });
    expect(hook("galley-take")).toBeNull();
  });
});

describe("who sits where", () => {
  it("is changed with two taps, and asks where somebody sits there already", async () => {
    show(Service, { state: cabin({ present: [presence("chen", { place: "1A" }), presence("li")] }) });
    await tap("seat-1D");
    await tap("sit-li");
    expect(recorded[0]).toMatchObject({ path: "/api/visits/v-li/place", body: { place: "1D" } });
    await tap("seat-1A");
    await tap("sit-li");
    expect(recorded).toHaveLength(1);
    expect(text()).toContain("Ms li takes 1A, and Ms chen has no seat?");
    await tap("swap-sure");
    expect(recorded[1]).toMatchObject({ path: "/api/visits/v-li/place", body: { place: "1A", swap: true } });
  });
});
