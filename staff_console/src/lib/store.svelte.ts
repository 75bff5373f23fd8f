/**
 * The one state of the app: the floor as the gateway tells it, with what this person recorded laid over it, who is
 * signed in, and how well we see. Screens read it; `session.ts` and `live.ts` feed it.
 */
import { Refused, Unreachable, get, post } from "./api";
import { isForMe } from "./cards";
import { chime } from "./chime";
import { currently, setBy } from "./clock.svelte";
import type { Sight } from "./live";
import type { Alert, Hello, LiveEvent, Preference, Presence, Problem, State, Tick } from "./messages";
import { Outbox, type Deed, type Row } from "./outbox";
import { apply, withPreferences } from "./reducer";

const LOOKED = "customer.viewed"; // our own looking is no news about the customer

export type Phase = "starting" | "out" | "in" | "unreachable";

class Floor {
  phase = $state<Phase>("starting");
  sight = $state<Sight>("connecting");
  /** When the state was last known to be true. */
  asOf = $state<string | null>(null);
  told = $state.raw<State | null>(null);
  rows = $state.raw<Row[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** The customer whose sheet lies open beside the cards. */
  chosen = $state<string | null>(null);
  /** Counts news about each customer, so that an open sheet knows when to read again. */
  touched = $state.raw<Record<string, number>>({});
  onBuild: (build: string) => void = () => {};
  onSignedOut: () => void = () => {};

  readonly outbox = new Outbox({
    rows: (rows) => (this.rows = rows),
    accepted: (row, record) => this.accept(row, record),
    signedOut: () => this.onSignedOut(),
  });

  readonly waiting = $derived(this.rows.filter((row) => !row.refused));
  readonly refused = $derived(this.rows.filter((row) => row.refused));
  readonly waitingIds = $derived(new Set(this.waiting.map((row) => row.news.data.id)));
  /** What to show: what the gateway told, and on it what waits to be sent. */
  readonly seen = $derived(this.told ? this.waiting.reduce((state, row) => apply(state, asEvent(row)), this.told) : null);
  readonly blind = $derived(this.sight === "blind");

  hello(hello: Hello): void {
    if (hello.state) this.told = hello.state;
    this.asOf = new Date(currently()).toISOString();
    this.onBuild(hello.build);
    void this.outbox.flush();
  }

  tick(tick: Tick): void {
    setBy(tick.time);
    this.asOf = tick.time;
  }

  event(event: LiveEvent): void {
    if (!this.told) return;
    const before = this.told;
    this.told = apply(before, event);
    if (event.type === "visit.arrived") void this.learn(event.data as Presence);
    if (event.type !== LOOKED) this.touch(event.subject);
    if (ringsFor(event, before)) chime();
  }

  see(sight: Sight): void {
    this.sight = sight;
  }

  record(deed: Deed): Promise<void> {
    return this.outbox.add(deed);
  }

  /** Acts on an alert now: first wins, so this cannot wait in an outbox. Returns whether it was done. */
  async act(alert: Alert, verb: "claim" | "release" | "hand-over" | "close", body: object = {}): Promise<boolean> {
    this.problem = null;
    try {
      this.alert(await post<Alert>(`/api/alerts/${encodeURIComponent(alert.alert)}/${verb}`, body));
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Shows what went wrong; for an alert somebody else has, also who. */
  fail(error: unknown): void {
    if (error instanceof Refused) {
      if (error.problem.alert) this.alert(error.problem.alert);
      if (error.problem.status === 401) this.onSignedOut();
      this.problem = error.problem;
    } else if (error instanceof Unreachable) {
      this.problem = { type: "about:blank", title: "", status: 0 };
    } else throw error;
  }

  /** Reads what is known of who has just come: the service list must show an allergy nobody has opened a sheet for. */
  private async learn(who: Presence): Promise<void> {
    if (who.evidence?.verify) return;
    try {
      const facts = await get<Preference[]>(`/api/customers/${encodeURIComponent(who.customer)}/preferences`);
      if (this.told) this.told = withPreferences(this.told, who.customer, facts);
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error; // the card says it too, or the next hello
    }
  }

  private alert(alert: Alert): void {
    if (this.told) this.told = apply(this.told, { type: "alert.changed", subject: alert.customer, sequence: 0, time: "", data: alert });
  }

  private accept(row: Row, record: unknown): void {
    const data = record && typeof record === "object" ? record : row.news.data;
    if (this.told) this.told = apply(this.told, { ...asEvent(row), data });
    this.touch(row.news.subject);
  }

  private touch(customer: string): void {
    this.touched = { ...this.touched, [customer]: (this.touched[customer] ?? 0) + 1 };
  }
}

const asEvent = (row: Row): LiveEvent => ({ ...row.news, sequence: 0, time: row.at });

/** Whether this event is the moment a card becomes mine to answer. */
function ringsFor(event: LiveEvent, before: State): boolean {
  if (!event.type.startsWith("alert.")) return false;
  const alert = event.data as Alert;
  const known = before.alerts.find((a) => a.alert === alert.alert);
  return isForMe(alert, before.me.staff) && !(known && isForMe(known, before.me.staff));
}

export const floor = new Floor();
