// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { correct, correcting, doneCorrecting } from "../src/lib/editing.svelte";
import { gist, withoutSlips } from "../src/lib/history";
import { speak } from "../src/lib/i18n/index.svelte";
import { laid } from "../src/lib/laid";
import type { Write } from "../src/lib/outbox";
import { glass } from "../src/lib/glass.svelte";
import { floor } from "../src/lib/store.svelte";
import type { JournalEntry, Preference, State } from "../src/lib/types";
import { useCatalogue } from "../src/lib/values.svelte";
import CustomerSheet from "../src/parts/CustomerSheet.svelte";
import Doubts from "../src/parts/Doubts.svelte";
import RecordFact from "../src/parts/RecordFact.svelte";
import Undo from "../src/parts/Undo.svelte";
import { book, starter } from "./catalogue";
import { clear, hook, show, tap, text, type } from "./mounted";
import { at, fact, floorOf, presence } from "./state";

const recorded: Write[] = [];

beforeEach(() => {
  speak("en");
  useCatalogue(starter);
  recorded.length = 0;
  vi.stubGlobal("fetch", async () => new Response("null"));
  vi.spyOn(floor, "record").mockImplementation(async (write) => void recorded.push(write));
  floor.undo = null;
  doneCorrecting();
});
afterEach(clear);

/** Chen is here, and this is known. */
const knowing = (...facts: Preference[]): State =>
  laid(floorOf({ present: [presence("chen")], preferences: { chen: facts } }), ["chen"], book);

const coded = (id: string, code: string, changes: Partial<Preference> = {}): Preference => {
  const { category, polarity, labels } = book.values.get(code)!;
  return fact(id, "chen", { code, category, polarity, value: labels["zh-CN"], by: "bo", by_name: "Bo", ...changes });
};

const form = (state: State = knowing(), part: string | null = null) => show(RecordFact, { state, customer: "chen", visit: "v-chen", part });
const chip = async (code: string) => {
  if (!document.querySelector(`[data-code="${code}"]`)) await tap("record-more-values");
  document.querySelector<HTMLElement>(`[data-code="${code}"]`)!.click();
  flushSync();
};
const saved = () => recorded.map((write) => write.body);
const awake = () => ["stated", "observed", "inferred"].filter((basis) => !hook(`record-save-${basis}`)!.ariaDisabled && !hook(`record-save-${basis}`)!.hasAttribute("aria-disabled"));

describe("a fact", () => {
  it("takes three taps: category, value, and who knows it", async () => {
    form();
    await tap("record-category-drink");
    await tap("record-value");
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ category: "drink", code: "drink.warm_water", value: "Warm water", lang: "en", polarity: "do", basis: "stated", scope: "standing" }]);
    expect(saved()[0]!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("opens with the category that fits, its first seven values, and takes two", async () => {
    form(knowing(), "drink");
    expect(document.querySelectorAll('[data-testid="record-value"]')).toHaveLength(7);
    await chip("drink.green_tea");
    await tap("record-save-observed");
    expect(saved()).toMatchObject([{ code: "drink.green_tea", basis: "observed" }]);
  });

  it.each(["dislike.coriander", "service.disturbance", "drink.no_ice"])("%s is something to avoid without being told", async (code) => {
    form(knowing(), code.split(".")[0]!);
    await chip(code);
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ code, polarity: "avoid" }]);
  });

  it("is not saved by anything but one of the three, and by none before there is something to say", async () => {
    form(knowing(), "drink");
    expect(awake()).toEqual([]);
    await tap("record-save-stated");
    expect(recorded).toEqual([]);
    expect(document.querySelector("form, [type=submit]")).toBeNull();
    await chip("drink.coffee");
    expect(awake()).toEqual(["stated", "observed", "inferred"]);
  });

  it("for this time alone says so, and the next one does not", async () => {
    form(knowing(), "drink");
    await chip("drink.coffee");
    await tap("record-once");
    await tap("record-save-stated");
    await chip("drink.coffee");
    await tap("record-save-stated");
    expect(saved().map((body) => body.scope)).toEqual(["one_off", "standing"]);
    expect(recorded[0]!.news.data.visit).toBe("v-chen");
  });

  it("that is liked by others can be one to avoid", async () => {
    form(knowing(), "drink");
    await chip("drink.latte");
    await tap("record-instead");
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ code: "drink.latte", polarity: "avoid" }]);
  });

  it("says what was kept, and how it stands", async () => {
    form(knowing(coded("c1", "food.spicy")), "dislike");
    await chip("dislike.chilli");
    expect(text()).toContain("Spicy · Bo");
    await tap("record-save-stated");
    expect(floor.undo!.text).toBe("Nothing spicy: avoid, they said; replaces “Spicy”");
  });
});

