/** A round in a person's hands: who is in each row, what they may have, and what a tap does. */
import { against, linesOf } from "./against";
import { careLocally } from "./care";
import { currently } from "./clock.svelte";
import { title } from "./customer";
import { t } from "./i18n/index.svelte";
import { dishesFor, idOfWords, isWords, menuOfWords, MOST, steadyDishes, type Dish } from "./offered";
import { ordered, orderedAt, seatServed, seatTakenBack, takenBack, type Despite, type Wanted } from "./orderings";
import { countsOf, guestOf, lessWaiting, progressOf, stageOf } from "./orders";
import type { Row } from "./outbox";
import { categoriesOf, standing } from "./round";
import { awaitedAt } from "./sitting";
import { floor } from "./store.svelte";
import { nameOf, Taking, type Guest } from "./taking.svelte";
import type { Ask, Item, Menu, Preference, Presence, Round, RoundRow, State } from "./types";
import { answersFor } from "./vocabulary.svelte";
import { inOwnWords, valueOf } from "./words";
import { brought } from "./writes";

/** A row as it is shown. */
export interface Line extends Guest {
  row: RoundRow;
  who: Presence | null;
  /** Who is expected at this place and not here yet. */
  expected: string | null;
  dishes: Dish[];
  /** All there is: more than a row may have room for. */
  all: Dish[];
  /** An order of this guest that the gateway did not take. */
  refused: Row | null;
}

export class Serving {
  readonly taking = new Taking<Line>((line, wanted, despite) => void this.put(line, wanted, despite));
  private readonly steady = steadyDishes();

  constructor(private readonly here: () => State, private readonly of: () => Round) {}

  readonly round = $derived.by(() => this.of());
  readonly menu = $derived.by(() => {
    const menu = this.here().menus.find((one) => one.menu === this.of().menu) ?? null;
    return menu && lessWaiting(menu, waitingItems());
  });
  /** What a row offers: the menu, or where there is none what the guest likes and what was heard here before. */
  private offered(facts: Preference[]): Menu {
    if (this.menu) return this.menu;
    const { question } = this.of();
    const liked = facts.filter((fact) => fact.polarity === "do" && categoriesOf(question).includes(fact.category)).map(valueOf);
    const heard = this.counts.flatMap((count) => (count.n ? [count.answer] : []));
    return menuOfWords(question, [...liked, ...answersFor(question, heard)]);
  }

  /** Which of the dishes of a row was ordered. */
  chosen = ({ row }: Line): string | null => row.order?.item ?? (!this.menu && row.order?.answer ? idOfWords(row.order.answer) : null);

  readonly lines = $derived.by(() => this.of().rows.map((row) => this.line(row)));
  readonly counts = $derived.by(() => countsOf(this.of().rows, this.menu));
  readonly progress = $derived.by(() => progressOf(this.of().rows, floor.waitingIds, currently()));
  /** The plates that need care: those the gateway tells, and those of orders that wait on this tablet. */
  readonly care = $derived.by(() => {
    const waiting = this.lines.filter(({ row }) => row.order && floor.waitingIds.has(row.order.id) && row.order.state !== "served");
    const ours = waiting.flatMap((line) => careLocally(line.row, line.facts, this.itemOf(line.row.order!.item)) ?? []);
    return [...this.of().care.filter((plate) => !ours.some((own) => own.row === plate.row)), ...ours].sort((a, b) => a.row - b.row);
  });

  stage = (row: RoundRow) => stageOf(row.order, floor.waitingIds, currently());

  itemOf = (id: string | null): Item | null => this.menu?.items.find((item) => item.id === id) ?? null;

  /** A tap on a dish. */
  pick = (line: Line, item: Item, from: number): void => {
    if (isWords(item)) this.taking.want(line, { words: inOwnWords(item.labels) }, { from });
    else if (this.menu) this.taking.want(line, { item, menu: this.menu }, { from });
  };

