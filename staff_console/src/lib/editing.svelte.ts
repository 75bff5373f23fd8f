/** A refused record on its way back to the form it came from. */
import type { Fact } from "./writes";
import type { Row } from "./outbox";

export interface Editing {
  seq: number;
  fact: Fact;
}

let current = $state.raw<Editing | null>(null);

export const editing = (): Editing | null => current;

export function edit(row: Row): void {
  const { category, value, polarity, basis, scope } = row.news.data as unknown as Fact;
  current = { seq: row.seq, fact: { category, value, polarity, basis, scope } };
}

export function doneEditing(): void {
  current = null;
}
