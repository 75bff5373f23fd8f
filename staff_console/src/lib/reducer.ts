/**
 * The floor as one value: a snapshot, changed by each event into the next.
 * Pure and total: an event that is not known, or names what is not here, returns the same state. Whoever began with one
 * snapshot and took every event holds what another snapshot would say: `tests/console/test_law.py` sees to that, and
 * `tests/law.ts` says what may differ. What the gateway works out is told with the event; nothing is worked out twice.
 */
import { expectedChanged, menuChanged, orderPut, placeChanged, placesChanged, roundEnded, roundsLaid, seatOrdered } from "./seated";
import type {
  Alert, AlertChange, Ask, Card, Colleague, Companions, ConsentChange, CustomerChange, Departure, FloorPlan, Follows, Hint, LiveEvent, Preference, Presence,
  Promise as Owed, ReaderChange, StaffChange, State, View, WishChange,
} from "./types";

type Change = (state: State, data: never, event: LiveEvent) => State;

const CHANGES: Record<string, Change> = {
  "visit.hinted": hinted,
  "visit.arrived": here,
  "visit.moved": here,
  "visit.departed": departed,
  "visit.companions": companionsCounted,
  "alert.opened": alertChanged,
  "alert.claimed": alertChanged,
  "alert.released": alertChanged,
  "alert.handed_over": alertChanged,
  "alert.escalated": alertChanged,
  "alert.waited": alertChanged,
  "alert.met": alertChanged,
  "alert.closed": alertChanged,
  "alert.rated": alertChanged,
  "alert.met_here": metHere, // our own: what the holder of a card said, also without a network
  "alert.changed": alertChanged, // our own: what a request about an alert answered
  "preference.recorded": preferenceRecorded,
  "preference.served": preferenceServed,
  "ask.opened": askChanged,
  "ask.answered": askChanged,
  "ask.served": askChanged,
  "order.flagged": askChanged,
  "seat.ordered": seatOrdered, // our own: an order for a seat whose guest is not known, before the gateway tells the round
  "places.changed": placesChanged,
  "place.taken": placeChanged,
  "place.freed": placeChanged,
  "expected.changed": expectedChanged,
  "expected.missed": expectedChanged,
  "menu.changed": menuChanged,
  "round.ended": roundEnded,
  "consent.granted": (state, change: ConsentChange) => rebooked(agreed(state, change.customer, change.purpose, true), change),
  "consent.refused": rebooked,
  "consent.revoked": revoked,
  "promise.made": owedChanged,
  "promise.kept": owedChanged,
  "promise.handed_over": owedChanged,
  "complaint.opened": owedChanged,
  "complaint.closed": owedChanged,
  "complaint.handed_over": owedChanged,
  "customer.enrolled": customerChanged,
  "customer.changed": customerChanged,
  "customer.erased": (state, _data, event) => withoutCustomer(state, event.subject),
  "lent.changed": customerChanged,
  "lent.ended": (state, _data, event) => withoutCustomer(state, event.subject),
  "wish.changed": customerChanged,
  "reader.lost": readerChanged,
  "reader.back": readerChanged,
  "reader.quiet": readerChanged,
  "staff.changed": staffChanged,
  "staff.removed": staffChanged,
  "staff.connected": staffChanged,
  "shift.started": staffChanged,
  "shift.ended": staffChanged,
  "plan.changed": (state, plan: FloorPlan) => ({ ...state, plan }),
};

/** Returns the state after `event`; the state given is left as it was. */
export function apply(state: State, event: LiveEvent): State {
  if (!event.data) return state;
  const change = CHANGES[event.type];
  const { customer } = event.data as { customer?: string | null }; // whose records are several is known by one of them
  return follow(change ? change(state, event.data as never, event) : state, customer ?? event.subject, event.data as Follows);
}