describe("own words", () => {
  it("wait until somebody says how they are meant", async () => {
    form(knowing(), "drink");
    await type("record-value-input", "a dry sherry");
    expect(awake()).toEqual([]);
    await tap("polarity-do");
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ category: "drink", value: "a dry sherry", polarity: "do", lang: "en" }]);
    expect(saved()[0]).not.toHaveProperty("code");
  });

  it("that read as something to avoid are asked about, and not taken for it", async () => {
    form(knowing(), "food");
    await type("record-value-input", "no onions");
    expect(text()).toContain("reads like “Avoid”");
    expect(awake()).toEqual([]);
    await tap("polarity-avoid");
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ value: "no onions", polarity: "avoid" }]);
  });

  it("that name a value of the catalogue are that value", async () => {
    form(knowing(), "food");
    await type("record-value-input", "对花生过敏");
    expect(text()).toContain("Kept as Allergy: Peanuts");
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ category: "allergy", code: "allergy.peanuts", polarity: "allergy", value: "对花生过敏", lang: "zh-CN" }]);
  });
});

describe("what stands already", () => {
  it("is replaced only when that is said, once", async () => {
    form(knowing(coded("no", "drink.no_ice"), coded("no2", "drink.no_ice", { by: "li", at: at(9) })), "drink");
    await chip("drink.with_ice");
    expect(text()).toContain("No ice · Bo");
    await tap("record-save-stated");
    expect(recorded).toEqual([]);
    expect(document.querySelector('[role="alert"]')!.textContent).toContain("Does it replace that?");
    await tap("record-replace");
    expect(saved()).toHaveLength(1);
    expect(saved()[0]!.replaces as string[]).toEqual(expect.arrayContaining(["no", "no2"]));
  });

  it("may be replaced before the save as well", async () => {
    form(knowing(coded("no", "drink.no_ice")), "drink");
    await chip("drink.with_ice");
    await tap("record-replace");
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ code: "drink.with_ice", replaces: ["no"] }]);
  });

  it("may stay, and both are kept to be asked about", async () => {
    form(knowing(coded("no", "drink.no_ice")), "drink");
    await chip("drink.with_ice");
    await tap("record-save-stated");
    await tap("record-keep-both");
    expect(saved()).toHaveLength(1);
    expect(saved()[0]).not.toHaveProperty("replaces");
    expect(floor.undo!.text).toContain("goes against “No ice”");
  });

  it("is not offered for replacing by a weaker word", async () => {
    form(knowing(coded("no", "drink.no_ice")), "drink");
    await chip("drink.with_ice");
    await tap("record-save-observed");
    expect(saved()).toMatchObject([{ basis: "observed" }]);
    expect(saved()[0]).not.toHaveProperty("replaces");
  });

  it("an allergy is never replaced, and it is said aloud that it is gone against", async () => {
    form(knowing(coded("nuts", "allergy.milk")), "drink");
    await chip("drink.latte");
    expect(document.querySelector('[role="alert"]')!.textContent).toMatch(/Milk.*to be asked about/s);
    expect(hook("record-replace")).toBeNull();
  });
});

