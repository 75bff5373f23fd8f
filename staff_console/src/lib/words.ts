/** Facts as words: times, places, how sure, how we know. Everything in the language of who holds the tablet. */
import { currently } from "./clock.svelte";
import { dayIn, shiftDay } from "./days";
import { dateFormat, numberFormat } from "./formats";
import { language, t, tn, word, type Key } from "./i18n/index.svelte";
import { detail } from "./told";

import { valueOf } from "./values.svelte";

export { valueOf };
import type { Alert, Evidence, Localised, Overrun, Preference, Presence, Problem, Reader, State, Suggestion } from "./types";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BROUGHT = new Set(["drink", "food", "reading", "gift", "lunch", "dinner", "newspaper"]);

export const inOwnWords = (name: Localised): string => name[language()] || name["zh-CN"] || name.en;

/** Returns the zone's name; an id we do not know, as it is. */
export function place(state: State, zone: string | null): string {
  if (!zone) return t("place.unknown");
  const known = state.venue.zones.find((z) => z.id === zone);
  return known ? inOwnWords(known.name) : zone;
}

/** Returns where the customer of an alert is, as last known. */
export const placeOf = (state: State, { card, zone }: Pick<Alert, "card" | "zone">): string => place(state, card?.zone ?? zone);

/** Returns what somebody is who is no colleague, since such an id tells nobody anything; null for everybody else. */
function otherwise(id: string | null): string | null {
  if (!id) return t("person.nobody");
  if (id.startsWith("program-")) return t("person.program");
  return id === "command-line" || id === "customer" ? t(`person.${id === "customer" ? id : "command_line"}`) : null;
}

/** Returns who this is: a colleague by name, a program as one. */
export const person = (state: State, id: string | null): string => otherwise(id) ?? state.staff.find((s) => s.id === id)?.name ?? id!;

/** Returns who said or did something: by the name that the gateway says with it, where it says one. */
export const said = (state: State, id: string | null, name?: string | null): string =>
  (id && otherwise(id)) || (name !== id && name) || person(state, id);

/** Returns whose turn it is to answer an alert that is nobody's yet. */
export const whose = (state: State, { to }: Pick<Alert, "to">): string =>
  to.length ? t("line.told", { name: to.map((id) => person(state, id)).join(" · ") }) : t("line.next");

/** Returns the time of day where the venue is: 14:05. */
export function clockTime(time: string, zone: string): string {
  const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone } as const;
  return dateFormat(language(), format).format(new Date(time));
}

/** Returns a time with the day it is on where that is not today where the venue is: "14:05", "14:05 tomorrow", "3 Oct 14:05". */
export function moment(time: string, zone: string): string {
  const [clock, today, date] = [clockTime(time, zone), dayIn(currently(), zone), dayIn(Date.parse(time), zone)];
  if (date === today) return clock;
  if (date === shiftDay(today, 1)) return t("when.tomorrow", { time: clock });
  return date === shiftDay(today, -1) ? t("when.yesterday", { time: clock }) : `${day(time, zone)} ${clock}`;
}

/** Returns how long something has lasted; empty for less than a minute. */
export function lasting(since: string): string {
  const past = currently() - Date.parse(since);
  if (past < MINUTE) return "";
  if (past < HOUR) return tn("span.minutes", Math.floor(past / MINUTE));
  return past < DAY ? tn("span.hours", Math.floor(past / HOUR)) : tn("span.days", Math.floor(past / DAY));
}

/** Returns since when nothing has been heard of somebody who is here; nothing to say of who is heard. */
export const quiet = ({ quiet_since }: Pick<Presence, "quiet_since">, zone: string): string =>
  quiet_since ? t("present.quiet", { time: clockTime(quiet_since, zone) }) : "";

/** Returns a day where the venue is: "3 Oct", with the year when it is another one. */
export function day(time: string, zone: string): string {
  const year = (at: number) => dateFormat("en", { year: "numeric", timeZone: zone }).format(at);
  const other = year(Date.parse(time)) !== year(currently());
  return dateFormat(language(), {
    day: "numeric", month: "short", timeZone: zone, ...(other ? { year: "numeric" } : {}),
  }).format(new Date(time));
}

