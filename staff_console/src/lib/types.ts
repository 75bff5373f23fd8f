/**
 * The gateway's shapes under the names that the console uses. Their members stand in `api-types.ts`, which `make types`
 * writes from the gateway's own OpenAPI document; what is added here is the console's own.
 */
import type { components, paths } from "./api-types";

type S = components["schemas"];

export type Polarity = S["Preference"]["polarity"];
export type Basis = S["Preference"]["basis"];
export type Scope = S["Preference"]["scope"];

export type Token = S["Token"];
export type NewToken = S["NewlyMadeToken"];
export type VenueSettings = S["Settings"];
export type SettingsRow = S["SettingsRow"];
export type SettingsMade = S["SettingsMade"];
export type Difference = S["Difference"];
export type DriverKind = S["DriverKind"];
export type ReaderNews = S["ReaderNews"];
export type KeychainBox = S["Box"];
export type Repair = S["Repair"];
export type HelperStands = S["Helper"];
export type CopiesStand = S["Copies"];
export type WebhookStanding = S["WebhookStanding"];
export type FoundReader = S["FoundReader"];
export type FoundReaders = S["FoundReaders"];
export type GlassOpening = S["Opening"];
export type ZoneStay = S["ZoneStay"];
export type SecurityEvent = S["SecurityEvent"];
export type PartnerStanding = S["PartnerStanding"];
export type PartnerWaits = S["PartnerWaits"];
export type RetentionStanding = S["RetentionStanding"];
export type Noticed = S["Noticed"];
export type View = S["View"];
export type PinCode = S["PinCode"];
export type Localised = S["Localised"];
export type Zone = S["Zone"];
export type Me = S["Me"];
export type Colleague = S["Staff"];
export type ShiftEnded = S["ShiftEnded"];
export type FloorPlan = S["Plan"];

export type WebhookEnded = S["WebhookEnded"];
export type Overrun = { kind: S["LimitReached"]["kind"] | "webhook_ended" | "damaged" | "glass" | "odd" | "anyway"; who: string };
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
/** What a customer may be asked for, and what they said to it last. */
export type PurposeRow = S["PurposeRow"];
export type AskedFor = S["AskedFor"];
/** One act of the ledger. */
export type Ledger = S["Consent"];
export type Notice = S["Notice"];
export type Printed = S["PrintedReceipt"];
export type OwnLink = S["PageLink"];
export type Stop = S["Stop"];
export type Enrolment = S["Enrolment"];
export type Unasked = S["Unasked"];
export type Renewal = S["Renewal"];
export type Tablets = S["Tablets"];
export type TabletSeen = S["LiveTablet"];
export type PairingCode = S["PairingCode"];
export type Trust = S["Trust"];
export type BrokerPasswords = S["BrokerPasswords"];

export type SignIn = S["SignInPage"];
export type CeremonyOptions = S["CeremonyOptions"];
export type OwnPasskeys = S["OwnPasskeys"];
export type PasskeyCounts = S["PasskeyCounts"];
export type Found = S["Found"];
export type Expected = S["ExpectedCustomer"];
export type Customer = S["CustomerPage"];
export type JournalEntry = S["JournalEntry"];
/** From where a person opened a customer. */
export type Why = NonNullable<NonNullable<paths["/api/customers/{customer}"]["get"]["parameters"]["query"]>["why"]>;
export type Today = S["Today"];
export type Vocabulary = S["Vocabulary"];
export type Doubt = S["Doubt"];
export type Bar = S["Bar"];
export type Listed = S["Listed"];
export type Counted = S["Counted"];
export type Story = S["Story"];

/** What only we answer, such as the alert that stands in the way, is missing where somebody else answers. */
export type Problem = Pick<S["ProblemDetails"], "type" | "title" | "status"> & Partial<S["ProblemDetails"]> & { warnings?: Warning[] | null };

/** The floor, and on it what this tablet saw served: preference → when. */
export type State = S["State"] & { served?: Record<string, string> };
export type Hello = S["Hello"];
export type Tick = S["Tick"];
export type Covered = S["Covered"];
export type SignedIn = S["SignedIn"];
/** An event; what this tablet did itself has no envelope. */
export type LiveEvent = Pick<S["LiveEvent"], "type" | "subject" | "sequence" | "time"> & Partial<Pick<S["LiveEvent"], "actor">> & { data: unknown };
/** What the gateway says follows from an event, beside the event itself. */
export type Follows = Pick<S["PresenceChange"], "preferences" | "asks" | "alerts" | "rounds" | "menus">;
export type Departure = S["PresenceChange"];
export type Hint = S["Hint"] | S["UnseenHint"];
export type AlertChange = S["AlertChange"];
export type Companions = S["CompanionsCounted"];
export type ReaderChange = S["ReaderChange"];
export type StaffChange = S["StaffChange"];
export type ConsentChange = S["ConsentChange"];
export type CustomerChange = S["CustomerChange"];
export type WishChange = S["WishChange"];
export type AskChange = S["AskChange"];
export type Place = S["Place"];
export type Places = S["Places"];
export type Seat = S["Seat"];
export type PlaceChange = S["Seated"];
export type ExpectedChange = S["ExpectedTold"];
export type Item = S["MenuItem"];
export type Menu = S["Menu"];
export type MenuChange = S["MenuChange"];
export type Round = S["Round"];
export type RoundChange = S["RoundChange"];
export type Order = S["Order"];

export type RoundRow = S["RoundRow"];
export type RoundCount = S["RoundCount"];
export type Care = S["Care"];
export type CareLine = S["CareLine"];
export type ExpectedVisit = S["ExpectedVisit"];
export type Acknowledged = S["Acknowledged"];
export type OrderAbout = S["OrderAbout"];

/** A row of the catalogue: `about` is the thing, `contains` what is in it, of one `slot` one holds. */
export interface Value {
  code: string;
  category: string;
  polarity: Polarity;
  about: string;
  labels: Localised;
  aliases?: string[];
  contains?: string[];
  slot?: string | null;
  offer?: boolean;
  need?: boolean;
  sensitive?: boolean;
  hidden?: boolean;
  wish?: string | null;
}

/** What speaks against a dish: the fact, why, and the thing that touches; null where nothing is declared. */
export interface Warning {
  fact: string;
  why: "allergy" | "may_contain" | "not_declared" | "avoid";
  code: string | null;
}

/** `within` has the family of a thing. */
export interface Catalogue {
  version: number;
  within: Record<string, string>;
  values: Value[];
}
