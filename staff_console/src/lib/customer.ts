/** One customer as a sheet: the live floor first, and what only the records know after it. */
import { nameless } from "./cards";
import { t } from "./i18n/index.svelte";
import { factsOf } from "./laid";
import type { Ask, Customer, Localised, Preference, Presence, Promise as Owed, State } from "./types";
import { book } from "./values.svelte";

export interface Sheet {
  id: string;
  name: string | null;
  address_as: string | null;
  tier: string | null;
  language: string | null;
  wishes: string[];
  associate: string | null;
  presence: Presence | null;
  preferences: Preference[];
  asks: Ask[];
  promises: Owed[];
  complaints: Owed[];
  last_visit: string | null;
  visits: number | null;
  birthday: string | null;
  lent_by: string | null;
  lent_by_name: Localised | null;
}

function union<T extends { id: string }>(live: T[], kept: T[]): T[] {
  const ids = new Set(live.map((row) => row.id));
  return [...live, ...kept.filter((row) => !ids.has(row.id))];
}

/** Returns the sheet of `id`, or null when neither the floor nor the records (`detail`) know it. */
export function sheetOf(state: State, id: string, detail: Customer | null): Sheet | null {
  const presence = state.present.find((p) => p.customer === id) ?? null;
  const known = presence ?? detail;
  if (!known) return null;
  const of = <T extends { customer: string }>(rows: T[]) => rows.filter((row) => row.customer === id);
  const card = state.alerts.find((a) => a.customer === id)?.card;
  return {
    id,
    name: known.name,
    address_as: known.address_as,
    tier: known.tier,
    language: known.language,
    wishes: known.wishes,
    associate: detail?.associate ?? card?.associate ?? null,
    presence,
    preferences: factsOf(state, id, detail?.preferences ?? null, book()),
    asks: presence ? state.asks.filter((a) => a.visit === presence.visit) : [],
    promises: presence ? of(state.promises) : union(of(state.promises), stillOpen(detail?.promises)),
    complaints: presence ? of(state.complaints) : union(of(state.complaints), stillOpen(detail?.complaints)),
    last_visit: detail?.last_visit ?? card?.last_visit ?? null,
    visits: detail?.visits ?? card?.visits ?? null,
    birthday: detail?.birthday ?? null,
    lent_by: detail?.lent_by ?? card?.lent_by ?? null,
    lent_by_name: detail?.lent_by_name ?? card?.lent_by_name ?? null,
  };
}


const stillOpen = (rows: Owed[] = []): Owed[] => rows.filter((row) => row.state === "open");

/** Returns what to call a customer on screen; nothing that names one who does not want to be named. */
export function called(state: State, id: string): string {
  const presence = state.present.find((p) => p.customer === id);
  return presence ? title(presence) : t("customer.unnamed");
}

export const title = (who: { address_as: string | null; name: string | null; wishes: string[] }): string =>
  (nameless(who.wishes) ? null : who.address_as || who.name) ?? t("customer.unnamed");
