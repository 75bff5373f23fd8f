/**
 * The floor as one value: a snapshot, changed by each event into the next.
 * Pure and total: an event that is not known, or names what is not here, returns the same state.
 */
import type {
  Alert, Ask, Card, Colleague, ConsentChange, CustomerChange, Departure, FloorPlan, LiveEvent, Preference, Presence,
  Promise as Owed, Reader, State, WishChange,
} from "./messages";

type Change = (state: State, data: never, event: LiveEvent) => State;

const MOST_LIKES = 5; // a card is read in three seconds

const CHANGES: Record<string, Change> = {
  "visit.hinted": hinted,
  "visit.arrived": arrived,
  "visit.moved": arrived,
  "visit.departed": departed,
  "visit.companions": companionsCounted,
  "alert.opened": alertChanged,
  "alert.claimed": alertChanged,
  "alert.released": alertChanged,
  "alert.handed_over": alertChanged,
  "alert.escalated": alertChanged,
  "alert.closed": alertChanged,
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
  "consent.revoked": consentRevoked,
  "customer.changed": customerChanged,
  "customer.erased": (state, _data, event) => withoutCustomer(state, event.subject),
  "wish.changed": wishChanged,
  "reader.lost": readerChanged,
  "reader.back": readerChanged,
  "reader.quiet": readerChanged,
  "staff.changed": staffChanged,
  "plan.changed": (state, plan: FloorPlan) => ({ ...state, plan }),
};

/** Returns the state after `event`; the state given is left as it was. */
export function apply(state: State, event: LiveEvent): State {
  const change = CHANGES[event.type];
  return change && event.data ? change(state, event.data as never, event) : state;
}

/** Returns `rows` with `row` in place of the one that `same` finds, or at the end. */
function put<T>(rows: T[], row: T, same: (other: T) => boolean): T[] {
  const at = rows.findIndex(same);
  return at < 0 ? [...rows, row] : rows.with(at, { ...rows[at], ...row });
}

function onCards(state: State, customer: string, change: (card: Card) => Card): Alert[] {
  return state.alerts.map((a) => (a.customer === customer && a.card ? { ...a, card: change(a.card) } : a));
}

const hintOf = (subject: string): string => `hint ${subject}`;

/** A hint is shown as an alert that names nobody, its own or one made of it; it goes when the customer has come, or has not. */
function hinted(state: State, data: Partial<Alert>, event: LiveEvent): State {
  const hint: Alert = {
    alert: data.alert ?? hintOf(event.subject), kind: "arrival", state: "open", stage: "hint", visit: data.visit ?? null, customer: null,
    zone: data.zone ?? null, card: null, to: data.to ?? [], by: null, opened_at: data.opened_at ?? event.time, claimed_at: null, level: 0, outcome: null, note: null,
  };
  return { ...state, alerts: put(state.alerts, hint, (a) => a.alert === hint.alert) };
}

function withoutHint(state: State, subject: string, visit: string | null): State {
  const isIt = (a: Alert) => a.stage === "hint" && (a.alert === hintOf(subject) || (visit !== null && a.visit === visit));
  return state.alerts.some(isIt) ? { ...state, alerts: state.alerts.filter((a) => !isIt(a)) } : state;
}

function arrived(before: State, data: Presence): State {
  const state = withoutHint(before, data.customer, data.visit);
  const present = put(state.present, data, (p) => p.customer === data.customer);
  const alerts = onCards(state, data.customer, (card) => ({
    ...card, zone: data.zone, since: data.since, confidence: data.confidence, reason: data.reason, evidence: data.evidence ?? card.evidence,
  }));
  return { ...state, present, alerts };
}

function departed(before: State, data: Departure): State {
  const state = withoutHint(before, data.customer, data.visit);
  const preferences = { ...state.preferences };
  delete preferences[data.customer];
  return {
    ...state,
    preferences,
    present: state.present.filter((p) => p.customer !== data.customer),
    alerts: state.alerts.filter((a) => a.visit !== data.visit || a.kind === "keys_left"), // that one begins when they go
    asks: state.asks.filter((a) => a.visit !== data.visit),
  };
}

function companionsCounted(state: State, data: { visit: string; companions?: number; count?: number }): State {
  const companions = data.companions ?? data.count ?? 0;
  return {
    ...state,
    present: state.present.map((p) => (p.visit === data.visit ? { ...p, companions } : p)),
    alerts: state.alerts.map((a) => (a.visit === data.visit && a.card ? { ...a, card: { ...a.card, companions } } : a)),
  };
}

function alertChanged(before: State, data: Alert, event: LiveEvent): State {
  const state = data.customer ? withoutHint(before, data.customer, null) : before;
  const known = state.alerts.find((a) => a.alert === data.alert);
  const present = attended(state.present, data, known);
  if (data.state === "closed") return { ...state, present, alerts: state.alerts.filter((a) => a.alert !== data.alert) };
  const alert: Alert = { ...data, stage: data.stage ?? "card", card: data.card ?? known?.card ?? null };
  if (alert.accept_by) alert.by ??= event.actor ?? known?.by ?? null; // who hands over is in the event, not in the alert
  return {
    ...state,
    present,
    alerts: put(state.alerts, alert, (a) => a.alert === data.alert),
    preferences: data.customer
      ? withFacts(state.preferences, data.customer, [...(data.card?.avoid ?? []), ...(data.card?.likes ?? [])])
      : state.preferences,
  };
}