describe("without consent", () => {
  it("only this time is on and locked, and there is a way to ask", async () => {
    const state = knowing();
    form({ ...state, present: [{ ...state.present[0]!, keeps: false }] }, "drink");
    expect(hook("record-once")!.getAttribute("aria-checked")).toBe("true");
    await tap("record-once");
    expect(hook("record-once")!.getAttribute("aria-checked")).toBe("true");
    expect(text()).toContain("Not asked for consent");
    const begun = vi.spyOn(glass, "begin").mockResolvedValue();
    await tap("consent-sign");
    expect(begun.mock.calls[0]![0]).toMatchObject({ customer: "chen", only: "keep_preferences" }); // put to them on glass, and nowhere else
    await chip("drink.coffee");
    await tap("record-save-stated");
    expect(recorded[0]!.body).toMatchObject({ scope: "one_off" });
  });
});

describe("a line that is wrong", () => {
  const line = coded("tea", "drink.green_tea", { basis: "stated" });
  const twice = coded("tea2", "drink.green_tea", { basis: "observed", at: at(5) });

  it("opens what can be done, and a change names every fact of it", async () => {
    const state = knowing(line, twice);
    show(CustomerSheet, { state, id: "chen" });
    await tap("fact-tea");
    await tap("change-tea");
    expect(correcting()!.facts.map((one) => one.id).sort()).toEqual(["tea", "tea2"]);
    form(state);
    await chip("drink.white_tea");
    expect(awake()).toEqual(["stated"]);
    expect(text()).toContain("only their own word changes it");
    await tap("record-save-stated");
    expect(saved()).toMatchObject([{ code: "drink.white_tea", corrects: ["tea", "tea2"] }]);
    expect(floor.undo!.text).toContain("corrects “Green tea”");
  });

  it("may be struck out with nothing in its place", async () => {
    correct({ line: twice, facts: [twice], how: "wrong" });
    form(knowing(twice));
    expect(awake()).toEqual(["stated", "observed"]);
    await tap("record-save-observed");
    expect(saved()).toMatchObject([{ value: "", corrects: ["tea2"], reason: "mistaken", basis: "observed" }]);
    expect(correcting()).toBeNull();
  });

  it("is no longer so, on the word of who may say it; else it is asked", async () => {
    show(CustomerSheet, { state: knowing(line, twice), id: "chen" });
    await tap("fact-tea");
    await tap("no-longer-tea");
    await tap("gone-tea-inferred");
    expect(recorded).toEqual([]);
    await tap("confirm-tea");
    expect(recorded[0]).toMatchObject({ path: "/api/visits/v-chen/asks", body: { question: "Is it so: Green tea?" } });
    await tap("gone-tea-stated");
    expect(recorded[1]!.body).toMatchObject({ value: "", retracts: ["tea", "tea2"], reason: "no_longer", basis: "stated" });
  });
});

describe("a slip of the finger", () => {
  it("that is not sent yet leaves the outbox, and no trace", async () => {
    const withdraw = vi.spyOn(floor.outbox, "withdraw").mockResolvedValue(true);
    form(knowing(), "allergy");
    await chip("allergy.gluten");
    await tap("record-save-stated");
    show(Undo, {});
    await tap("undo-back");
    expect(withdraw).toHaveBeenCalledWith(recorded[0]!.body.id);
    expect(recorded).toHaveLength(1);
  });

  it("that was sent is taken back by a fact that says so", async () => {
    vi.spyOn(floor.outbox, "withdraw").mockResolvedValue(false);
    form(knowing(), "allergy");
    await chip("allergy.gluten");
    await tap("record-save-inferred");
    show(Undo, {});
    await tap("undo-back");
    expect(recorded[1]!.body).toMatchObject({ value: "", retracts: [recorded[0]!.body.id], reason: "slip", basis: "inferred", scope: "standing" });
  });
});

