/** Two languages: `zh-CN.json` is the type that `en.json` must match; `Intl` does the rest. */
import { listFormat, pluralRules } from "../formats";
import en from "./en.json";
import zh from "./zh-CN.json";

export type Key = keyof typeof zh;
export type Language = "zh-CN" | "en";
type Values = Record<string, string | number>;
type Counted<K> = K extends `${infer Stem}.other` ? Stem : never;

export const TEXTS: Record<Language, Record<Key, string>> = { "zh-CN": zh, en };
const KEPT = "moments-language";

function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

let current = $state<Language>(preferred());

export const language = (): Language => current;

export function speak(chosen: Language): void {
  current = chosen;
  localStorage.setItem(KEPT, chosen);
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** What somebody wrote, within a sentence of ours: a name from right to left does not turn round what stands beside it. */
const apart = (words: string): string => (RIGHT_TO_LEFT.test(words) ? `\u2068${words}\u2069` : words);

/** Returns the text of `key` in the current language, its {places} filled. */
export function t(key: Key, values: Values = {}): string {
  return TEXTS[current][key].replace(/\{(\w+)\}/g, (place, name: string) => apart(String(values[name] ?? place)));
}

/** Returns the text for `n` things: `stem.one` or `stem.other`, as the language counts. */
export function tn(stem: Counted<Key>, n: number, values: Values = {}): string {
  const form = pluralRules(current).select(n) === "one" ? "one" : "other";
  return t(`${stem}.${form}` as Key, { n, ...values });
}

/** Returns the word for `id` in a family of words (`category.drink`); a word we do not know is shown as it is. */
export function word(family: string, id: string): string {
  const key = `${family}.${id}`;
  return key in zh ? t(key as Key) : id;
}

/** Returns several things as the language lists them. */
export const listed = (things: string[]): string =>
  listFormat(current, { type: "conjunction", style: "narrow" }).format(things);
