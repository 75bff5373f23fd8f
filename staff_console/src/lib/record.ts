/** The record of a customer as a form holds it, and what becomes of it when two people change it at once. */
import type { components } from "./api-types";

type S = components["schemas"];

export type WholeRecord = S["WholeRecord"];
export type Changed = S["ChangedMeanwhile"];
export type Duplicate = S["Duplicate"];
export type Mistake = S["Mistake"];
export type Parted = S["Unmerged"];

export interface Facts {
  name: string;
  address_as: string;
  language: string;
  tier: string;
  associate: string;
  deputy: string;
  birthday: string;
  wishes: string[];
  meets: string[];
}

export type Field = keyof Facts;
export const FIELDS: Field[] = ["name", "address_as", "language", "tier", "associate", "deputy", "birthday", "wishes", "meets"];
/** Wishes that are yes or nothing; whether somebody may be introduced is yes, no, or not asked. */
export const WISHES = ["do_not_disturb", "no_name", "anonymous", "no_photographs", "do_not_recognise"] as const;
export const INTRODUCTIONS = ["introductions", "no_introductions"] as const;

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]; // 29 February is somebody's

type Told = { [K in Exclude<Field, "wishes" | "meets">]?: string | null } & { wishes: string[]; meets: string[] };

/** Returns the facts of a record, an empty text where nothing is known. */
export const factsOf = (told: Told): Facts => ({
  name: told.name ?? "",
  address_as: told.address_as ?? "",
  language: told.language ?? "",
  tier: told.tier ?? "",
  associate: told.associate ?? "",
  deputy: told.deputy ?? "",
  birthday: told.birthday ?? "",
  wishes: [...told.wishes],
  meets: [...told.meets],
});

const plain = (value: string | string[]): string => (Array.isArray(value) ? [...value].sort().join("\n") : value.trim());

/** Whether two values of a field are one: blanks at the ends and the order of a list do not count. */
export const same = (one: string | string[], other: string | string[]): boolean => plain(one) === plain(other);

/** Returns the fields in which `now` is otherwise than `before`. */
export const changedFields = (before: Facts, now: Facts): Field[] => FIELDS.filter((field) => !same(before[field], now[field]));

export interface Joined {
  facts: Facts;
  /** What somebody else changed, and this person did not. */
  taken: Field[];
  /** What both changed, each otherwise: `facts` holds this person's. */
  clashes: Field[];
}

/** Returns what two people made of `base`: each one's changes, and where they differ this person's, to be asked about. */
export function joined(base: Facts, mine: Facts, theirs: Facts): Joined {
  const facts = { ...mine };
  const [taken, clashes]: [Field[], Field[]] = [[], []];
  for (const field of changedFields(base, theirs)) {
    if (same(mine[field], theirs[field])) continue;
    if (same(mine[field], base[field])) {
      Object.assign(facts, { [field]: theirs[field] });
      taken.push(field);
    } else clashes.push(field);
  }
  return { facts, taken, clashes };
}

/** Returns what the gateway is sent: nothing is null. */
export function sent(facts: Facts): Record<Field, string | string[] | null> {
  const text = (value: string) => value.trim() || null;
  return {
    name: facts.name.trim(), address_as: text(facts.address_as), language: text(facts.language), tier: text(facts.tier),
    associate: text(facts.associate), deputy: text(facts.deputy), birthday: text(facts.birthday), wishes: facts.wishes, meets: facts.meets,
  };
}

export const months = DAYS.map((_, i) => String(i + 1).padStart(2, "0"));
export const daysOf = (month: string): string[] => Array.from({ length: DAYS[Number(month) - 1] ?? 31 }, (_, i) => String(i + 1).padStart(2, "0"));

/** Returns a birthday of a month and a day as the gateway has it; empty while one of them is not chosen. */
export const birthdayOf = (month: string, day: string): string => (month && day && daysOf(month).includes(day) ? `${month}-${day}` : "");

/** Returns the wishes with `wish` or without it; of yes and no to introductions one at most. */
export function toggled(wishes: string[], wish: string): string[] {
  if (wishes.includes(wish)) return wishes.filter((each) => each !== wish);
  const other = INTRODUCTIONS.find((each) => each !== wish && (INTRODUCTIONS as readonly string[]).includes(wish));
  return [...wishes.filter((each) => each !== other), wish];
}
