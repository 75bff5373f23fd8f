/** What a run found, as the screens say it: amounts, shares, names. */
import type { components } from "./api-types";
import { numberFormat } from "./formats";
import { language, t, type Key } from "./i18n/index.svelte";
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
export type MorningPage = Schemas["MorningPage"];
export type LedgerPage = Schemas["LedgerPage"];
export type Sentence = MorningPage["sentences"][number];
export type Page = MorningPage | WorthPage | RiskPage | SpendPage | NetworkPage | SuggestionsPage | VoicesPage | LedgerPage;

export const PAGES = ["morning", "suggestions", "ledger", "worth", "risk", "spend", "network", "voices"] as const;
export type Name = (typeof PAGES)[number];

/** The page that an address names; the morning's where it names none. */
export const pageOf = (id: string | null): Name => PAGES.find((page) => page === id) ?? "morning";

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

const ORDERS: Record<string, Key> = {
  "days silent for each day of contact, most first": "insight.order.by_contacts",
  "days silent beside their own rhythm, most first": "insight.order.by_rhythm",
  "chance of coming again, least first": "insight.order.by_chance",
};

/** How the silent are ordered, in words. */
export const orderOf = (page: Page): string => t(ORDERS[page.ordered_by] ?? "insight.order.by_days");

type Figures = { count: number; of: number | null; interval: number[] | null };

/** The sentence above the page Voices. */
export const indifference = (it: Figures): string =>
  t(it.of === 0 ? "insight.voices.says_none" : it.interval ? "insight.voices.says" : "insight.voices.says_few", { n: it.count, of: it.of ?? 0, share: percent(it.interval ? it.interval[0]! : null) });

/** A page's figure as the sentence that stands above that page. */
export function sentence(page: MorningPage, it: Sentence): string {
  if (it.page === "risk") return t("insight.risk.says", { n: it.count, order: orderOf(page) });
  if (it.page === "spend") return t("insight.spend.says", { n: it.count, amount: amount(page, it.amount ?? 0) });
  if (it.page === "network") return t("insight.network.says", { n: it.count });
  if (it.page === "voices") return indifference(it);
  return it.share === null ? t("insight.worth.none") : t("insight.worth.says", { top: percent(it.share), n: it.count });
}
