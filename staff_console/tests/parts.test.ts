// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import type { Ask, State } from "../src/lib/types";
import type { Write } from "../src/lib/outbox";
import { route } from "../src/lib/router.svelte";
import { floor } from "../src/lib/store.svelte";
import { why } from "../src/lib/words";
import Strip from "../src/parts/Strip.svelte";
import AskLine from "../src/parts/AskLine.svelte";
import Card from "../src/parts/Card.svelte";
import Keypad from "../src/parts/Keypad.svelte";
import Watch from "../src/parts/Watch.svelte";
import { clear, hook, show, submit, tap, text, type } from "./mounted";
import { alert, at, card, fact, floorOf, presence } from "./state";

const recorded: Write[] = [];

beforeEach(() => {
  speak("en");
  recorded.length = 0;
  vi.stubGlobal("fetch", async () => new Response("null"));
  vi.spyOn(floor, "record").mockImplementation(async (write) => void recorded.push(write));
});
afterEach(clear);

describe("a card", () => {
  const open = (changes = {}, state: State = floorOf()) => {
    const one = alert("chen", { card: card("chen", changes) });
    show(Card, { state, alert: one, card: one.card!, chosen: false, onopen: () => {} });
  };

  it("says how to address the customer, then what to avoid, then what they like", () => {
    open({ avoid: [fact("a", "chen", { polarity: "allergy", value: "peanuts" })], likes: [fact("b", "chen", { value: "green tea" })] });
    const said = text();
    expect(said.indexOf("Ms chen")).toBeLessThan(said.indexOf("peanuts"));
    expect(said.indexOf("peanuts")).toBeLessThan(said.indexOf("green tea"));
    expect(said).toMatch(/Told us · Anna/);
    expect(hook("claim")).not.toBeNull();
  });

  it.each(["no_name", "anonymous"])("does not show the name of who wishes %s", (wish) => {
    open({ wishes: [wish] });
    expect(document.body.innerHTML).not.toContain("Ms chen");
    expect(document.body.innerHTML).not.toContain("Name chen");
    expect(text()).toContain("A customer");
  });

  it("says first that somebody does not want to be disturbed", () => {
    open({ wishes: ["do_not_disturb"] });
    const said = text();
    expect(said.indexOf("do not disturb")).toBeGreaterThan(-1);
    expect(said.indexOf("do not disturb")).toBeLessThan(said.indexOf("Ms chen"));
  });

  it("with a complaint says who owns it and not to sell", () => {
    const complaint = { id: "c", kind: "complaint" as const, customer: "chen", visit: null, text: "waited too long", owner: "bo", due: null, state: "open" as const, by: "bo", at: at(0), closed_by: null, closed_at: null, note: null };
    open({ complaints: [complaint] });
    expect(text()).toMatch(/waited too long.*owner: Bo.*do not sell/);
  });

  it("that I have claimed offers its outcomes instead of the claim", () => {
    const mine = alert("chen", { state: "claimed", by: "anna" });
    show(Card, { state: floorOf(), alert: mine, card: mine.card!, chosen: true, onopen: () => {} });
    expect(hook("claim")).toBeNull();
    expect(["close-greeted", "close-not_found", "close-declined", "release", "hand-over"].filter((id) => !hook(id))).toEqual([]);
  });
});

describe("whoever is not where the card says", () => {
  const zones = ["door", "bar", "stairs"].map((id) => ({ id, name: { "zh-CN": `${id} 区`, en: `The ${id}` } }));
  const house = floorOf({ venue: { ...floorOf().venue, zones } });

  it.each(["open", "claimed"] as const)("is moved with two taps, on a card that is %s", async (state) => {
    const acted = vi.spyOn(floor, "act").mockResolvedValue(true);
    const one = alert("chen", { state, by: state === "claimed" ? "anna" : null });
    show(Card, { state: house, alert: one, card: one.card!, chosen: false, onopen: () => {} });
    expect(hook("seen-bar")).toBeNull();
    await tap("elsewhere");
    expect(hook("seen-door"), "where the card says already").toBeNull();
    expect(hook("seen-stairs")!.textContent).toBe("The stairs");
    await tap("seen-bar");
    expect(acted).toHaveBeenCalledWith(one, "seen", { zone: "bar" });
    expect(hook("seen-bar"), "and the question is closed").toBeNull();
  });

  it("is asked about once more where it was not taken", async () => {
    vi.spyOn(floor, "act").mockResolvedValue(false);
    const one = alert("chen");
    show(Card, { state: house, alert: one, card: one.card!, chosen: false, onopen: () => {} });
    await tap("elsewhere");
    await tap("seen-bar");
    expect(hook("seen-bar")).not.toBeNull();
  });

  it("may be said while the claim is still on its way, and the answer takes nothing from under the finger", async () => {
    let answer: (done: boolean) => void = () => {};
    vi.spyOn(floor, "act").mockReturnValue(new Promise<boolean>((done) => (answer = done)));
    const one = alert("chen");
    show(Card, { state: house, alert: one, card: one.card!, chosen: false, onopen: () => {} });
    await tap("claim");
    await tap("elsewhere");
    answer(true);
    await vi.waitFor(() => expect((hook("wrong-person") as HTMLButtonElement | null)?.disabled).toBe(false));
    expect(hook("seen-bar")).not.toBeNull();
  });

  it("cannot be elsewhere in a venue of one zone", () => {
    const one = alert("chen");
    show(Card, { state: floorOf(), alert: one, card: one.card!, chosen: false, onopen: () => {} });
    expect(hook("elsewhere")).toBeNull();
    expect(hook("wrong-person")).not.toBeNull(); // that the card is wrong can still be said
  });

  it("was seen by somebody, in both languages", () => {
    const seen = card("chen", { zone: "bar", evidence: { kind: "seen", by: "bo", from: "door" }, reason: "seen there by staff" });
    expect(why(house, seen)).toBe("Bo saw them there");
    speak("zh-CN");
    expect(why(house, seen)).toBe("Bo 在此处见到客人");
  });
});

