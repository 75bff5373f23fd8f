/** Readers as IT needs them: what is wrong first, and what to do about it. */
import { listed, t, tn, word, type Key } from "./i18n/index.svelte";
import type { Reader, Remedy, State, Walk, WalkPlace } from "./types";
import { lasting, place, readerPlaces } from "./words";

const WEIGHT = { lost: 0, quiet: 1, up: 2 };

/** Returns the readers with those first that need somebody. */
export const byNeed = (readers: Reader[]): Reader[] => [...readers].sort((a, b) => WEIGHT[a.state] - WEIGHT[b.state]);

/** Returns where the readers are that need somebody. */
export const troubled = (state: State, readers: Reader[]): string[] =>
  byNeed(readers).filter((r) => r.state !== "up").map((r) => [...new Set([readerPlaces(state, r), r.id])].join(" · "));

/** Returns what to do, in the language of who holds the tablet; a remedy that is new to us in English. */
export function remedy(one: Remedy): string {
  return word("remedy", one.kind) === one.kind ? one.text : t(`remedy.${one.kind}` as Key, one.facts);
}

/** Returns what a place of a walk is called: its reader, and the antenna or room of it. */
export const placeName = (one: WalkPlace): string => (one.antenna === null ? one.reader : `${one.reader} · ${one.antenna}`);

/** Returns the places of a walk by zone, in the order of the venue. */
export function byZone(state: State, walk: Walk): { zone: string; name: string; verdict: string; places: WalkPlace[] }[] {
  return Object.keys(walk.zones).map((zone) => ({
    zone, name: place(state, zone), verdict: walk.zones[zone]!, places: walk.places.filter((p) => p.zone === zone),
  }));
}

/** Returns how a reader is and for how long, as one says it. */
export function stateSince({ state, since }: Pick<Reader, "state" | "since">): string {
  const span = lasting(since);
  return span ? t(`reader.for.${state}`, { span }) : t(`reader.just.${state}`);
}

export const heardIn = (walk: Walk): number => walk.places.filter((p) => p.verdict === "pass").length;

/** Returns a walk as lines of text, for a file. */
export function walkText(state: State, walk: Walk, when: string, by: string): string {
  const lines = byZone(state, walk).flatMap((zone) => [
    "", zone.name,
    ...zone.places.map((p) => `  ${word("walk.verdict", p.verdict === "fail" ? "over" : p.verdict)}\t${placeName(p)}\t${placeFacts(state, p)}`),
  ]);
  return [t("walk.title"), t("walk.last", { when, by }), verdict(walk), ...lines, ""].join("\n");
}

export const verdict = (walk: Walk): string =>
  walk.passed ? t("walk.passed") : t("walk.not_passed", { n: walk.places.length - heardIn(walk), all: walk.places.length });

/** Returns how often and how strong a place heard the tag, and where it was louder. */
export function placeFacts(state: State, p: WalkPlace): string {
  return [
    p.verdict === "pass" ? tn("walk.heard", p.reads) : t("walk.reads", { n: p.reads, needed: p.needed }),
    p.best_rssi === null ? "" : t("walk.best", { dbm: Math.round(p.best_rssi) }),
    p.louder.length ? t("walk.louder", { places: listed(p.louder.map((z) => place(state, z))) }) : "",
  ].filter(Boolean).join(" · ");
}
