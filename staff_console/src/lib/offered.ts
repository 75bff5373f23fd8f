/** The dishes a row offers: the guest's usual one first, each with what speaks against it for this guest. Pure. */
import type { Item, Menu, Preference, Warning } from "./types";

export const MOST = 6; // more chips than these are read, not tapped

/** One dish for one guest. */
export interface Dish {
  item: Item;
  warnings: Warning[];
  usual: boolean;
  /** How many are left, or null where nobody counts. */
  left: number | null;
}

const folded = (words: string): string => words.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();

/** Whether a like names this dish, in either language or by what is in it. */
function isLiked(item: Item, { value, code }: Preference): boolean {
  const [words, about] = [folded(value), code?.split(".")[1] ?? null];
  const labels = [item.labels["zh-CN"], item.labels.en].map(folded).filter(Boolean);
  if (about && (item.id === about || item.ingredients.includes(about))) return true;
  return words.length > 1 && labels.some((label) => label === words || label.includes(words) || words.includes(label));
}

/** Returns the dishes of a menu for a guest with these `lines`; of those without a warning the usual ones come first. */
export function dishesFor(menu: Menu, lines: Preference[], against: (item: Item) => Warning[]): Dish[] {
  const likes = lines.filter((fact) => fact.polarity === "do");
  const all = menu.items.map((item) => {
    const warnings = against(item);
    const usual = !warnings.length && likes.some((fact) => isLiked(item, fact));
    return { item, warnings, usual, left: item.left };
  });
  return [...all.filter((dish) => dish.usual), ...all.filter((dish) => !dish.usual)];
}

/** Returns what the kitchen can leave out that these warnings name. */
export const canLeaveOut = (item: Item, warnings: Warning[]): string[] =>
  item.without.filter((code) => warnings.some((warning) => warning.code === code && warning.why !== "may_contain"));

const WORDS = "~"; // how the id of a dish begins that is no more than words

/** Returns what was heard before as a menu, where a round has none: each answer is a dish of which nothing is declared but its words. */
export const menuOfWords = (question: string, answers: string[]): Menu => ({
  menu: "", question,
  items: [...new Set(answers)].map((words) => ({
    id: idOfWords(words), labels: { "zh-CN": words, en: words }, allergens: [], may_contain: [], ingredients: [], without: [], stock: null, left: null,
  })),
});

export const idOfWords = (words: string): string => WORDS + folded(words);

/** Whether a dish is words alone. */
export const isWords = (item: Item): boolean => item.id.startsWith(WORDS);

/** Returns a function that gives the dishes of a row in the order in which they were first shown there: a chip stays where it was. */
export function steadyDishes(): (row: string, dishes: Dish[]) => Dish[] {
  const turns = new Map<string, string[]>();
  return (row, dishes) => {
    const ids = turns.get(row) ?? dishes.map((dish) => dish.item.id);
    turns.set(row, ids);
    const at = (dish: Dish) => (ids.includes(dish.item.id) ? ids.indexOf(dish.item.id) : ids.length);
    return [...dishes].sort((a, b) => at(a) - at(b));
  };
}
