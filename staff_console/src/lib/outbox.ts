/**
 * What staff recorded and the gateway has not yet taken: sent strictly in order, once in effect (each write has a key
 * of its own), kept across reloads, and given back with the reason when it is refused.
 */
import { Refused, post } from "./api";
import { database, type StoredRow } from "./db";
import { newId } from "./ids";
import type { Ask, Problem } from "./types";
import { isOpen, seal, unseal, type Sealed } from "./vault";

/** Something a person did: where to send it, and the news it will become, to show at once. */
export interface Write {
  path: string;
  body: Record<string, unknown>;
  /** Not worth a word when it is refused. */
  fleeting?: boolean;
  news: { type: string; subject: string; data: { id: string } & Record<string, unknown> };
}

export interface Row extends Write {
  seq: number;
  key: string;
  staff: string;
  at: string;
  tries: number;
  refused: Problem | null;
}

type Said = Write & { refused: Problem | null };

export interface Reports {
  /** The rows changed: those of this person, oldest first. */
  rows(rows: Row[]): void;
  /** The gateway took `row`; `record` is what it made of it. */
  accepted(row: Row, record: unknown): void;
  /** The session has ended: nothing more is sent until somebody signs in. */
  signedOut(): void;
}

/** Refused because the customer has ended what it rests on: of what was recorded nothing stays but that it was. */
export const isEnded = ({ detail }: Problem): boolean => ENDED.test(detail ?? "");
const ENDED = /no longer agrees|was erased|no such (customer|visit$)/; // as the gateway says it; never asked is another matter: that may be asked yet
const STOPPED = "the customer no longer agrees";

/** The same where what it is about is not there any more: nobody can put that right. */
const isPast = (problem: Problem): boolean => problem.status === 404 || isEnded(problem);

/** What rests on what the customer ended: all, what belongs to a visit, or what is kept of them. */
export type Ended = "everything" | "visits" | "preferences";

const RESTS: Record<Ended, RegExp> = { everything: /./, visits: /^(ask|order|visit|place|preference)\./, preferences: /^preference\./ };

function withoutText({ path, news }: Write): Pick<Row, "path" | "body" | "news"> {
  const { id, customer } = news.data as { id: string; customer?: string };
  return { path, body: {}, news: { type: news.type, subject: news.subject, data: { id, customer } } };
}

