/** Two languages: `zh-CN.json` is the type that `en.json` must match; `Intl` does the rest. Each is read when it is spoken, in two parts: the families of `later.json` come with what is opened later. */
import { listFormat, pluralRules } from "../formats";
import type zh from "./zh-CN.json";

export type Key = keyof typeof zh;
export type Language = "zh-CN" | "en";
type Values = Record<string, string | number>;
type Counted<K> = K extends `${infer Stem}.other` ? Stem : never;
type Texts = Record<Key, string>;

type Read = Record<Language, () => Promise<{ default: Partial<Texts> }>>;

const FIRST: Read = {
  "zh-CN": () => import("./zh-CN.json?first"),
  en: () => import("./en.json?first"),
};
const LATER: Read = {
  "zh-CN": () => import("./zh-CN.json?later"),
  en: () => import("./en.json?later"),
};
const texts: Partial<Record<Language, Texts>> = {};
const whole = new Set<Language>();
const KEPT = "moments-language";

function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

let current = $state<Language>(preferred());

export const language = (): Language => current;

/** Reads what the first paint says in a language, once; throws where it cannot be had. */
export async function learnFirst(one: Language): Promise<void> {
  texts[one] ??= (await FIRST[one]()).default as Texts;
}

/** Reads all texts of a language, once; returns when they can be spoken, and throws where they cannot be had. */
export async function learn(one: Language = current): Promise<void> {
  if (whole.has(one)) return;
  const [first, later] = await Promise.all([FIRST[one](), LATER[one]()]);
  texts[one] = { ...first.default, ...later.default } as Texts;
  whole.add(one);
}

/** Speaks another language from now on, on every screen; where its texts cannot be had, the one before goes on. */
export function speak(chosen: Language): void {
  if (!whole.has(chosen)) {
    void learn(chosen).then(() => speak(chosen), () => {});
    return;
  }
  current = chosen;
  localStorage.setItem(KEPT, chosen);
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** What somebody wrote, within a sentence of ours: a name from right to left does not turn round what stands beside it. */
const apart = (words: string): string => (RIGHT_TO_LEFT.test(words) ? `\u2068${words}\u2069` : words);

/** Speaks one language. */
export interface Speaker {
  /** Returns the text of `key`, its {places} filled. */
  t(key: Key, values?: Values): string;
  /** Returns the text for `n` things: `stem.one` or `stem.other`, as the language counts. */
  tn(stem: Counted<Key>, n: number, values?: Values): string;
  /** Returns the word for `id` in a family of words (`category.drink`); a word we do not know is shown as it is. */
  word(family: string, id: string): string;
}

function speakerOf(spoken: () => Language): Speaker {
  const say = (key: Key, values: Values = {}): string => texts[spoken()]![key].replace(/\{(\w+)\}/g, (place, name: string) => apart(String(values[name] ?? place)));
  return {
    t: say,
    tn: (stem, n, values = {}) => say(`${stem}.${pluralRules(spoken()).select(n) === "one" ? "one" : "other"}` as Key, { n, ...values }),
    word: (family, id) => (`${family}.${id}` in texts[spoken()]! ? say(`${family}.${id}` as Key) : id),
  };
}

export const { t, tn, word } = speakerOf(language);

/** Returns who speaks `one`, whatever the tablet speaks: for a guest who reads the screen; the texts must have been learnt. */
export const speaking = (one: Language): Speaker => speakerOf(() => (whole.has(one) ? one : current));

/** Returns which of the two somebody reads whose language is `tag`. */
export const readBy = (tag: string | null | undefined): Language => (/^zh\b/i.test(tag ?? "") ? "zh-CN" : tag ? "en" : current);

/** Returns several things as the language lists them. */
export const listed = (things: string[]): string =>
  listFormat(current, { type: "conjunction", style: "narrow" }).format(things);