/** Returns the last day of what ends at a time: one that ends at midnight holds through the day before. */
export function lastDay(end: string, zone: string): string {
  return day(new Date(Date.parse(end) - 1).toISOString(), zone);
}

/** Returns a day of any year, given as `MM-DD`: "5 October". */
export function monthDay(monthAndDay: string): string {
  const at = Date.parse(`2000-${monthAndDay}T00:00:00Z`); // a leap year: every day of the calendar exists in it
  return Number.isNaN(at) ? monthAndDay : dateFormat(language(), { month: "long", day: "numeric", timeZone: "UTC" }).format(at);
}

/** Returns how long ago: "just now", "5 min ago", then the day. */
export function ago(time: string, zone: string): string {
  const past = currently() - Date.parse(time);
  if (past < MINUTE) return t("ago.now");
  if (past < HOUR) return tn("ago.minutes", Math.floor(past / MINUTE));
  if (past < DAY) return tn("ago.hours", Math.floor(past / HOUR));
  return past < 7 * DAY ? tn("ago.days", Math.floor(past / DAY)) : day(time, zone);
}

/** Returns how long somebody has waited: to the second in the first minute. */
export function waited(since: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  return seconds < 60 ? tn("ring.waits_s", seconds) : tn("ring.waits_min", Math.floor(seconds / 60));
}

/** Returns when something is due, and whether that is past. */
export function due(time: string, zone: string): { text: string; late: boolean } {
  const left = Date.parse(time) - currently();
  if (left < 0) return { text: t("due.late", { time: moment(time, zone) }), late: true };
  if (left < HOUR) return { text: tn("due.minutes", Math.max(1, Math.round(left / MINUTE))), late: false };
  return { text: t("due.at", { time: moment(time, zone) }), late: false };
}

/** Returns how sure we are, as one would say it. */
export function sureness(confidence: number): string {
  if (confidence >= 0.95) return t("sure.certain");
  if (confidence >= 0.8) return t("sure.very");
  return confidence >= 0.6 ? t("sure.likely") : t("sure.maybe");
}

/** Returns why we think so; where the kind of evidence is new to us, in the gateway's own words to who reads English. */
export function why(state: State, { evidence, reason: words, zone }: Pick<Presence, "evidence" | "reason" | "zone">): string {
  const reason = language() === "en" ? words : "";
  const reader = readerName(state, evidence?.reader ?? null, zone);
  switch (evidence?.kind) {
    case "reads":
      if (!evidence.reads) return reason;
      return tn("why.reads", evidence.reads, { reader }) + louder(state, evidence, reader);
    case "silence":
      return evidence.seconds ? tn("why.silence", Math.round(evidence.seconds)) : reason;
    case "moved":
      return evidence.from ? t("why.moved", { from: place(state, evidence.from) }) : reason;
    case "seen":
      return t("why.seen", { name: said(state, evidence.by ?? null) });
    case "tap":
    case "told":
    case "exit":
    case "left":
    case "restored":
      return t(`why.${evidence.kind}`, { reader });
    default:
      return reason;
  }
}

/** Returns nearer to what than to what, as one would say it: how many decibels that is tells nobody on a floor anything. */
function louder(state: State, { db, over, reader: by }: Evidence, reader: string): string {
  if (!db) return "";
  if (!over || state.readers.find((r) => r.id === over)?.role === "outer") return t("why.louder");
  const rival = readerName(state, over);
  const place = over !== by && rival !== reader && rival !== over; // else it would be compared with itself, or with a device
  return place ? t("why.louder_than", { over: rival }) : "";
}

/** Returns where a reader is, for staff know places and not device names; of one with many places, the one it heard in. */
export function readerName(state: State, id: string | null, heardIn: string | null = null): string {
  const reader = state.readers.find((r) => r.id === id);
  const many = reader?.zones ?? [];
  const zone = reader?.zone ?? (heardIn && many.includes(heardIn) ? heardIn : many.length === 1 ? many[0]! : null);
  return zone ? place(state, zone) : (id ?? t("place.unknown"));
}

