/** What speaks against a dish for a guest, by what this tablet has of them and of the venue's catalogue; works without a network. */
import { book } from "./values.svelte";
import { inWords, prepared, warnings } from "./dishes";
import { isHolding } from "./laid";
import type { Item, Preference, State, Warning } from "./types";

/** Returns the warnings of a dish of the menu, or of own words, when the kitchen leaves `without` out. */
export function against(facts: Preference[], wanted: Item | string, without: string[]): Warning[] {
  const known = book();
  if (!known) return []; // never signed in with a network: the gateway checks each order again
  const dish = typeof wanted === "string" ? inWords(wanted, known) : wanted;
  return warnings(without.length ? prepared(dish, without) : dish, facts, known);
}

/** Returns what holds of a guest who is here, in the order of the sheet. */
export const linesOf = (state: State, customer: string): Preference[] => (state.preferences[customer] ?? []).filter(isHolding);
