/** The settings of the venue as rows to be changed: which tables, which fields each has, and how a change is sent. */
import equipment from "./details_equipment.json";
import mistakes from "./details_mistakes.json";
import { language, t, word } from "./i18n/index.svelte";
import { also, detail } from "./told";
import type { DriverKind, SettingsRow, VenueSettings } from "./types";

also(equipment);
also(mistakes);

export type Value = Record<string, unknown>;
export type Kind =
  | "text" | "number" | "whole" | "yes" | "choice" | "zone" | "zones" | "words" | "numbers" | "name"
  | "lines" // one each line
  | "picks" // some of the options
  | "zoned"; // antennas or rooms, each with its zone

export interface Field {
  /** As in the file; `margin.low` is `low` of a table within. */
  name: string;
  kind: Kind;
  options?: readonly (string | number)[];
  needed?: boolean;
}

export interface TableOf {
  table: string;
  /** By what a row is known; null: by its number, undefined: the table has no rows. */
  key?: string | null;
  fields: readonly Field[];
  /** Whether only who leads may change it. */
  leads?: boolean;
}

/** Which way of being read a reader means. */
export const ROLES = ["outer", "inner", "exit", "zone", "tap"] as const;
const MOMENTS = [
  "moved", "waiting", "promise_due", "met", "back_after", "birthday", "leaving", "keys_left", "mute_phone", "verify", "order_flagged",
] as const;

export const TABLES: readonly TableOf[] = [
  { table: "zones", key: "id", fields: [
    { name: "id", kind: "text", needed: true }, { name: "name", kind: "name", needed: true }, { name: "floor", kind: "whole" }, { name: "stairs", kind: "yes" },
  ] },
  { table: "readers", key: "id", fields: [
    { name: "id", kind: "text", needed: true }, { name: "driver", kind: "choice", needed: true }, { name: "link", kind: "text", needed: true },
    { name: "role", kind: "choice", options: ROLES, needed: true }, { name: "zone", kind: "zone" },
    { name: "antennas", kind: "zoned" }, { name: "rooms", kind: "zoned" }, { name: "canary", kind: "text" },
  ] },
  { table: "places", key: null, fields: [
    { name: "zone", kind: "zone", needed: true }, { name: "kind", kind: "choice", options: ["seat", "chair", "table", "room"] },
    { name: "rows", kind: "text" }, { name: "letters", kind: "text" }, { name: "ids", kind: "words" }, { name: "seats", kind: "whole" },
  ] },
  { table: "moments", key: null, fields: [
    { name: "kind", kind: "choice", options: MOMENTS, needed: true }, { name: "zones", kind: "zones" }, { name: "after_minutes", kind: "number" },
    { name: "days", kind: "whole" }, { name: "to", kind: "choice", options: ["holder", "owner", "zone", "manager"] }, { name: "off", kind: "yes" },
  ] },
  { table: "alerts", fields: [
    { name: "escalate_after_s", kind: "numbers" }, { name: "hand_over_s", kind: "number" }, { name: "per_customer_minutes", kind: "number" },
    { name: "per_person_per_hour", kind: "whole" }, { name: "hint", kind: "yes" }, { name: "tiers", kind: "words" },
  ] },
  { table: "presence", fields: [{ name: "reentry_minutes", kind: "number" }, { name: "linger_s", kind: "number" }] },
  { table: "retention", leads: true, fields: [
    "presence_days", "visits_days", "proof_days", "journal_days", "skeleton_days", "sessions_days", "answers_days", "without_consent_days",
  ].map((name): Field => ({ name, kind: "whole" })) },
  { table: "access", key: null, leads: true, fields: [
    { name: "role", kind: "choice", options: ["floor", "crew", "manager"], needed: true },
    { name: "what", kind: "picks", options: ["presence", "alerts", "customers", "absent", "search"] },
    { name: "zones", kind: "choice", options: ["own", "all", "none"], needed: true },
  ] },
  { table: "break_glass", leads: true, fields: [{ name: "officers", kind: "words" }] },
  { table: "programs", leads: true, fields: [{ name: "days", kind: "whole" }, { name: "most_days", kind: "whole" }] },
  { table: "insight", leads: true, fields: [
    { name: "currency", kind: "text" }, ...["margin.low", "margin.mid", "margin.high", "hour.floor", "hour.crew", "hour.manager"].map((name): Field => ({ name, kind: "number" })),
    { name: "horizon_days", kind: "whole" }, { name: "hold_out", kind: "number" }, { name: "approve_above", kind: "number" }, { name: "at", kind: "text" },
  ] },
  { table: "backup", leads: true, fields: [
    { name: "to", kind: "lines" }, { name: "every_hours", kind: "number" }, { name: "keep", kind: "whole" }, { name: "erasures", kind: "lines" },
  ] },
  { table: "webhooks", key: "name", leads: true, fields: [
    { name: "name", kind: "text", needed: true }, { name: "url", kind: "text", needed: true }, { name: "events", kind: "words" },
    { name: "personal", kind: "yes" }, { name: "partner", kind: "text" }, { name: "brand", kind: "text" },
  ] },
] as const;

export const READERS: TableOf = TABLES.find((of) => of.table === "readers")!;

/** Returns the rows of a table; of one without rows the table itself, where it is written. */
export function rowsOf(settings: VenueSettings, of: TableOf): Value[] {
  const there = settings.settings[of.table];
  if (of.key === undefined) return [(there as Value | undefined) ?? {}];
  return Array.isArray(there) ? (there as Value[]) : [];
}

/** Returns by what a row is addressed; null for a table, and for a row that is new. */
export function addressOf(of: TableOf, row: Value | null, number: number): string | number | null {
  if (of.key === undefined || row === null) return null;
  return of.key === null ? number : String(row[of.key]);
}

