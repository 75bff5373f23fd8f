import en from "./en.json";
import zh from "./zh-CN.json";

export type Language = "zh-CN" | "en";
export type Key = keyof typeof en;
const WORDS: Record<Language, Record<Key, string>> = { "zh-CN": zh, en };
const KEPT = "moments-hub-language";

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.startsWith("zh") ? "zh-CN" : "en";
}

let spoken = $state<Language>(first());

export const language = (): Language => spoken;

/** Speaks a language from now on, and at the next visit. */
export function speak(to: Language): void {
  spoken = to;
  localStorage.setItem(KEPT, to);
  document.documentElement.lang = to;
  document.title = WORDS[to].title;
}

export function t(key: Key, put: Record<string, string | number> = {}): string {
  return WORDS[spoken][key].replace(/\{(\w+)\}/g, (_, name: string) => String(put[name] ?? ""));
}

/** A time as people here write it; a dash where there is none. */
export function when(at: string | null): string {
  if (!at) return "–";
  return new Date(at).toLocaleString(spoken, { dateStyle: "medium", timeStyle: "short" });
}
