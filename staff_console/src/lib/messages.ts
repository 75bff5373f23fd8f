/**
 * What the gateway says and is told: one interface per shape, field for field.
 * Times are ISO 8601 UTC with milliseconds; ids are opaque texts. A test compares these with the gateway's own.
 */

export type Localised = { "zh-CN": string; en: string };
export type Polarity = "do" | "avoid" | "allergy";
export type Basis = "stated" | "observed" | "inferred";
export type Scope = "standing" | "one_off";
export type Outcome = "greeted" | "not_found" | "declined" | "left" | "revoked";

export interface Zone {
  id: string;
  name: Localised;
}

export interface Venue {
  id: string;
  name: Localised;
  kind: string;
  timezone: string;
  zones: Zone[];
}

export interface Me {
  staff: string | null;
  name: string;
  role: string;
  roles: string[];
  zones: string[];
  languages: string[];
  on_shift: boolean;
  shift?: { zones: string[]; until: string | null } | null;
}

/** Why we think so, in parts, so that each language can say it. */
export interface Evidence {
  kind: string;
  reader?: string | null;
  reads?: number | null;
  seconds?: number | null;
  db?: number | null;
  over?: string | null;
  from?: string | null;
  verify?: boolean | null;
}

/** Name and form of address are null for a customer who does not want to be named. */
export interface Presence {
  customer: string;
  name: string | null;
  address_as: string | null;
  language: string | null;
  tier: string | null;
  wishes: string[];
  visit: string;
  zone: string | null;
  since: string;
  confidence: number;
  reason: string;
  evidence: Evidence;
  state: string;
  group?: string | null;
  companions?: number | null;
  waiting_since?: string | null;
  attended_by?: string | null;
}

/** `code` says which allergen an allergy is, for a word in the reader's language. */
export interface Preference {
  id: string;
  customer: string;
  visit: string | null;
  category: string;
  value: string;
  code?: string | null;
  polarity: Polarity;
  basis: Basis;
  scope: Scope;
  by: string | null;
  by_name: string | null;
  at: string;
}

export interface Ask {
  id: string;
  visit: string;
  customer: string;
  question: string;
  state: "open" | "answered" | "served";
  by: string | null;
  by_name: string | null;
  at: string;
  count: number;
  answer: string | null;
  answered_by: string | null;
  answered_at: string | null;
  served_by?: string | null;
  served_at?: string | null;
}

/** Something owed to a customer: a promise or a complaint, with an owner and a due time. */
export interface Promise {
  id: string;
  kind: "promise" | "complaint";
  customer: string;
  visit: string | null;
  text: string;
  owner: string | null;
  due: string | null;
  state: "open" | "closed";
  by: string | null;
  at: string;
  closed_by: string | null;
  closed_at: string | null;
  note: string | null;
  deadline?: string | null;
  recovery_cost?: { amount: number; currency: string } | null;
  handed_from?: string | null;
  handed_because?: "shift_ended" | null;
}

export interface Suggestion {
  kind: string;
  value: string | null;
  basis: Basis | null;
  at: string | null;
}

export interface Card {
  customer: string;
  name: string | null;
  address_as: string | null;
  language: string | null;
  tier: string | null;
  associate: string | null;
  visit: string;
  zone: string | null;
  since: string;
  confidence: number;
  reason: string;
  evidence: Evidence;
  wishes: string[];
  verify: boolean;
  avoid: Preference[];
  likes: Preference[];
  asks: Ask[];
  promises: Promise[];
  complaints: Promise[];
  last_visit: string | null;
  suggestion: Suggestion;
  visits?: number | null;
  new?: string[] | null;
  companions?: number | null;
  verify_reason?: string | null;
}

/** What a kind of moment is about; each kind has its own parts. */
export interface About {
  zone?: string | null;
  from?: string | null;
  minutes?: number | null;
  promise?: Promise | null;
  with?: (string | null)[] | null;
  days?: number | null;
}

/** What a hint, which names nobody, leaves open is null. */
export interface Alert {
  alert: string;
  kind: string;
  state: "open" | "claimed" | "closed";
  visit: string | null;
  customer: string | null;
  zone: string | null;
  card: Card | null;
  to: string[];
  by: string | null;
  opened_at: string;
  claimed_at: string | null;
  level: number;
  outcome: Outcome | null;
  note: string | null;
  group?: string | null;
  stage?: "hint" | "card";
  about?: About | null;
  aged_s?: number | null;
  rated?: boolean | null;
  accept_by?: string | null;
  handed_by?: string | null;
  handed_because?: "released" | "handed_over" | "shift_ended" | "tablet_lost" | null;
}

export interface Reader {
  id: string;
  driver: string;
  role: string;
  zone: string | null;
  zones: string[];
  state: "up" | "quiet" | "lost";
  reason: string | null;
  firmware: string | null;
  reads_per_s: number;
  last_sighting: string | null;
  since: string;
  link?: string;
  rssi?: number | null;
  last_tag?: string | null;
  frames?: number;
  bytes?: number;
  faults?: Record<string, number>;
  advice?: Remedy[];
}

/** What to do about a reader: a kind that each language has words for, with their facts; English words for the rest. */
export interface Remedy {
  kind: string;
  facts: Record<string, string>;
  text: string;
}

/** What a reader sent, identifiers masked: a chunk of bytes or a message, from a topic or "in" and "out" of a line. */
export interface RawFrame {
  at: string;
  from: string;
  bytes: number;
  shown: string;
}

/** One antenna, room or whole reader in a walk test; `last` is a time only where the walk has ended. */
export interface WalkPlace {
  reader: string;
  role: string;
  antenna: number | string | null;
  zone: string;
  verdict: "pass" | "weak" | "fail";
  reads: number;
  needed: number;
  best_rssi: number | null;
  last: number | string | null;
  louder: string[];
}

