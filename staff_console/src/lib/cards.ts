/** Which cards are on the Now screen, and in what order. Pure: time comes as an argument. */
import type { Alert, Me, Preference } from "./types";

const SOON_MS = 15 * 60_000; // a promise due within a quarter of an hour is due
const READ_MS = 60_000; // who was claimed is read while one walks up to them
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

/** What the Now screen shows: cards to answer or in hand, those colleagues have, and the zones somebody may be at. */
export interface Desk {
  parties: Party[];
  taken: Alert[];
  hints: (string | null)[];
}

export function desk(alerts: Alert[], me: string | null, now: number): Desk {
  const ordered = inOrder(alerts, me, now);
  const cards = ordered.filter((a) => a.card && !isHint(a));
  const hints = ordered.filter((a) => isHint(a) && a.state === "open" && me !== null && a.to.includes(me) && now - Date.parse(a.opened_at) < HINT_MS);
  return {
    parties: inParties(cards.filter((a) => !isTaken(a, me))),
    taken: cards.filter((a) => isTaken(a, me)),
    hints: [...new Set(hints.map((a) => a.zone))],
  };
}

/**
 * Returns a function that tells which card is shown whole, the others being lines. What somebody opened or claimed stays, for
 * they are reading it; a card for them that comes later takes the place of one they have had in hand for a minute, never of
 * one they are about to claim. Else it is a card for them, and of several the one that was there.
 */
export function front(): (shown: Alert[], me: string | null, picked: string | null, now: number) => string | null {
  let [last, held, before] = [null, null, null] as (string | null)[];
  let waited = new Set<string>();

  return (shown, me, picked, now) => {
    const of = (id: string | null | undefined) => shown.find((a) => a.alert === id);
    const forMe = shown.filter((a) => isForMe(a, me));
    const there = of(last);
    const mine = last === null && held === null ? shown.find((a) => isMine(a, me)) : undefined;
    if (mine) {
      held = mine.alert; // the console has just been opened again: who was in hand still is
      waited = new Set(forMe.map((a) => a.alert));
    }
    const claimed = there && isMine(there, me) && held !== last ? last : null;
    if (picked !== before || claimed) {
      held = picked !== before ? picked : claimed!;
      before = picked;
      waited = new Set(forMe.map((a) => a.alert));
    }
    const chosen = of(held);
    const fresh = forMe.some((a) => a.alert !== held && !waited.has(a.alert));
    const read = chosen?.state === "claimed" && now - Date.parse(chosen.claimed_at ?? chosen.opened_at) > READ_MS;
    const stays = chosen && !(read && fresh) ? chosen : undefined;
    const first = stays ?? (there && isForMe(there, me) ? there : undefined) ?? forMe[0] ?? chosen ?? there ?? shown[0];
    return (last = first?.alert ?? null);
  };
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

/** Whether this person looks after readers and the plan. */
export const equips = (me: Me): boolean => leads(me) || me.roles.includes("it");

export const NAMELESS = ["no_name", "anonymous"];

/** Whether this customer's name is not to be shown. */
export const nameless = (wishes: string[]): boolean => wishes.some((w) => NAMELESS.includes(w));

export const UNDISTURBED = "do_not_disturb";
