/** Calendar days as `YYYY-MM-DD`, where the venue is. */
import { dateFormat } from "./formats";

/** Returns the day it is in `zone` at `at` (ms). */
export const dayIn = (at: number, zone: string): string =>
  dateFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

/** Returns the day so many days later; negative: before. */
export function shiftDay(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** Returns a day as one says it, with its year: "28 Nov 2028". */
export const dayWords = (date: string, language: string): string =>
  dateFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(Date.parse(`${date}T00:00:00Z`));
