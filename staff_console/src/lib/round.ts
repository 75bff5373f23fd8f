/** The service round: who has been asked what, and how much of each the galley needs. Pure. */
import type { Ask, Presence } from "./types";

export const QUESTIONS = ["lunch", "dinner", "drink", "seat", "newspaper", "coat", "transport"] as const;

export interface Line {
  presence: Presence;
  ask: Ask | null;
}

/** How far the questions of a list by guest are. */
export interface Round {
  lines: Line[];
  open: number;
  served: number;
  unasked: number;
}

/** Returns the ask that stands for a question: the newest put in this visit. */
export function standing(asks: Ask[], visit: string, question: string): Ask | null {
  const rows = asks.filter((a) => a.visit === visit && a.question === question);
  return rows.reduce<Ask | null>((newest, a) => (newest && newest.at > a.at ? newest : a), null);
}

/** Returns the round of one question over everybody present, in the order they came. */
export function round(present: Presence[], asks: Ask[], question: string): Round {
  const inTurn = [...present].sort((a, b) => a.since.localeCompare(b.since));
  const lines = inTurn.map((presence) => ({ presence, ask: standing(asks, presence.visit, question) }));
  return {
    lines,
    open: lines.filter((l) => l.ask?.state === "open").length,
    served: lines.filter((l) => l.ask?.state === "served").length,
    unasked: lines.filter((l) => !l.ask).length,
  };
}

/** Returns the questions of the house: those likely everywhere, then this venue's own and those somebody has put today. */
export const questions = (asks: Ask[], own: string[] = []): string[] => [...new Set([...QUESTIONS, ...own, ...asks.map((a) => a.question)])];

const ABOUT: Record<string, string[]> = {
  lunch: ["food"], dinner: ["food"], drink: ["drink"], seat: ["seat"], newspaper: ["reading"], coat: ["service"], transport: ["service"],
};

/** Returns what a question is about, as categories of preferences; a question of the house's own is about its namesake. */
export const categoriesOf = (question: string): string[] => ABOUT[question] ?? [question];

/** Returns what a round brings with it: who is asked for lunch is offered a drink too. */
export const aboutRound = (question: string): string[] =>
  ["lunch", "dinner"].includes(question) ? [...categoriesOf(question), "drink", "dislike"] : question === "drink" ? ["drink", "dislike"] : categoriesOf(question);
