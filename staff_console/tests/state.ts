import type { Alert, Card, LiveEvent, Preference, Presence, State } from "../src/lib/types";

/** What the tests begin with: one zone, one reader, Anna on this tablet and Bo on another. */
export function floorOf(changes: Partial<State> = {}): State {
  return {
    venue: { id: "v", name: { "zh-CN": "旗舰店", en: "Flagship" }, kind: "store", timezone: "Asia/Shanghai", zones: [{ id: "door", name: { "zh-CN": "入口", en: "Entrance" } }] },
    me: { staff: "anna", name: "Anna", role: "floor", roles: ["floor"], zones: [], languages: ["en"], on_shift: true },
    present: [], alerts: [], asks: [], promises: [], complaints: [], preferences: {},
    readers: [{ id: "r1", driver: "m100", role: "inner", zone: "door", zones: [], state: "up", reason: null, firmware: null, reads_per_s: 1, last_sighting: null, since: at(0) }],
    staff: [{ id: "anna", name: "Anna", on_shift: true, connected: true }, { id: "bo", name: "Bo", on_shift: true, connected: true }],
    alerting: { escalate_after_s: [8, 15] },
    ...changes,
  };
}

/** A time `s` seconds after ten o'clock. */
export const at = (s: number): string => new Date(Date.UTC(2026, 10, 22, 10, 0, s)).toISOString();

export const presence = (customer: string, changes: Partial<Presence> = {}): Presence => ({
  customer, name: `Name ${customer}`, address_as: `Ms ${customer}`, language: "en", tier: null, wishes: [], visit: `v-${customer}`, zone: "door",
  since: at(0), confidence: 0.97, reason: "3 reads", evidence: { kind: "reads", reader: "r1", reads: 3 }, state: "present", ...changes,
});

export const fact = (id: string, customer: string, changes: Partial<Preference> = {}): Preference => ({
  id, customer, visit: null, category: "drink", value: `value ${id}`, polarity: "do", basis: "stated", scope: "standing", by: "anna", by_name: "Anna", at: at(0), ...changes,
});

export const card = (customer: string, changes: Partial<Card> = {}): Card => ({
  ...presence(customer), associate: null, verify: false, avoid: [], likes: [], asks: [], promises: [], complaints: [], last_visit: null,
  suggestion: { kind: "welcome", value: null, basis: null, at: null }, ...changes,
});

export const alert = (customer: string, changes: Partial<Alert> = {}): Alert => ({
  alert: `a-${customer}`, kind: "arrival", state: "open", visit: `v-${customer}`, customer, zone: "door", card: card(customer), to: ["anna"], by: null,
  opened_at: at(0), claimed_at: null, level: 0, outcome: null, note: null, stage: "card", ...changes,
});

let last = 0;

export const event = (type: string, subject: string, data: unknown, sequence = ++last): LiveEvent => ({ type, subject, sequence, time: at(0), data });
