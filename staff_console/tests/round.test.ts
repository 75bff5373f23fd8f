import { describe, expect, it } from "vitest";
import { pasted } from "../src/lib/menus";
import { canLeaveOut, dishesFor, steadyDishes } from "../src/lib/offered";
import { countsOf, lessWaiting, openRound, progressOf, stageOf } from "../src/lib/orders";
import { apply } from "../src/lib/reducer";
import { banks } from "../src/lib/seatmap";
import { candidates } from "../src/lib/sitting";
import type { Ask, Place, Warning } from "../src/lib/types";
import { at, dish, event, fact, floorOf, guestRow, menuOf, order, presence, roundOf, rowOf } from "./state";

const NOBODY: ReadonlySet<string> = new Set();
const time = (s: number) => Date.parse(at(s));

describe("how far an order is", () => {
  it("is said step by step, and a galley that has not looked for a minute is late", () => {
    expect(stageOf(null, NOBODY, time(0))).toBe("unasked");
    expect(stageOf(order("o", { state: "open" }), NOBODY, time(0))).toBe("open");
    expect(stageOf(order("o"), new Set(["o"]), time(300))).toBe("waiting");
    expect(stageOf(order("o", { at: at(0) }), NOBODY, time(59))).toBe("sent");
    expect(stageOf(order("o", { at: at(0) }), NOBODY, time(60))).toBe("late");
    expect(stageOf(order("o", { state: "taken" }), NOBODY, time(300))).toBe("taken");
    expect(stageOf(order("o", { state: "served" }), NOBODY, time(300))).toBe("served");
  });

  it("is added up without a seat that nobody has, and the late ones are named by their place", () => {
    const rows = [
      guestRow(0, "1A", "a", { order: order("1", { at: at(0) }) }), guestRow(1, "1C", "b", { order: order("2", { state: "served" }) }), guestRow(2, "1D", "c"), rowOf(3, "1F"),
      rowOf(4, "2A", { order: order("3", { state: "taken" }) }),
    ];
    const now = progressOf(rows, NOBODY, time(70));
    expect([now.unasked, now.ordered, now.served, now.late.map((row) => row.place)]).toEqual([1, 3, 1, ["1A"]]);
  });
});

describe("the galley's counts", () => {
  const menu = menuOf(dish("beef", { stock: 3, left: 1 }), dish("fish"));

  it("go by the menu, then by what was said, the most first; what is open is no order", () => {
    const words = (id: string, answer: string) => order(id, { item: null, answer });
    const rows = [words("1", "Soup"), words("2", "salad"), words("3", " Salad "), order("4", { item: "fish", state: "served" }), order("5", { state: "open", item: null, answer: null })];
    const counts = countsOf(rows.map((one, i) => rowOf(i, `${i}A`, { order: one })), menu);
    expect(counts.map((count) => [count.item ?? count.answer, count.n, count.served])).toEqual([["beef", 0, 0], ["fish", 1, 1], ["salad", 2, 0], ["Soup", 1, 0]]);
  });

  it("take off what waits on this tablet, and say by how much that is too many", () => {
    const left = lessWaiting(menu, ["beef", "beef", null, "soup"]).items.map((item) => item.left);
    expect(left).toEqual([-1, null]);
  });
});

describe("the dishes of a row", () => {
  const beef = dish("beef", { labels: { "zh-CN": "红烧牛肉", en: "Braised beef" } });
  const fish = dish("fish", { labels: { "zh-CN": "清蒸鱼", en: "Steamed fish" }, ingredients: ["ginger"] });
  const none = () => [];

  it("begin with the guest's usual, in whichever language it was recorded", () => {
    const liked = (value: string, code: string | null = null) => dishesFor(menuOf(beef, fish), [fact("f", "c", { category: "food", value, code })], none).map((one) => one.item.id);
    expect(liked("清蒸鱼")).toEqual(["fish", "beef"]);
    expect(liked("steamed  FISH")).toEqual(["fish", "beef"]);
    expect(liked("生姜", "food.ginger")).toEqual(["fish", "beef"]);
    expect(liked("Soup")).toEqual(["beef", "fish"]);
  });

  it("never put first what speaks against the guest", () => {
    const against = (): Warning[] => [{ fact: "f", why: "allergy", code: "fish" }];
    const shown = dishesFor(menuOf(beef, fish), [fact("l", "c", { category: "food", value: "Steamed fish" })], (item) => (item.id === "fish" ? against() : []));
    expect(shown.map((one) => [one.item.id, one.usual, one.warnings.length])).toEqual([["beef", false, 0], ["fish", false, 1]]);
  });

  it("stay where a row first had them, whatever is learnt meanwhile; a dish that is new comes last", () => {
    const steady = steadyDishes();
    const shown = (row: string, ...facts: Parameters<typeof fact>[]) => (items = [beef, fish]) =>
      steady(row, dishesFor(menuOf(...items), facts.map((one) => fact(...one)), none)).map((one) => one.item.id);
    expect(shown("1A")()).toEqual(["beef", "fish"]);
    expect(shown("1A", ["l", "c", { category: "food", value: "Steamed fish" }])([dish("new"), beef, fish])).toEqual(["beef", "fish", "new"]);
    expect(shown("1C", ["l", "c", { category: "food", value: "Steamed fish" }])()).toEqual(["fish", "beef"]);
  });

  it("can be had without what the kitchen leaves out, never without a trace that may be in it", () => {
    const item = dish("x", { without: ["peanuts", "sesame"] });
    expect(canLeaveOut(item, [{ fact: "f", why: "allergy", code: "peanuts" }, { fact: "g", why: "may_contain", code: "sesame" }])).toEqual(["peanuts"]);
  });
});

