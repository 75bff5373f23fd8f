/** What becomes of a fact that somebody is about to record: said before it is saved, and by the merge itself. Pure. */
import type { Book } from "./catalogue";
import { mayEnd, merge, relates, RANK, type Aside, type Fact, type Merged } from "./facts";

export interface Foreseen {
  /** `holds`, or why it is put aside. */
  state: "holds" | Aside;
  /** By which fact it is put aside. */
  by: string | null;
  doubted: boolean;
  /** What held until now and does not any more, but for what is folded into the new line. */
  displaced: string[];
}

/** What is known of a customer, as the merge takes it. */
export interface Known {
  facts: readonly Fact[];
  openVisits: readonly string[];
  book: Book;
}

const merged = ({ facts, openVisits, book }: Known): Merged => merge(facts, openVisits, book);

export function foresee(draft: Fact, known: Known): Foreseen {
  const [before, after] = [merged(known), merged({ ...known, facts: [...known.facts, draft] })];
  const aside = after.aside[draft.id];
  return {
    state: aside?.state ?? "holds",
    by: aside?.by ?? null,
    doubted: after.doubted.includes(draft.id),
    displaced: before.holds.filter((id) => !after.holds.includes(id) && after.aside[id]?.state !== "folded"),
  };
}

/** Returns a line's fact with those that are folded into it and say the same. */
export function folding(line: string, known: Known): Fact[] {
  const { aside } = merged(known);
  const lead = known.facts.find((fact) => fact.id === line);
  const said = (fact: Fact) => fact.id === line || (aside[fact.id]?.state === "folded" && aside[fact.id]?.by === line && fact.polarity === lead?.polarity);
  return known.facts.filter(said);
}

/** Returns what a looser fact must name to stand: the avoids it goes against, where its word is good enough to replace them. */
export function loosens(draft: Fact, known: Known): string[] {
  const names: string[] = [...(draft.replaces ?? [])];
  for (;;) {
    const { state, by } = foresee({ ...draft, replaces: names }, known);
    if (state === "holds" || state === "folded" || by === null) return names;
    const line = folding(by, known);
    const fits = line.every((fact) => fact.polarity === "avoid" && RANK[fact.basis] <= RANK[draft.basis] && !names.includes(fact.id));
    if (draft.polarity !== "do" || !line.length || !fits) return [];
    names.push(...line.map((fact) => fact.id));
  }
}

/** Returns what stands about the same thing or slot, or touches it, in the order of the sheet. */
export function standing(draft: Fact, known: Known): string[] {
  const of = new Map(known.facts.map((fact) => [fact.id, fact]));
  return merged(known).holds.filter((id) => id !== draft.id && relates(draft, of.get(id)!, known.book));
}

/** Whether somebody may end all of these with this basis. */
export const mayEndAll = (namer: Parameters<typeof mayEnd>[0], targets: readonly Fact[]): boolean => targets.every((target) => mayEnd(namer, target));
