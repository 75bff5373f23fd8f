/** Which plates need care, as this tablet works it out for orders that the gateway does not know of yet. Pure but for the catalogue at hand. */
import { against } from "./against";
import { book } from "./values.svelte";
import type { Care, CareLine, Item, Preference, RoundRow } from "./types";

const EATEN: ReadonlySet<string> = new Set(["drink", "food", "dislike", "allergy"]);

/** Returns the plate of a row where its guest keeps away from some food, or the dish is to be prepared otherwise; else null. */
export function careLocally(row: RoundRow, facts: Preference[], item: Item | null): Care | null {
  const { order } = row;
  if (!order || order.state === "open") return null;
  const warnings = against(facts, item ?? order.answer ?? "", order.without);
  const lines = facts.flatMap((fact): CareLine[] => {
    const warning = warnings.find((one) => one.fact === fact.id);
    if (fact.polarity === "do" || (fact.polarity === "avoid" && !EATEN.has(fact.category))) return [];
    const about = (fact.code && book()?.values.get(fact.code)?.about) || null;
    return [{ polarity: fact.polarity, code: fact.code ?? null, about, words: about ? null : fact.value, why: warning?.why ?? null, touches: warning?.code ?? null }];
  });
  if (!lines.length && !order.without.length && !order.note) return null;
  return {
    row: row.row, place: row.place, order: order.id, item: order.item, answer: order.answer ?? "", without: order.without, lines, reason: order.reason,
    note: order.note, served: order.state === "served", wants_tap: false,
  };
}