describe("what events change", () => {
  const round = roundOf([guestRow(0, "1A", "chen"), rowOf(1, "1C")]);
  const here = floorOf({ present: [presence("chen")], rounds: [round], menus: [menuOf(dish("beef", { stock: 2, left: 2 }))], places: [], expected: [] });
  const ask = (changes: Partial<Ask> = {}): Ask => ({
    id: "q", visit: "v-chen", customer: "chen", question: "lunch", state: "answered", by: "anna", by_name: "Anna", at: at(1), count: 1, answer: "Beef", answered_by: "anna",
    answered_at: at(1), served_by: null, served_at: null, item: "beef", without: [], ...changes,
  });

  it("what was ordered here stands on the row at once, and the gateway's word on it is not undone by our own", () => {
    const ours = apply(here, event("ask.answered", "chen", ask(), 0));
    expect(ours.rounds![0]!.rows[0]!.order).toMatchObject({ id: "q", item: "beef", state: "sent" });
    const told = roundOf([guestRow(0, "1A", "chen", { order: order("q", { state: "taken", sequence: 9, at: at(1) }) }), rowOf(1, "1C")]);
    const known = apply(ours, event("round.changed", "", { id: "r1", change: "acknowledged", rounds: [told] }));
    expect(apply(known, event("ask.answered", "chen", ask(), 0)).rounds![0]!.rows[0]!.order!.state).toBe("taken");
    expect(apply(known, event("ask.served", "chen", ask({ state: "served" }), 0)).rounds![0]!.rows[0]!.order!.state).toBe("served");
  });

  it("the gateway tells with an order how its round stands and what is left; a round that has ended is gone", () => {
    const told = event("ask.answered", "chen", { ...ask(), rounds: [roundOf([rowOf(0, "1A", { order: order("q") })])], menus: [menuOf(dish("beef", { stock: 2, left: 1 }))] });
    const after = apply(here, told);
    expect([after.rounds![0]!.rows.length, after.menus![0]!.items[0]!.left]).toEqual([1, 1]);
    expect(Object.keys(after.asks[0]!)).not.toContain("rounds");
    expect(apply(after, event("round.ended", "", { id: "r1", change: "ended", rounds: [{ ...round, state: "ended" }] })).rounds).toEqual([]);
    expect(apply(after, event("round.ended", "", { id: "r1", change: "ended", rounds: [] })).rounds).toEqual([]);
  });

  it("who sits where, who is expected and what is on the menu", () => {
    const sat = apply(here, event("place.taken", "chen", { visit: "v-chen", customer: "chen", place: "1A", was: null, zone: "door", because: "staff", by: "anna", at: at(2) }));
    expect(sat.present[0]!.place).toBe("1A");
    expect(apply(sat, event("place.freed", "chen", { visit: "v-chen", customer: "chen", place: null })).present[0]!.place).toBeNull();
    const due = { id: "e1", customer: "li", place: "2A", from: at(0), until: at(9), note: null };
    const awaited = apply(here, event("expected.changed", "li", { ...due, removed: false }));
    expect(awaited.expected).toEqual([due]);
    expect(apply(awaited, event("expected.changed", "li", { ...due, removed: true })).expected).toEqual([]);
    expect(apply(here, event("menu.changed", "", { ...menuOf(dish("soup")), removed: false })).menus![0]!.items[0]!.id).toBe("soup");
    expect(apply(here, event("menu.changed", "", { ...menuOf(), removed: true })).menus).toEqual([]);
  });

  it("an order for a seat whose guest is not known is on its row", () => {
    const ordered = apply(here, event("seat.ordered", "", { id: "s", round: "r1", row: 1, order: order("s") }, 0));
    expect(ordered.rounds![0]!.rows.map((row) => row.order?.id)).toEqual([undefined, "s"]);
  });
});

