import { describe, expect, it } from "vitest";
import type { Ask, Promise as Owed, State } from "../src/lib/types";
import { apply, quieted } from "../src/lib/reducer";
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

  it("a departure takes the asks and what was known of the customer; the gateway says which cards end", () => {
    const before = { ...here(), asks: [ask()], preferences: { chen: [fact("p", "chen")], li: [fact("x", "li")] } };
    const gone = after(before, event("visit.departed", "chen", presence("chen", { state: "departed" })));
    expect([gone.present, gone.asks]).toEqual([[], []]);
    expect(Object.keys(gone.preferences)).toEqual(["li"]);
    expect(after(gone, event("alert.closed", "chen", alert("chen", { state: "closed", outcome: "left" }))).alerts).toEqual([]);
  });

  it("an arrival brings what to do and to avoid, and history moves nobody", () => {
    const nuts = fact("n", "chen", { polarity: "allergy" });
    const told = event("visit.arrived", "chen", { ...presence("chen"), preferences: [nuts], asks: [ask()], sightings_at: at(0) });
    const come = after(floorOf(), told);
    expect([come.preferences, come.asks, come.present]).toEqual([{ chen: [nuts] }, [ask()], [presence("chen")]]);
    const late = event("visit.moved", "chen", { ...presence("chen", { zone: "lounge" }), late: true });
    expect(after(come, late)).toEqual(come);
  });

  it("an erased customer is nowhere in what is left", () => {
    const full = { ...here(), asks: [ask()], promises: [owed("promise")], complaints: [owed("complaint")], preferences: { chen: [fact("p", "chen")] } };
    expect(JSON.stringify(after(full, event("customer.erased", "chen", { customer: "chen" })))).not.toContain("chen");
  });

  it("a wish changed is on the card before anybody reads the name again", () => {
    const told = { customer: "chen", name: null, address_as: null, language: "en", tier: null, wishes: ["no_name"], preferences: null, alerts: [] };
    const wished = after(here(), event("wish.changed", "chen", told));
    expect(wished.alerts[0]!.card).toMatchObject({ wishes: ["no_name"], name: null, address_as: null });
    expect(wished.present[0]).toEqual(presence("chen", { wishes: ["no_name"], name: null, address_as: null }));
  });

  it("my own wish, not sent yet, takes nothing but the wishes along", () => {
    const wished = after(here(), { ...event("wish.changed", "chen", { customer: "chen", wishes: ["do_not_disturb"] }), sequence: 0 });
    expect(wished.present[0]).toEqual(presence("chen", { wishes: ["do_not_disturb"] }));
  });
});

describe("who is quiet", () => {
  it("is told by visit, and taken back; where nothing has changed the state is the same", () => {
    const both = floorOf({ present: [presence("chen"), presence("li")] });
    const quiet = quieted(both, { "v-chen": at(9) });
    expect(quiet.present.map((p) => p.quiet_since)).toEqual([at(9), null]);
    expect(quieted(quiet, { "v-chen": at(9) })).toBe(quiet);
    expect(quieted(quiet, {}).present.map((p) => p.quiet_since)).toEqual([null, null]);
    expect(quieted(both, {})).toBe(both);
  });
});

describe("alerts", () => {
  it("who is with a customer, or since when nobody is, is told with the alert", () => {
    const waits = floorOf({ present: [presence("chen"), presence("li")], alerts: [alert("chen")] });
    const tell = (type: string, data: object) => event(type, "chen", data);
    const claimed = after(waits, tell("alert.claimed", { ...alert("chen", { state: "claimed", by: "bo" }), attended_by: "bo", waiting_since: null }));
    expect(claimed.present).toEqual([{ ...presence("chen"), attended_by: "bo", waiting_since: null }, presence("li")]);
    expect(claimed.alerts).toEqual([alert("chen", { state: "claimed", by: "bo" })]);
    const home = alert("chen", { state: "closed", outcome: "greeted", by: null, handed_by: "bo", handed_because: "shift_ended" });
    const alone = after(claimed, tell("alert.released", { ...home, attended_by: null, waiting_since: at(9) }));
    expect([alone.present[0]!.attended_by, alone.present[0]!.waiting_since, alone.alerts]).toEqual([null, at(9), []]);
  });

  it("rated after it was closed does not come back", () => {
    expect(after(floorOf(), event("alert.rated", "chen", alert("chen", { state: "closed", rated: true }))).alerts).toEqual([]);
  });

  it("a closed alert goes", () => {
    expect(after(here(), event("alert.closed", "chen", alert("chen", { state: "closed", outcome: "greeted" }))).alerts).toEqual([]);
  });

  it("what follows from an event is on the cards that are known, and opens no other: that one comes, and rings, by itself", () => {
    const fresh = [alert("chen", { card: card("chen", { likes: [fact("tea", "chen")] }) }), alert("chen", { alert: "later" })];
    const told = after(here(), event("preference.recorded", "chen", { ...fact("tea", "chen"), preferences: [fact("tea", "chen")], alerts: fresh }));
    expect(told.alerts).toEqual([fresh[0]]);
    expect(told.preferences.chen).toEqual([fact("tea", "chen")]);
  });
});