/** Returns the state with who has not been heard since when, by visit; the same state where nothing has changed. */
export function quieted(state: State, quiet: Record<string, string>): State {
  const since = (p: Presence) => quiet[p.visit] ?? null;
  if (state.present.every((p) => (p.quiet_since ?? null) === since(p))) return state;
  return { ...state, present: state.present.map((p) => ({ ...p, quiet_since: since(p) })) };
}

/** Returns the state after somebody went out of view, or came into it, and nothing else happened: of whom the frame tells it says all. */
export function viewed(state: State, { gone, of, present, alerts, asks, preferences, promises, complaints }: View): State {
  const left = new Set(gone);
  const whose = new Set(state.present.filter((p) => left.has(p.visit)).map((p) => p.customer));
  const whole = of.reduce(unseen, state);
  const stays = <T extends { visit: string | null }>(rows: T[]) => rows.filter((row) => row.visit === null || !left.has(row.visit));
  const owed = (rows: Owed[], told: Owed[]) => told.reduce((all, one) => put<Owed>(all, one, (other) => other.id === one.id), rows);
  return {
    ...whole,
    present: present.reduce((rows, p) => put<Presence>(rows, p, (other) => other.visit === p.visit), stays(whole.present)),
    alerts: alerts.reduce((rows, a) => put<Alert>(rows, a, (other) => other.alert === a.alert), stays(whole.alerts)),
    asks: asks.reduce((rows, a) => put<Ask>(rows, a, (other) => other.id === a.id), stays(whole.asks)),
    preferences: { ...Object.fromEntries(Object.entries(whole.preferences).filter(([customer]) => !whose.has(customer))), ...preferences },
    promises: owed(whole.promises, promises),
    complaints: owed(whole.complaints, complaints),
  };
}

/** Whether this tablet did it itself and the gateway has not told it yet: what follows from it is our guess. */
const isOwn = (event: LiveEvent): boolean => event.sequence === 0;

/** Returns `rows` with `row` in place of the one that `same` finds, or at the end. */
function put<T>(rows: T[], row: T, same: (other: T) => boolean): T[] {
  const at = rows.findIndex(same);
  return at < 0 ? [...rows, row] : rows.with(at, { ...rows[at], ...row });
}

/** Takes in what the gateway says follows: for who is here, and for cards that are known; the others come by themselves. */
function follow(before: State, customer: string, { preferences, asks, alerts, rounds, menus }: Follows): State {
  const state = rounds || menus ? roundsLaid(before, rounds, menus) : before;
  const present = state.present.some((p) => p.customer === customer);
  const fresh = new Map(alerts?.map((a) => [a.alert, a]));
  const cards = state.alerts.some((a) => fresh.has(a.alert));
  if (!cards && !(present && (preferences || asks?.length))) return state;
  return {
    ...state,
    alerts: cards ? state.alerts.map((a) => fresh.get(a.alert) ?? a) : state.alerts,
    asks: present && asks ? asks.reduce((rows, ask) => put(rows, ask, (a) => a.id === ask.id), state.asks) : state.asks,
    preferences: present && preferences ? { ...state.preferences, [customer]: preferences } : state.preferences,
  };
}

function onCards(state: State, customer: string, change: (card: Card) => Card): Alert[] {
  return state.alerts.map((a) => (a.customer === customer && a.card ? { ...a, card: change(a.card) } : a));
}

/** A hint is an alert that names nobody; one that nobody was given is no alert. */
function hinted(state: State, data: Hint): State {
  if (!("alert" in data)) return state;
  const { since: _, confidence: _c, reason: _r, evidence: _e, sightings_at: _s, ...hint } = data;
  return { ...state, alerts: put<Alert>(state.alerts, hint, (a) => a.alert === hint.alert) };
}

function here(state: State, data: Departure): State {
  const { sightings_at: _, late, because: _b, preferences: _p, asks: _k, alerts: _a, rounds: _r, menus: _m, ...who } = data;
  if (late) return state;
  const { zone, since, confidence, reason, evidence } = who;
  const cards = onCards(state, who.customer, (card) => ({ ...card, zone, since, confidence, reason, evidence }));
  return {
    ...state,
    present: put<Presence>(state.present, who, (p) => p.customer === who.customer),
    alerts: cards.map((a) => (a.visit === who.visit && a.zone !== zone ? { ...a, zone } : a)),
  };
}

