/** Which cards are on the Now screen, and in what order. Pure: time comes as an argument. */
import type { Alert, Me, Preference } from "./types";

const SOON_MS = 15 * 60_000; // a promise due within a quarter of an hour is due
const HINT_MS = 60_000; // who has not come in by then was passing
const TIERS = ["black", "diamond", "platinum", "gold", "silver"];

/** Returns 0 for the highest tier; a tier we do not know comes after those we do, none at all last. */
function rank(tier: string | null): number {
  if (!tier) return TIERS.length + 1;
  const at = TIERS.indexOf(tier.toLowerCase());
  return at < 0 ? TIERS.length : at;
}

export const isMine = (alert: Alert, me: string | null): boolean => alert.state === "claimed" && alert.by === me && !isOffered(alert, me);

export const isHint = (alert: Alert): boolean => alert.stage === "hint";

/** Whether a colleague hands this customer over to this person, who has yet to accept. */
export const isOffered = (alert: Alert, me: string | null): boolean =>
  Boolean(alert.accept_by) && alert.state !== "closed" && me !== null && alert.to.includes(me);

/** Whether the card should ring and stand out on this person's tablet; a hint is silent. */
export const isForMe = (alert: Alert, me: string | null): boolean =>
  !isHint(alert) && (isOffered(alert, me) || (alert.state === "open" && me !== null && alert.to.includes(me)));

/** Whether a colleague has this customer. */
export const isTaken = (alert: Alert, me: string | null): boolean => alert.state === "claimed" && alert.by !== me && !isOffered(alert, me);

const promiseDue = (alert: Alert, now: number): boolean =>
  alert.kind === "promise_due" ||
  (alert.card?.promises ?? []).some((p) => p.state === "open" && p.due !== null && Date.parse(p.due) - now < SOON_MS);

export const complaint = (alert: Alert): boolean => (alert.card?.complaints ?? []).some((c) => c.state === "open");

/** Returns the alerts in reading order: mine, for me, complaint, promise due, tier, oldest; those a colleague has, last. */
export function inOrder(alerts: Alert[], me: string | null, now: number): Alert[] {
  const keys = new Map(
    alerts.map((a) => [
      a.alert,
      [
        Number(isTaken(a, me)), Number(!isMine(a, me)), Number(!isForMe(a, me)), Number(!complaint(a)),
        Number(!promiseDue(a, now)), rank(a.card?.tier ?? null), Date.parse(a.opened_at),
      ],
    ]),
  );
  return [...alerts].sort((a, b) => {
    const [x, y] = [keys.get(a.alert)!, keys.get(b.alert)!];
    const at = x.findIndex((value, i) => value !== y[i]);
    return at < 0 ? 0 : x[at]! - y[at]!;
  });
}

/** A party that arrived together, or one customer by themselves; `people` counts customers, who may have several cards. */
export interface Party {
  id: string | null;
  alerts: Alert[];
  people: number;
}

/** Returns the alerts, in the order given, those of one party together where its first one stands. */
export function inParties(alerts: Alert[]): Party[] {
  const parties: Party[] = [];
  const known = new Map<string, Party>();
  for (const alert of alerts) {
    const party = alert.party ? known.get(alert.party) : undefined;
    if (party) {
      party.alerts.push(alert);
      continue;
    }
    const fresh = { id: alert.party ?? null, alerts: [alert], people: 1 };
    if (alert.party) known.set(alert.party, fresh);
    parties.push(fresh);
  }
  for (const party of parties) party.people = new Set(party.alerts.map((a) => a.customer)).size;
  return parties;
}

/** What the Now screen shows: cards to answer or in hand, and those colleagues have. */
export interface Desk {
  parties: Party[];
  taken: Alert[];
}

/** That nobody is with a customer says nothing new to whom it is not said, while the card they wait with is there. */
const saysAgain = (alert: Alert, all: Alert[], me: string | null): boolean =>
  alert.kind === "waiting" && alert.state === "open" && !isForMe(alert, me) && all.some((a) => a !== alert && a.customer === alert.customer && a.state === "open");

export function desk(alerts: Alert[], me: string | null, now: number): Desk {
  const ordered = inOrder(alerts, me, now).filter((a) => a.card && !isHint(a));
  const cards = ordered.filter((a) => !saysAgain(a, ordered, me));
  return {
    parties: inParties(cards.filter((a) => !isTaken(a, me))),
    taken: cards.filter((a) => isTaken(a, me)),
  };
}

/** Returns the places where somebody of this person's may be, each once: for a minute, then they were passing. */
export function hintsFor(alerts: Alert[], me: string | null, now: number): (string | null)[] {
  const hints = alerts.filter((a) => isHint(a) && a.state === "open" && me !== null && a.to.includes(me) && now - Date.parse(a.opened_at) < HINT_MS);
  return [...new Set(hints.map((a) => a.zone))];
}

/** Returns the parties, that of the card shown whole before the others, and in it that card. */
export function onTop(parties: Party[], first: string | null): Party[] {
  const lead = <T>(rows: T[], leads: (row: T) => boolean) => [...rows.filter(leads), ...rows.filter((row) => !leads(row))];
  const is = (alert: Alert) => alert.alert === first;
  return lead(parties, (party) => party.alerts.some(is)).map((party) => ({ ...party, alerts: lead(party.alerts, is) }));
}

/** Returns the preferences to list: what to avoid first (allergies before all), then newest first. */
export function byWeight(rows: Preference[]): Preference[] {
  const weight = { allergy: 0, avoid: 1, do: 2 };
  return [...rows].sort((a, b) => weight[a.polarity] - weight[b.polarity] || b.at.localeCompare(a.at));
}

const SERVING = ["floor", "crew", "manager"];

/** Whether this person meets customers; the others see the equipment and nobody's name. */
export const serves = (me: Me): boolean => me.roles.some((role) => SERVING.includes(role));

export const leads = (me: Me): boolean => me.roles.includes("manager");

/** Whether this person keeps the records of customers: their facts, tags and consents. */
export const keeps = (me: Me): boolean => leads(me);

/** Whether this person may write the menu. */
export const caters = (me: Me): boolean => leads(me) || me.roles.includes("crew");

/** Whether this person looks after readers and the plan. */
export const equips = (me: Me): boolean => leads(me) || me.roles.includes("it");

/** Whether this person may put it to a customer what they agree to, and be their witness. */
export const mayEnrol = (me: Me): boolean => serves(me) || equips(me);

export const NAMELESS = ["no_name", "anonymous"];

/** Whether this customer's name is not to be shown. */
export const nameless = (wishes: string[]): boolean => wishes.some((w) => NAMELESS.includes(w));

export const UNDISTURBED = "do_not_disturb";
