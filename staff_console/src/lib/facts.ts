/**
 * What a customer's facts come to: the gateway's `records/facts.py` on a tablet, rule by rule in the same order. Pure, no clock; the
 * same in whatever order and however often facts come. `tests/records/facts-vectors.json` holds both to it.
 */
import { touches, wordOf, type Book } from "./catalogue";
import { isBlank } from "./folded";
import { contentsOf } from "./readings";
import type { Preference } from "./types";

export type Fact = Pick<Preference, "id" | "category" | "value" | "polarity" | "basis" | "scope" | "visit" | "by" | "at"> &
  Partial<Pick<Preference, "code" | "corrects" | "retracts" | "replaces">>;

export type Aside = "corrected" | "retracted" | "over" | "note" | "folded" | "contested" | "replaced" | "resting";

export interface Merged {
  /** What holds, one fact a thing, as it is read. */
  holds: string[];
  aside: Record<string, { state: Aside; by?: string }>;
  doubted: string[];
  suggest: string | null;
}

/** A fact with what the merge asks of it. */
interface One {
  fact: Fact;
  id: string;
  rank: number;
  grade: number;
  at: number;
  thing: string;
  /** The thing and what is in it. */
  parts: string[];
  /** What it keeps away from, where it is an avoid or an allergy. */
  reach: string[];
  slot: string | null;
  need: boolean;
  offer: boolean;
  aside: { state: Aside; by?: string } | null;
}

export const RANK = { inferred: 0, observed: 1, stated: 2 } as const;
const SLIP_MS = 600_000;
/** Own words of these are of one kind: what is liked as food may be avoided as drink. */
const EATEN: ReadonlySet<string> = new Set(["drink", "food", "dislike", "allergy"]);

function one(fact: Fact, book: Book): One {
  const value = fact.code ? book.values.get(fact.code) : undefined;
  const rank = RANK[fact.basis];
  const grade = fact.scope === "one_off" && rank > 0 ? 3 : rank;
  const named = value ? [] : contentsOf(fact.category, fact.value, book);
  const thing = value?.about ?? `"${EATEN.has(fact.category) ? "" : fact.category} ${wordOf(fact.value)}`;
  return {
    fact, id: fact.id, rank, grade, at: Date.parse(fact.at), thing,
    parts: [thing, ...(value ? (value.contains ?? []) : named)],
    reach: [thing, ...named],
    slot: value?.slot ?? null, need: value?.need ?? false, offer: value?.offer ?? false, aside: null,
  };
}

const newer = (a: One, b: One): boolean => a.at > b.at || (a.at === b.at && a.id > b.id);
const heavier = (a: One, b: One): boolean => a.grade > b.grade || (a.grade === b.grade && newer(a, b));
const weightiest = (rows: One[]): One => rows.reduce((best, row) => (heavier(row, best) ? row : best));
const isHolding = (row: One): boolean => row.aside === null;
const are = (polarity: Fact["polarity"]) => (row: One) => row.aside === null && row.fact.polarity === polarity;

/** Returns what holds of one customer's facts, what is put aside and why. `openVisits` are the visits that are not over. */
export function merge(facts: readonly Fact[], openVisits: readonly string[], book: Book): Merged {
  const rows = [...new Map(facts.map((fact) => [fact.id, one(fact, book)])).values()];
  namingEnds(rows);
  for (const row of rows.filter(isHolding)) {
    if (row.fact.scope === "one_off" && !(row.fact.visit && openVisits.includes(row.fact.visit))) row.aside = { state: "over" };
    else if (isBlank(row.fact.value)) row.aside = { state: "note" };
  }
  allergies(rows, book);
  const named = loosened(rows);
  const doubted = lines(rows, named, book);
  slots(rows);
  return answer(rows, doubted);
}

// 1. Naming ends.

/** Whether a fact may end another that it names. */
export function mayEnd(namer: Pick<Fact, "basis" | "scope" | "by" | "at">, target: Fact): boolean {
  if (namer.scope === "one_off" && target.scope !== "one_off") return false;
  const later = Date.parse(namer.at) - Date.parse(target.at);
  if (namer.by === target.by && later >= 0 && later <= SLIP_MS) return true;
  return target.polarity === "allergy" ? namer.basis === "stated" : RANK[namer.basis] >= RANK[target.basis];
}

interface Naming {
  namer: One;
  state: "corrected" | "retracted";
}

function namingEnds(rows: One[]): void {
  const known = new Map(rows.map((row) => [row.id, row]));
  const ends = new Map<One, One[]>();
  const namings = new Map<One, Naming[]>();
  for (const namer of rows) {
    for (const state of ["retracted", "corrected"] as const) {
      for (const id of (state === "retracted" ? namer.fact.retracts : namer.fact.corrects) ?? []) {
        const target = known.get(id);
        if (!target || !mayEnd(namer.fact, target.fact)) continue;
        ends.set(namer, [...(ends.get(namer) ?? []), target]);
        namings.set(target, [...(namings.get(target) ?? []), { namer, state }]);
      }
    }
  }
  const circular = inCircles(rows, (row) => ends.get(row) ?? []);
  const counts = (namer: One): boolean =>
    !circular.has(namer) && !(namings.get(namer) ?? []).some((by) => by.state === "retracted" && counts(by.namer));
  for (const [target, by] of namings) {
    const live = by.filter(({ namer }) => counts(namer));
    if (!live.length) continue;
    const last = live.reduce((best, naming) => (newer(naming.namer, best.namer) ? naming : best));
    target.aside = { state: last.state, by: last.namer.id };
  }
}

