/** A round as this tablet shows it: the gateway's rows, and on them what was ordered here and waits to be sent. Pure. */
import type { Ask, Item, Menu, Order, Presence, Round, RoundCount, RoundRow } from "./types";

export const LATE_MS = 60_000; // a galley that has not looked for so long does not know of an order

/** How far an order is. `waiting`: on this tablet alone; `sent`: told, and not yet seen by the galley; `late`: so for a minute. */
export type Stage = "unasked" | "open" | "waiting" | "sent" | "late" | "taken" | "served";

/** Returns how far an order is, given what waits to be sent and the time in ms. */
export function stageOf(order: Order | null, waiting: ReadonlySet<string>, now: number): Stage {
  if (!order) return "unasked";
  if (order.state === "open" || order.state === "served") return order.state;
  if (waiting.has(order.id)) return "waiting";
  if (order.state === "taken") return "taken";
  return now - Date.parse(order.at) >= LATE_MS ? "late" : "sent";
}

/** Returns the order that an ask is, as a row of a round has it. */
export const orderOf = (ask: Ask): Order => ({
  id: ask.id, state: ask.state === "answered" ? "sent" : ask.state, item: ask.item ?? null, answer: ask.answer, without: ask.without ?? [],
  despite: ask.despite ?? [], reason: ask.reason ?? null, note: ask.note ?? null, flagged: ask.flagged ?? [], wants_tap: false, sequence: 0,
  by: ask.answered_by ?? ask.by, at: ask.answered_at ?? ask.at,
});

/** Returns rows for a list that goes by guest, without a round. */
export const rowsOf = (lines: { presence: Presence; ask: Ask | null }[]): RoundRow[] =>
  lines.map(({ presence, ask }, row) => ({
    row, place: presence.place, state: "here", visit: presence.visit, customer: presence.customer, called: null, order: ask && orderOf(ask),
  }));

const folded = (words: string): string => words.trim().toLocaleLowerCase();

/** Returns how many of each are ordered and brought: the dishes of the menu in its order, then what was said in own words, the most first. */
export function countsOf(rows: RoundRow[], menu: Menu | null): RoundCount[] {
  const counts = new Map<string, RoundCount>();
  for (const item of menu?.items ?? []) counts.set(item.id, { item: item.id, answer: item.id, labels: item.labels, n: 0, served: 0, left: item.left === null ? null : Math.max(0, item.left), over: Math.max(0, -(item.left ?? 0)) });
  for (const { order } of rows) {
    if (!order || order.state === "open" || !(order.item || order.answer)) continue;
    const key = order.item ?? ` ${folded(order.answer!)}`;
    const count = counts.get(key) ?? { item: order.item, answer: (order.answer ?? order.item)!.trim(), labels: null, n: 0, served: 0, left: null, over: 0 };
    counts.set(key, { ...count, n: count.n + 1, served: count.served + Number(order.state === "served") });
  }
  const own = (count: RoundCount) => Number(!menu?.items.some((item) => item.id === count.item));
  return [...counts.values()].sort((a, b) => own(a) - own(b) || (own(a) && (b.n - a.n || a.answer.localeCompare(b.answer))));
}

/** Returns a menu with what waits on this tablet taken off what is left; what was ordered beyond that is negative. */
export function lessWaiting(menu: Menu, waiting: readonly (string | null)[]): Menu {
  const taken = (item: Item) => waiting.filter((id) => id === item.id).length;
  return { ...menu, items: menu.items.map((item) => (item.left === null || !taken(item) ? item : { ...item, left: item.left - taken(item) })) };
}

/** What a round says of itself in one line. `late`: the places whose orders the galley has not taken for a minute. */
export interface Progress {
  unasked: number;
  ordered: number;
  served: number;
  late: RoundRow[];
  waiting: number;
}

export function progressOf(rows: RoundRow[], waiting: ReadonlySet<string>, now: number): Progress {
  const stages = rows.map((row) => stageOf(row.order, waiting, now));
  const of = (...these: Stage[]) => stages.filter((stage) => these.includes(stage)).length;
  return {
    unasked: rows.filter((row, i) => row.state === "here" && (stages[i] === "unasked" || stages[i] === "open")).length,
    ordered: of("waiting", "sent", "late", "taken", "served"), served: of("served"), waiting: of("waiting"),
    late: rows.filter((_, i) => stages[i] === "late"),
  };
}

/** Returns the guest of a row, while they are here. */
export const guestOf = (row: RoundRow, present: Presence[]): Presence | null =>
  row.state === "here" ? (present.find((p) => p.visit === row.visit) ?? null) : null;

/** Returns the round that goes on about a question, or any; the newest where there are several. */
export const openRound = (rounds: Round[], question: string | null = null): Round | null =>
  rounds.filter((round) => round.state === "open" && (question === null || round.question === question)).reduce<Round | null>((newest, round) => (newest && newest.started_at > round.started_at ? newest : round), null);
