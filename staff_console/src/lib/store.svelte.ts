/**
 * The one state of the app: the floor as the gateway tells it, with what this person recorded laid over it, who is
 * signed in, and how well we see. Screens read it; `session.ts` and `live.ts` feed it.
 */
import { Refused, Unreachable, post, request } from "./api";
import { Bell } from "./bell";
import { equips } from "./cards";
import { currently, exactly, setBy } from "./clock.svelte";
import type { Sight } from "./live";
import { newId } from "./ids";
import { Look } from "./look.svelte";
import { ifMissed, onlyMissed } from "./missed";
import { Outbox, type Write, type Row } from "./outbox";
import { apply, quieted } from "./reducer";
import type { Alert, FloorPlan, Hello, LiveEvent, Me, Overrun, Problem, Promise as Owed, State, Tick, WebhookEnded, Why } from "./types";

const MOST_TO_RATE = 3;
const UNDO_MS = 7_000;

export interface Undo {
  text: string;
  back: () => void;
}

/** What a person may do with an alert, now or not at all. */
export type Verb = "claim" | "release" | "hand-over" | "close" | "seen";

export type Phase = "starting" | "out" | "in" | "unreachable";

class Floor {
  phase = $state<Phase>("starting");
  sight = $state<Sight>("connecting");
  /** When the state was last known to be true. */
  asOf = $state<string | null>(null);
  told = $state.raw<State | null>(null);
  rows = $state.raw<Row[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** Who reached a limit last, for who leads or mends; null once it was seen. */
  overrun = $state.raw<Overrun | null>(null);
  /** The customer whose sheet lies open beside the cards. */
  chosen = $state<string | null>(null);
  /** Whom this person opened with a tap, and what the records said. */
  readonly look = new Look();
  /** What this person closed just now and has not said whether it was useful. */
  toRate = $state.raw<Alert[]>([]);
  /** What was done with one tap and can be taken back with another, for a few seconds. */
  undo = $state.raw<Undo | null>(null);
  private readonly bell = new Bell();
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
    const known = this.told;
    if (hello.state) this.told = onlyMissed(hello.state, known);
    if (hello.state && known) this.bell.hello(hello.state, known);
    if (hello.state && !this.look.reading) this.look.close(); // what happened meanwhile is not in what was read
    this.bell.missed(hello.state ? 0 : hello.sequence);
    this.asOf = new Date(currently()).toISOString();
    this.onBuild(hello.build);
    void this.outbox.flush();
  }

  tick(tick: Tick): void {
    setBy(tick.time);
    if (this.told) this.told = quieted(this.told, tick.quiet ?? {});
    this.bell.caughtUp(this.told);
    this.asOf = tick.time;
  }

  event(event: LiveEvent): void {
    if (!this.told) return;
    const before = this.told;
    this.told = apply(before, ifMissed(event, before));
    if (event.type === "limit.reached" && equips(before.me)) this.overrun = event.data as Overrun;
    if (event.type === "webhook.ended" && equips(before.me)) this.overrun = { kind: "webhook_ended", who: (event.data as WebhookEnded).webhook };
    this.look.hear(event);
    this.bell.event(event, before, this.told);
  }

  /** A person opens a customer, from a card, a search or a list: their sheet is shown, and the records are read. */
  open(customer: string, why: Why): void {
    this.chosen = customer;
    void this.look.open(customer, why);
  }

  see(sight: Sight): void {
    this.sight = sight;
  }

  record(write: Write): Promise<void> {
    return this.outbox.add(write);
  }

  /** Acts on an alert now: first wins, so this cannot wait in an outbox. Returns whether it was done. */
  async act(alert: Alert, verb: Verb, body: object = {}): Promise<boolean> {
    this.problem = null;
    try {
      const now = await post<Alert>(`/api/alerts/${encodeURIComponent(alert.alert)}/${verb}`, body);
      this.alert(now);
      if (verb === "close") this.toRate = [{ ...alert, ...now, card: alert.card }, ...this.toRate].slice(0, MOST_TO_RATE);
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Does something now that cannot wait in an outbox; returns the answer, or undefined when it was not done. */
  async call<T>(method: string, path: string, body: object): Promise<T | undefined> {
    this.problem = null;
    try {
      return await request<T>(method, path, body, newId());
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** Offers to take back what was just done. */
  offerUndo(text: string, back: () => void): void {
    const offer = { text, back };
    this.undo = offer;
    setTimeout(() => this.undo === offer && (this.undo = null), UNDO_MS);
  }

  planned(plan: FloorPlan): void {
    this.tell("plan.changed", "", plan);
  }

  /** This person's shift began, changed or ended; `handed` are the debts that went to others with its end. */
  onShift(on: boolean, shift: Me["shift"], handed: Owed[] = []): void {
    for (const debt of handed) this.tell(`${debt.kind}.handed_over`, debt.customer, debt);
    if (this.told) this.told = { ...this.told, me: { ...this.told.me, on_shift: on, shift: shift ?? null } };
  }

  rated(alert: Alert): void {
    this.toRate = this.toRate.filter((a) => a.alert !== alert.alert);
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

  private alert(alert: Alert): void {
    this.tell("alert.changed", alert.customer ?? "", alert);
  }

  /** What a request of ours changed, before its event comes by the socket. */
  private tell(type: string, subject: string, data: unknown): void {
    if (this.told) this.told = apply(this.told, { type, subject, sequence: 0, time: new Date(exactly()).toISOString(), data });
  }

  private accept(row: Row, record: unknown): void {
    const event = { ...asEvent(row), data: { ...row.news.data, ...(record as object | null) } };
    if (this.told) this.told = apply(this.told, event);
    this.look.hear(event);
  }
}

/** What waits to be sent, as the news it will be. */
export const asEvent = (row: Row): LiveEvent => ({ ...row.news, sequence: 0, time: row.at });

export const floor = new Floor();
