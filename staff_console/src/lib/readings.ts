/**
 * What words say: which value of the catalogue they name, whether they read as something to avoid, and which allergens are named in
 * them. The gateway reads words by the same rules (`gateway/records/said.py`): what is typed here is a code before it is sent.
 */
import { isHan, LETTER, UNCODED_CONTENTS, wordOf, type Book } from "./catalogue";
import type { Polarity, Value } from "./types";

const AROUND = /^(?:allergic to |an allergy to |对)\s*|\s*(?:(?<![^ ])(?:allergy|allergies)|过敏)$/gu;
const AVOIDS = new RegExp(
  "^(?:[不别勿忌无免]|请勿|讨厌|拒绝|" +
    `(?:no|not|never|without|avoids?|hates?|dislikes?|don't|do not|doesn't|does not|can't|cannot)(?!${LETTER}))`,
  "u",
);
const ALLERGIC = /过敏|allerg/u;

/** Returns the language of own words: Chinese where they hold Han characters, else the tablet's. */
export const languageOf = (text: string, tablet: string): string => (isHan(text) ? "zh-CN" : tablet);

/** Returns the one value that these words name in this category; null for own words. */
export function valueNamed(category: string, text: string, book: Book): Value | null {
  const words = wordOf(text);
  const bare = words.replace(AROUND, "");
  const allergen = bare === words ? undefined : book.words.get(`allergy ${bare}`);
  if (allergen) return allergen;
  const dislike = category === "drink" || category === "food" ? book.words.get(`dislike ${words}`) : undefined;
  return book.words.get(`${category} ${words}`) ?? dislike ?? null;
}

/** Returns the polarity that words have by themselves; null where somebody must say. */
export function reads(category: string, text: string, book: Book): Polarity | null {
  const value = valueNamed(category, text, book);
  if (value) return value.polarity;
  const words = wordOf(text);
  if (ALLERGIC.test(words)) return "allergy";
  return AVOIDS.test(words) ? "avoid" : null;
}

/** Returns the allergens named in words, in the order of the catalogue. */
export function mentions(text: string, book: Book): string[] {
  const words = wordOf(text);
  return words ? book.allergens.filter(({ pattern }) => pattern.test(words)).map(({ about }) => about) : [];
}

/** Returns what own words of a category are taken to contain. */
export const contentsOf = (category: string, text: string, book: Book): string[] => (UNCODED_CONTENTS.has(category) ? mentions(text, book) : []);
