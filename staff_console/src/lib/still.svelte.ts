/**
 * Nothing moves under a finger: a list that was touched, focused or scrolled within 3 s keeps its rows where they are,
 * and takes what changed when it is left. What a row says goes on being true; only its place waits.
 */
import type { Attachment } from "svelte/attachments";

export const LEFT_MS = 3_000;
const TOUCHES = ["pointerdown", "wheel", "scroll", "focusin", "keydown"] as const;
const ELSEWHERE = ["pointerdown", "focusin"] as const;

/** What holds lists still: attach `over` to what is touched (`{@attach hand.over}`) and give it to each `Still` in there. */
export class Hand {
  held = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;

  readonly over: Attachment<HTMLElement> = (element) => {
    const touch = () => this.touch();
    const elsewhere = (event: Event) => {
      if (this.held && event.target instanceof Node && !element.contains(event.target)) this.leave();
    };
    for (const type of TOUCHES) element.addEventListener(type, touch, { passive: true, capture: true });
    for (const type of ELSEWHERE) document.addEventListener(type, elsewhere, { passive: true, capture: true });
    return () => {
      this.leave();
      for (const type of TOUCHES) element.removeEventListener(type, touch, { capture: true });
      for (const type of ELSEWHERE) document.removeEventListener(type, elsewhere, { capture: true });
    };
  };

  touch(): void {
    this.held = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.leave(), LEFT_MS);
  }

  /** The hand is off, or what it did is to be seen: what waited is taken. */
  leave(): void {
    clearTimeout(this.timer);
    this.held = false;
  }
}

/** A list that keeps its rows and their order while a hand is on it. */
export interface Still<T> {
  /** The rows to show: as they are; or, while held, those that were there, each as it is now or as it was last. */
  readonly rows: T[];
  /** How many rows wait to come in. */
  readonly fresh: number;
  /** The keys of rows that are only kept because a hand is on the list. */
  readonly gone: ReadonlySet<string>;
}

/** Returns the list `live` under this hand; `key` names a row. To be called where a component begins. */
export function still<T>(hand: Hand, live: () => T[], key: (row: T) => string): Still<T> {
  let kept: T[] = [];
  const rows = $derived.by(() => {
    const now = live();
    if (!hand.held) return (kept = now);
    const known = new Map(now.map((row) => [key(row), row]));
    return (kept = kept.map((row) => known.get(key(row)) ?? row));
  });
  const fresh = $derived.by(() => {
    if (!hand.held) return 0;
    const there = new Set(rows.map(key));
    return live().filter((row) => !there.has(key(row))).length;
  });
  const gone = $derived.by(() => {
    const there = new Set(live().map(key));
    return new Set(rows.map(key).filter((one) => !there.has(one)));
  });
  return {
    get rows() {
      return rows;
    },
    get fresh() {
      return fresh;
    },
    get gone() {
      return gone;
    },
  };
}
