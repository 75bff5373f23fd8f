/** The words of a customer's own page, in two languages; which one is spoken is kept nowhere. */
import en from "./en.json";
import zh from "./zh-CN.json";

export type Language = "zh-CN" | "en";
export type Key = keyof typeof zh;

const TEXTS: Record<Language, Record<Key, string>> = { "zh-CN": zh, en };

const DAYS: Record<Language, string> = { "zh-CN": "zh-CN", en: "en-GB" };

let current = $state<Language>(navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en");

export const language = (): Language => current;

/** Speaks this language from now on. */
export function speak(chosen: Language): void {
  current = chosen;
  document.documentElement.lang = chosen;
}

/** Speaks the customer's language, where it is one of ours. */
export function speakAs(known: string | null): void {
  if (known !== null) speak(known.toLowerCase().startsWith("zh") ? "zh-CN" : "en");
}

const written = (value: string | number): string => (typeof value === "number" ? value.toLocaleString(DAYS[current]) : value);

/** The text of `key`, its {places} filled. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return TEXTS[current][key].replace(/\{(\w+)\}/g, (place, name: string) => written(values[name] ?? place));
}

/** The word for `id` in a family of words; one we do not know is shown as it is. */
export function word(family: string, id: string): string {
  return TEXTS[current][`${family}.${id}` as Key] ?? id;
}

/** A moment by the venue's clock. */
export function when(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat(DAYS[current], { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(at));
}

/** A day of the calendar, written `2027-11-28`. */
export function day(written: string): string {
  return new Intl.DateTimeFormat(DAYS[current], { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${written}T12:00:00Z`));
}

/** The day of a moment, by the venue's calendar. */
export function dayOf(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat(DAYS[current], { dateStyle: "long", timeZone }).format(new Date(at));
}
