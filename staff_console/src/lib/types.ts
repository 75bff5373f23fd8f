/**
 * The gateway's shapes under the names that the console uses. Their members stand in `api-types.ts`, which `make types`
 * writes from the gateway's own OpenAPI document; what is added here is the console's own.
 */
import type { components, paths } from "./api-types";

type S = components["schemas"];

export type Polarity = S["Preference"]["polarity"];
export type Basis = S["Preference"]["basis"];
export type Scope = S["Preference"]["scope"];

export type Localised = S["Localised"];
export type Zone = S["Zone"];
export type Me = S["Me"];
export type Colleague = S["Staff"];
export type ShiftEnded = S["ShiftEnded"];
export type FloorPlan = S["Plan"];

export type WebhookEnded = S["WebhookEnded"];
export type Overrun = { kind: S["LimitReached"]["kind"] | "webhook_ended"; who: string };
export type Evidence = S["Evidence"];
export type Presence = S["Presence"];
export type Preference = S["Preference"];
export type Ask = S["Ask"];
export type Promise = S["Owed"];
export type Suggestion = S["Suggestion"];
export type Card = S["Card"];
export type About = S["About"];
export type Alert = S["Alert"];

/** What only IT sees of a reader may be missing. */
export type Reader = S["Reader"] & Partial<S["ReaderDetails"]>;
export type Remedy = S["Remedy"];
export type RawFrame = S["RawFrame"];
export type WalkNow = S["Walk"];
export type WalkResult = S["WalkResult"];
export type Walk = WalkNow | WalkResult;
export type WalkPlace = Walk["places"][number];
export type Walks = S["Walks"];
export type Worth = S["Worth"];
export type Heard = S["Heard"];
export type HeardKey = S["HeardKey"];
export type Held = S["Held"];
export type Tablets = S["Tablets"];
export type TabletSeen = S["LiveTablet"];
export type PairingCode = S["PairingCode"];

export type SignIn = S["SignInPage"];
export type Found = S["Found"];
export type Expected = S["ExpectedCustomer"];
export type Customer = S["CustomerPage"];
export type JournalEntry = S["JournalEntry"];
/** From where a person opened a customer. */
export type Why = NonNullable<NonNullable<paths["/api/customers/{customer}"]["get"]["parameters"]["query"]>["why"]>;
export type Today = S["Today"];
export type Vocabulary = S["Vocabulary"];

/** What only we answer, such as the alert that stands in the way, is missing where somebody else answers. */
export type Problem = Pick<S["ProblemDetails"], "type" | "title" | "status"> & Partial<S["ProblemDetails"]>;

/** The floor, and on it what this tablet saw served: preference → when. */
export type State = S["State"] & { served?: Record<string, string> };
export type Hello = S["Hello"];
export type Tick = S["Tick"];
/** An event; what this tablet did itself has no envelope. */
export type LiveEvent = Pick<S["LiveEvent"], "type" | "subject" | "sequence" | "time"> & Partial<Pick<S["LiveEvent"], "actor">> & { data: unknown };
/** What the gateway says follows from an event, beside the event itself. */
export type Follows = Pick<S["PresenceChange"], "preferences" | "asks" | "alerts">;
export type Departure = S["PresenceChange"];
export type Hint = S["Hint"] | S["UnseenHint"];
export type AlertChange = S["AlertChange"];
export type Companions = S["CompanionsCounted"];
export type ReaderChange = S["ReaderChange"];
export type StaffChange = S["StaffChange"];
export type ConsentChange = S["ConsentChange"];
export type CustomerChange = S["CustomerChange"];
export type WishChange = S["WishChange"];