  /** An order that was refused, once more; with what the gateway knows against it. */
  retry = (line: Line): void => {
    const { refused } = line;
    const item = this.itemOf((refused?.body.item as string | undefined) ?? null);
    if (!refused) return;
    void floor.outbox.discard(refused.seq);
    const wanted = item && this.menu ? { item, menu: this.menu } : { words: String(refused.body.answer ?? "") };
    this.taking.want(line, wanted, { known: refused.refused?.warnings ?? [], without: (refused.body.without as string[] | undefined) ?? [] });
  };

  /** Brought, or after all not. */
  serve = (line: Line): void => {
    const { order } = line.row;
    if (!order || order.state === "open") return;
    this.bring(line);
    if (order.state !== "served") floor.offerUndo(t("round.served_undo", { seat: line.seat }), () => this.unserve(line));
  };

  private bring(line: Line): void {
    const ask = this.askOf(line);
    if (ask) void floor.record(brought(this.here().me, ask));
    else void floor.record(seatServed(this.round, this.now(line)));
  }

  private unserve(line: Line): void {
    if (this.now(line).order?.state === "served") this.bring({ ...line, row: this.now(line) });
  }

  private async put(line: Line, wanted: Wanted, despite: Despite): Promise<void> {
    const { me } = this.here();
    const question = this.round.question;
    const write = line.who
      ? ordered({ me, who: line.who, question, round: this.round }, this.askOf(line), wanted, despite)
      : orderedAt(me, this.round, this.now(line), wanted, despite.without);
    await floor.record(write);
    floor.offerUndo(t("round.ordered_undo", { seat: line.seat, dish: nameOf(wanted) }), () => void this.takeBack(line, write.news.data.id));
  }

  /** Not sent yet: it leaves the outbox as if it had never been; sent: it is taken back for everyone. */
  private async takeBack(line: Line, id: string): Promise<void> {
    const waiting = floor.waiting.findLast((one) => one.news.data.id === id && one.news.type !== "ask.served");
    if (waiting) return floor.outbox.discard(waiting.seq);
    const now = this.now(line);
    const ask = this.askOf(line);
    if (now.order?.id !== id || now.order.state === "served") return;
    await floor.record(ask ? takenBack(this.here().me, ask) : seatTakenBack(this.round, now));
  }

  /** The row as it is now: a bar that offers to undo outlives what it was made for. */
  private now = (line: Line): RoundRow => this.round.rows.find((one) => one.row === line.row.row) ?? line.row;

  private askOf({ row }: Line): Ask | null {
    return row.visit ? standing(this.here().asks, row.visit, this.round.question) : null;
  }

  private line(row: RoundRow): Line {
    const here = this.here();
    const who = guestOf(row, here.present);
    const facts = who ? linesOf(here, who.customer) : [];
    const awaited = row.place && !who ? awaitedAt(here, row.place) : null;
    const speaks = (item: Item) => against(facts, isWords(item) ? inOwnWords(item.labels) : item, []);
    const all = this.steady(`${row.row} ${row.visit ?? ""}`, dishesFor(this.offered(facts), facts, speaks));
    return {
      row, who, facts, all, dishes: all.slice(0, MOST), expected: awaited && title(awaited),
      seat: row.place ?? (who ? title(who) : (row.called ?? t("round.no_seat"))), refused: this.refusedOf(row),
    };
  }

  private refusedOf(row: RoundRow): Row | null {
    const isOurs = ({ news, refused }: Row) => Boolean(refused?.warnings?.length) && news.data.visit === row.visit && news.data.question === this.of().question;
    return row.visit ? (floor.refused.findLast(isOurs) ?? null) : null;
  }
}

const ORDERS = new Set(["ask.answered", "seat.ordered"]);

/** The dishes of orders that wait on this tablet, which the gateway has not taken off what is left. */
export const waitingItems = (): (string | null)[] =>
  floor.waiting.filter((row) => ORDERS.has(row.news.type)).map((row) => (row.body.item as string | undefined) ?? null);

/** What to keep away from, first what may hurt. */
export const careful = (facts: Preference[]): Preference[] => facts.filter((fact) => fact.polarity !== "do");