it("the round shown is the newest that is open, of the question that is asked for", () => {
  const rounds = [roundOf([], { id: "a", started_at: at(1) }), roundOf([], { id: "b", started_at: at(2) }), roundOf([], { id: "c", started_at: at(3), state: "ended" })];
  expect([openRound(rounds)?.id, openRound(rounds, "lunch")?.id, openRound(rounds, "dinner")]).toEqual(["b", "b", null]);
});

describe("places", () => {
  const seat = (place: string, group: string | null = null, kind: Place["kind"] = "seat"): Place => ({ place, zone: "cabin", kind, group });

  it("lie in rows with an aisle, also where a row has fewer seats; chairs stand round their table", () => {
    const cabin = ["1A", "1D", "2A", "2C", "2D", "2F"].map((place) => seat(place, place[0]!));
    expect(banks(cabin).map((bank) => [bank.name, bank.places.map((one) => one?.place ?? null)])).toEqual([
      ["1", ["1A", null, null, "1D", null]],
      ["2", ["2A", "2C", null, "2D", "2F"]],
    ]);
    expect(banks([seat("T1/1", "T1", "chair"), seat("T1/2", "T1", "chair"), seat("Suite", null, "room")]).map((bank) => bank.places.map((one) => one!.place))).toEqual([["T1/1", "T1/2"], ["Suite"]]);
  });

  it("are offered first to who is expected there, then to whose habit it is, to who has none, and to the others", () => {
    const here = floorOf({
      present: [presence("sits", { place: "2A" }), presence("stands"), presence("usual"), presence("booked"), presence("there", { place: "1A" })],
      expected: [{ id: "e", customer: "booked", name: null, address_as: null, wishes: [], tier: null, language: null, place: "1A", from: at(0), until: at(9), note: null }],
    });
    expect(candidates(here, "1A", ["v-usual"]).map(({ who, why }) => [who.customer, why])).toEqual([["booked", "expected"], ["usual", "habit"], ["stands", "standing"], ["sits", "seated"]]);
  });
});

describe("a menu out of a table", () => {
  const HEAD = "menu,item,zh-CN,en,allergens,may_contain,ingredients,stock";

  it("is read as the command line reads it: nothing said is not the same as nothing in it", () => {
    const { items, mistakes } = pasted(`${HEAD}\nlunch,kungpao,宫保鸡丁,Kung Pao chicken,peanuts soy,sesame,"chilli, spring_onion",12\nlunch,,白饭,Rice,-,,,\nlunch,,,Soup,,,,`);
    expect(mistakes).toEqual([]);
    expect(items.map((item) => [item.id, item.labels["zh-CN"], item.allergens, item.may_contain, item.ingredients, item.stock])).toEqual([
      ["kungpao", "宫保鸡丁", ["peanuts", "soy"], ["sesame"], ["chilli", "spring_onion"], 12],
      ["rice", "白饭", [], [], [], null],
      ["soup", "Soup", null, [], [], null],
    ]);
  });

  it("is taken out of a spreadsheet, in any order of columns and with another separator", () => {
    expect(pasted("en\tstock\nBeef\t3").items[0]).toMatchObject({ id: "beef", labels: { "zh-CN": "Beef", en: "Beef" }, stock: 3 });
    expect(pasted('en;allergens\n"Fish; steamed";fish').items[0]).toMatchObject({ labels: { en: "Fish; steamed" }, allergens: ["fish"] });
  });

  it("says which line it cannot read, and reads the others", () => {
    const { items, mistakes } = pasted(`${HEAD}\nl,a,,,,,,\nl,b,b,B,,,,many\nl,c,c,C,,,,1\nl,c,c,C,,,,1`);
    expect(items.map((item) => item.id)).toEqual(["c"]);
    expect(mistakes).toEqual([{ line: 2, what: "label" }, { line: 3, what: "stock" }, { line: 5, what: "twice" }]);
    expect(pasted("what,is,this\n1,2,3").mistakes).toEqual([{ line: 1, what: "columns" }]);
  });
});
