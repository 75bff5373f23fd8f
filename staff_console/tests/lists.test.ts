import { describe, expect, it, vi } from "vitest";
import { byWeight, desk, hintsFor, inOrder, isForMe, isMine, onTop } from "../src/lib/cards";
import { inFocus, wholeOf, type Focus } from "../src/lib/front";
import { newId } from "../src/lib/ids";
import { narrow, screensOf } from "../src/lib/menu";
import type { Alert, Ask, Promise as Owed } from "../src/lib/types";
import { countsOf, rowsOf } from "../src/lib/orders";
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

  it("who waits with a card here has no second line that says so to whom it is not said", () => {
    const waits = alert("a", { alert: "a2", kind: "waiting", to: ["bo"] });
    const ids = (...cards: Alert[]) => show(...cards).parties.flatMap((party) => party.alerts.map((one) => one.alert));
    expect(ids(alert("a"), waits)).toEqual(["a-a"]);
    expect(ids(waits)).toEqual(["a2"]);
    expect(ids(alert("a"), { ...waits, to: ["anna"] })).toHaveLength(2);
    expect(ids(alert("b"), waits)).toHaveLength(2);
  });

  describe("who is in focus", () => {
    const claimed = (of: Alert): Alert => ({ ...of, state: "claimed", by: "anna", claimed_at: at(60) });
    const [first, second] = [alert("first", { opened_at: at(1) }), alert("second", { opened_at: at(2) })];
    const theirs = alert("theirs", { to: ["bo"], opened_at: at(0) });
    const worse = alert("worse", { card: card("worse", { complaints: [debt("worse", "complaint")] }) });
    const after = (before: Focus | null, alerts: Alert[], here: string[] = []) => {
      const shown = inOrder(alerts, "anna", now);
      const stays = before !== null && (here.includes(before.customer) || shown.some((a) => a.customer === before.customer));
      const next = inFocus(before, shown, "anna", stays);
      return [next?.customer ?? null, next?.how ?? null, wholeOf(next, shown)?.alert ?? null];
    };
    const focus = (customer: string, how: Focus["how"], alert: string | null = `a-${customer}`): Focus => ({ customer, alert, how });

    it("is who came first, and a card that is this person's goes before one that is not", () => {
      expect(after(null, [theirs])).toEqual(["theirs", "shown", "a-theirs"]);
      expect(after(focus("theirs", "shown"), [theirs, first])).toEqual(["first", "shown", "a-first"]);
      expect(after(focus("first", "shown"), [theirs, first, worse])).toEqual(["first", "shown", "a-first"]);
      expect(after(null, [])).toEqual([null, null, null]);
    });

    it.each([[[second]], [[second, worse]], [[theirs, worse]]])("stays who was opened or claimed, whoever comes", (...comers) => {
      const others = comers.flat();
      expect(after(focus("first", "open"), [first, ...others])).toEqual(["first", "open", "a-first"]);
      expect(after(focus("first", "open"), [claimed(first), ...others])).toEqual(["first", "open", "a-first"]);
      expect(after(focus("first", "open"), others, ["first"])).toEqual(["first", "open", null]); // the sheet is open, and no card
    });

    it("goes on to who waits when somebody is done, and else their sheet stays until somebody comes", () => {
      expect(after(focus("first", "done"), [second], ["first"])).toEqual(["second", "shown", "a-second"]);
      expect(after(focus("first", "done"), [theirs], ["first"])).toEqual(["first", "done", null]);
      expect(after(focus("first", "done"), [theirs, claimed(second)], ["first"])).toEqual(["second", "open", "a-second"]);
      expect(after(focus("first", "done"), [theirs])).toEqual(["theirs", "shown", "a-theirs"]);
    });

    it("is who was in hand when the console is opened again, and nobody else's card meanwhile", () => {
      expect(after(null, [claimed(first), second])).toEqual(["first", "open", "a-first"]);
      expect(after(focus("first", "open"), [second])).toEqual(["second", "shown", "a-second"]); // left the house
    });

    it("shows of two cards of one customer the one that was tapped", () => {
      const due = alert("first", { alert: "a-due", kind: "promise_due" });
      expect(after(focus("first", "open", "a-due"), [first, due])).toEqual(["first", "open", "a-due"]);
      expect(after(focus("first", "open", "a-gone"), [first, due])[2]).toBe("a-due"); // the more urgent one
    });
  });

  it("what is shown whole stands on top, its party with it", () => {
    const { parties } = show(alert("a", { opened_at: at(1) }), alert("b", { opened_at: at(2), party: "g" }), alert("c", { opened_at: at(3), party: "g" }));
    expect(onTop(parties, "a-c").map((p) => p.alerts.map((a) => a.customer))).toEqual([["c", "b"], ["a"]]);
  });

  it("a hint is one line per place, for those it is for, for a minute", () => {
    const hint = (id: string, changes: Partial<Alert> = {}) => alert(id, { stage: "hint", customer: null, card: null, opened_at: at(55), ...changes });
    const alerts = [hint("a"), hint("b"), hint("c", { to: ["bo"], zone: "bar" }), hint("d", { zone: "old", opened_at: at(-1) })];
    expect(hintsFor(alerts, "anna", now)).toEqual(["door"]);
    expect(show(...alerts).parties).toEqual([]);
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
    expect(countsOf(rowsOf(seen.lines), null)).toMatchObject([{ answer: "Fish", n: 2, served: 1 }]);
    expect([seen.open, seen.served, seen.unasked]).toEqual([1, 1, 1]);
    expect(seen.lines.map((l) => l.presence.customer)).toEqual(["a", "b", "c", "d"]);
  });

  it("goes by the newest of two asks, and not by another visit's", () => {
    const twice = [ask("a"), ask("a", { id: "q2", at: at(30), answer: "Beef" }), ask("b", { visit: "earlier" })];
    const seen = round(present, twice, "lunch");
    expect(countsOf(rowsOf(seen.lines), null)).toMatchObject([{ answer: "Beef", n: 1, served: 0 }]);
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