/** Who is with a customer follows from their alerts: whoever claims or has greeted; a release leaves them alone again. */
function attended(present: Presence[], alert: Alert, known: Alert | undefined): Presence[] {
  const met = alert.state === "claimed" || alert.outcome === "greeted";
  const alone = (alert.state === "open" && known?.state === "claimed") || (alert.state === "closed" && !alert.by && Boolean(alert.handed_by));
  if (!met && !alone) return present;
  const change = met && alert.by ? { attended_by: alert.by, waiting_since: null } : alone ? { attended_by: null } : {};
  return present.map((p) => (p.visit === alert.visit ? { ...p, ...change } : p));
}

/** What is said on a card is known everywhere: an allergy must not wait for a sheet to be opened. */
function withFacts(all: State["preferences"], customer: string, facts: Preference[]): State["preferences"] {
  const known = all[customer] ?? [];
  const fresh = facts.filter((fact) => !known.some((k) => k.id === fact.id));
  return fresh.length ? { ...all, [customer]: [...known, ...fresh] } : all;
}

/** Returns `state` with what the records say of one customer. */
export const withPreferences = (state: State, customer: string, facts: Preference[]): State => ({
  ...state, preferences: withFacts(state.preferences, customer, facts),
});

function preferenceRecorded(state: State, data: Preference): State {
  const known = state.preferences[data.customer] ?? [];
  const rows = put(known, data, (p) => p.id === data.id);
  return {
    ...state,
    preferences: { ...state.preferences, [data.customer]: rows },
    alerts: onCards(state, data.customer, (card) => (card.verify ? card : withPreference(card, data))),
  };
}

function preferenceServed(state: State, data: { id?: string; preference?: string }, event: LiveEvent): State {
  const id = data.preference ?? data.id;
  return id ? { ...state, served: { ...state.served, [id]: event.time } } : state;
}

function withPreference(card: Card, fact: Preference): Card {
  const others = (rows: Preference[]) => rows.filter((p) => p.id !== fact.id);
  if (fact.polarity === "do") return { ...card, likes: [fact, ...others(card.likes)].slice(0, MOST_LIKES) };
  const avoid = [fact, ...others(card.avoid)];
  return { ...card, avoid: avoid.sort((a, b) => Number(b.polarity === "allergy") - Number(a.polarity === "allergy")) };
}

function askChanged(state: State, data: Ask): State {
  const asks = put(state.asks, data, (a) => a.id === data.id);
  const alerts = onCards(state, data.customer, (card) => ({ ...card, asks: put(card.asks, data, (a) => a.id === data.id) }));
  return { ...state, asks, alerts };
}

function owedChanged(state: State, data: Owed): State {
  const where = data.kind === "complaint" ? "complaints" : "promises";
  const change = (rows: Owed[]) =>
    data.state === "closed" ? rows.filter((r) => r.id !== data.id) : put(rows, data, (r) => r.id === data.id);
  return {
    ...state,
    [where]: change(state[where]),
    alerts: onCards(state, data.customer, (card) => ({ ...card, [where]: change(card[where]) })),
  };
}

function consentRevoked(state: State, data: ConsentChange): State {
  if (data.purpose !== "keep_preferences") return state; // the end of recognition comes as a departure of its own
  return {
    ...state,
    preferences: { ...state.preferences, [data.customer]: [] },
    alerts: onCards(state, data.customer, (card) => ({ ...card, avoid: [], likes: [] })),
  };
}

function customerChanged(state: State, data: CustomerChange): State {
  const named = { name: data.name, address_as: data.address_as, language: data.language, tier: data.tier };
  return {
    ...state,
    present: state.present.map((p) => (p.customer === data.customer ? { ...p, ...named } : p)),
    alerts: onCards(state, data.customer, (card) => ({ ...card, ...named })),
  };
}

function wishChanged(state: State, data: WishChange): State {
  return {
    ...state,
    present: state.present.map((p) => (p.customer === data.customer ? { ...p, wishes: data.wishes } : p)),
    alerts: onCards(state, data.customer, (card) => ({ ...card, wishes: data.wishes })),
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

function readerChanged(state: State, data: Partial<Reader> & { reader?: string }): State {
  const { reader, ...facts } = data;
  const id = facts.id ?? reader;
  if (!id || !state.readers.some((r) => r.id === id)) return state;
  return { ...state, readers: put(state.readers, { ...facts, id } as Reader, (r) => r.id === id) };
}

function shiftOf({ me }: State, { on_shift, zones, shift_until }: Colleague): State["me"]["shift"] & {} | null {
  if (!on_shift) return null;
  return { zones: zones ?? me.shift?.zones ?? me.zones, until: shift_until === undefined ? (me.shift?.until ?? null) : shift_until };
}

function staffChanged(state: State, data: Colleague): State {
  const me = data.id === state.me.staff ? { ...state.me, on_shift: data.on_shift, shift: shiftOf(state, data) } : state.me;
  return { ...state, me, staff: put(state.staff, data, (s) => s.id === data.id) };
}
