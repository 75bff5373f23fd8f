/** Which days the manager looks at, which of their numbers, and whose story: all of it stands in the address, so that back works. */
import { dayIn, shiftDay } from "./days";
import { dateFormat, numberFormat } from "./formats";
import { language, t } from "./i18n/index.svelte";
import { href } from "./router.svelte";
import type { Bar, Today } from "./types";
import { seconds } from "./words";

export const SPANS = ["day", "yesterday", "week", "last_week"] as const;
export type Span = (typeof SPANS)[number];

/** Days of the venue's own calendar: a span as seen from a date; without one from today. */
export interface Days {
  span: Span;
  date: string | null;
}

/** One number of the report, or the part of it in one zone, hour or day, of one person, or of those who waited so long. */
export interface Figure {
  name: string;
  part: Part;
}

export type Part = Partial<Record<"zone" | "staff" | "hour" | "day" | "over_s" | "upto_s", string>>;
const PARTS = ["zone", "staff", "hour", "day", "over_s", "upto_s"] as const;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Returns the days that an address names: `week`, `2026-05-03`, `week@2026-05-03`; today where it names none. */
export function daysOf(id: string | null): Days {
  const [first = "", date = ""] = (id ?? "").split("@");
  if (DATE.test(first)) return { span: "day", date: first };
  const span = SPANS.find((one) => one === first) ?? "day";
  return { span, date: DATE.test(date) ? date : null };
}

/** Returns the days as an address names them. */
export function named({ span, date }: Days): string {
  if (!date) return span;
  return span === "day" ? date : `${span}@${date}`;
}

/** Returns the days before or after: a day for days, a week for weeks; those of today by their own names. */
export function step(days: Days, by: 1 | -1, today: string): Days {
  const week = days.span === "week" || days.span === "last_week";
  const from = firstDay(days, today);
  const date = shiftDay(from, week ? 7 * by : by);
  if (week) return { span: "week", date: date === monday(today) ? null : date };
  return { span: "day", date: date === today ? null : date };
}

/** Returns the first of the days. */
export function firstDay({ span, date }: Days, today: string): string {
  const on = date ?? today;
  if (span === "day") return on;
  if (span === "yesterday") return shiftDay(on, -1);
  return shiftDay(monday(on), span === "last_week" ? -7 : 0);
}

function monday(date: string): string {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return shiftDay(date, -((weekday + 6) % 7));
}

/** Returns the days in words: "Sunday 29 March", "23 March – 29 March". */
export function inWords(from: string, until: string): string {
  const [first, last] = [Date.parse(from), Date.parse(until)];
  if (from === until) return dateFormat(language(), { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }).format(first);
  const short = dateFormat(language(), { day: "numeric", month: "long", timeZone: "UTC" });
  return `${short.format(first)} – ${short.format(last)}`;
}

/** Returns what an address says behind the days: a figure with its part, and the alert whose story is open. */
export function viewOf(part: string | null): { figure: Figure | null; story: string | null } {
  const [name = "", ...pairs] = (part ?? "").split(";");
  const said = new Map(pairs.map((pair): [string, string] => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
  const of = Object.fromEntries(PARTS.filter((one) => said.has(one)).map((one) => [one, said.get(one)!]));
  return { figure: name ? { name, part: of } : null, story: said.get("story") ?? null };
}

/** Returns the address of a figure's list, or of a story that was opened from it. */
export function addressOf(days: Days, figure: Figure | null, story?: string | null): string {
  if (!figure) return href("today", named(days));
  const pairs = PARTS.filter((one) => figure.part[one] !== undefined).map((one) => `${one}=${figure.part[one]!}`);
  return href("today", named(days), [figure.name, ...pairs, ...(story ? [`story=${story}`] : [])].join(";"));
}

/** Returns what to ask the gateway for. */
export function query({ span, date }: Days, figure?: Figure, offset = 0, limit = 0): string {
  const asked = new URLSearchParams({ range: span, ...(date ? { date } : {}) });
  if (figure) {
    asked.set("figure", figure.name);
    for (const [name, value] of Object.entries(figure.part)) asked.set(name, value);
    asked.set("offset", String(offset));
    asked.set("limit", String(limit));
  }
  return asked.toString();
}

/** Whether the days are not over yet: what was read of them grows old. */
export const goesOn = (report: Today, now: number): boolean => report.until >= dayIn(now, report.timezone);

/** Returns a day in a word for a table: "Sun 29". */
export const inShort = (date: string): string =>
  dateFormat(language(), { weekday: "short", day: "numeric", timeZone: "UTC" }).format(Date.parse(date));

// --- how long ---------------------------------------------------------------------------------------------------------

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Returns what a bar stands for: "more than 5 and up to 8 s" is "5–8 s". */
export function barName({ over_s, upto_s }: Pick<Bar, "over_s" | "upto_s">): string {
  const minutes = over_s >= MINUTE;
  const n = (s: number) => (minutes ? s / MINUTE : s);
  if (upto_s === null) return t(minutes ? "today.longer_min" : "today.longer", { n: n(over_s) });
  return t(minutes ? "today.bucket_min" : "today.bucket", { from: n(over_s), to: n(upto_s) });
}

export interface Drawn {
  bar: Bar;
  x: number;
  width: number;
  /** Parts of a bar's height from the foot: as many as were measured to the tap, and on them the others. */
  met: number;
  claimed: number;
}

/**
 * Returns the bars of the first minute as they are drawn on `wide` × `high` pixels: as wide as their time, and with an area
 * that is their number, or a long band would look like many guests. What is longer than a minute is no part of the picture.
 */
export function drawn(bars: Bar[], wide: number, high: number): Drawn[] {
  const first = bars.filter((bar): bar is Bar & { upto_s: number } => bar.upto_s !== null && bar.upto_s <= MINUTE);
  const dense = (n: number, bar: { over_s: number; upto_s: number }) => n / (bar.upto_s - bar.over_s);
  const most = Math.max(1e-9, ...first.map((bar) => dense(bar.count, bar)));
  return first.map((bar) => ({
    bar,
    x: (bar.over_s / MINUTE) * wide,
    width: ((bar.upto_s - bar.over_s) / MINUTE) * wide,
    met: (dense(bar.met, bar) / most) * high,
    claimed: (dense(bar.claimed, bar) / most) * high,
  }));
}

/** Returns so many seconds, or minutes and hours where those say more. */
export function lasted(s: number | null): string {
  if (s === null) return "–";
  if (s < 2 * MINUTE) return t("today.seconds", { s: seconds(s) });
  const n = (of: number) => numberFormat(language(), { maximumFractionDigits: 0 }).format(s / of);
  return s < 2 * HOUR ? t("today.minutes", { n: n(MINUTE) }) : t("today.hours", { n: n(HOUR) });
}

/** Returns when a step was, as seen from the card: "+3 s", "−1.5 s"; nothing where there is no card. */
export function after(since: number | null): string {
  if (since === null) return "";
  return `${since < 0 ? "−" : "+"}${lasted(Math.abs(since))}`;
}
