/** What a person can record: each becomes a write for the outbox, with the news it will be. */
import { exactly } from "./clock.svelte";
import { newId } from "./ids";
import type { Alert, Ask, Basis, Me, Polarity, Preference, Presence, Promise as Owed, Scope } from "./types";
import type { Write } from "./outbox";

/** Whoever records has signed in. */
const mine = (me: Me): string => me.staff ?? "";

const stamp = (): string => new Date(exactly()).toISOString();

/** `record` is what the news will say; its `id` marks on screen what waits to be sent. */
const write = (path: string, body: Record<string, unknown>, type: string, record: { id: string; customer: string }): Write => ({
  path, body, news: { type, subject: record.customer, data: { ...record } },
});

/** A fact as somebody is about to record it. */
export interface Draft {
  category: string;
  code: string | null;
  value: string;
  lang: string | null;
  polarity: Polarity;
  basis: Basis;
  scope: Scope;
  corrects?: string[];
  retracts?: string[];
  replaces?: string[];
  reason?: Reason | null;
}

export type Reason = NonNullable<Preference["reason"]>;

/** Returns a fact that only names others: it ends them, or those of them that it may. */
export const ending = (names: { corrects: string[] } | { retracts: string[] }, reason: Reason, basis: Basis, scope: Scope = "standing"): Draft => ({
  category: "other", code: null, value: "", lang: null, polarity: "do", basis, scope, ...names, reason,
});

/** What a fact is that names no other, before the merge says what becomes of it. */
export const NEW = { corrects: [], retracts: [], replaces: [], reason: null, doubt: null, venue: null, venue_name: null, state: "holds", against: null, told: 1, doubted: false } as const satisfies Partial<Preference>;

export function preference(me: Me, customer: string, visit: string | null, draft: Draft): Write {
  const [id, at] = [newId(), stamp()];
  const record: Preference = { id, customer, visit, ...NEW, ...draft, by: mine(me), by_name: me.name, at };
  const said = Object.fromEntries(Object.entries(draft).filter(([, part]) => part !== null && !(Array.isArray(part) && !part.length)));
  return write(`/api/customers/${encodeURIComponent(customer)}/preferences`, { id, ...said, value: draft.value, at }, "preference.recorded", record);
}

/** What an ask holds of an order where there is none. */
const NO_ORDER = {
  round: null, menu: null, item: null, labels: null, without: [], despite: [], reason: null, note: null, warnings: [], flagged: [],
  seen_by: null, seen_at: null,
} satisfies Partial<Ask>;

export function ask(me: Me, customer: string, visit: string, question: string, first: Ask | null): Write {
  const [id, at] = [newId(), stamp()];
  const record: Ask = {
    id, visit, customer, question, state: "open", by: mine(me), by_name: me.name, at,
    count: (first?.count ?? 0) + 1, answer: null, answered_by: null, answered_at: null, served_by: null, served_at: null, ...NO_ORDER,
  };
  const body = first ? { id, question, again: true, at } : { id, question, at };
  return write(`/api/visits/${encodeURIComponent(visit)}/asks`, body, "ask.opened", record);
}

/** The customer has what they answered; a second tap on the same row takes it back. */
export function brought(me: Me, asked: Ask): Write {
  const [at, now] = [stamp(), asked.state !== "served"];
  const record: Ask = { ...asked, state: now ? "served" : "answered", served_by: now ? me.staff : null, served_at: now ? at : null };
  const body = now ? { at } : { served: false };
  return write(`/api/asks/${encodeURIComponent(asked.id)}/served`, body, "ask.served", record);
}

export interface Cost {
  amount: number;
  currency: string;
}

const CURRENCY = "CNY";

/** Returns what making good has cost; null for nothing said. */
export const costOf = (amount: number | null | undefined): Cost | null =>
  amount && Number.isFinite(amount) && amount > 0 ? { amount: Math.round(amount * 100) / 100, currency: CURRENCY } : null;

export interface Debt {
  text: string;
  owner: string | null;
  due: string | null;
  recovery_cost?: Cost | null;
}

export function owed(me: Me, kind: Owed["kind"], customer: string, visit: string | null, debt: Debt): Write {
  const id = newId();
  const record: Owed = {
    id, kind, customer, visit, text: debt.text, owner: debt.owner ?? mine(me), due: debt.due, deadline: debt.due,
    recovery_cost: debt.recovery_cost ?? null, handed_from: null, handed_because: null, state: "open", by: mine(me), at: stamp(),
    closed_by: null, closed_at: null, note: null, venue: null, venue_name: null,
  };
  const type = kind === "promise" ? "promise.made" : "complaint.opened";
  return write(`/api/customers/${encodeURIComponent(customer)}/${kind}s`, { id, ...debt }, type, record);
}

const pathOf = (debt: Owed): string => `/api/customers/${encodeURIComponent(debt.customer)}/${debt.kind}s/${encodeURIComponent(debt.id)}`;

export function settled(me: Me, debt: Owed, cost: Cost | null = null): Write {
  const record: Owed = { ...debt, state: "closed", closed_by: me.staff, closed_at: stamp(), ...(cost ? { recovery_cost: cost } : {}) };
  const type = debt.kind === "promise" ? "promise.kept" : "complaint.closed";
  return write(`${pathOf(debt)}/close`, cost ? { recovery_cost: cost } : {}, type, record);
}

export function handedOver(me: Me, debt: Owed, to: string): Write {
  const record: Owed = { ...debt, owner: to, handed_from: me.staff };
  return write(`${pathOf(debt)}/hand-over`, { to }, `${debt.kind}.handed_over`, record);
}

/** Something done for the customer that a preference asked for. */
export function served(fact: Preference): Write {
  const path = `/api/customers/${encodeURIComponent(fact.customer)}/preferences/${encodeURIComponent(fact.id)}/served`;
  const record = { id: newId(), customer: fact.customer, preference: fact.id, value: fact.value };
  return write(path, {}, "preference.served", record);
}

/** Whoever has the customer is with them since now, or is not after all. Where somebody else has them by then, no word is worth it. */
export function met(alert: Alert, there: boolean): Write {
  const at = stamp();
  const record = { id: newId(), customer: alert.customer ?? "", alert: alert.alert, met_at: there ? at : null };
  return { ...write(`/api/alerts/${encodeURIComponent(alert.alert)}/met`, { met: there, at }, "alert.met_here", record), fleeting: true };
}

export function rated(alert: Alert, useful: boolean): Write {
  const record = { id: alert.alert, customer: alert.customer ?? "", useful };
  return { ...write(`/api/alerts/${encodeURIComponent(alert.alert)}/rate`, { useful }, "alert.rated", record), fleeting: true };
}

/** How many came along: counted, never named. */
export function companions({ visit, customer }: Presence, count: number): Write {
  const record = { id: `companions ${visit}`, customer, visit, companions: count };
  return write(`/api/visits/${encodeURIComponent(visit)}/companions`, { count }, "visit.companions", record);
}

export interface Review {
  satisfaction: number;
  about: "product" | "person" | "place" | null;
  outcome: string | null;
  note: string | null;
}

export function reviewed({ visit, customer }: Presence, review: Review): Write {
  const record = { id: `review ${visit}`, customer, visit, ...review };
  return write(`/api/visits/${encodeURIComponent(visit)}/review`, { ...review }, "visit.reviewed", record);
}

export function wished(customer: string, wishes: string[]): Write {
  const record = { id: `wishes ${customer}`, customer, wishes };
  return write(`/api/customers/${encodeURIComponent(customer)}/wishes`, { wishes }, "wish.changed", record);
}
