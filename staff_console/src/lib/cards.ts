/** Which cards are on the Now screen, and in what order. Pure: time comes as an argument. */
import type { Alert, Me, Preference } from "./messages";

const SOON_MS = 15 * 60_000; // a promise due within a quarter of an hour is due
const TIERS = ["black", "diamond", "platinum", "gold", "silver"];

/** Returns 0 for the highest tier; a tier we do not know comes after those we do, none at all last. */
function rank(tier: string | null): number {
  if (!tier) return TIERS.length + 1;
  const at = TIERS.indexOf(tier.toLowerCase());
  return at < 0 ? TIERS.length : at;
}

export const isMine = (alert: Alert, me: string | null): boolean => alert.state === "claimed" && alert.by === me;

/** Whether the card should ring and stand out on this person's tablet. */
export const isForMe = (alert: Alert, me: string | null): boolean =>
  alert.state === "open" && me !== null && alert.to.includes(me);

const taken = (alert: Alert, me: string | null): boolean => alert.state === "claimed" && alert.by !== me;

const promiseDue = (alert: Alert, now: number): boolean =>
  (alert.card?.promises ?? []).some((p) => p.state === "open" && p.due !== null && Date.parse(p.due) - now < SOON_MS);

const complaint = (alert: Alert): boolean => (alert.card?.complaints ?? []).some((c) => c.state === "open");

/** Returns the alerts in reading order: mine, for me, complaint, promise due, tier, oldest; those a colleague has, last. */
export function inOrder(alerts: Alert[], me: string | null, now: number): Alert[] {
  const keys = new Map(
    alerts.map((a) => [
      a.alert,
      [
        Number(taken(a, me)), Number(!isMine(a, me)), Number(!isForMe(a, me)), Number(!complaint(a)),
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

/** Returns the preferences to list: what to avoid first (allergies before all), then newest first. */
export function byWeight(rows: Preference[]): Preference[] {
  const weight = { allergy: 0, avoid: 1, do: 2 };
  return [...rows].sort((a, b) => weight[a.polarity] - weight[b.polarity] || b.at.localeCompare(a.at));
}

const SERVING = ["floor", "crew", "manager"];

/** Whether this person meets customers; the others see the equipment and nobody's name. */
export const serves = (me: Me): boolean => me.roles.some((role) => SERVING.includes(role));

export const NAMELESS = ["no_name", "anonymous"];

/** Whether this customer's name is not to be shown. */
export const nameless = (wishes: string[]): boolean => wishes.some((w) => NAMELESS.includes(w));
