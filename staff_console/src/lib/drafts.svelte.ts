/** What is half-typed, so that no update takes a sentence out of somebody's hands. */
import { SvelteSet } from "svelte/reactivity";

const open = new SvelteSet<string>();

const kept = new Map<string, unknown>();
/** Customers about whom nothing half-typed is kept: they have ended what it rests on. */
const closed = new Set<string>();

const isClosed = (form: string): boolean => [...closed].some((customer) => form.endsWith(` ${customer}`));

export const halfTyped = (): boolean => open.size > 0 || kept.size > 0;

/** Marks the field `name` as holding something not yet saved, or not. */
export function draft(name: string, written: boolean): void {
  if (written) open.add(name);
  else open.delete(name);
}

/** Keeps what a form holds while its screen is left for another, a card perhaps; undefined: there is nothing to keep. */
export function keepDraft(form: string, held: unknown): void {
  if (held === undefined || isClosed(form)) kept.delete(form);
  else kept.set(form, held);
}

/** Returns what was kept of a form and gives it out of hand; undefined when there is nothing. */
export function takeDraft<T>(form: string): T | undefined {
  const held = kept.get(form) as T | undefined;
  kept.delete(form);
  return held;
}

/** What is half-typed about a customer is dropped, and none is kept from now on. Forms are named by kind and customer. */
export function closeDraftsOf(customer: string): void {
  closed.add(customer);
  for (const form of [...kept.keys()]) if (isClosed(form)) kept.delete(form);
}

/** They agreed again, or came back: what is half-typed about them is kept as before. */
export const openDraftsOf = (customer: string): boolean => closed.delete(customer);

/** Another person signs in, or nobody. */
export function dropDrafts(): void {
  kept.clear();
  closed.clear();
}
