/** What speaks against giving a customer a dish, exactly as the gateway says it (`gateway/records/dishes.py`). Pure. */
import { touches, type Book } from "./catalogue";
import { contentsOf, mentions } from "./readings";
import type { Fact } from "./facts";
import type { Warning } from "./types";

/** What is declared of a dish, by codes of things; `allergens` null or missing: nothing is, which is not the same as none. */
export interface Dish {
  allergens?: readonly string[] | null;
  may_contain?: readonly string[] | null;
  ingredients?: readonly string[] | null;
}

/** Returns a dish that is ordered in own words: the allergens named in them, as if declared. */
export const inWords = (text: string, book: Book): Dish => ({ allergens: mentions(text, book) });

/** Returns a dish from which the kitchen leaves these out: a trace may remain of each. */
export function prepared(dish: Dish, without: readonly string[]): Dish {
  const [allergens, ingredients] = [dish.allergens ?? null, dish.ingredients ?? []];
  const out = without.filter((code) => allergens?.includes(code) || ingredients.includes(code));
  const left = (codes: readonly string[]) => codes.filter((code) => !out.includes(code));
  return { allergens: allergens && left(allergens), may_contain: [...(dish.may_contain ?? []), ...out], ingredients: left(ingredients) };
}

/** Returns at most one warning for each line that holds, in the order of the lines. */
export const warnings = (dish: Dish, lines: readonly Fact[], book: Book): Warning[] => lines.flatMap((line) => warning(dish, line, book) ?? []);

function warning(dish: Dish, line: Fact, book: Book): Warning | null {
  if (line.polarity === "do") return null;
  const value = line.code ? book.values.get(line.code) : undefined;
  const reach = value ? [value.about] : contentsOf(line.category, line.value, book);
  const touched = (codes: readonly string[]) => codes.find((code) => reach.some((thing) => touches(book, code, thing))) ?? null;
  const declared = touched([...(dish.allergens ?? []), ...(dish.ingredients ?? [])]);
  const trace = declared ?? touched(dish.may_contain ?? []);
  const because = (why: Warning["why"], code: string | null) => ({ fact: line.id, why, code });
  if (line.polarity === "avoid") return trace === null ? null : because("avoid", trace);
  if (declared !== null) return because("allergy", declared);
  if (trace !== null) return because("may_contain", trace);
  return (dish.allergens ?? null) === null ? because("not_declared", null) : null;
}
