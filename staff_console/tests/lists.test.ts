import { describe, expect, it, vi } from "vitest";
import { byWeight, desk, front, inOrder, isForMe, isMine, onTop } from "../src/lib/cards";
import { newId } from "../src/lib/ids";
import { narrow, screensOf } from "../src/lib/menu";
import type { Alert, Ask, Promise as Owed } from "../src/lib/types";
import { questions, round } from "../src/lib/round";
import { alert, at, card, fact, floorOf, presence } from "./state";

const now = Date.parse(at(60));
const order = (alerts: Alert[], me = "anna") => inOrder(alerts, me, now).map((a) => a.customer);
const debt = (customer: string, kind: Owed["kind"], due: string | null = null): Owed => ({
  id: `o-${customer}`, kind, customer, visit: null, text: "", owner: null, due, state: "open", by: null, at: at(0), closed_by: null, closed_at: null, note: null,
});

describe("the order of the cards", () => {
  it("is mine, for me, complaint, promise due, tier, oldest, and what a colleague has, last", () => {
    const theirs = { to: ["bo"] };
    const cards = [
      alert("taken", { state: "claimed", by: "bo" }),
      alert("oldest", { ...theirs, opened_at: at(1) }),
      alert("older", { ...theirs, opened_at: at(2) }),
      alert("gold", { ...theirs, card: card("gold", { tier: "gold" }) }),
      alert("platinum", { ...theirs, card: card("platinum", { tier: "Platinum" }) }),
      alert("due", { ...theirs, card: card("due", { promises: [debt("due", "promise", at(120))] }) }),
      alert("complaint", { ...theirs, card: card("complaint", { complaints: [debt("complaint", "complaint")] }) }),
      alert("forme"),
      alert("mine", { state: "claimed", by: "anna" }),
    ];
    expect(order(cards)).toEqual(["mine", "forme", "complaint", "due", "platinum", "gold", "oldest", "older", "taken"]);
    expect(order([...cards].reverse())).toEqual(order(cards));
  });

  it("does not hurry for a promise that is due tomorrow", () => {
    const cards = [alert("a", { opened_at: at(1) }), alert("b", { card: card("b", { promises: [debt("b", "promise", at(86_400))] }), opened_at: at(2) })];
    expect(order(cards)).toEqual(["a", "b"]);
  });
});

describe("the desk", () => {
  const show = (...alerts: Alert[]) => desk(alerts, "anna", now);

  it("a party stands together, where its first card stands", () => {
    const cards = [alert("a", { opened_at: at(1), party: "g" }), alert("b", { opened_at: at(2) }), alert("c", { opened_at: at(3), party: "g" })];
    expect(show(...cards).parties.map((p) => p.alerts.map((a) => a.customer))).toEqual([["a", "c"], ["b"]]);
  });

  it("two cards of one customer are no party", () => {
    const [party] = show(alert("a", { party: "g" }), alert("a", { alert: "a2", kind: "promise_due", party: "g" })).parties;
    expect([party!.people, party!.alerts.length]).toEqual([1, 2]);
  });

  it("shows one card whole, and a new one does not take the place of what is about to be tapped", () => {
    const whole = front();
    const lead = (alerts: Alert[], picked: string | null = null) => whole(inOrder(alerts, "anna", now), "anna", picked, now);
    const [first, theirs] = [alert("first", { opened_at: at(9) }), alert("theirs", { to: ["bo"], opened_at: at(1) })];
    const complaint = alert("worse", { card: card("worse", { complaints: [debt("worse", "complaint")] }) });
    expect(lead([theirs])).toBe("a-theirs");
    expect(lead([theirs, first])).toBe("a-first"); // it is for her: the moment of truth
    expect(lead([theirs, first, complaint])).toBe("a-first");
    expect(lead([theirs, first, complaint], "a-theirs")).toBe("a-theirs"); // she opened it herself
    const mine = { ...first, state: "claimed" as const, by: "anna", claimed_at: at(-1) };
    expect(lead([mine, complaint], "a-first")).toBe("a-first"); // she reads whom she is about to greet
    expect(lead([mine, complaint, alert("later")], "a-first")).toBe("a-worse"); // hers is in hand, somebody has come
    expect(lead([mine], "a-first")).toBe("a-first");
    expect(lead([])).toBe(null);
  });

  it("leaves a card whole that was just claimed, and the next is that of who comes after", () => {
    const whole = front();
    const lead = (later: number, ...alerts: Alert[]) => whole(inOrder(alerts, "anna", now), "anna", null, now + later);
    const claimed = (of: Alert): Alert => ({ ...of, state: "claimed", by: "anna", claimed_at: at(60) });
    const [first, second] = [alert("first", { opened_at: at(1) }), alert("second", { opened_at: at(2) })];
    const third = alert("third", { opened_at: at(3) });
    expect(lead(0, first, second)).toBe("a-first");
    expect(lead(0, claimed(first), second)).toBe("a-first");
    expect(lead(59_000, claimed(first), second, third)).toBe("a-first"); // she is on her way, and reads
    expect(lead(61_000, claimed(first), second, third)).toBe("a-second");
    expect(lead(62_000, claimed(first), claimed(second))).toBe("a-second");
    expect(lead(63_000, claimed(first))).toBe("a-first");
  });

  it("what is shown whole stands on top, its party with it", () => {
    const { parties } = show(alert("a", { opened_at: at(1) }), alert("b", { opened_at: at(2), party: "g" }), alert("c", { opened_at: at(3), party: "g" }));
    expect(onTop(parties, "a-c").map((p) => p.alerts.map((a) => a.customer))).toEqual([["c", "b"], ["a"]]);
  });

  it("a hint is one line per place, for those it is for, for a minute", () => {
    const hint = (id: string, changes: Partial<Alert> = {}) => alert(id, { stage: "hint", customer: null, card: null, opened_at: at(55), ...changes });
    const seen = show(hint("a"), hint("b"), hint("c", { to: ["bo"], zone: "bar" }), hint("d", { zone: "old", opened_at: at(-1) }));
    expect(seen.hints).toEqual(["door"]);
    expect(seen.parties).toEqual([]);
  });

  it("a hand-over is for whom it is offered to, and still in hand of who offers it", () => {
    const offered = alert("chen", { state: "claimed", by: "bo", to: ["anna"], accept_by: at(90) });
    expect([isForMe(offered, "anna"), isMine(offered, "anna"), isForMe(offered, "bo"), isMine(offered, "bo")]).toEqual([true, false, false, true]);
    expect(show(offered).taken).toEqual([]);
    expect(show({ ...offered, accept_by: null }).parties).toEqual([]);
  });
});

