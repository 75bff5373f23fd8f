/** The values a fact may have, as the venue keeps them: what each is about, what is in it, and what it is called. */
import { folded } from "./folded";
import type { Catalogue, Value } from "./types";

export const UNCODED_CONTENTS: ReadonlySet<string> = new Set(["drink", "food", "dislike", "allergy", "gift"]);

/** A catalogue made ready to be asked: by code, by word, and who is whose family. */
export interface Book {
  catalogue: Catalogue;
  values: ReadonlyMap<string, Value>;
  /** Category and folded word → value. */
  words: ReadonlyMap<string, Value>;
  /** What an allergy can be about, and what finds its names: Han anywhere, others as whole words. */
  allergens: readonly { about: string; pattern: RegExp }[];
  /** A thing and all it belongs to. */
  family(about: string): ReadonlySet<string>;
}

export const HAN = "\\u2e80-\\u2fdf\\u3005\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
export const LETTER = `(?:(?![${HAN}])[\\p{L}\\p{N}])`; // of a script that writes blanks between words
const IS_HAN = new RegExp(`[${HAN}]`, "u");
const books = new WeakMap<Catalogue, Book>();

/** Returns a word as two words are compared: folded, without a final stop. */
export const wordOf = (text: string): string => folded(text).replace(/ ?[.。]$/u, "");

export const wordsOf = (value: Value): string[] => [...Object.values(value.labels), ...(value.aliases ?? [])].map(wordOf);

/** Returns `catalogue` made ready; the same one is made ready once. */
export function bookOf(catalogue: Catalogue): Book {
  let book = books.get(catalogue);
  if (!book) books.set(catalogue, (book = made(catalogue)));
  return book;
}

function made(catalogue: Catalogue): Book {
  const words = new Map<string, Value>();
  const names = new Map<string, string[]>();
  for (const value of catalogue.values) {
    for (const word of wordsOf(value)) {
      const key = `${value.category} ${word}`;
      if (!words.has(key)) words.set(key, value);
      if (value.category === "allergy") names.set(value.about, [...(names.get(value.about) ?? []), finds(word)]);
    }
  }
  const families = new Map<string, ReadonlySet<string>>();
  const family = (about: string) => {
    let known = families.get(about);
    if (!known) families.set(about, (known = ancestry(about, catalogue.within)));
    return known;
  };
  const allergens = Array.from(names, ([about, words]) => ({ about, pattern: new RegExp(words.join("|"), "u") }));
  return { catalogue, values: new Map(catalogue.values.map((value) => [value.code, value])), words, allergens, family };
}

function finds(word: string): string {
  const escaped = word.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
  return IS_HAN.test(word) ? escaped : `(?<!${LETTER})${escaped}(?!${LETTER})`;
}

/** Whether words hold Han characters. */
export const isHan = (text: string): boolean => IS_HAN.test(text);

function ancestry(about: string, within: Record<string, string>): Set<string> {
  const found = new Set<string>();
  for (let at: string | undefined = about; at !== undefined && !found.has(at); at = within[at]) found.add(at);
  return found;
}

/** Whether two things are equal or one is an ancestor of the other. */
export const touches = (book: Book, one: string, other: string): boolean => book.family(one).has(other) || book.family(other).has(one);
