/** What this venue says most, learnt by the gateway: read when a form opens, and kept for forms opened without a network. */
import { Refused, Unreachable, get } from "./api";
import { word } from "./i18n/index.svelte";
import type { Vocabulary } from "./types";
import { keepWords, recallWords } from "./snapshot";

const FRESH_MS = 60_000;
const MOST = 12;

const NONE: Vocabulary = { values: {}, questions: [], answers: {} };

let known = $state.raw<Vocabulary>(NONE);
let readAt = -FRESH_MS;

/** Reads it anew unless that was done within the last minute; without a network what is known stays. */
export async function learnWords(now: number = performance.now()): Promise<void> {
  if (now - readAt < FRESH_MS) return;
  readAt = now;
  try {
    const said = await get<Partial<Vocabulary> | null>("/api/vocabulary");
    known = { values: said?.values ?? {}, questions: said?.questions ?? [], answers: said?.answers ?? {} };
    await keepWords(known);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    readAt = -FRESH_MS;
    if (known === NONE) known = (await recallWords()) ?? NONE;
  }
}

/** Forgets the venue's words: somebody else signs in. */
export function forgetWords(): void {
  known = NONE;
  readAt = -FRESH_MS;
}

const first = (own: string[] | undefined, usual: readonly string[]): string[] => [...new Set([...(own ?? []), ...usual])].slice(0, MOST);

/** Returns the values to offer for a category: this venue's first, then those usual everywhere. */
export const valuesFor = (category: string, usual: string[]): string[] => {
  const own = known.values[category];
  return first(category === "allergy" ? own?.map((one) => word("allergen", one)) : own, usual);
};

export const questionsHere = (): string[] => known.questions;

/** Returns the answers to offer: those given in this round first, then what this venue hears most. */
export const answersFor = (question: string, inRound: string[]): string[] => first(inRound, known.answers[question] ?? []);
