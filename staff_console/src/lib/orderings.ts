/** What is ordered in a round, as writes for the outbox: asked and answered in one act, changed, brought, and taken back. */
import { exactly } from "./clock.svelte";
import { folded } from "./folded";
import { newId } from "./ids";
import type { Ask, Item, Me, Menu, Order, Presence, Round, RoundRow } from "./types";
import type { Write } from "./outbox";

/** That an order goes against what is known, and why all the same. */
export interface Despite {
  despite: string[];
  reason: Order["reason"];
  note: string | null;
  without: string[];
}

export const NOTHING_AGAINST: Despite = { despite: [], reason: null, note: null, without: [] };

/** What somebody wants: a dish of the menu, or their own words. */
export type Wanted = { item: Item; menu: Menu } | { words: string };

/** Returns what somebody wants who said it in words: the dish of the menu that is called so, else their own words. */
export function wantedIn(words: string, menu: Menu | null): Wanted {
  const isCalledSo = ({ labels }: Item) => Object.values(labels).some((label) => folded(label) === folded(words));
  const item = menu?.items.find(isCalledSo);
  return item && menu ? { item, menu } : { words: words.trim() };
}

const stamp = (): string => new Date(exactly()).toISOString();

const asked = (wanted: Wanted) => ("item" in wanted ? { item: wanted.item.id, menu: wanted.menu.menu } : { answer: wanted.words });

/** Only what is said: the gateway takes a missing member for nothing. */
const said = ({ despite, reason, note, without }: Despite) => ({
  ...(without.length ? { without } : {}), ...(despite.length ? { despite, reason, ...(note ? { note } : {}) } : {}),
});

/** Whom a question is put to, in which round of it; none where the list goes by guest. */
export interface Put {
  me: Me;
  who: Presence;
  question: string;
  round: Round | null;
}

/**
 * An order of a guest: their question is put and answered in one act; one that is open is answered; one that has an answer is asked
 * again with another, which is counted.
 */
export function ordered({ me, who, question, round }: Put, ask: Ask | null, wanted: Wanted, despite: Despite): Write {
  const at = stamp();
  const dish = "item" in wanted ? wanted : null;
  const record: Ask = {
    ...(ask ?? fresh(me, who, question, at)), state: "answered", answer: dish ? dish.item.labels["zh-CN"] : (wanted as { words: string }).words,
    answered_by: me.staff, answered_at: at, served_by: null, served_at: null, round: round?.id ?? null, menu: dish?.menu.menu ?? null, item: dish?.item.id ?? null,
    labels: dish?.item.labels ?? null, ...despite, warnings: [], flagged: [], seen_by: null, seen_at: null,
  };
  const body = { ...asked(wanted), ...(round ? { round: round.id } : {}), ...said(despite), at };
  const news = { type: "ask.answered", subject: who.customer, data: { ...record } };
  if (ask?.state === "open") return { path: `/api/asks/${encodeURIComponent(ask.id)}/answer`, body, news };
  const again = ask ? { id: newId(), again: true, slip: true } : { id: record.id } // who chooses otherwise was not asked twice;
  return { path: `/api/visits/${encodeURIComponent(who.visit)}/asks`, body: { ...again, question, ...body }, news };
}

const fresh = (me: Me, who: Presence, question: string, at: string): Ask => ({
  id: newId(), visit: who.visit, customer: who.customer, question, state: "open", by: me.staff ?? "", by_name: me.name, at, count: 1, answer: null,
  answered_by: null, answered_at: null, served_by: null, served_at: null, round: null, menu: null, item: null, labels: null, without: [], despite: [],
  reason: null, note: null, warnings: [], flagged: [], seen_by: null, seen_at: null,
});

/** What was answered, as if it had not been: the question is open again for everyone. */
export function takenBack(me: Me, ask: Ask): Write {
  const at = stamp();
  const record: Ask = {
    ...ask, state: "open", by: me.staff ?? "", by_name: me.name, at, answer: null, answered_by: null, answered_at: null, item: null, labels: null, ...NOTHING_AGAINST,
    warnings: [], flagged: [],
  };
  const body = { id: newId(), question: ask.question, again: true, slip: true, at };
  return { path: `/api/visits/${encodeURIComponent(ask.visit)}/asks`, body, news: { type: "ask.opened", subject: ask.customer, data: { ...record } } };
}

/** An order for a seat whose guest is not known: without a person, and so without anything to warn of. */
export function orderedAt(me: Me, round: Round, row: RoundRow, wanted: Wanted, without: string[] = []): Write {
  const at = stamp();
  const dish = "item" in wanted ? wanted.item : null;
  const order: Order = {
    id: newId(), state: "sent", item: dish?.id ?? null, answer: dish ? dish.labels["zh-CN"] : (wanted as { words: string }).words, ...NOTHING_AGAINST, without,
    flagged: [], wants_tap: false, sequence: 0, by: me.staff ?? "", at,
  };
  const said = dish ? { item: dish.id, ...(without.length ? { without } : {}) } : { answer: order.answer };
  return atSeat(round, row, "order", { id: order.id, ...said, at }, order);
}

/** The seat has what was ordered for it, or after all has not. */
export function seatServed(round: Round, row: RoundRow): Write {
  const served = row.order?.state !== "served";
  return atSeat(round, row, "served", { served, at: stamp() }, row.order && { ...row.order, state: served ? "served" : "sent" });
}

/** A seat's order, as if it had not been made. */
export const seatTakenBack = (round: Round, row: RoundRow): Write => atSeat(round, row, "served", { served: false, cancelled: true, at: stamp() }, null);

const atSeat = (round: Round, row: RoundRow, act: "order" | "served", body: Record<string, unknown>, order: Order | null): Write => ({
  path: `/api/rounds/${encodeURIComponent(round.id)}/places/${encodeURIComponent(row.place ?? "")}/${act}`,
  body,
  news: { type: "seat.ordered", subject: "", data: { id: order?.id ?? row.order?.id ?? "", round: round.id, row: row.row, order } },
});
