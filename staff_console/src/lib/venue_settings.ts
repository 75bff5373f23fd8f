/** The settings of the venue as rows to be changed: which tables, which fields each has, and how a change is sent. */
import equipment from "./details_equipment.json";
import { also } from "./told";
import type { DriverKind, SettingsRow, VenueSettings } from "./types";

also(equipment);

export type Value = Record<string, unknown>;
export type Kind = "text" | "number" | "whole" | "yes" | "choice" | "zone" | "zones" | "words" | "numbers" | "name";

export interface Field {
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

const ROLES = ["outer", "inner", "exit", "zone", "tap"] as const;
const MOMENTS = [
  "moved", "waiting", "promise_due", "met", "back_after", "birthday", "leaving", "keys_left", "mute_phone", "verify", "order_flagged",
] as const;

export const TABLES: readonly TableOf[] = [
  { table: "zones", key: "id", fields: [
    { name: "id", kind: "text", needed: true }, { name: "name", kind: "name", needed: true }, { name: "floor", kind: "whole" }, { name: "stairs", kind: "yes" },
  ] },
  { table: "readers", key: "id", fields: [
    { name: "id", kind: "text", needed: true }, { name: "driver", kind: "choice", needed: true }, { name: "link", kind: "text", needed: true },
    { name: "role", kind: "choice", options: ROLES, needed: true }, { name: "zone", kind: "zone" }, { name: "canary", kind: "text" },
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

export const newRow = (of: TableOf, at: string | number | null, value: Value | null): SettingsRow => ({ table: of.table, at, value });

/** Returns what a row says, in one line. */
export function summary(of: TableOf, row: Value, language: string): string {
  const name = row.name as Record<string, string> | undefined;
  const shown = of.fields.filter((f) => !["id", "name", "kind"].includes(f.name) && row[f.name] !== undefined).map((f) => said(row[f.name]));
  return [name?.[language] ?? name?.en ?? name?.["zh-CN"], ...shown].filter(Boolean).join(" · ");
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
  if (kind === "words" || kind === "zones") return kind === "zones" ? parts : trimmed.split(/[,，、]+/).map((each) => each.trim()).filter(Boolean);
  return trimmed;
}

/** Returns a value as it is typed. */
export const shownAs = (value: unknown): string => (value === undefined || value === null ? "" : said(value));

export type Line = { kind: "same" | "gone" | "new" | "at"; text: string };

/** Returns the lines of a difference. */
export const lines = (difference: string): Line[] =>
  difference ? difference.split("\n").map((line) => ({ kind: ({ "-": "gone", "+": "new", "@": "at" } as const)[line[0] as "-"] ?? "same", text: line.slice(1) })) : [];
