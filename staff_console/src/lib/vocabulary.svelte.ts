/** What this venue says beside its catalogue, learnt by the gateway: read when a form opens, and kept for forms opened without a network. */
import { Refused, Unreachable, get } from "./api";
import { t, type Language } from "./i18n/index.svelte";
import type { Polarity, Vocabulary } from "./types";
import { keepWords, recallWords } from "./snapshot";
import { labelOf, valuesOf } from "./values.svelte";

export { thingWord } from "./values.svelte";

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

/** A value to tap: one of the catalogue, or words that this venue has learned, which say themselves how they are meant. */
export interface ValueChip {
  id: string;
  code: string | null;
  text: string;
  polarity: Polarity;
  tag?: string;
  lang: string;
}

const MOST_LEARNED = 4;

/** Returns the values to offer for a category: the catalogue's in their order, then what this venue says in this language. */
export function chipsFor(category: string, lang: Language): ValueChip[] {
  const coded = valuesOf(category).map((value): ValueChip => ({ id: value.code, code: value.code, text: labelOf(value), polarity: value.polarity, lang }));
  const learned = (known.values[category] ?? []).filter((one) => one.lang === lang).slice(0, MOST_LEARNED);
  return [...coded, ...learned.map(({ value, polarity }) => ({ id: `"${value}`, code: null, text: value, polarity, tag: t(`polarity.${polarity}`), lang }))];
}

const first = (own: string[] | undefined, usual: readonly string[]): string[] => [...new Set([...(own ?? []), ...usual])].slice(0, MOST);

export const questionsHere = (): string[] => known.questions;

/** Returns the answers to offer: those given in this round first, then what this venue hears most. */
export const answersFor = (question: string, inRound: string[]): string[] => first(inRound, known.answers[question] ?? []);