describe("the menu", () => {
  const me = (...roles: string[]) => ({ ...floorOf().me, roles });

  it.each([["floor"], ["crew"], ["manager"], ["it"], ["manager", "it"]])("of %s fits a phone, and nothing is lost", (...roles) => {
    const all = screensOf(me(...roles));
    const { shown, more } = narrow(all);
    expect(shown.length).toBeLessThanOrEqual(5);
    expect([...shown.filter((s) => s !== "more"), ...more]).toEqual(all);
  });

  it("who looks after the equipment has no customers in it, and only who leads has the day", () => {
    expect(screensOf(me("it"))).toEqual(["now", "floor", "readers", "setup", "settings"]);
    expect(screensOf(me("floor"))).not.toContain("today");
    expect(screensOf(me("manager"))).toContain("today");
  });
});

it("preferences: allergies, then what to avoid, then the newest", () => {
  const rows = [fact("old", "c"), fact("new", "c", { at: at(9) }), fact("avoid", "c", { polarity: "avoid" }), fact("allergy", "c", { polarity: "allergy" })];
  expect(byWeight(rows).map((p) => p.id)).toEqual(["allergy", "avoid", "new", "old"]);
});

describe("the service round", () => {
  const ask = (customer: string, changes: Partial<Ask> = {}): Ask => ({
    id: `q-${customer}`, visit: `v-${customer}`, customer, question: "lunch", state: "answered", by: "bo", by_name: "Bo", at: at(0), count: 1, answer: "Fish", answered_by: "bo", answered_at: at(1), ...changes,
  });
  const present = ["a", "b", "c", "d"].map((c, i) => presence(c, { since: at(i) }));

  it("counts each answer once, however it was typed, and who is still to be asked", () => {
    const seen = round(present, [ask("a"), ask("b", { answer: " fish ", state: "served" }), ask("c", { state: "open", answer: null })], "lunch");
    expect(seen.counts).toEqual([{ answer: "Fish", n: 2, served: 1 }]);
    expect([seen.open, seen.served, seen.unasked]).toEqual([1, 1, 1]);
    expect(seen.lines.map((l) => l.presence.customer)).toEqual(["a", "b", "c", "d"]);
  });

  it("goes by the newest of two asks, and not by another visit's", () => {
    const twice = [ask("a"), ask("a", { id: "q2", at: at(30), answer: "Beef" }), ask("b", { visit: "earlier" })];
    const seen = round(present, twice, "lunch");
    expect(seen.counts).toEqual([{ answer: "Beef", n: 1, served: 0 }]);
    expect(seen.unasked).toBe(3);
  });

  it("lists a question of the house's own after those likely everywhere", () => {
    expect(questions([ask("a", { question: "slippers" })]).at(-1)).toBe("slippers");
  });
});

describe("ids made on the tablet", () => {
  it("carry their time first, so that they sort as they were made", () => {
    const ids = [1, 1_000, 1_700_000_000_000, 1_700_000_000_001].map(newId);
    expect([...ids].sort()).toEqual(ids);
    expect(parseInt(ids[3]!.replace("-", "").slice(0, 12), 16)).toBe(1_700_000_000_001);
  });

  it("need no secure context", () => {
    vi.stubGlobal("crypto", { getRandomValues: (bytes: Uint8Array) => bytes.fill(255) });
    expect(newId(0)).toBe("00000000-0000-7fff-bfff-ffffffffffff");
  });
});