/** Returns the rows from which a way of naming leads back to themselves. */
function inCircles(rows: One[], next: (row: One) => One[]): Set<One> {
  const returns = (row: One) => {
    const seen = new Set<One>();
    const open = [...next(row)];
    for (let at = open.pop(); at; at = open.pop()) {
      if (at === row) return true;
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...next(at));
    }
    return false;
  };
  return new Set(rows.filter((row) => next(row).length > 0 && returns(row)));
}

// 3. Allergies.

/** Leaves the weightiest row of each key; the others are folded into it. */
function foldInto(rows: One[], keyOf: (row: One) => string): void {
  for (const same of grouped(rows, keyOf)) {
    const best = weightiest(same);
    for (const row of same) if (row !== best) row.aside = { state: "folded", by: best.id };
  }
}

function grouped(rows: One[], keyOf: (row: One) => string): One[][] {
  const groups = new Map<string, One[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()];
}

const touch = (liked: One, kept: One, book: Book): boolean =>
  liked.parts.some((part) => kept.reach.some((other) => touches(book, part, other)));

function allergies(rows: One[], book: Book): void {
  foldInto(rows.filter(are("allergy")), (row) => row.thing);
  const held = rows.filter(are("allergy"));
  for (const row of rows.filter(isHolding)) {
    if (row.fact.polarity === "avoid") {
      const same = held.find((other) => other.thing === row.thing);
      if (same) row.aside = { state: "folded", by: same.id };
    } else if (row.fact.polarity === "do") {
      const against = held.filter((other) => touch(row, other, book));
      if (against.length) row.aside = { state: "contested", by: weightiest(against).id };
    }
  }
}

// 4. What loosens names what it loosens.

/** Ends what is replaced; returns what each names: a like stands beside an avoid that it goes against knowingly. */
function loosened(rows: One[]): Map<One, Set<One>> {
  const live = new Map(rows.filter(isHolding).map((row) => [row.id, row]));
  const named = new Map<One, Set<One>>();
  const ends = new Map<One, One[]>();
  for (const row of live.values()) {
    for (const id of row.fact.replaces ?? []) {
      const target = live.get(id);
      if (!target || target.fact.polarity === "allergy" || target.rank > row.rank) continue;
      named.set(row, (named.get(row) ?? new Set()).add(target));
      const same = target.thing === row.thing || (target.slot !== null && target.slot === row.slot);
      if (same) ends.set(row, [...(ends.get(row) ?? []), target]);
    }
  }
  const circular = inCircles([...live.values()], (row) => ends.get(row) ?? []);
  const by = new Map<One, One[]>();
  for (const [row, targets] of ends)
    if (!circular.has(row)) for (const target of targets) by.set(target, [...(by.get(target) ?? []), row]);
  for (const [target, replacers] of by) {
    const best = weightiest(replacers);
    const rests = best.fact.scope === "one_off" && target.fact.scope !== "one_off";
    target.aside = { state: rests ? "resting" : "replaced", by: best.id };
  }
  return named;
}

// 5. One line per thing and polarity.

function putAside(loser: One, winner: One): void {
  const rests = winner.fact.scope === "one_off" && loser.fact.scope !== "one_off";
  loser.aside = { state: rests ? "resting" : newer(loser, winner) ? "contested" : "replaced", by: winner.id };
}

/** Returns the likes that hold though somebody thinks otherwise. */
function lines(rows: One[], named: Map<One, Set<One>>, book: Book): Set<One> {
  const live = rows.filter((row) => row.aside === null && row.fact.polarity !== "allergy");
  foldInto(live, (row) => `${row.fact.polarity} ${row.thing}`);
  const avoids = rows.filter(are("avoid"));
  const doubted = new Set<One>();
  const contested = new Map<One, One[]>();
  for (const liked of rows.filter(are("do"))) {
    const against = avoids.filter((kept) => !named.get(liked)?.has(kept) && touch(liked, kept, book));
    const stronger = against.filter((kept) => kept.grade >= liked.rank);
    if (stronger.length) putAside(liked, weightiest(stronger));
    else if (against.length) {
      doubted.add(liked);
      for (const kept of against) if (kept.thing === liked.thing) contested.set(kept, [...(contested.get(kept) ?? []), liked]);
    }
  }
  for (const [kept, by] of contested) kept.aside = { state: "contested", by: weightiest(by).id };
  return doubted;
}

// 6. Slots.

function slots(rows: One[]): void {
  for (const rivals of grouped(rows.filter((row) => are("do")(row) && row.slot !== null), (row) => row.slot!)) {
    const best = weightiest(rivals);
    for (const row of rivals) if (row !== best) putAside(row, best);
  }
}

const ORDER = { allergy: 0, avoid: 1, do: 2 } as const;

const section = ({ fact, need }: One): number => ORDER[fact.polarity] + Number(fact.polarity === "do" && !need);

function answer(rows: One[], doubted: Set<One>): Merged {
  const held = rows.filter(isHolding).sort((a, b) => section(a) - section(b) || (heavier(a, b) ? -1 : 1));
  const suggested = held.find((row) => row.fact.polarity === "do" && row.offer && !doubted.has(row));
  return {
    holds: held.map((row) => row.id),
    aside: Object.fromEntries(rows.flatMap((row) => (row.aside ? [[row.id, row.aside]] : []))),
    doubted: held.filter((row) => doubted.has(row)).map((row) => row.id),
    suggest: suggested?.id ?? null,
  };
}

/** Whether two facts are about one thing or slot, or the one is kept away from what the other is or holds. */
export function relates(a: Fact, b: Fact, book: Book): boolean {
  const [first, second] = [one(a, book), one(b, book)];
  if (first.thing === second.thing || (first.slot !== null && first.slot === second.slot)) return true;
  if (a.polarity === "do" && b.polarity !== "do") return touch(first, second, book);
  return b.polarity === "do" && a.polarity !== "do" && touch(second, first, book);
}
