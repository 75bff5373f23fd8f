/** What was noticed, in words: the ids of our own vocabularies, of zones and of tablets are read out by name. */
import { word } from "./i18n/index.svelte";
import type { SecurityEvent, State, Tablets } from "./types";
import { person, place } from "./words";

const FAMILIES = ["role", "may"];

/** Returns what tablets are called, those that were let go too. */
export const namesOf = ({ paired, gone }: Pick<Tablets, "paired" | "gone">): Map<string, string> =>
  new Map([...gone, ...paired].map((one) => [one.id, one.name]));

/** Returns `id` in the first family of words that has it. */
const called = (id: string): string => FAMILIES.map((family) => word(family, id)).find((said) => said !== id) ?? id;

/** Returns what a row is about beside its people, as its type means it; nothing where only a machine could read it. */
export function whatOf(state: State, { type, what }: Pick<SecurityEvent, "type" | "what">, tablets: Map<string, string>): string[] {
  if (!what) return [];
  const parts = what.split(" · ");
  if (type === "access.overridden") return [place(state, what)];
  if (type.startsWith("sign_in.")) return [tablets.get(what) ?? ""].filter(Boolean);
  if (type === "token.made" || type === "token.limited" || type === "staff.changed") return parts.map((part) => part.split(", ").map(called).join(" · "));
  if (type === "glass.asked" || type === "glass.opened") {
    const [kind, ...rest] = parts;
    const about = rest.join(" · ");
    return [word("glass_kind", kind!), kind === "zone" ? place(state, about) : kind === "manager" ? person(state, about) : kind === "customer" ? about : ""];
  }
  return [what];
}
