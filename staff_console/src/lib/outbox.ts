/**
 * What staff recorded and the gateway has not yet taken: sent strictly in order, once in effect (each write has a key
 * of its own), kept across reloads, and given back with the reason when it is refused.
 */
import { Refused, post } from "./api";
import { database, type StoredRow } from "./db";
import { newId } from "./ids";
import type { Ask, Problem } from "./types";
import { seal, unseal, type Sealed } from "./vault";

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

  /** Keeps `write` on disk, then begins to send it. */
  async add(write: Write): Promise<void> {
    if (!this.staff) throw new Error("nobody is signed in");
    const sealed = await seal({ ...write, refused: null });
    const row: StoredRow = { key: newId(), staff: this.staff, at: new Date().toISOString(), tries: 0, sealed };
    const tx = (await database()).transaction("outbox", "readwrite", { durability: "strict" });
    await tx.store.add(row);
    await tx.done;
    await this.report();
    void this.flush();
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
      const row = (await this.report()).find((r) => !r.refused);
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
    else await this.change(row, { refused: problem });
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