function departed(state: State, { visit, customer }: Departure): State {
  const present = state.present.filter((p) => p.visit !== visit);
  const preferences = { ...state.preferences };
  if (!present.some((p) => p.customer === customer)) delete preferences[customer];
  return { ...state, present, preferences, asks: state.asks.filter((a) => a.visit !== visit) };
}

function companionsCounted(state: State, { visit, customer, companions }: Companions): State {
  return {
    ...state,
    present: state.present.map((p) => (p.visit === visit ? { ...p, companions } : p)),
    alerts: onCards(state, customer, (card) => ({ ...card, companions })),
  };
}

/** An alert as it is from now on; the gateway tells with it who looks after the customer, or since when nobody does. */
function alertChanged(state: State, { attended_by, waiting_since, ...alert }: Alert & Partial<AlertChange>): State {
  const attended = { attended_by: attended_by ?? null, waiting_since: waiting_since ?? null };
  return {
    ...state,
    present: attended_by === undefined ? state.present : state.present.map((p) => (p.visit === alert.visit ? { ...p, ...attended } : p)),
    alerts: alert.state === "closed" ? state.alerts.filter((a) => a.alert !== alert.alert) : put<Alert>(state.alerts, alert, (a) => a.alert === alert.alert),
  };
}

/** A card that is no longer theirs, or is closed, is as the gateway says. */
function metHere(state: State, { alert, met_at }: Pick<Alert, "alert" | "met_at">): State {
  return { ...state, alerts: state.alerts.map((a) => (a.alert === alert && a.state === "claimed" ? { ...a, met_at } : a)) };
}

/** Our own fact, before the gateway says what follows from it: `laid.ts` puts it where it will stand. */
function preferenceRecorded(state: State, data: Preference, event: LiveEvent): State {
  if (!isOwn(event)) return state;
  const rows = put(state.preferences[data.customer] ?? [], data, (p) => p.id === data.id);
  return { ...state, preferences: { ...state.preferences, [data.customer]: rows } };
}

/** The gateway tells of the preference itself; our own news, which waits to be sent, has an id of its own. */
function preferenceServed(state: State, data: Preference | { preference: string }, event: LiveEvent): State {
  const id = "preference" in data ? data.preference : data.id;
  return { ...state, served: { ...state.served, [id]: event.time } };
}

/** What is asked and answered of a visit that is over is history. */
function askChanged(state: State, { preferences: _p, alerts: _a, asks: _k, rounds: _r, menus: _m, because: _b, ...data }: Ask & Follows & { because?: string }, event: LiveEvent): State {
  if (!state.present.some((p) => p.visit === data.visit)) return state;
  const asks = put<Ask>(state.asks, data, (a) => a.id === data.id);
  const alerts = onCards(state, data.customer, (card) => ({ ...card, asks: put<Ask>(card.asks, data, (a) => a.id === data.id) }));
  return orderPut({ ...state, asks, alerts }, data, event);
}

function owedChanged(state: State, data: Owed & Follows): State {
  const { preferences: _p, asks: _k, alerts: _a, rounds: _r, menus: _m, ...owed } = data;
  const where = owed.kind === "complaint" ? "complaints" : "promises";
  const change = (rows: Owed[]) =>
    owed.state === "closed" ? rows.filter((r) => r.id !== owed.id) : put<Owed>(rows, owed, (r) => r.id === owed.id);
  return {
    ...state,
    [where]: change(state[where]),
    alerts: onCards(state, owed.customer, (card) => ({ ...card, [where]: change(card[where]) })),
  };
}