describe("a question", () => {
  const asked: Ask = { id: "q", visit: "v-chen", customer: "chen", question: "lunch", state: "answered", by: "bo", by_name: "Bo", at: at(0), count: 1, answer: "fish", answered_by: "bo", answered_at: at(5) };
  const line = (ask: Ask | null) => show(AskLine, { state: floorOf(), presence: presence("chen"), question: "lunch", ask, named: true });

  it("not yet put is put with one tap", async () => {
    line(null);
    await tap("ask-lunch");
    expect(recorded[0]).toMatchObject({ path: "/api/visits/v-chen/asks", body: { question: "lunch" } });
    expect(recorded[0]!.body).not.toHaveProperty("again");
  });

  it("put before shows the first answer, and is put again only with a second, deliberate tap", async () => {
    line(asked);
    await tap("ask-lunch");
    expect(recorded).toEqual([]);
    expect(text()).toContain("Bo noted “fish”");
    await tap("ask-again-lunch");
    expect(recorded[0]!.body).toMatchObject({ question: "lunch", again: true });
    expect(recorded[0]!.news.data.count).toBe(2);
  });

  it("that is open takes the answer", async () => {
    line({ ...asked, state: "open", answer: null, answered_by: null, answered_at: null });
    await type("answer-input", " beef ");
    await submit("answer-save");
    expect(recorded[0]).toMatchObject({ path: "/api/asks/q/answer", body: { answer: "beef" } });
    expect(hook("served-lunch")).toBeNull();
  });

  it("answered is marked served with one tap, and a tap on the wrong row is taken back with another", async () => {
    line(asked);
    await tap("served-lunch");
    expect(recorded[0]).toMatchObject({ path: "/api/asks/q/served", news: { type: "ask.served", data: { state: "served", served_by: "anna", answer: "fish" } } });
    line({ ...asked, state: "served", served_by: "bo", served_at: at(9) });
    expect(text()).toMatch(/fish.*served by Bo/);
    await tap("served-lunch");
    expect(recorded[1]).toMatchObject({ body: { served: false }, news: { data: { state: "answered", served_by: null } } });
  });
});

describe("what is watched", () => {
  it("is said when all is well, and a lost reader is named by its place", () => {
    show(Watch, { state: floorOf() });
    expect(text()).toContain("1 door, all well");
    const lost = floorOf();
    lost.readers[0]!.state = "lost";
    show(Watch, { state: lost });
    expect(text()).toContain("Entrance: reader lost");
    expect(text()).not.toContain("all well");
  });

  it("is unknown while we are blind", () => {
    floor.sight = "blind";
    show(Watch, { state: floorOf() });
    expect(text()).not.toContain("all well");
    floor.sight = "seeing";
  });
});

it("who writes something down still sees that somebody has come for them, and for nobody else", async () => {
  location.hash = "#/record";
  await vi.waitFor(() => expect(route().screen).toBe("record"));
  show(Strip, { state: floorOf({ alerts: [alert("other", { to: ["bo"] }), alert("chen")] }) });
  expect(text()).toContain("Ms chen");
  expect(text()).not.toContain("Ms other");
});

it("the keypad never shows the digits", async () => {
  show(Keypad, { pin: "", disabled: false, onsubmit: () => {} });
  for (const digit of "4071") await tap(`pin-${digit}`);
  expect(document.querySelectorAll("i.on")).toHaveLength(4);
  expect(document.querySelector(".dots")!.textContent!.trim()).toBe("");
});
