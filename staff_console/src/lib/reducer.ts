/**
 * The floor as one value: a snapshot, changed by each event into the next.
 * Pure and total: an event that is not known, or names what is not here, returns the same state. Whoever began with one
 * snapshot and took every event holds what another snapshot would say: `tests/console/test_law.py` sees to that, and
 * `tests/law.ts` says what may differ. What the gateway works out is told with the event; nothing is worked out twice.
 */
import type {
  Alert, AlertChange, Ask, Card, Colleague, Companions, CustomerChange, Departure, FloorPlan, Follows, Hint, LiveEvent, Preference, Presence,
  Promise as Owed, ReaderChange, StaffChange, State, WishChange,
} from "./types";

type Change = (state: State, data: never, event: LiveEvent) => State;

const MOST_LIKES = 5; // a card is read in three seconds

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
  "alert.closed": alertChanged,
  "alert.rated": alertChanged,
  "alert.changed": alertChanged, // our own: what a request about an alert answered
  "preference.recorded": preferenceRecorded,
  "preference.served": preferenceServed,
  "ask.opened": askChanged,
  "ask.answered": askChanged,
  "ask.served": askChanged,
  "promise.made": owedChanged,
  "promise.kept": owedChanged,
  "promise.handed_over": owedChanged,
  "complaint.opened": owedChanged,
  "complaint.closed": owedChanged,
  "complaint.handed_over": owedChanged,
  "customer.enrolled": customerChanged,
  "customer.changed": customerChanged,
  "customer.erased": (state, _data, event) => withoutCustomer(state, event.subject),
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
  return follow(change ? change(state, event.data as never, event) : state, event.subject, event.data as Follows);
}

/** Returns the state with who has not been heard since when, by visit; the same state where nothing has changed. */
export function quieted(state: State, quiet: Record<string, string>): State {
  const since = (p: Presence) => quiet[p.visit] ?? null;
  if (state.present.every((p) => (p.quiet_since ?? null) === since(p))) return state;
  return { ...state, present: state.present.map((p) => ({ ...p, quiet_since: since(p) })) };
}

/** Whether this tablet did it itself and the gateway has not told it yet: what follows from it is our guess. */
const isOwn = (event: LiveEvent): boolean => event.sequence === 0;

/** Returns `rows` with `row` in place of the one that `same` finds, or at the end. */
function put<T>(rows: T[], row: T, same: (other: T) => boolean): T[] {
  const at = rows.findIndex(same);
  return at < 0 ? [...rows, row] : rows.with(at, { ...rows[at], ...row });
}

/** Takes in what the gateway says follows: for who is here, and for cards that are known; the others come by themselves. */
function follow(state: State, customer: string, { preferences, asks, alerts }: Follows): State {
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
  const { sightings_at: _, late, preferences: _p, asks: _k, alerts: _a, ...who } = data;
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

function preferenceRecorded(state: State, data: Preference, event: LiveEvent): State {
  if (!isOwn(event)) return state;
  const rows = put(state.preferences[data.customer] ?? [], data, (p) => p.id === data.id);
  return {
    ...state,
    preferences: { ...state.preferences, [data.customer]: rows },
    alerts: onCards(state, data.customer, (card) => (card.verify ? card : withPreference(card, data))),
  };
}

/** The gateway tells of the preference itself; our own news, which waits to be sent, has an id of its own. */
function preferenceServed(state: State, data: Preference | { preference: string }, event: LiveEvent): State {
  const id = "preference" in data ? data.preference : data.id;
  return { ...state, served: { ...state.served, [id]: event.time } };
}

function withPreference(card: Card, fact: Preference): Card {
  const others = (rows: Preference[]) => rows.filter((p) => p.id !== fact.id);
  if (fact.polarity === "do") return { ...card, likes: [fact, ...others(card.likes)].slice(0, MOST_LIKES) };
  const avoid = [fact, ...others(card.avoid)];
  return { ...card, avoid: avoid.sort((a, b) => Number(b.polarity === "allergy") - Number(a.polarity === "allergy")) };
}

/** What is asked and answered of a visit that is over is history. */
function askChanged(state: State, data: Ask): State {
  if (!state.present.some((p) => p.visit === data.visit)) return state;
  const asks = put(state.asks, data, (a) => a.id === data.id);
  const alerts = onCards(state, data.customer, (card) => ({ ...card, asks: put(card.asks, data, (a) => a.id === data.id) }));
  return { ...state, asks, alerts };
}

function owedChanged(state: State, data: Owed & Follows): State {
  const { preferences: _p, asks: _k, alerts: _a, ...owed } = data;
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
  const { customer, preferences: _p, asks: _k, alerts: _a, ...facts } = data as CustomerChange & WishChange;
  return {
    ...state,
    present: state.present.map((p) => (p.customer === customer ? { ...p, ...facts } : p)),
    alerts: onCards(state, customer, (card) => ({ ...card, ...facts })),
  };
}

function withoutCustomer(state: State, customer: string): State {
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
