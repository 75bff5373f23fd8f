/**
 * What this tablet recorded, laid over what the gateway told: it stands on the sheet and on the card where it will stand. The merge is
 * the gateway's own; once the gateway has told what follows, its word is shown as it is. Pure.
 */
import type { Book } from "./catalogue";
import { merge } from "./facts";
import type { Card, Preference, State } from "./types";

export const MOST_LIKES = 5; // a card is read in three seconds

const ENDED = new Set(["corrected", "retracted"]);

/** Returns the facts as the sheet shows them: those that hold, in their order, then the others with why. */
export function settledFacts(rows: readonly Preference[], openVisits: readonly string[], book: Book): Preference[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  // What was ended by a fact that is not shown here stays ended.
  const gone = rows.filter((row) => ENDED.has(row.state ?? "") && row.against && !known.has(row.against));
  const live = [...known.values()].filter((row) => !gone.includes(row));
  const { holds, aside, doubted } = merge(live, openVisits, book);
  const told = new Map<string, number>();
  for (const { state, by } of Object.values(aside)) if (state === "folded" && by) told.set(by, (told.get(by) ?? 1) + 1);
  const held = holds.map((id) => ({ ...known.get(id)!, state: "holds" as const, doubted: doubted.includes(id), against: null, told: told.get(id) ?? 1 }));
  const others = live.flatMap((row) => {
    const why = aside[row.id];
    return why ? [{ ...row, state: why.state, doubted: false, against: why.by ?? null, told: 1 }] : [];
  });
  return [...held, ...others.sort((a, b) => b.at.localeCompare(a.at) || b.id.localeCompare(a.id)), ...gone];
}

export const isHolding = ({ state }: Pick<Preference, "state">): boolean => state === undefined || state === "holds";

/** Returns the state with the facts of these customers merged anew. */
export function laid(state: State, customers: Iterable<string>, book: Book | null): State {
  if (!book) return state;
  return [...new Set(customers)].reduce((before, customer) => {
    const rows = before.preferences[customer];
    if (!rows) return before;
    const visits = before.present.filter((p) => p.customer === customer).map((p) => p.visit);
    const facts = settledFacts(rows, visits, book);
    const had = new Set(Object.keys(before.served ?? {}));
    const alerts = before.alerts.map((a) => (a.customer === customer && a.card && !a.card.verify ? { ...a, card: onCard(a.card, facts, had, book) } : a));
    return { ...before, alerts, preferences: { ...before.preferences, [customer]: facts } };
  }, state);
}

function onCard(card: Card, facts: Preference[], had: ReadonlySet<string>, book: Book): Card {
  const held = facts.filter(isHolding);
  const likes = held.filter((fact) => fact.polarity === "do");
  const isNeed = (fact: Preference) => Boolean(fact.code && book.values.get(fact.code)?.need);
  const [needs, others] = [likes.filter(isNeed), likes.filter((fact) => !isNeed(fact))];
  const suggestion = suggested(card, likes, had, book);
  return { ...card, avoid: held.filter((fact) => fact.polarity !== "do"), likes: [...needs, ...others.slice(0, MOST_LIKES)], suggestion };
}

const OFFERED = new Set(["drink", "food", "reading", "gift"]); // brought to somebody; the rest is made ready

/** What the gateway suggests, unless what was recorded here speaks against it: then the next that may be. */
function suggested({ suggestion, last_visit }: Card, likes: Preference[], had: ReadonlySet<string>, book: Book): Card["suggestion"] {
  const may = likes.filter((fact) => !fact.doubted && !had.has(fact.id) && fact.code && book.values.get(fact.code)?.offer);
  if (!suggestion?.fact || may.some((fact) => fact.id === suggestion.fact)) return suggestion;
  const [next] = may;
  if (!next) return { kind: last_visit ? "welcome_back" : "welcome", value: null, basis: null, at: last_visit, code: null, fact: null };
  return { kind: OFFERED.has(next.category) ? "offer" : "have_ready", value: next.value, basis: next.basis, at: next.at, code: next.code, fact: next.id };
}

/** Returns all that is known of a customer, what holds first: of who is here as the floor has it, of who is not as the records (`read`) do. */
export function factsOf(state: State, customer: string, read: readonly Preference[] | null, book: Book | null): Preference[] {
  const live = state.preferences[customer] ?? [];
  if (!read || state.present.some((p) => p.customer === customer)) return live;
  const ids = new Set(read.map((row) => row.id));
  const own = live.filter((row) => !ids.has(row.id));
  const all: Preference[] = [...read, ...own];
  return book && (own.length || all.some((row) => row.state === undefined)) ? settledFacts(all, [], book) : all;
}