/** How a customer is named and wants to be treated, as far as we are told. */
function customerChanged(state: State, data: CustomerChange | WishChange): State {
  const { customer, preferences: _p, asks: _k, alerts: _a, rounds: _r, menus: _m, ...facts } = data as CustomerChange & WishChange;
  return {
    ...state,
    expected: state.expected.map((e) => (e.customer === customer && !e.ended ? { ...e, ...facts } : e)),
    present: state.present.map((p) => (p.customer === customer ? { ...p, ...facts } : p)),
    alerts: onCards(state, customer, (card) => ({ ...card, ...facts })),
  };
}

/** Whether what is learnt of a customer may be kept. */
function agreed(state: State, customer: string, purpose: string, keeps: boolean): State {
  if (purpose !== "keep_preferences") return state;
  return { ...state, present: state.present.map((p) => (p.customer === customer ? { ...p, keeps } : p)) };
}

/** What a customer ended here counts at once: whoever is not to be recognised is gone before the gateway says so. */
function revoked(state: State, change: ConsentChange & { recognised?: boolean }, event: LiveEvent): State {
  const { customer, purpose, recognised } = change;
  return isOwn(event) && recognised === false ? withoutCustomer(state, customer) : rebooked(agreed(state, customer, purpose, false), change);
}

/** How the book has a customer from now on: with their name, or a place without it. */
function rebooked(state: State, { expected }: Pick<ConsentChange, "expected">): State {
  return expected?.length ? { ...state, expected: expected.reduce((rows, one) => put(rows, one, (other) => other.id === one.id), state.expected) } : state;
}

/** Nothing of a customer but that they are expected, which everybody is told. */
function unseen(state: State, customer: string): State {
  const preferences = { ...state.preferences };
  delete preferences[customer];
  const others = <T extends { customer: string | null }>(rows: T[]) => rows.filter((row) => row.customer !== customer);
  return {
    ...state,
    preferences,
    present: others(state.present),
    alerts: others(state.alerts),
    asks: others(state.asks),
    promises: others(state.promises),
    complaints: others(state.complaints),
  };
}

/** Returns the state without a customer who is not to be recognised, or was erased. */
export function withoutCustomer(state: State, customer: string): State {
  return { ...unseen(state, customer), expected: state.expected.filter((e) => e.customer !== customer) };
}

function readerChanged(state: State, { reader: id, ...facts }: ReaderChange): State {
  if (!state.readers.some((r) => r.id === id)) return state;
  return { ...state, readers: put(state.readers, facts, (r) => r.id === id) };
}

function staffChanged(before: State, { removed, ...one }: StaffChange): State {
  const same = (other: Colleague) => other.id === one.id;
  const state = named(before, one.id, removed ? one.id : one.name, Boolean(removed));
  const { name, zones, languages, on_shift } = one;
  const shift = on_shift ? { zones, until: one.shift_until } : null;
  return {
    ...state,
    me: one.id === state.me.staff ? { ...state.me, name, zones, languages, on_shift, shift } : state.me,
    staff: removed ? state.staff.filter((s) => !same(s)) : put(state.staff, one, same),
  };
}

/** Whoever said something is called what they are called now; a preference keeps the name of somebody who has gone. */
function named(state: State, id: string, name: string | undefined, gone: boolean): State {
  const known = state.staff.find((s) => s.id === id);
  if (name === undefined || !known || known.name === name) return state;
  const by = <T extends { by: string | null }>(rows: T[]): T[] => rows.map((row) => (row.by === id ? { ...row, by_name: name } : row));
  const facts = (rows: Preference[]) => (gone ? rows : by(rows));
  const onCard = (card: Card): Card => ({ ...card, asks: by(card.asks), avoid: facts(card.avoid), likes: facts(card.likes) });
  return {
    ...state,
    asks: by(state.asks),
    alerts: state.alerts.map((a) => (a.card ? { ...a, card: onCard(a.card) } : a)),
    preferences: Object.fromEntries(Object.entries(state.preferences).map(([customer, rows]) => [customer, facts(rows)])),
  };
}
