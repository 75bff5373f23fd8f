/** What a form is opened to put right: a record that was refused, or a fact that is wrong. */
import type { Preference } from "./types";
import type { Draft } from "./writes";
import type { Row } from "./outbox";

/** A refused record on its way back to the form it came from. */
export interface Editing {
  seq: number;
  draft: Draft;
}

/** A line that is wrong, or has changed, with every fact that is folded into it. */
export interface Correcting {
  line: Preference;
  facts: Preference[];
  /** `wrong`: it never was so, and nothing may take its place; `change`: something else does. */
  how: "wrong" | "change";
}

let current = $state.raw<Editing | null>(null);
let wrong = $state.raw<Correcting | null>(null);

export const editing = (): Editing | null => current;

export function edit(row: Row): void {
  const { category, code, value, lang, polarity, basis, scope, corrects, retracts, replaces, reason } = row.news.data as unknown as Draft;
  current = { seq: row.seq, draft: { category, code, value, lang, polarity, basis, scope, corrects: corrects ?? [], retracts: retracts ?? [], replaces: replaces ?? [], reason: reason ?? null } };
}

export function doneEditing(): void {
  current = null;
}

export const correcting = (): Correcting | null => wrong;

export const correct = (what: Correcting): void => void (wrong = what);

export const doneCorrecting = (): void => void (wrong = null);
