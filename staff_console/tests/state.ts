import type { Alert, Card, Item, LiveEvent, Menu, Order, Preference, Presence, Round, RoundRow, State } from "../src/lib/types";

/** What the tests begin with: one zone, one reader, Anna on this tablet and Bo on another. */
export function floorOf(changes: Partial<State> = {}): State {
  return {
    venue: { id: "v", name: { "zh-CN": "旗舰店", en: "Flagship" }, kind: "store", timezone: "Asia/Shanghai", zones: [{ id: "door", name: { "zh-CN": "入口", en: "Entrance" } }] },
    me: { staff: "anna", name: "Anna", role: "floor", roles: ["floor"], zones: [], languages: ["en"], on_shift: true },
    present: [], alerts: [], asks: [], promises: [], complaints: [], preferences: {},
    readers: [{ id: "r1", driver: "m100", role: "inner", zone: "door", zones: [], state: "up", reason: null, firmware: null, reads_per_s: 1, last_sighting: null, since: at(0) }],
    staff: [{ id: "anna", name: "Anna", on_shift: true, connected: true }, { id: "bo", name: "Bo", on_shift: true, connected: true }],
    alerting: { escalate_after_s: [8, 15] },
    places: [], expected: [], menus: [], rounds: [], quarantine: null,
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
  id, customer, visit: null, category: "drink", value: `value ${id}`, polarity: "do", basis: "stated", scope: "standing", by: "anna", by_name: "Anna", at: at(0),
  code: null, lang: null, corrects: [], retracts: [], replaces: [], reason: null, doubt: null, venue: null, state: "holds", against: null, told: 1, doubted: false, ...changes,
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

/** A dish, a menu of lunch, and a round of it with one row for each place that is named. */
export const dish = (id: string, changes: Partial<Item> = {}): Item => ({
  id, labels: { "zh-CN": `菜 ${id}`, en: `Dish ${id}` }, allergens: [], may_contain: [], ingredients: [], without: [], stock: null, left: null, ...changes,
});

export const menuOf = (...items: Item[]): Menu => ({ menu: "lunch-1", question: "lunch", items });

export const rowOf = (row: number, place: string | null, changes: Partial<RoundRow> = {}): RoundRow => ({
  row, place, state: "empty", visit: null, customer: null, called: null, order: null, ...changes,
});

/** The row of a guest who is here. */
export const guestRow = (row: number, place: string | null, customer: string, changes: Partial<RoundRow> = {}): RoundRow =>
  rowOf(row, place, { state: "here", visit: `v-${customer}`, customer, called: `Ms ${customer}`, ...changes });

export const roundOf = (rows: RoundRow[], changes: Partial<Round> = {}): Round => ({
  id: "r1", question: "lunch", zones: [], menu: "lunch-1", state: "open", by: "anna", started_at: at(0), ended_at: null, rows, counts: [], care: [], sequence: 0,
  acknowledged: null, late_since: null, ...changes,
});

export const order = (id: string, changes: Partial<Order> = {}): Order => ({
  id, state: "sent", item: "beef", answer: "Beef", without: [], despite: [], reason: null, note: null, flagged: [], wants_tap: false, sequence: 1, by: "anna", at: at(1), ...changes,
});
