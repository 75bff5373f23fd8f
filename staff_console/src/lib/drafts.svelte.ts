/** What is half-typed, so that no update takes a sentence out of somebody's hands. */
import { SvelteSet } from "svelte/reactivity";

const open = new SvelteSet<string>();

export const halfTyped = (): boolean => open.size > 0;

/** Marks the field `name` as holding something not yet saved, or not. */
export function draft(name: string, written: boolean): void {
  if (written) open.add(name);
  else open.delete(name);
}
