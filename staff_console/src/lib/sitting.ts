/** Who sits where, as a person changes it: whom a place may be given, and the write that does it. */
import { exactly } from "./clock.svelte";
import type { ExpectedVisit, Presence, State } from "./types";
import type { Write } from "./outbox";

/** One who may sit at a place, and why they are offered: expected there, without a place, or sitting elsewhere. */
export interface Candidate {
  who: Presence;
  why: "expected" | "habit" | "standing" | "seated";
}

const TURN = { expected: 0, habit: 1, standing: 2, seated: 3 };

/** Returns who may be given `place`: who is expected there first, then whose habit it is, then who has none, then the others. */
export function candidates(state: State, place: string, habit: string[] = []): Candidate[] {
  const expected = new Set(state.expected.filter((one) => one.place === place).map((one) => one.customer));
  const why = (who: Presence): Candidate["why"] => {
    if (expected.has(who.customer)) return "expected";
    if (who.place) return "seated";
    return habit.includes(who.visit) ? "habit" : "standing";
  };
  return state.present
    .filter((who) => who.place !== place)
    .map((who) => ({ who, why: why(who) }))
    .sort((a, b) => TURN[a.why] - TURN[b.why] || b.who.since.localeCompare(a.who.since));
}

/** Returns who sits at a place now. */
export const sitterOf = (state: State, place: string): Presence | null => state.present.find((p) => p.place === place) ?? null;

/** Returns who is expected at a place and not here yet. */
export const awaitedAt = (state: State, place: string): ExpectedVisit | null =>
  state.expected.find((one) => one.place === place && !state.present.some((p) => p.customer === one.customer)) ?? null;

/** Somebody has this place from now on, or none; `swap`: whoever sits there takes theirs. */
export function seated(who: Presence, place: string | null, swap = false): Write {
  const at = new Date(exactly()).toISOString();
  return {
    path: `/api/visits/${encodeURIComponent(who.visit)}/place`,
    body: { place, at, ...(swap ? { swap } : {}) },
    news: {
      type: place ? "place.taken" : "place.freed", subject: who.customer,
      data: { id: `place ${who.visit}`, visit: who.visit, customer: who.customer, place, was: who.place, swap, because: swap ? "swap" : "staff", at },
    },
  };
}