export interface Walk {
  tag: string | null;
  places: WalkPlace[];
  zones: Record<string, string>;
  passed: boolean;
  at?: string;
  by?: string;
}

/** A tag or phone on the enrolment screen, in part; `key` names it, `printed` is the end of what stands on a fob. */
export interface Heard {
  key: string;
  scheme: string;
  shown: string;
  printed: string[];
  reader: string | null;
  antenna: number | string | null;
  rssi: number | null;
  reads: number;
  at: string;
  sure: boolean;
  taken: boolean;
}

/** What a customer carries and agreed to. */
export interface Held {
  id: string;
  name: string;
  credentials: Credential[];
  consents: Consent[];
}

export interface Walks {
  walk: Walk | null;
  last: Walk | null;
}

export interface Colleague {
  id: string;
  name: string;
  on_shift: boolean;
  connected: boolean;
  zones?: string[] | null;
  languages?: string[] | null;
  roles?: string[] | null;
  shift_until?: string | null;
}

/** The venue's plan in metres; zones are rooms, readers are points. */
export interface FloorPlan {
  width: number;
  height: number;
  zones: { zone: string; x: number; y: number; w: number; h: number }[];
  readers: { reader: string; x: number; y: number }[];
}

export interface Alerting {
  escalate_after_s: number[];
}

export interface State {
  venue: Venue;
  me: Me;
  present: Presence[];
  alerts: Alert[];
  asks: Ask[];
  promises: Promise[];
  complaints: Promise[];
  preferences: Record<string, Preference[]>;
  readers: Reader[];
  staff: Colleague[];
  alerting: Alerting;
  moments?: Record<string, unknown>[] | null;
  plan?: FloorPlan | null;
  served?: Record<string, string>; // our own: preference → when it was served while this tablet watched
}

export interface Hello {
  type: "hello";
  sequence: number;
  build: string;
  state: State | null;
}

export interface Tick {
  type: "tick";
  sequence: number;
  time: string;
}

/** One CloudEvent of the live socket; `data` is what its `type` says. */
export interface LiveEvent {
  id?: string;
  type: string;
  subject: string;
  sequence: number;
  time: string;
  actor?: string | null;
  data: unknown;
}

export interface Departure {
  visit: string;
  customer: string;
  zone: string | null;
  reason: string;
}

export interface ConsentChange {
  customer: string;
  purpose: string;
}

export interface CustomerChange {
  customer: string;
  name: string | null;
  address_as: string | null;
  language: string | null;
  tier: string | null;
}

export interface WishChange {
  customer: string;
  wishes: string[];
}

export interface SignIn {
  venue: { id: string; name: Localised; kind: string };
  staff: { id: string; name: string }[];
  demo: boolean;
  paired: boolean;
}

export interface Found {
  id: string;
  name: string | null;
  address_as: string | null;
  tier: string | null;
  language: string | null;
  present: boolean;
}

export interface Credential {
  id: string;
  scheme: string;
  label: string | null;
}

export interface Consent {
  purpose: string;
  method: string | null;
  document: string | null;
  granted_at: string;
  expires: string | null;
}

export interface Customer {
  id: string;
  name: string | null;
  address_as: string | null;
  language: string | null;
  tier: string | null;
  associate: string | null;
  deputy: string | null;
  wishes: string[];
  birthday?: string | null;
  meets?: string[] | null;
  credentials: Credential[];
  consents: Consent[];
  preferences: Preference[];
  asks: Ask[];
  promises: Promise[];
  complaints: Promise[];
  presence: Presence | null;
  last_visit: string | null;
  visits: number;
}

export interface JournalEntry {
  sequence: number;
  time: string;
  type: string;
  actor: string | null;
  actor_name: string | null;
  data: Record<string, unknown>;
}

/** A day as the manager reads it; times in seconds, hours in the venue's zone. */
export interface Today {
  date: string;
  timezone: string;
  greeted: { count: number; p50_s: number | null; p90_s: number | null; histogram: { upto_s: number | null; count: number }[] };
  claimed: number;
  missed: number;
  by_zone: { zone: string | null; arrivals: number; claimed: number; missed: number; p50_s: number | null }[];
  by_hour: { hour: number; arrivals: number; claimed: number; missed: number }[];
  by_staff: { staff: string; name: string | null; claimed: number; p50_s: number | null }[];
  promises: { kept: number; late: number; open: number };
  complaints: { opened: number; closed: number; open: number; recovery_cost: { currency: string; amount: number }[] };
  rated: { useful: number; not_useful: number };
  preferences: { recorded: number; acted_on: number };
  asked_again: number;
  satisfaction: { count: number; mean: number | null; about: Record<string, number> };
}

/** What this venue says most, most used first. */
export interface Vocabulary {
  values: Record<string, string[]>;
  questions: string[];
  answers: Record<string, string[]>;
}

export interface Tablets {
  paired: Tablet[];
  live: TabletSeen[];
  required: boolean;
}

export interface Tablet {
  id: string;
  name: string;
  paired_at: string;
  paired_by: string;
  last_seen: string;
}

/** A one-time code: the link that pairs a tablet, and a picture of it as a data URI. */
export interface PairingCode {
  code: string;
  link: string;
  picture: string;
  expires: string;
}

export interface TabletSeen {
  staff: string;
  tablet: string | null;
  name: string | null;
  since: string | null;
  painted: { count: number; p50_ms: number | null; p95_ms: number | null };
  last_painted: number | null;
}

/** An RFC 9457 problem; `alert` and `ask` come with a 409. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  retry_after_s?: number;
  alert?: Alert;
  ask?: Ask;
}
