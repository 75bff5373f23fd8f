/** The lists of the report as files for a spreadsheet. */
import { get } from "./api";
import { csv, save, type Cell } from "./csv";
import { title } from "./customer";
import { dayIn } from "./days";
import { t, word } from "./i18n/index.svelte";
import { query, type Days, type Figure } from "./report";
import type { Counted, Listed, State } from "./types";
import { clockTime, place, said } from "./words";

export const MOST = 2_000; // lines in one answer

/** Returns to what the time of a guest is measured, in words. */
export const measuredTo = (line: Pick<Counted, "measured">): string =>
  line.measured ? t(line.measured === "met" ? "today.to_met" : "today.to_claim") : "";

/** Returns what a line is about beside who: how it ended, what was promised, asked or said. */
export const about = (line: Counted): string =>
  [line.stars ? word("review", String(line.stars)) : "", line.text ?? "", line.reason ? t(`despite.${line.reason}`) : ""].filter(Boolean).join(" · ");

/** Returns a list as a table for a spreadsheet, everybody named as they wish. */
export function table(state: State, lines: Counted[]): string {
  const zone = state.venue.timezone;
  const head = [
    t("today.on"), t("counted.time"), t("counted.customer"), t("today.zone"), t("today.who"), `${t("counted.took")} (s)`, t("counted.to"),
    t("counted.ended"), t("counted.what"), t("today.due"), t("counted.card"),
  ];
  const rows = lines.map((line): Cell[] => [
    dayIn(Date.parse(line.at), zone), clockTime(line.at, zone), title(line), line.zone ? place(state, line.zone) : "",
    line.who ? said(state, line.who, line.who_name) : "", line.took_s, measuredTo(line), line.ended ? t(`ended.${line.ended}`) : "", about(line),
    line.due ? `${dayIn(Date.parse(line.due), zone)} ${clockTime(line.due, zone)}` : "", line.alert,
  ]);
  return csv(head, rows);
}

/** Reads the whole of a list and has the browser keep it; throws Refused or Unreachable. */
export async function saveList(state: State, days: Days, figure: Figure, from: string): Promise<void> {
  const lines: Counted[] = [];
  for (let count = 1; lines.length < count; ) {
    const part = await get<Listed>(`/api/today/list?${query(days, figure, lines.length, MOST)}`);
    if (!part.lines.length) break;
    lines.push(...part.lines);
    count = part.count;
  }
  save(`${state.venue.id}-${from}-${figure.name}.csv`, table(state, lines));
}
