/**
 * What customers ended while this tablet was open: forms about them are closed with words, and lists of what they agreed
 * to are read again. In memory, and only whom and which purpose.
 */
import { SvelteMap, SvelteSet } from "svelte/reactivity";
import { RECOGNISES } from "./agreed";
import { closeDraftsOf, openDraftsOf } from "./drafts.svelte";
import type { Ended } from "./outbox";
import type { ConsentChange, LiveEvent } from "./types";

const CONSENTS = new Set(["consent.asked", "consent.granted", "consent.refused", "consent.revoked", "customer.agreed"]);

/** Customer → how many events about what they agreed to have come. */
const told = new SvelteMap<string, number>();
/** Who may not be recognised any more, and whose preferences may not be kept. */
const gone = new SvelteSet<string>();
const unkept = new SvelteSet<string>();

/** Changes whenever something that this customer agreed to does. */
export const changesOf = (customer: string): number => told.get(customer) ?? 0;

/** Whether this customer ended being recognised, or was erased, since this tablet was opened. */
export const isGone = (customer: string): boolean => gone.has(customer);

/** Whether this customer ended the keeping of preferences since this tablet was opened. */
export const isUnkept = (customer: string): boolean => unkept.has(customer);

/** Of whom these tell nothing is known any more. */
export const FORGOTTEN: ReadonlySet<string> = new Set(["customer.erased", "lent.ended"]);

/** Takes in an event; what somebody was writing about a customer who has ended it is dropped at once. Returns what was ended, and by whom. */
export function hearStop(event: LiveEvent): { customer: string; ended: Ended } | null {
  const { customer, purpose, because } = (event.data ?? {}) as Partial<ConsentChange> & { because?: string | null };
  const who = customer ?? event.subject;
  if (CONSENTS.has(event.type)) told.set(who, changesOf(who) + 1);
  if (event.type === "consent.granted" || event.type === "visit.arrived") {
    if (purpose === "keep_preferences") unkept.delete(who);
    else if (event.type === "visit.arrived" || RECOGNISES.includes(purpose ?? "")) gone.delete(who);
    if (!gone.has(who) && !unkept.has(who)) openDraftsOf(who);
    return null;
  }
  const left = event.type === "visit.departed" && (because === "revoked" || because === "erased");
  const kept = event.type === "consent.revoked" && purpose === "keep_preferences";
  if (!left && !kept && !FORGOTTEN.has(event.type)) return null;
  const ended = FORGOTTEN.has(event.type) ? "everything" : kept ? "preferences" : "visits";
  hearEnded(who, ended);
  return { customer: who, ended };
}

/** A customer has ended something, now or while this tablet was away. */
export function hearEnded(customer: string, ended: Ended): void {
  (ended === "preferences" ? unkept : gone).add(customer);
  told.set(customer, changesOf(customer) + 1);
  closeDraftsOf(customer);
}

/** Another person signs in, or nobody. */
export function forgetStops(): void {
  told.clear();
  gone.clear();
  unkept.clear();
}