describe("a sheet", () => {
  it("shows every one of 21 facts, and what is aside with why", () => {
    const codes = ["drink.green_tea", "drink.coffee", "food.light", "seat.window", "temperature.warmer", "reading.daily", "conversation.few_words", "service.luggage",
      "gift.flowers", "address.mr", "accessibility.wheelchair", "dislike.coriander", "dislike.garlic", "allergy.peanuts", "drink.less_sugar", "drink.no_ice", "seat.quiet_corner",
      "temperature.blanket", "food.small_portion", "reading.financial", "service.coat"];
    show(CustomerSheet, { state: knowing(...codes.map((code, n) => coded(`f${n}`, code))), id: "chen" });
    expect(document.querySelectorAll('[data-testid^="preference-"]')).toHaveLength(21);
    show(CustomerSheet, { state: knowing(coded("old", "seat.aisle"), coded("new", "seat.window", { at: at(9) }), coded("no", "drink.no_ice"), coded("yes", "drink.with_ice", { at: at(9) })), id: "chen" });
    expect(hook("aside-old")!.textContent).toMatch(/replaced by “Window”/);
    expect(hook("aside-yes")!.textContent).toMatch(/goes against “No ice”/);
    expect(hook("confirm-yes")).not.toBeNull();
    expect(hook("confirm-old")).toBeNull();
  });

  it("says in words that somebody said otherwise", () => {
    show(CustomerSheet, { state: knowing(coded("yes", "drink.coffee"), coded("no", "drink.coffee", { polarity: "avoid", basis: "inferred", at: at(9) })), id: "chen" });
    expect(hook("preference-yes")!.textContent).toContain("somebody said otherwise");
  });
});

describe("a group of chips", () => {
  it("is left with Tab and gone through with arrows; Enter saves nothing", async () => {
    form(knowing(), "drink");
    const group = [...document.querySelectorAll<HTMLElement>('[data-testid="record-value"]')];
    expect(group.filter((one) => one.tabIndex === 0)).toHaveLength(1);
    group[0]!.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
    flushSync();
    expect(group[1]!.getAttribute("aria-checked")).toBe("true");
    group[1]!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    hook("record-value-input")!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    expect(recorded).toEqual([]);
  });
});

describe("older likes that read as something to avoid", () => {
  const manager = (): State => {
    const state = floorOf();
    return { ...state, me: { ...state.me, role: "manager", roles: ["manager"] } };
  };
  const doubt = { customer: "chen", name: "Chen", address_as: "Ms Chen", wishes: [], preference: fact("d1", "chen", { value: "不要靠门", polarity: "avoid", doubt: "polarity" }) };

  it("are settled by who leads with one tap each", async () => {
    vi.stubGlobal("fetch", async () => Response.json([doubt]));
    const call = vi.spyOn(floor, "call").mockResolvedValue({} as never);
    show(Doubts, { state: manager() });
    await vi.waitFor(() => expect(text()).toContain("不要靠门"));
    expect(text()).toContain("Ms Chen");
    await tap("settle-avoid");
    expect(call).toHaveBeenCalledWith("POST", "/api/customers/chen/preferences/d1/settle", { polarity: "avoid" });
    expect(hook("doubts")).toBeNull();
  });

  it("are no business of others", async () => {
    const asked = vi.fn(async () => Response.json([doubt]));
    vi.stubGlobal("fetch", asked);
    show(Doubts, { state: floorOf() });
    expect(asked).not.toHaveBeenCalled();
  });
});

it("a slip and what took it back are not read in the journal", () => {
  const entry = (sequence: number, data: object) => ({ sequence, time: at(sequence), type: "preference.recorded", actor: "anna", actor_name: "Anna", data }) as unknown as JournalEntry;
  const rows = [entry(3, { id: "s", value: "", retracts: ["f"], reason: "slip" }), entry(2, { id: "f", value: "Milk" }), entry(1, { id: "g", value: "Tea" })];
  expect(withoutSlips(rows).map((one) => one.sequence)).toEqual([1]);
  expect(gist(floorOf(), entry(4, { id: "h", value: "", retracts: ["g"], reason: "no_longer" }))).toBe("so no longer");
  expect(gist(floorOf(), entry(5, { id: "i", code: "drink.latte", value: "拿铁", polarity: "avoid" }))).toBe("Latte · Avoid");
});