/** An antenna or a room, and the zone it is in. */
export interface Zoned {
  key: string;
  zone: string;
}

export const zonedOf = (value: unknown): Zoned[] => Object.entries((value ?? {}) as Record<string, string>).map(([key, zone]) => ({ key, zone }));

export const newRow = (of: TableOf, at: string | number | null, value: Value | null): SettingsRow => ({ table: of.table, at, value });

/** Returns what a row has for a field, also one in a table within it. */
export const valueIn = (row: Value, name: string): unknown =>
  name.split(".").reduce<unknown>((within, part) => (within as Value | undefined)?.[part], row);

/** Puts what a row is to have for a field; undefined takes it away, and the table within that is empty then. */
export function put(row: Value, name: string, value: unknown): void {
  const [table, inner] = name.split(".") as [string, string?];
  if (inner === undefined) {
    if (value === undefined) delete row[table];
    else row[table] = value;
    return;
  }
  const within = { ...(row[table] as Value | undefined) };
  put(within, inner, value);
  put(row, table, Object.keys(within).length ? within : undefined);
}

/** Returns how a screen says one of the options of a field. */
export const optionWord = (of: TableOf, f: Field, option: string | number): string => WORDS[`${of.table}.${f.name}`]?.(String(option)) ?? String(option);

const WORDS: Record<string, (option: string) => string> = {
  "readers.role": (option) => word("readers.role", option),
  "moments.kind": (option) => word("venue.kind", option),
  "moments.to": (option) => word("venue.to", option),
  "access.role": (option) => word("role", option),
  "access.what": (option) => word("venue.what", option),
  "access.zones": (option) => word("venue.reach", option),
  "places.kind": (option) => word("venue.place", option),
};

/** Returns what a row says, in one line, with its zones by the names that people call them. */
export function summary(of: TableOf, row: Value, language: string, zone: (id: string) => string = String): string {
  const name = row.name as Record<string, string> | undefined;
  const shown = of.fields.filter((f) => !HEADS[of.table]?.includes(f.name) && f.name !== "id" && f.name !== "name" && valueIn(row, f.name) !== undefined).map((f) => inWords(of, f, valueIn(row, f.name), zone));
  return [typeof name === "object" ? (name[language] ?? name.en ?? name["zh-CN"]) : "", ...shown].filter(Boolean).join(" · ");
}

/** What the name of a row says already. */
const HEADS: Record<string, readonly string[]> = { moments: ["kind"], access: ["role"], places: ["kind"] };

function inWords(of: TableOf, f: Field, value: unknown, zone: (id: string) => string): string {
  if (f.kind === "zone") return zone(String(value));
  if (f.kind === "zones" && Array.isArray(value)) return value.map((each) => zone(String(each))).join(", ");
  if (f.kind === "zoned") return Object.entries(value as Value).map(([key, at]) => `${key} → ${zone(String(at))}`).join(", ");
  if (f.kind === "yes") return `${word("venue.field", `${of.table}.${f.name}`)}: ${t(value === true ? "venue.yes" : "venue.no")}`;
  if (f.kind === "choice" || f.kind === "picks") return (Array.isArray(value) ? value : [value]).map((each) => optionWord(of, f, String(each))).join(", ");
  return ["number", "whole", "numbers"].includes(f.kind) ? `${word("venue.field", `${of.table}.${f.name}`)}: ${said(value)}` : said(value);
}

const said = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : value !== null && typeof value === "object" ? Object.values(value).join(", ") : String(value));

/** Returns the fields of a reader's driver that a screen can ask for. */
export function ofDriver(drivers: readonly DriverKind[], name: unknown): DriverKind["settings"] {
  return drivers.find((one) => one.name === name)?.settings.filter((one) => one.kind !== "other") ?? [];
}

/** Returns what was typed as the file holds it; undefined where nothing was. */
export function typed(kind: Kind | "other", text: string): unknown {
  const trimmed = text.trim();
  if (!trimmed) return undefined;
  const parts = trimmed.split(/[,，、\s]+/).filter(Boolean);
  if (kind === "number" || kind === "whole") return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
  if (kind === "numbers") return parts.map(Number);
  if (kind === "lines") return trimmed.split("\n").map((each) => each.trim()).filter(Boolean);
  if (kind === "words" || kind === "zones" || kind === "picks") return kind !== "words" ? parts : trimmed.split(/[,，、]+/).map((each) => each.trim()).filter(Boolean);
  return trimmed;
}

/** Returns a value as it is typed. */
export const shownAs = (value: unknown, kind?: Kind): string =>
  value === undefined || value === null ? "" : kind === "lines" && Array.isArray(value) ? value.join("\n") : said(value);

/** Returns a mistake of the file in the language of who reads it: where it is stays as it is written. */
export function mistakeWords(mistake: string): string {
  if (language() === "en") return mistake;
  const [, sentence = mistake, name] = /^(.*); did you mean '([^']+)'\?$/s.exec(mistake) ?? [];
  for (let at = sentence.indexOf(": "); at > 0; at = sentence.indexOf(": ", at + 1)) {
    const said = detail(sentence.slice(at + 2));
    if (said !== null) return `${sentence.slice(0, at)}：${said}${name === undefined ? "" : `；是不是 '${name}'？`}`;
  }
  return mistake;
}

export type Line = { kind: "same" | "gone" | "new" | "at"; text: string };

/** Returns the lines of a difference. */
export const lines = (difference: string): Line[] =>
  difference ? difference.split("\n").map((line) => ({ kind: ({ "-": "gone", "+": "new", "@": "at" } as const)[line[0] as "-"] ?? "same", text: line.slice(1) })) : [];
