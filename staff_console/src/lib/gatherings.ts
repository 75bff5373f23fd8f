/** Gatherings as the screens say them: what is ahead, who stands where, and what comes next. */
import type { components } from "./api-types";
import refusals from "./details_gatherings.json";
import { dateFormat } from "./formats";
import { language } from "./i18n/index.svelte";
import { also } from "./told";
import type { Me } from "./types";

also(refusals);

type Schemas = components["schemas"];
export type Gathering = Schemas["Gathering"];
export type Invitation = Schemas["Invitation"];
export type Drawn = Schemas["Drawn"];
export type Introduction = Schemas["Introduction"];
export type MayMeet = Schemas["MayMeet"];
export type Asked = Schemas["Asked"];
export type NewGathering = Schemas["NewGathering"];

export const KINDS = ["contest", "tasting", "course", "owners", "salon", "online"] as const;
export const RULES = ["interest", "value", "woken", "relation", "membership"] as const;
export const SAME_MS = 5_000; // a list that is open is read again

/** Whether somebody looks after the guests of a gathering: its hosts, and who leads. */
export const hosts = (one: Gathering, me: Me): boolean => me.roles.includes("manager") || one.hosts.includes(me.staff ?? "");

/** Those that go on, the next first; then what is over, the latest first. */
export function inOrder(every: Gathering[]): { ahead: Gathering[]; past: Gathering[] } {
  const done = (one: Gathering) => one.state === "reckoned" || one.state === "cancelled";
  const by = (a: Gathering, b: Gathering) => a.from.localeCompare(b.from);
  return { ahead: every.filter((one) => !done(one)).sort(by), past: every.filter(done).sort((a, b) => by(b, a)) };
}

/** When it is, in the venue's time: "Sat 28 Nov, 19:00 – 22:00". */
export function when(one: Gathering, zone: string): string {
  const day = dateFormat(language(), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: zone });
  const until = dateFormat(language(), { hour: "2-digit", minute: "2-digit", timeZone: zone });
  return `${day.format(new Date(one.from))} – ${until.format(new Date(one.until))}`;
}

export type Part = "here" | "expected" | "left" | "waiting" | "asked" | "not_seen" | "out";

/** Where somebody stands on the list of an evening. */
export function partOf(one: Invitation, state: Gathering["state"]): Part {
  const begun = state === "under_way" || state === "over" || state === "reckoned";
  if (one.standing === "attended") return one.here && state === "under_way" ? "here" : "left";
  if (begun && one.here && one.standing === "accepted") return "here";
  if (one.standing === "accepted") return "expected";
  if (one.standing === "waiting") return "waiting";
  if (one.standing === "sent") return "asked";
  return one.standing === "not_seen" ? "not_seen" : "out";
}

export const PARTS: Part[] = ["here", "expected", "left", "not_seen", "waiting", "asked", "out"];
