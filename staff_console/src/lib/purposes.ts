/** Purposes and partners in words: ours where we have them, else as the house calls them. */
import { dayIn, dayWords } from "./days";
import { language, speaking, t, type Language } from "./i18n/index.svelte";
import type { PurposeRow } from "./types";

const called = (labels: Record<string, string>, tongue: Language): string | undefined => labels[tongue] ?? labels["zh-CN"] ?? labels.en;

/** Returns what a purpose is called. */
export function purposeIn(row: Pick<PurposeRow, "purpose" | "labels">, tongue: Language = language()): string {
  const own = speaking(tongue).word("purpose", row.purpose);
  return own === row.purpose ? (called(row.labels, tongue) ?? own) : own;
}

/** Returns what the partner of a row is called; empty where it names none. */
export const partnerIn = (row: Pick<PurposeRow, "partner" | "partner_name">, tongue: Language = language()): string =>
  (row.partner_name && called({ ...row.partner_name }, tongue)) || (row.partner ?? "");

/** Returns a row's purpose and partner in a few words. */
export const rowIn = (row: PurposeRow): string => [purposeIn(row), partnerIn(row)].filter(Boolean).join(" · ");

/** Returns how a customer stands to it: until when it is in force, or what they said last, and when. */
export function stands(row: PurposeRow, zone: string): string {
  const on = row.state === "alive" || row.state === "expired" ? row.last_day : row.since && dayIn(Date.parse(row.since), zone);
  const day = on ? dayWords(on, language()) : "";
  return row.state === "alive" && !day ? t("agree.alive_open") : t(`agree.${row.state}`, { day });
}
