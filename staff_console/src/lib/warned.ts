/** What speaks against a dish, in words. */
import { language, listed, t } from "./i18n/index.svelte";
import type { CareLine, Preference, Warning } from "./types";
import { book, thingWord } from "./values.svelte";
import { inOwnWords, valueOf } from "./words";

/** Returns what a thing is called: "peanuts". */
export const thing = (code: string): string => thingWord(code);

/** Returns the same within a sentence: English writes it small. */
export const thingWithin = (code: string): string => (language() === "en" ? thing(code).toLowerCase() : thing(code));

/** Returns what a kitchen leaves out, as it is said: "no coriander". */
export const without = (code: string): string => t("dish.without", { thing: thingWithin(code) });

/** Returns a warning as a chip has room for it: what it is about, and only where that is less than sure, how. */
function short({ why, code }: Warning): string {
  if (why === "not_declared") return t("warning.not_declared.short");
  return why === "may_contain" ? t("warning.may_contain.short", { thing: thingWithin(code ?? "") }) : thing(code ?? "");
}

/** Returns all warnings of a dish on one line, each thing once. */
export const warnedOf = (warnings: Warning[]): string => listed([...new Set(warnings.map(short))]);

/** Returns a warning as a sentence, with what is known of the guest. */
export const warningWords = ({ why, code }: Warning, fact: Pick<Preference, "code" | "value"> | null): string =>
  t(`warning.${why}`, { thing: code ? thingWithin(code) : "", fact: fact ? valueOf(fact) : "" });

/** Returns what somebody keeps away from, as a kitchen reads it: "No coriander"; of an allergy the thing alone. */
export function careWords({ polarity, code, about, words }: CareLine): string {
  const value = code ? book()?.values.get(code) : undefined;
  if (polarity === "allergy") return about ? thing(about) : (words ?? "");
  if (value?.polarity === "do") return t("dish.without", { thing: inOwnWords(value.labels) });
  return value ? inOwnWords(value.labels) : (words ?? (about ? without(about) : ""));
}
