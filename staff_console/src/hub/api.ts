import { language } from "./words.svelte";

export interface Me { role: "hub"; staff: string; roles: string[]; hub: { id: string; name: Record<string, string> }; brands: string[] }
export interface Venue { venue: string; name: Record<"zh-CN" | "en", string> | null; brand: string; connected: boolean; behind: number; heard_at: string | null; build: string; epoch: number | string | null; forks: number; skew_s: number; told: string[] }
export interface Box { box: string; venue: string; role: string; brand: string; build: string; joined: string; heard_at: string | null; revoked: string | null }
export interface Person { customer: string; also: string[]; name: string; tier: string; birthday: string | null; associate: string | null; venues: string[]; open: number; seen_at: string | null }
export interface Whole extends Person {
  wishes: string[];
  facts: { category: string; value: string; polarity: string; basis: string }[];
  owed: { id: string; kind: string; text: string | null; owner: string | null; open: boolean }[];
  merges: { merge: string; other: string }[];
  journal: { at: string; type: string; venue: string; by: string }[];
}
export interface Pair { kept: Person; other: Person; because: string }
export interface Erasure { erasure: string; customer: string; at: string; by: string; waiting: number }
export interface Receipt { erasure: string; customer: string; at: string; dark_at: string | null; places: { place: string; kind: string; done_at: string | null; not_heard_since: string | null }[]; signature: string }
export interface Handed { customer: string; name: string; from: string; to: string; what: string; id: string | null }
export interface Expected { id: string; customer: string; venue: string; from: string; until: string; place: string | null; note: string | null }

/** What the hub refused, in the words of whoever reads it. */
export class Refused extends Error {
  constructor(readonly status: number, words: string) {
    super(words);
  }
}

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { "content-type": typeof body === "string" ? "text/csv" : "application/json" };
  const sent = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(`/api${path}`, { method, headers, body: sent });
  const text = await answer.text();
  const said = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refused(answer.status, said?.words?.[language()] ?? said?.detail ?? answer.statusText);
  return said as T;
}