/** Returns where a reader's antennas or rooms are. */
export const readerPlaces = (state: State, reader: Reader): string =>
  [...new Set([...(reader.zone ? [reader.zone] : []), ...(reader.zones ?? [])])].map((z) => place(state, z)).join(" · ") || reader.id;

/** Returns how we know a preference: said so, by whom, when. */
export function provenance(state: State, fact: Preference): string {
  const parts = [word("basis", fact.basis), fact.by || fact.by_name ? said(state, fact.by, fact.by_name) : "", ago(fact.at, state.venue.timezone), at(fact)];
  return parts.filter(Boolean).join(" · ");
}

/** Returns how another venue of the house is called; by its id where it has not said. */
export const houseOf = (venue: string, name: Localised | null | undefined): string => (name ? inOwnWords(name) : venue);

/** Returns in which other venue something was recorded; nothing of what was recorded here. */
export const at = ({ venue, venue_name }: { venue?: string | null; venue_name?: Localised | null }): string =>
  venue ? t("fact.at_venue", { venue: houseOf(venue, venue_name) }) : "";

/** Returns the one thing to do, and why that. */
export function advice(state: State, suggestion: Suggestion): { act: string; because: string } {
  const value = suggestion.value === null ? "" : valueOf({ code: suggestion.code ?? null, value: suggestion.value });
  const key = `suggest.${suggestion.kind}${value ? "" : ".plain"}` as Key;
  const act = word("suggest", key.slice("suggest.".length)).replace("{value}", value);
  const basis = suggestion.basis ? word("basis", suggestion.basis) : "";
  const because = word("because", suggestion.kind);
  const parts = [basis || (because === suggestion.kind ? "" : because), suggestion.at ? whenever(suggestion.at, state.venue.timezone) : ""];
  return { act, because: parts.filter(Boolean).join(" · ") };
}

const whenever = (time: string, zone: string): string =>
  Date.parse(time) > currently() ? due(time, zone).text : ago(time, zone);

const ABOUT = new Set(["live", "pin_guessed", "webhook_ended"]); // kinds that name a person or a program, and no device

/** Returns from where a limit was reached, or whom that is about. */
export function reachedBy(state: State, { kind, who }: Overrun): string {
  if (kind === "damaged") return t("limit.damaged_detail");
  if (kind === "glass" || kind === "odd" || kind === "anyway") return t("limit.about", { who: person(state, who) });
  if (ABOUT.has(kind)) return t("limit.about", { who: who === "an unknown name" ? t("limit.nobody") : said(state, who) });
  const browser = /^a browser of (.+)$/s.exec(who)?.[1];
  const device = browser ? t("limit.browser", { name: person(state, browser) }) : who.startsWith("tablet ") ? t("limit.tablet") : who;
  return t("limit.from", { who: device });
}

/** Returns what went wrong: what the gateway says where we know its sentence, else what the status means for anything. */
export function wrong(problem: Problem): string {
  if (!problem.status) return t("problem.unreachable");
  const known = detail(problem.detail);
  if (known !== null) return known;
  if (problem.status === 422) return unexpected(problem);
  const kind = String(problem.status);
  return word("problem", kind) !== kind ? word("problem", kind) : t("problem.500");
}

/** Returns which part of what was sent is not as expected; in English also why. */
function unexpected({ detail: said, errors }: Problem): string {
  const at = errors?.[0]?.at.replace(/^body\//, "") ?? "";
  return t("problem.422", { at: language() === "en" ? said || at || "?" : at || said || "?" });
}

/** Whether what a preference or a question is about is brought to somebody; anything else is done as they like it. */
export const isBrought = (about: string): boolean => BROUGHT.has(about);

/** Returns a duration in seconds as one reads it: tenths only where they tell something. */
export const seconds = (s: number): string => numberFormat(language(), { maximumFractionDigits: s < 10 ? 1 : 0 }).format(s);

export const money = ({ amount, currency }: { amount: number; currency: string }): string =>
  numberFormat(language(), { style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 2, minimumFractionDigits: 0 }).format(amount);
