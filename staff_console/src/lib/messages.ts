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
}

export interface Preference {
  id: string;
  customer: string;
  visit: string | null;
  category: string;
  value: string;
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
  state: "open" | "answered";
  by: string | null;
  by_name: string | null;
  at: string;
  count: number;
  answer: string | null;
  answered_by: string | null;
  answered_at: string | null;
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
}

export interface Alert {
  alert: string;
  kind: string;
  state: "open" | "claimed" | "closed";
  visit: string;
  customer: string;
  zone: string | null;
  card: Card | null;
  to: string[];
  by: string | null;
  opened_at: string;
  claimed_at: string | null;
  level: number;
  outcome: Outcome | null;
  note: string | null;
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
}

export interface Colleague {
  id: string;
  name: string;
  on_shift: boolean;
  connected: boolean;
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
}

export interface Found {
  id: string;
  name: string;
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
  name: string;
  address_as: string | null;
  language: string | null;
  tier: string | null;
  associate: string | null;
  deputy: string | null;
  wishes: string[];
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
