/**
 * The one state of the app: the floor as the gateway tells it, with what this person recorded laid over it, who is
 * signed in, and how well we see. Screens read it; `session.ts` and `live.ts` feed it.
 */
import { untrack } from "svelte";
import { Refused, Unreachable, post, request } from "./api";
import { Bell } from "./bell";
import { equips } from "./cards";
import { chime } from "./chime";
import { currently, exactly, setBy } from "./clock.svelte";
import type { Focus } from "./front";
import type { Sight } from "./live";
import { newId } from "./ids";
import { Look } from "./look.svelte";
import { laid } from "./laid";
import { ifMissed, onlyMissed } from "./missed";
import { Outbox, type Ended, type Row, type Write } from "./outbox";
import { apply, quieted, viewed, withoutCustomer } from "./reducer";
import { hearEnded, hearStop, isGone, isUnkept } from "./stops.svelte";
import type { Alert, Covered, FloorPlan, Hello, LiveEvent, Me, Noticed, Overrun, Problem, Promise as Owed, Round, State, Tick, View, WebhookEnded, Why } from "./types";
import { book, learnCatalogue } from "./values.svelte";

const MOST_TO_RATE = 3;
const UNDO_MS = 6_000;
const NOTICED = /^(access|glass|token|sign_in|limit|tablet)\.|^staff\.(code_made|changed)/;
/** What a manager is shown wherever they are. */
const GRAVE: Record<string, Overrun["kind"] | undefined> = { "glass.asked": "glass", "sign_in.odd": "odd", "access.overridden": "anyway" };

export interface Undo {
  text: string;
  back: () => void;
}

/** What a person may do with an alert, now or not at all. */
export type Verb = "claim" | "release" | "hand-over" | "close" | "seen";

export type Phase = "starting" | "out" | "in" | "unreachable" | "locked" | "offline" | "wiped";

