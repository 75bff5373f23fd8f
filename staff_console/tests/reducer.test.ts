import { describe, expect, it } from "vitest";
import type { Ask, Promise as Owed, State } from "../src/lib/messages";
import { apply, withPreferences } from "../src/lib/reducer";
import { alert, at, card, event, fact, floorOf, presence } from "./state";

const after = (state: State, ...events: ReturnType<typeof event>[]): State => events.reduce(apply, state);
const here = () => floorOf({ present: [presence("chen")], alerts: [alert("chen")], preferences: { chen: [] } });
const owed = (kind: Owed["kind"], changes: Partial<Owed> = {}): Owed => ({
  id: "o1", kind, customer: "chen", visit: null, text: "scarf", owner: "bo", due: null, state: "open", by: "bo", at: at(0), closed_by: null, closed_at: null, note: null, ...changes,
});
const ask = (changes: Partial<Ask> = {}): Ask => ({
  id: "q1", visit: "v-chen", customer: "chen", question: "lunch", state: "open", by: "bo", by_name: "Bo", at: at(1), count: 1, answer: null, answered_by: null, answered_at: null, ...changes,
});

describe("who is here", () => {
  it("an arrival is listed once, however often it is told", () => {
    const told = event("visit.arrived", "chen", presence("chen"));
    expect(after(floorOf(), told, told).present.map((p) => p.customer)).toEqual(["chen"]);
  });

  it("a move shows on the list and on the card", () => {
    const moved = after(here(), event("visit.moved", "chen", presence("chen", { zone: "lounge" })));
    expect(moved.present[0]!.zone).toBe("lounge");
    expect(moved.alerts[0]!.card!.zone).toBe("lounge");
  });

  it("a departure takes the card, the asks and what was known of the customer", () => {
    const before = { ...here(), asks: [ask()], preferences: { chen: [fact("p", "chen")], li: [fact("x", "li")] } };
    const gone = after(before, event("visit.departed", "chen", { visit: "v-chen", customer: "chen", zone: "door", reason: "" }));
    expect([gone.present, gone.alerts, gone.asks]).toEqual([[], [], []]);
    expect(Object.keys(gone.preferences)).toEqual(["li"]);
  });

  it("an erased customer is nowhere in what is left", () => {
    const full = { ...here(), asks: [ask()], promises: [owed("promise")], complaints: [owed("complaint")], preferences: { chen: [fact("p", "chen")] } };
    expect(JSON.stringify(after(full, event("customer.erased", "chen", { customer: "chen" })))).not.toContain("chen");
  });

  it("a wish changed is on the card before anybody reads the name again", () => {
    const wished = after(here(), event("wish.changed", "chen", { customer: "chen", wishes: ["no_name"] }));
    expect(wished.alerts[0]!.card!.wishes).toEqual(["no_name"]);
    expect(wished.present[0]!.wishes).toEqual(["no_name"]);
  });
});

describe("alerts", () => {
  it("a claim keeps the card that came with the alert", () => {
    const claimed = after(here(), event("alert.claimed", "chen", alert("chen", { state: "claimed", by: "bo", card: null })));
    expect(claimed.alerts[0]).toMatchObject({ state: "claimed", by: "bo", card: { address_as: "Ms chen" } });
  });

  it("a hand-over remembers who handed over, which the alert itself does not", () => {
    const offer = alert("chen", { to: ["bo"], by: null, accept_by: at(60) });
    const claimed = after(here(), event("alert.claimed", "chen", alert("chen", { state: "claimed", by: "anna" })));
    expect(after(claimed, event("alert.handed_over", "chen", offer)).alerts[0]!.by).toBe("anna");
    expect(after(here(), { ...event("alert.handed_over", "chen", offer), actor: "cleo" }).alerts[0]!.by).toBe("cleo");
  });

  it("who is with a customer follows from claim, greeting and release", () => {
    const waits = floorOf({ present: [presence("chen", { waiting_since: at(0) })], alerts: [alert("chen")] });
    const claimed = after(waits, event("alert.claimed", "chen", alert("chen", { state: "claimed", by: "bo" })));
    expect(claimed.present[0]).toMatchObject({ attended_by: "bo", waiting_since: null });
    expect(after(claimed, event("alert.closed", "chen", alert("chen", { state: "closed", outcome: "greeted", by: "bo" }))).present[0]!.attended_by).toBe("bo");
    expect(after(claimed, event("alert.released", "chen", alert("chen"))).present[0]!.attended_by).toBeNull();
    const home = alert("chen", { state: "closed", outcome: "greeted", by: null, handed_by: "bo", handed_because: "shift_ended" });
    expect(after(claimed, event("alert.released", "chen", home)).present[0]!.attended_by).toBeNull();
  });

  it("a closed alert goes", () => {
    expect(after(here(), event("alert.closed", "chen", alert("chen", { state: "closed", outcome: "greeted" }))).alerts).toEqual([]);
  });

  it("an allergy that came on a card is known to the service list", () => {
    const nuts = fact("n", "chen", { polarity: "allergy" });
    const opened = after(floorOf(), event("alert.opened", "chen", alert("chen", { card: card("chen", { avoid: [nuts] }) })));
    expect(opened.preferences.chen).toEqual([nuts]);
  });
});

