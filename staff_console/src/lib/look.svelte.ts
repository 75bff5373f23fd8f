/**
 * The customer somebody opened. A look is a tap: the records are read when a person opens a customer, and never by
 * themselves, for every reading is written down. After that the events that come keep what was read in step.
 */
import { Refused, Unreachable, get } from "./api";
import { t } from "./i18n/index.svelte";
import type { ConsentChange, Customer, CustomerChange, Follows, JournalEntry, LiveEvent, Preference, Why, WishChange } from "./types";
import { FORGOTTEN } from "./stops.svelte";
import { wrong } from "./words";

export class Look {
  customer = $state<string | null>(null);
  /** What the records say; null until they are read. */
  page = $state.raw<Customer | null>(null);
  reading = $state(false);
  trouble = $state("");
  /** The guest is in a zone that is not this person's: they may be shown for a reason. */
  elsewhere = $state(false);
  private read = $state.raw<JournalEntry[] | null>(null);
  private heard = $state.raw<JournalEntry[]>([]);

  /** What happened with this customer, the newest first: as read, and what came since; null until it is read. */
  readonly entries = $derived.by(() => {
    const known = new Set(this.read?.map((entry) => entry.sequence));
    return this.read && [...this.heard.filter((entry) => !known.has(entry.sequence)), ...this.read];
  });

  /** A person taps a customer; the gateway is told from where. */
  async open(customer: string, why: Why): Promise<void> {
    if (customer !== this.customer) this.close();
    [this.customer, this.heard, this.reading, this.trouble, this.elsewhere] = [customer, [], true, "", false];
    const still = () => this.customer === customer;
    const at = `/api/customers/${encodeURIComponent(customer)}`;
    try {
      const page = await get<Customer>(`${at}?why=${why}`);
      if (still()) this.page = page;
      const read = await get<JournalEntry[]>(`${at}/journal`);
      if (still()) this.read = read;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
      if (still()) this.elsewhere = error instanceof Refused && error.problem.elsewhere === true;
      if (still()) this.trouble = error instanceof Refused ? wrong(error.problem) : t("customer.not_read");
    } finally {
      if (still()) this.reading = false;
    }
  }

  close(): void {
    [this.customer, this.page, this.read, this.heard, this.reading, this.trouble, this.elsewhere] = [null, null, null, [], false, "", false];
  }

  hear(event: LiveEvent): void {
    if (event.subject !== this.customer) return;
    if (FORGOTTEN.has(event.type)) return this.close();
    this.page = this.page && pageAfter(this.page, event);
    const { sequence, time, type, actor } = event;
    if (!sequence) return; // our own: the gateway tells it in a moment
    const data = event.data as JournalEntry["data"];
    this.heard = [{ sequence, time, type, actor: actor ?? "", actor_name: null, data }, ...this.heard];
  }
}

/** Returns what the records say of a customer after `event`; what they are owed and asked stands in the live state. */
export function pageAfter(page: Customer, event: LiveEvent): Customer {
  if (event.subject !== page.id) return page;
  switch (event.type) {
    case "customer.changed": {
      const { name, address_as, language, tier } = event.data as CustomerChange;
      return { ...page, name, address_as, language, tier };
    }
    case "wish.changed":
      return { ...page, wishes: (event.data as WishChange).wishes };
    case "preference.recorded": {
      const { preferences: told, ...fact } = event.data as Preference & Follows;
      return { ...page, preferences: told ?? [fact, ...page.preferences.filter((other) => other.id !== fact.id)] };
    }
    case "consent.revoked":
      return (event.data as ConsentChange).purpose === "keep_preferences" ? { ...page, preferences: [] } : page;
    default:
      return page;
  }
}