class Floor {
  phase = $state<Phase>("starting");
  sight = $state<Sight>("connecting");
  /** When the state was last known to be true. */
  asOf = $state<string | null>(null);
  /** What is told behind the cover: in which zones somebody waits for this person. */
  waitingIn = $state.raw<string[]>([]);
  told = $state.raw<State | null>(null);
  rows = $state.raw<Row[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** How often this person acted on an alert: what they did themselves is shown at once, also in a list under their hand. */
  acts = $state(0);
  /** Who reached a limit last, for who leads or mends; null once it was seen. */
  overrun = $state.raw<Overrun | null>(null);
  /** Grows with each thing that managers are told at once. */
  noticed = $state(0);
  /** The one customer in focus, for both columns: the card to claim, the sheet and the form are theirs. */
  focus = $state.raw<Focus | null>(null);
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
  readonly seen = $derived(this.told ? laid(this.waiting.reduce((state, row) => apply(state, asEvent(row)), this.told), aboutFacts(this.waiting), book()) : null);
  readonly blind = $derived(this.sight === "blind");

  hello(hello: Hello): void {
    for (const { customer, ended } of hello.stopped) for (const each of ended) this.ended(customer, each);
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

  /** Somebody went to a zone that is not this person's, or came: what they had open of them is closed. */
  view(view: View): void {
    if (!this.told) return;
    const gone = this.told.present.filter((p) => view.gone.includes(p.visit)).map((p) => p.customer);
    this.told = viewed(this.told, view);
    if (this.look.customer && gone.includes(this.look.customer)) this.look.close();
  }

  event(event: LiveEvent): void {
    if (!this.told) return;
    const before = this.told;
    this.told = apply(before, ifMissed(event, before));
    if (event.type === "limit.reached" && equips(before.me)) this.overrun = event.data as Overrun;
    if (event.type === "webhook.ended" && equips(before.me)) this.overrun = { kind: "webhook_ended", who: (event.data as WebhookEnded).webhook };
    const grave = GRAVE[event.type];
    if (grave) this.overrun = { kind: grave, who: (event.data as Noticed).staff ?? "" };
    if (NOTICED.test(event.type)) this.noticed += 1;
    if (event.type === "catalogue.changed") void learnCatalogue();
    if (event.type === "records.damaged" && equips(before.me)) this.overrun = { kind: "damaged", who: "" };
    const stop = hearStop(event);
    if (stop) this.drop(stop.customer, stop.ended);
    this.look.hear(event);
    if (event.type === "visit.departed" && this.look.customer === event.subject && isGone(event.subject)) this.look.close(); // what was read of a guest who has ended it
    this.bell.event(event, before, this.told);
  }

  /** What a customer ended while this tablet was away: taken before anything is sent or shown. */
  private ended(customer: string, ended: Ended): void {
    if (this.told && ended !== "preferences") this.told = withoutCustomer(this.told, customer);
    if (this.look.customer === customer) this.look.close();
    hearEnded(customer, ended);
    this.drop(customer, ended);
  }

  /** Of what waits or was refused nothing is kept that rests on what a customer has ended. */
  private drop(customer: string, ended: Ended): void {
    if (ended === "everything") void this.outbox.forget(customer);
    else void this.outbox.strip(customer, ended);
  }

  /** Behind the cover: somebody waits for this person, and where. */
  behindCover(covered: Covered): void {
    setBy(covered.time);
    this.waitingIn = covered.waiting;
    this.asOf = covered.time;
    if (covered.rings) chime();
  }

  /** Whom somebody opened or writes about; to set it moves card, sheet and form, and nobody who comes takes the place. */
  get chosen(): string | null {
    return this.focus && this.focus.how !== "shown" ? this.focus.customer : null;
  }

  set chosen(customer: string | null) {
    const { customer: known = null, alert = null, how = null } = untrack(() => this.focus) ?? {}; // a form that says whom it is about is not told when that changes
    if (customer === known && how === "open") return;
    this.focus = customer === null ? null : { customer, alert: customer === known ? alert : null, how: "open" };
  }

  /** One tap moves everything to this card. */
  take({ customer, alert }: Pick<Alert, "customer" | "alert">): void {
    if (customer) this.focus = { customer, alert, how: "open" };
  }

  /** Somebody is done with this customer: who comes next takes the place. */
  done(customer: string | null): void {
    if (this.focus && this.focus.customer === customer) this.focus = { ...this.focus, how: "done" };
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
      this.acts += 1;
      if (verb === "close" && now.outcome !== "wrong_person") this.toRate = [{ ...alert, ...now, card: alert.card }, ...this.toRate].slice(0, MOST_TO_RATE);
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

  /** A round that this tablet began, before its event comes by the socket. */
  begun(round: Round): void {
    this.tell("round.changed", "", { rounds: [round] });
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

  /** An answer may come after the news that the alert is over, or its customer gone: it brings nothing back. */
  private alert(alert: Alert): void {
    if (this.told?.alerts.some((known) => known.alert === alert.alert)) this.tell("alert.changed", alert.customer ?? "", alert);
  }

  /** What a request of ours changed, before its event comes by the socket. */
  private tell(type: string, subject: string, data: unknown): void {
    if (this.told) this.told = apply(this.told, { type, subject, sequence: 0, time: new Date(exactly()).toISOString(), data });
  }

  /** The same: what was taken before a customer ended it is not shown again by an answer that comes after. */
  private accept(row: Row, record: unknown): void {
    const event = { ...asEvent(row), data: { ...row.news.data, ...(record as object | null) } };
    const over = isGone(row.news.subject) || (row.news.type.startsWith("preference.") && isUnkept(row.news.subject));
    if (this.told && !over) this.told = laid(apply(this.told, event), aboutFacts([row]), book());
    this.look.hear(event);
  }
}

/** The customers that these rows record facts about. */
const aboutFacts = (rows: Row[]): string[] => rows.filter((row) => row.news.type === "preference.recorded").map((row) => row.news.subject);

/** What waits to be sent, as the news it will be. */
export const asEvent = (row: Row): LiveEvent => ({ ...row.news, sequence: 0, time: row.at });

export const floor = new Floor();