describe("hints", () => {
  const hint = event("visit.hinted", "chen", { to: ["anna"], zone: "door" });

  it("name nobody, and go when the customer has come or has passed by", () => {
    const hinted = after(floorOf(), hint);
    expect(hinted.alerts).toMatchObject([{ stage: "hint", customer: null, card: null, zone: "door", to: ["anna"] }]);
    expect(after(hinted, event("visit.arrived", "chen", presence("chen"))).alerts).toEqual([]);
    expect(after(hinted, event("alert.opened", "chen", alert("chen"))).alerts.map((a) => a.customer)).toEqual(["chen"]);
    expect(after(hinted, event("visit.departed", "chen", { visit: "v", customer: "chen", zone: null, reason: "" })).alerts).toEqual([]);
  });

  it("of the gateway's own end with the visit they announced, though their customer gets no card", () => {
    const own = event("visit.hinted", "chen", { alert: "a1", stage: "hint", to: ["anna"], zone: "door", visit: "v-chen", customer: null });
    expect(after(floorOf(), own).alerts).toMatchObject([{ alert: "a1", customer: null }]);
    expect(after(floorOf(), own, event("visit.arrived", "chen", presence("chen"))).alerts).toEqual([]);
  });

  it("that are told as alerts become the card they announced", () => {
    const one = alert("chen", { stage: "hint", customer: null, visit: null, card: null });
    const told = after(floorOf(), event("alert.opened", "chen", one), event("alert.opened", "chen", alert("chen", { stage: "card" })));
    expect(told.alerts).toMatchObject([{ stage: "card", customer: "chen" }]);
  });
});

describe("moments", () => {
  it("keys left behind outlast the departure they begin with; other cards of the visit do not", () => {
    const left = after(here(), event("alert.opened", "chen", alert("chen", { alert: "k", kind: "keys_left" })));
    expect(after(left, event("visit.departed", "chen", { visit: "v-chen", customer: "chen", zone: null, reason: "" })).alerts.map((a) => a.kind)).toEqual(["keys_left"]);
  });

  it("companions are counted on the list and on the card", () => {
    const counted = after(here(), event("visit.companions", "chen", { visit: "v-chen", customer: "chen", companions: 2 }));
    expect([counted.present[0]!.companions, counted.alerts[0]!.card!.companions]).toEqual([2, 2]);
    expect(after(counted, event("visit.companions", "chen", { visit: "v-chen", count: 0 })).present[0]!.companions).toBe(0);
  });

  it("a preference served is known to have been, and when", () => {
    expect(after(here(), event("preference.served", "chen", { customer: "chen", preference: "p1" })).served).toEqual({ p1: at(0) });
  });
});