describe("hints", () => {
  const where = { since: at(0), confidence: 0.7, reason: "", evidence: { kind: "reads" }, sightings_at: at(0) };
  const hint = alert("chen", { stage: "hint", customer: null, card: null });

  it("name nobody, and are the card once the customer has come", () => {
    const hinted = after(floorOf(), event("visit.hinted", "v-chen", { ...hint, ...where }));
    expect(hinted.alerts).toEqual([hint]);
    expect(after(hinted, event("alert.opened", "chen", alert("chen"))).alerts).toEqual([alert("chen")]);
    expect(after(hinted, event("alert.closed", "v-chen", { ...hint, state: "closed", outcome: "left" })).alerts).toEqual([]);
  });

  it("that were given to nobody are no alerts", () => {
    const unseen = { visit: "v-chen", customer: "chen", zone: null, stage: "hint", card: null, to: [], ...where };
    expect(after(floorOf(), event("visit.hinted", "chen", unseen)).alerts).toEqual([]);
  });

  it("that are told as alerts become the card they announced", () => {
    const one = alert("chen", { stage: "hint", customer: null, visit: null, card: null });
    const told = after(floorOf(), event("alert.opened", "chen", one), event("alert.opened", "chen", alert("chen", { stage: "card" })));
    expect(told.alerts).toMatchObject([{ stage: "card", customer: "chen" }]);
  });
});

describe("moments", () => {
  it("what is owed outlives a visit, and its card says where they were no more", () => {
    const due = (changes: object = {}) => alert("chen", { alert: "due", kind: "promise_due", card: card("chen", changes) });
    const open = after(here(), event("alert.opened", "chen", due()));
    const ended = due({ zone: "door", confidence: 0, evidence: { kind: "ended" } });
    const left = after(open, event("visit.departed", "chen", { ...presence("chen", { state: "departed" }), alerts: [ended] }));
    expect(left.alerts.find((a) => a.alert === "due")).toEqual(ended);
  });

  it("companions are counted on the list and on the card", () => {
    const counted = after(here(), event("visit.companions", "chen", { visit: "v-chen", customer: "chen", companions: 2 }));
    expect([counted.present[0]!.companions, counted.alerts[0]!.card!.companions]).toEqual([2, 2]);
    expect(after(counted, event("visit.companions", "chen", { visit: "v-chen", customer: "chen", companions: 0 })).present[0]!.companions).toBe(0);
  });

  it("a preference served is known to have been, and when", () => {
    expect(after(here(), event("preference.served", "chen", { customer: "chen", id: "p1" })).served).toEqual({ p1: at(0) });
    expect(after(here(), event("preference.served", "chen", { id: "new", preference: "p1" })).served).toEqual({ p1: at(0) });
  });
});

