/** Enrolling: which consent an identifier needs, and the order in which tags are shown. */
import type { Found, Heard, Held } from "./types";

const TAGS = ["epc", "tid", "em", "nfc"];

/** Returns the purpose that a customer must have agreed to before this is recognised. */
export const purposeOf = (scheme: string): "recognise_tag" | "recognise_phone" => (TAGS.includes(scheme) ? "recognise_tag" : "recognise_phone");

/** Returns what is heard, who came last on top, each staying where it is while a finger goes for it. */
export function steadily(heard: Heard[], order: string[]): Heard[] {
  const known = new Set(order);
  const fresh = heard.filter((h) => !known.has(h.key)).map((h) => h.key);
  const place = new Map([...fresh, ...order].map((key, i) => [key, i]));
  return [...heard].sort((a, b) => place.get(a.key)! - place.get(b.key)!);
}

/** Somebody a tag is given to: known, or to be made. */
export interface Chosen {
  id: string;
  name: string;
  language: string | null;
  facts: NewFacts | null;
  held: Held | null;
}

export interface NewFacts {
  name: string;
  address_as: string;
  language: string;
  tier: string;
  associate: string;
}

export const known = (who: Found): Chosen => ({ id: who.id, name: who.address_as || who.name || who.id, language: who.language, facts: null, held: null });