describe("what is recorded", () => {
  it("a preference shows on the card at once, newest first and at most five", () => {
    const many = [1, 2, 3, 4, 5, 6].map((n) => event("preference.recorded", "chen", fact(`p${n}`, "chen")));
    const recorded = after(here(), ...many);
    expect(recorded.alerts[0]!.card!.likes.map((p) => p.id)).toEqual(["p6", "p5", "p4", "p3", "p2"]);
    expect(recorded.preferences.chen).toHaveLength(6);
  });

  it("an allergy stands before what was there to avoid", () => {
    const avoid = event("preference.recorded", "chen", fact("a", "chen", { polarity: "avoid" }));
    const allergy = event("preference.recorded", "chen", fact("b", "chen", { polarity: "allergy" }));
    expect(after(here(), allergy, avoid).alerts[0]!.card!.avoid.map((p) => p.id)).toEqual(["b", "a"]);
  });

  it("nothing is put on a card that must be verified by sight", () => {
    const doubtful = { ...here(), alerts: [alert("chen", { card: card("chen", { verify: true }) })] };
    expect(after(doubtful, event("preference.recorded", "chen", fact("p", "chen"))).alerts[0]!.card!.likes).toEqual([]);
  });

  it("the same preference told twice is one", () => {
    const told = event("preference.recorded", "chen", fact("p", "chen"));
    expect(after(here(), told, told).preferences.chen).toHaveLength(1);
  });

  it("what the records say does not replace what was just heard", () => {
    const heard = after(here(), event("preference.recorded", "chen", fact("new", "chen")));
    expect(withPreferences(heard, "chen", [fact("old", "chen"), fact("new", "chen")]).preferences.chen!.map((p) => p.id)).toEqual(["new", "old"]);
  });

  it("withdrawn consent takes the preferences off every screen, and only that consent", () => {
    const known = { ...here(), preferences: { chen: [fact("p", "chen")] }, alerts: [alert("chen", { card: card("chen", { likes: [fact("p", "chen")] }) })] };
    const kept = after(known, event("consent.revoked", "chen", { customer: "chen", purpose: "share_partners" }));
    expect(kept.preferences.chen).toHaveLength(1);
    const revoked = after(known, event("consent.revoked", "chen", { customer: "chen", purpose: "keep_preferences" }));
    expect([revoked.preferences.chen, revoked.alerts[0]!.card!.likes]).toEqual([[], []]);
  });

  it("an ask is answered in place", () => {
    const answered = after(here(), event("ask.opened", "chen", ask()), event("ask.answered", "chen", ask({ state: "answered", answer: "fish" })));
    expect(answered.asks).toHaveLength(1);
    expect(answered.asks[0]).toMatchObject({ state: "answered", answer: "fish" });
  });

  it("a promise handed over has its new owner, on the card too", () => {
    const made = after(here(), event("promise.made", "chen", owed("promise")));
    const handed = after(made, event("promise.handed_over", "chen", owed("promise", { owner: "anna", handed_from: "bo" })));
    expect(handed.promises).toMatchObject([{ owner: "anna", handed_from: "bo" }]);
    expect(handed.alerts[0]!.card!.promises).toMatchObject([{ owner: "anna" }]);
  });

  it("a promise kept and a complaint closed leave the list and the card", () => {
    const open = after(here(), event("promise.made", "chen", owed("promise")), event("complaint.opened", "chen", owed("complaint", { id: "o2" })));
    expect([open.alerts[0]!.card!.promises.length, open.complaints.length]).toEqual([1, 1]);
    const closed = after(open, event("promise.kept", "chen", owed("promise", { state: "closed" })), event("complaint.closed", "chen", owed("complaint", { id: "o2", state: "closed" })));
    expect([closed.promises, closed.complaints, closed.alerts[0]!.card!.promises]).toEqual([[], [], []]);
  });
});

describe("the house", () => {
  it("a lost reader is lost, with its reason", () => {
    const lost = after(floorOf(), event("reader.lost", "r1", { reader: "r1", state: "lost", reason: "no such device" }));
    expect(lost.readers[0]).toMatchObject({ id: "r1", state: "lost", reason: "no such device", zone: "door" });
  });

  it("my own shift is mine too", () => {
    const off = after(floorOf(), event("staff.changed", "anna", { id: "anna", name: "Anna", on_shift: false, connected: true }));
    expect([off.me.on_shift, off.staff[0]!.on_shift]).toEqual([false, false]);
  });

  it("my shift has its zones and its end; without it I have none", () => {
    const on = { id: "anna", name: "Anna", on_shift: true, connected: true, zones: ["door"], shift_until: at(60) };
    const begun = after(floorOf(), event("staff.changed", "anna", on));
    expect(begun.me.shift).toEqual({ zones: ["door"], until: at(60) });
    expect(after(begun, event("staff.changed", "anna", { ...on, on_shift: false })).me.shift).toBeNull();
  });

  it("a plan that somebody saved is everybody's", () => {
    const plan = { width: 9, height: 9, zones: [], readers: [] };
    expect(after(floorOf(), event("plan.changed", "v", plan)).plan).toEqual(plan);
  });

  it("an event nobody knows changes nothing", () => {
    const state = here();
    expect(apply(state, event("moon.full", "x", {}))).toBe(state);
  });

  it("the state before is left as it was", () => {
    const state = here();
    const copy = structuredClone(state);
    after(state, event("visit.moved", "chen", presence("chen", { zone: "lounge" })), event("preference.recorded", "chen", fact("p", "chen")));
    expect(state).toEqual(copy);
  });
});