describe("what is recorded", () => {
  /** Recorded on this tablet, and not sent yet. */
  const mine = (one: ReturnType<typeof fact>) => ({ ...event("preference.recorded", "chen", one), sequence: 0 });

  it("a preference is on the sheet at once", () => {
    const many = [1, 2, 3, 4, 5, 6].map((n) => mine(fact(`p${n}`, "chen")));
    expect(after(here(), ...many).preferences.chen).toHaveLength(6);
  });

  it("the same preference told twice is one", () => {
    const told = mine(fact("p", "chen"));
    expect(after(here(), told, told).preferences.chen).toHaveLength(1);
  });

  it("of what was told the gateway says what holds: a correction takes the place of what it corrects", () => {
    const known = { ...here(), preferences: { chen: [fact("old", "chen")] } };
    const told = after(known, event("preference.recorded", "chen", { ...fact("new", "chen"), preferences: [fact("new", "chen")], alerts: [] }));
    expect(told.preferences.chen!.map((p) => p.id)).toEqual(["new"]);
  });

  it("of somebody who is away nothing is kept", () => {
    const told = after(floorOf(), event("preference.recorded", "chen", { ...fact("p", "chen"), preferences: null, alerts: [] }));
    expect(told.preferences).toEqual({});
  });

  it("withdrawn consent takes the preferences off every screen, and only that consent", () => {
    const known = { ...here(), preferences: { chen: [fact("p", "chen")] }, alerts: [alert("chen", { card: card("chen", { likes: [fact("p", "chen")] }) })] };
    const tell = (purpose: string, preferences: object[], alerts: object[]) => event("consent.revoked", "chen", { customer: "chen", purpose, expires: null, preferences, alerts });
    expect(after(known, tell("share_partners", [fact("p", "chen")], known.alerts))).toEqual(known);
    const revoked = after(known, tell("keep_preferences", [], [alert("chen")]));
    expect([revoked.preferences.chen, revoked.alerts[0]!.card!.likes]).toEqual([[], []]);
  });

  it("whose tag may be a copy is shown with nothing that is known of them, until it is mended", () => {
    const known = { ...here(), preferences: { chen: [fact("p", "chen")] } };
    const verify = alert("chen", { card: card("chen", { verify: true }) });
    const doubted = after(known, event("customer.doubted", "chen", { customer: "chen", kind: "two_places", reason: "", preferences: [], alerts: [verify] }));
    expect([doubted.preferences.chen, doubted.alerts]).toEqual([[], [verify]]);
    const given = event("credential.given", "chen", { customer: "chen", credential: "k", scheme: "epc", preferences: [fact("p", "chen")], alerts: [alert("chen")] });
    expect(after(doubted, given)).toEqual(known);
  });

  it("an ask of a visit that is over is history", () => {
    expect(after(floorOf(), event("ask.answered", "chen", ask({ state: "answered", answer: "fish" }))).asks).toEqual([]);
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

  const anna = { id: "anna", name: "Anna", on_shift: true, connected: true, zones: ["door"], languages: ["en"], roles: ["floor"], shift_until: at(60) };

  it("my own shift is mine too, with its zones and its end; without it I have none", () => {
    const begun = after(floorOf(), event("shift.started", "anna", anna));
    expect([begun.me.on_shift, begun.me.zones, begun.me.shift]).toEqual([true, ["door"], { zones: ["door"], until: at(60) }]);
    const over = after(begun, event("shift.ended", "anna", { ...anna, on_shift: false, shift_until: null }));
    expect([over.me.on_shift, over.me.shift, over.staff[0]!.on_shift]).toEqual([false, null, false]);
  });

  it("a colleague comes, puts the tablet down and goes", () => {
    const cleo = { ...anna, id: "cleo", name: "Cleo" };
    const come = after(floorOf(), event("staff.changed", "cleo", cleo), event("staff.connected", "cleo", { ...cleo, connected: false }));
    expect(come.staff.at(-1)).toEqual({ ...cleo, connected: false });
    expect(after(come, event("staff.removed", "cleo", { ...cleo, removed: true })).staff.map((s) => s.id)).toEqual(["anna", "bo"]);
  });

  it("who is called otherwise from now on is called so wherever they said something", () => {
    const tea = fact("tea", "chen", { by: "bo", by_name: "Bo" });
    const said = { ...here(), asks: [ask()], preferences: { chen: [tea] }, alerts: [alert("chen", { card: card("chen", { likes: [tea], asks: [ask()] }) })] };
    const bo = { ...anna, id: "bo", name: "Bo Li" };
    const named = after(said, event("staff.changed", "bo", bo));
    expect([named.asks[0]!.by_name, named.preferences.chen![0]!.by_name, named.alerts[0]!.card!.likes[0]!.by_name]).toEqual(["Bo Li", "Bo Li", "Bo Li"]);
    expect(named.alerts[0]!.card!.asks[0]!.by_name).toBe("Bo Li");
    const gone = after(said, event("staff.removed", "bo", { ...bo, removed: true }));
    expect([gone.asks[0]!.by_name, gone.preferences.chen![0]!.by_name]).toEqual(["bo", "Bo"]);
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
