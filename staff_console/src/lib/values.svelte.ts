/** The venue's catalogue of values as this tablet has it: read when somebody signs in and when it changes, kept for when there is no network. */
import { Refused, Unreachable, getIfNew } from "./api";
import { bookOf, type Book } from "./catalogue";
import { language, word } from "./i18n/index.svelte";
import { keepCatalogue, recallCatalogue, type KeptCatalogue } from "./snapshot";
import type { Catalogue, Preference, Value } from "./types";

let kept = $state.raw<KeptCatalogue | null>(null);
let reading: Promise<void> | null = null;

/** Returns the catalogue made ready to be asked; null where this tablet has none yet. */
export const book = (): Book | null => kept && bookOf(kept.catalogue);

/** Takes a catalogue as the one to go by. */
export const useCatalogue = (catalogue: Catalogue, tag: string | null = null): void => void (kept = { tag, catalogue });

/** Reads the catalogue anew where it has changed; without a network the one that was kept stays. */
export function learnCatalogue(): Promise<void> {
  reading ??= readCatalogue().finally(() => (reading = null));
  return reading;
}

async function readCatalogue(): Promise<void> {
  kept ??= await recallCatalogue().catch(() => null);
  try {
    const fresh = await getIfNew<Catalogue>("/api/catalogue", kept?.tag ?? null);
    if (!Array.isArray(fresh?.said?.values)) return;
    useCatalogue(fresh.said, fresh.tag);
    await keepCatalogue(kept!);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
  }
}

/** Forgets it: somebody else signs in. */
export const forgetCatalogue = (): void => void (kept = null);

export const labelOf = (value: Value): string => value.labels[language()] || value.labels["zh-CN"] || value.labels.en;

/** Returns what a preference is about in the reader's language; own words, and a value that is new to this tablet, as they were written. */
export function valueOf({ code, value }: Pick<Preference, "code" | "value">): string {
  const known = code ? book()?.values.get(code) : undefined;
  return known ? labelOf(known) : value;
}

/** Returns the values of a category in their order; those that the venue hides left out. */
export const valuesOf = (category: string): Value[] => book()?.catalogue.values.filter((one) => one.category === category && !one.hidden) ?? [];

/** Returns what a thing is called, an allergen or an ingredient: "peanuts". */
export function thingWord(about: string): string {
  const own = word("thing", about);
  if (own !== about) return own;
  const rows = book()?.catalogue.values.filter((one) => one.about === about) ?? [];
  const known = rows.find((one) => one.polarity === "allergy") ?? rows.find((one) => one.polarity === "do");
  return known ? labelOf(known) : about.replaceAll("_", " ");
}
