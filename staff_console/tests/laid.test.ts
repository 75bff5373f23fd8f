import { describe, expect, it } from "vitest";
import { factsOf, laid, settledFacts } from "../src/lib/laid";
import type { Preference } from "../src/lib/types";
import { book } from "./catalogue";
import { alert, at, card, fact, floorOf, presence } from "./state";

const coded = (id: string, code: string, changes: Partial<Preference> = {}): Preference => {
  const { category, polarity, labels } = book.values.get(code)!;
  return fact(id, "chen", { code, category, polarity, value: labels.en, ...changes });
};
const ids = (rows: Preference[]) => rows.map((row) => row.id);

describe("what this tablet recorded", () => {
  it("stands on sheet and card where it will stand", () => {
    const known = ["drink.coffee", "food.light", "seat.window", "reading.daily", "gift.flowers", "service.coat"].map((code, n) => coded(`p${n}`, code, { at: at(n) }));
    const state = floorOf({ present: [presence("chen")], alerts: [alert("chen")], preferences: { chen: [...known, coded("nuts", "allergy.nuts"), coded("chair", "accessibility.wheelchair")] } });
    const shown = laid(state, ["chen"], book);
    expect(ids(shown.preferences.chen!).slice(0, 2)).toEqual(["nuts", "chair"]);
    expect(ids(shown.alerts[0]!.card!.avoid)).toEqual(["nuts"]);
    expect(ids(shown.alerts[0]!.card!.likes)).toEqual(["chair", "p5", "p4", "p3", "p2", "p1"]);
  });

  it("is put on no card that must be verified by sight", () => {
    const doubtful = floorOf({ present: [presence("chen")], alerts: [alert("chen", { card: card("chen", { verify: true }) })], preferences: { chen: [coded("p", "drink.coffee")] } });
    expect(laid(doubtful, ["chen"], book).alerts[0]!.card!.likes).toEqual([]);
  });

  it("puts aside what it ends, and leaves ended what somebody else did", () => {
    const gone = coded("gone", "drink.beer", { state: "retracted", against: "not-shown" });
    const rows = settledFacts([gone, coded("tea", "drink.green_tea"), coded("white", "drink.white_tea", { corrects: ["tea"], at: at(9) })], [], book);
    expect(rows.map((row) => [row.id, row.state, row.against])).toEqual([["white", "holds", null], ["tea", "corrected", "white"], ["gone", "retracted", "not-shown"]]);
  });

  it("counts how often a line was told", () => {
    expect(settledFacts([coded("a", "drink.beer"), coded("b", "drink.beer", { at: at(1) })], [], book).map((row) => row.told)).toEqual([2, 1]);
  });

  it("about somebody who is not here stands beside what the records say", () => {
    const read = [coded("ice", "drink.no_ice", { state: "holds" })];
    const state = floorOf({ preferences: { chen: [coded("own", "drink.coffee", { state: "holds" })] } });
    expect(ids(factsOf(state, "chen", read, book))).toEqual(["ice", "own"]);
    expect(ids(factsOf({ ...state, present: [presence("chen")] }, "chen", read, book))).toEqual(["own"]);
  });
});

describe("the one thing to do", () => {
  const suggesting = (id: string) => ({ kind: "offer" as const, value: "Coffee", basis: "stated" as const, at: at(0), code: "drink.coffee", fact: id });
  const shown = (...facts: Preference[]) => laid(floorOf({ present: [presence("chen")], alerts: [alert("chen", { card: card("chen", { suggestion: suggesting("p") }) })], preferences: { chen: facts } }), ["chen"], book).alerts[0]!.card!.suggestion;

  it("stays what the gateway said while it holds", () => {
    expect(shown(coded("p", "drink.coffee"), coded("q", "drink.latte", { at: at(5) }))).toEqual(suggesting("p"));
  });

  it("is never what was just recorded as something to avoid, but the next that is liked", () => {
    const not = coded("n", "drink.coffee", { polarity: "avoid", at: at(9) });
    expect(shown(coded("p", "drink.coffee"), not)).toMatchObject({ kind: "welcome", value: null });
    expect(shown(coded("p", "drink.coffee"), not, coded("l", "food.light"))).toMatchObject({ kind: "welcome" });
    expect(shown(coded("p", "drink.coffee"), not, coded("b", "temperature.blanket"))).toMatchObject({ kind: "have_ready", fact: "b" });
  });
});
