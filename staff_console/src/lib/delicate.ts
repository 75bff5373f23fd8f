/** Words that do not belong in a customer's record without a second thought: health, religion, politics, gossip. */
import lists from "./delicate.json";

export type Topic = keyof typeof lists;

const TOPICS = Object.keys(lists) as Topic[];
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A word stands by itself; one that ends in `*` may go on. Characters are found anywhere: Chinese has no spaces. */
function pattern({ words, characters }: (typeof lists)[Topic]): RegExp {
  const latin = words.map((word) => (word.endsWith("*") ? `${escaped(word.slice(0, -1))}[a-z]*` : escaped(word)));
  return new RegExp(`(?<![a-z])(?:${latin.join("|")})(?![a-z])|${characters.join("|")}`, "iu");
}

const PATTERNS = Object.fromEntries(TOPICS.map((topic) => [topic, pattern(lists[topic])])) as Record<Topic, RegExp>;

/** Returns what a text seems to touch, so that who writes it can think again; it only ever warns. */
export const delicate = (text: string): Topic[] => TOPICS.filter((topic) => PATTERNS[topic].test(text));
