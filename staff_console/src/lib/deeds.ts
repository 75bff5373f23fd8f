/** What a person can record: each becomes a deed for the outbox, with the news it will be. */
import { exactly } from "./clock.svelte";
import { newId } from "./ids";
import type { Ask, Basis, Me, Polarity, Preference, Promise as Owed, Scope } from "./messages";
import type { Deed } from "./outbox";

const stamp = (): string => new Date(exactly()).toISOString();

const deed = (path: string, body: Record<string, unknown>, type: string, record: { id: string; customer: string }): Deed => ({
  path, body, news: { type, subject: record.customer, data: { ...record } },
});

export interface Fact {
  category: string;
  value: string;
  polarity: Polarity;
  basis: Basis;
  scope: Scope;
}

export function preference(me: Me, customer: string, visit: string | null, fact: Fact): Deed {
  const [id, at] = [newId(), stamp()];
  const record: Preference = { id, customer, visit, ...fact, by: me.staff, by_name: me.name, at };
  return deed(`/api/customers/${encodeURIComponent(customer)}/preferences`, { id, ...fact, at }, "preference.recorded", record);
}

export function ask(me: Me, customer: string, visit: string, question: string, first: Ask | null): Deed {
  const [id, at] = [newId(), stamp()];
  const record: Ask = {
    id, visit, customer, question, state: "open", by: me.staff, by_name: me.name, at,
    count: (first?.count ?? 0) + 1, answer: null, answered_by: null, answered_at: null,
  };
  const body = first ? { id, question, again: true } : { id, question };
  return deed(`/api/visits/${encodeURIComponent(visit)}/asks`, body, "ask.opened", record);
}

export function answer(me: Me, asked: Ask, text: string): Deed {
  const record: Ask = { ...asked, state: "answered", answer: text, answered_by: me.staff, answered_at: stamp() };
  return deed(`/api/asks/${encodeURIComponent(asked.id)}/answer`, { answer: text }, "ask.answered", record);
}

export interface Debt {
  text: string;
  owner: string | null;
  due: string | null;
}

export function owed(me: Me, kind: Owed["kind"], customer: string, visit: string | null, debt: Debt): Deed {
  const id = newId();
  const record: Owed = {
    id, kind, customer, visit, ...debt, state: "open", by: me.staff, at: stamp(), closed_by: null, closed_at: null, note: null,
  };
  const type = kind === "promise" ? "promise.made" : "complaint.opened";
  return deed(`/api/customers/${encodeURIComponent(customer)}/${kind}s`, { id, ...debt }, type, record);
}

export function settled(me: Me, debt: Owed): Deed {
  const record: Owed = { ...debt, state: "closed", closed_by: me.staff, closed_at: stamp() };
  const type = debt.kind === "promise" ? "promise.kept" : "complaint.closed";
  return deed(`/api/customers/${encodeURIComponent(debt.customer)}/${debt.kind}s/${debt.id}/close`, {}, type, record);
}
