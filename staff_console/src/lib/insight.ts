/** What a run found, as the screens say it: amounts, shares, names. */
import type { components } from "./api-types";
import { numberFormat } from "./formats";
import { language } from "./i18n/index.svelte";
import { money } from "./words";

type Schemas = components["schemas"];
export type WorthPage = Schemas["WorthPage"];
export type RiskPage = Schemas["RiskPage"];
export type SpendPage = Schemas["SpendPage"];
export type NetworkPage = Schemas["NetworkPage"];
export type SuggestionsPage = Schemas["SuggestionsPage"];
export type Suggestion = SuggestionsPage["rows"][number];
export type VoicesPage = Schemas["VoicesPage"];
export type Compared = Schemas["Compared"];
export type Page = WorthPage | RiskPage | SpendPage | NetworkPage | SuggestionsPage | VoicesPage;

export const PAGES = ["suggestions", "worth", "risk", "spend", "network", "voices"] as const;
export type Name = (typeof PAGES)[number];

/** The page that an address names; Worth where it names none. */
export const pageOf = (id: string | null): Name => PAGES.find((page) => page === id) ?? "worth";

export const amount = (page: Page, value: number): string => money({ amount: value, currency: page.currency });

export const percent = (value: number | null): string =>
  value === null ? "–" : numberFormat(language(), { style: "percent", maximumFractionDigits: 1 }).format(value);

export const named = (page: Page, id: string): string => page.names[id] || id;

/** The words of a reason in the language that is spoken. */
export const said = (words: { "zh-CN": string; en: string }): string => words[language()];

/** Where each of `n` stands on a circle, from the top, within a square of `size`. */
export function around(n: number, size: number, edge: number): { x: number; y: number }[] {
  const middle = size / 2;
  return Array.from({ length: n }, (_, i) => {
    const angle = (2 * Math.PI * i) / Math.max(1, n) - Math.PI / 2;
    return { x: middle + (middle - edge) * Math.cos(angle), y: middle + (middle - edge) * Math.sin(angle) };
  });
}
