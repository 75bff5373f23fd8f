/** What is wrong with the house, in the language of who reads it. */
import sentences from "./details_repairs.json";
import { language, t, word, type Key } from "./i18n/index.svelte";
import { also, quoted } from "./told";
import type { Repair, State } from "./types";
import { readerPlaces } from "./words";

also(sentences);

const begun = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

const UNITS: Record<string, string> = { d: "天", h: "小时", min: "分钟", s: "秒" };

/** Returns a sentence with its spans of time ("8 d 3 h") in the language of who reads it. */
const spans = (sentence: string): string =>
  language() === "en" ? sentence : sentence.replace(/(?<![\w/.-])(\d+) (d|h|min|s)(?![\w/])/g, (_, n: string, unit: string) => `${n} ${UNITS[unit]}`);

/** Returns the facts of a repair, each in words: a reader by where it is. */
function facts(here: State, one: Repair): Record<string, string> {
  const reader = here.readers.find((each) => each.id === one.facts.reader);
  const words = Object.entries(one.facts).map(([name, value]) => [name, spans(quoted(value))]);
  return { ...Object.fromEntries(words), ...(reader ? { reader: `${readerPlaces(here, reader)} · ${reader.id}` } : {}) };
}

/** Returns what is wrong; a kind that is new to us in English. */
export function titleOf(here: State, one: Repair): string {
  if (word("repair_title", one.kind) === one.kind) return begun(one.title);
  const said = t(`repair_title.${one.kind}` as Key, facts(here, one));
  return one.facts.what === undefined && Object.values(facts(here, one)).some((fact) => said.startsWith(fact)) ? said : begun(said);
}

/** Returns what it costs while it is so. */
export const costsOf = (here: State, one: Repair): string =>
  word("repair_costs", one.kind) === one.kind ? one.costs : t(`repair_costs.${one.kind}` as Key, facts(here, one));

/** Returns whether its button takes something away, so that it asks once more. */
export const asksTwice = (one: Repair): boolean => one.mend?.method === "DELETE" || (one.mend?.name.startsWith("helper_") ?? false);

/** Returns the address of the screen on which a person does what no program may. */
export const screenOf = (one: Repair): string => `#/${one.open}`;