const PASSING = new Set([408, 425, 429, 502, 503, 504]); // the write is not to blame
const FAILS_BEFORE_REFUSED = 5; // a gateway that fails on the same write five times will fail on it again
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export class Outbox {
  private staff: string | null = null;
  private sending: Promise<void> | null = null;
  private again = false;
  private fails = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Rows that the gateway has, or may have: an answer that was lost says nothing of what was asked. */
  private readonly underway = new Set<number>();
  private readonly withdrawn = new Set<number>();
  /** What was unsealed already, with what it was sealed as: a hundred rows are read after each that goes. */
  private readonly opened = new Map<number, { mark: string; said: Said }>();

  constructor(private readonly reports: Reports) {}

  /** Works for `staff` from now on; rows of others wait for them. Null: sends nothing. */
  async serve(staff: string | null): Promise<void> {
    this.staff = staff;
    this.opened.clear();
    clearTimeout(this.timer);
    await this.report();
  }

  /** Keeps `write` on disk, then begins to send it; `key` is that of an act which was tried already. */
  async add(write: Write, key: string = newId()): Promise<void> {
    if (!this.staff) throw new Error("nobody is signed in");
    const sealed = await seal({ ...write, refused: null });
    const row: StoredRow = { key, staff: this.staff, at: new Date().toISOString(), tries: 0, sealed };
    const tx = (await database()).transaction("outbox", "readwrite", { durability: "strict" });
    await tx.store.add(row);
    await tx.done;
    await this.report();
    void this.flush();
  }

  /** Returns since when this person's rows wait here, or were refused (ms since 1970); null where there are none. */
  async heldSince(): Promise<number | null> {
    const rows = (await (await database()).getAll("outbox")).filter((row) => row.staff === this.staff);
    return rows.length ? Math.min(...rows.map((row) => Date.parse(row.at))) : null;
  }

  /** Takes back the record with this id before it is sent; returns false where it is sent, or may be. */
  async withdraw(id: string): Promise<boolean> {
    const row = (await this.load()).find((one) => one.news.data.id === id);
    if (!row || this.underway.has(row.seq)) return false;
    this.withdrawn.add(row.seq); // at once: the next to be sent is chosen from what was read before
    await this.discard(row.seq);
    return true;
  }

  /** Takes out all that was recorded about a customer: nothing of them is to be kept. */
  async forget(customer: string): Promise<void> {
    for (const row of await this.load()) if (row.news.subject === customer) await this.discard(row.seq);
  }

  /** Of what was refused before nothing stays but that it was: the customer has ended what it rests on. What waits is the gateway's to refuse. */
  async strip(customer: string, ended: Ended): Promise<void> {
    for (const row of await this.load()) {
      if (!row.refused || row.news.subject !== customer || !RESTS[ended].test(row.news.type)) continue;
      await this.change(row, { ...withoutText(row), refused: { ...row.refused, detail: STOPPED } });
    }
    await this.report();
  }

  async discard(seq: number): Promise<void> {
    this.opened.delete(seq);
    await (await database()).delete("outbox", seq);
    await this.report();
  }

  /** Sends what waits until it is all taken or the network says later. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.again = true;
    this.sending ??= this.sendAll().finally(() => (this.sending = null));
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.alone(() => this.drain());
    }
  }

  /** Two windows share the rows: where the browser can, only one sends at a time. Elsewhere the keys alone protect. */
  private async alone(work: () => Promise<void>): Promise<void> {
    if (navigator.locks) await navigator.locks.request("moments-outbox", work);
    else await work();
  }

  private async drain(): Promise<void> {
    for (;;) {
      const ready = (await this.report()).filter((r) => !r.refused && !this.withdrawn.has(r.seq));
      const row = ready.find((r) => r.news.type === "consent.revoked") ?? ready[0]; // what a customer ended waits for nothing
      if (!row) return;
      if (!(await this.send(row))) {
        const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.fails++);
        this.timer = setTimeout(() => void this.flush(), wait);
        return;
      }
      this.fails = 0;
    }
  }

  /** Returns whether the next row may go. */
  private async send(row: Row): Promise<boolean> {
    if (navigator.onLine !== false) this.underway.add(row.seq); // without a network nothing leaves the tablet
    try {
      const record = await post<unknown>(row.path, row.body, row.key);
      await this.settle(row, record);
      return true;
    } catch (error) {
      return error instanceof Refused && (await this.refusedBy(row, error.problem));
    }
  }

  private async refusedBy(row: Row, problem: Problem): Promise<boolean> {
    if (problem.status === 401) {
      this.reports.signedOut();
      return false;
    }
    if (PASSING.has(problem.status)) return false;
    if (problem.status >= 500 && row.tries + 1 < FAILS_BEFORE_REFUSED) {
      await this.change(row, { tries: row.tries + 1 });
      return false;
    }
    if (problem.status === 409 && problem.ask && row.news.type === "ask.opened") {
      await this.moveAnswers(row.news.data.id, problem.ask.id);
      if (problem.ask.state === "open") {
        await this.settle(row, problem.ask); // a colleague has put the very question: theirs stands for both
        return true;
      }
    }
    if (row.fleeting) await this.discard(row.seq);
    else await this.change(row, isPast(problem) ? { ...withoutText(row), refused: problem } : { refused: problem });
    return true;
  }

  private async settle(row: Row, record: unknown): Promise<void> {
    this.reports.accepted(row, record); // before the row goes, so that what it shows does not flicker
    await this.discard(row.seq);
  }

  /** Answers that wait for a question asked before ours belong to that one. */
  private async moveAnswers(from: string, to: Ask["id"]): Promise<void> {
    for (const row of await this.load()) {
      if (row.path !== `/api/asks/${from}/answer`) continue;
      const news = { ...row.news, data: { ...row.news.data, id: to } };
      await this.change(row, { path: `/api/asks/${to}/answer`, news });
    }
  }

  private async change(row: Row, changes: Partial<Row>): Promise<void> {
    const { seq, key, staff, at, tries, ...said } = { ...row, ...changes };
    const sealed = await seal(said);
    await (await database()).put("outbox", { seq, key, staff, at, tries, sealed });
  }

  private async load(): Promise<Row[]> {
    if (!isOpen()) return [];
    const db = await database();
    const rows: Row[] = [];
    for (const stored of await db.getAll("outbox")) {
      if (stored.staff !== this.staff) continue;
      const { sealed, ...plain } = stored;
      try {
        rows.push({ ...(await this.open(stored.seq!, sealed)), ...plain, seq: stored.seq! });
      } catch {
        await db.delete("outbox", stored.seq!); // its key is gone: nobody will ever read it
      }
    }
    return rows;
  }

  private async open(seq: number, sealed: Sealed): Promise<Said> {
    const mark = "iv" in sealed ? sealed.iv.join() : sealed.plain;
    const known = this.opened.get(seq);
    if (known?.mark === mark) return known.said;
    const said = await unseal<Said>(sealed);
    this.opened.set(seq, { mark, said });
    return said;
  }

  private async report(): Promise<Row[]> {
    const rows = await this.load();
    this.reports.rows(rows);
    return rows;
  }
}
