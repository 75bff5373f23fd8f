/** Watches this tablet's clock and keeps what is known of it across reloads; `trusted_time.ts` has the rules. */
import { heard, jumped, passed, timeBy, type Heard } from "./trusted_time";

const KEPT = "moments-clock"; // times, and nothing of anybody
const LOOK_MS = 5_000;

let known: Heard | null = kept();
let wall = Date.now();
let steady = performance.now();

function kept(): Heard | null {
  try {
    const said = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Heard | null;
    return said && [said.gateway, said.wall, said.farthest].every(Number.isFinite) ? said : null;
  } catch {
    return null;
  }
}

function keep(next: Heard | null): void {
  known = next;
  if (next) localStorage.setItem(KEPT, JSON.stringify(next));
}

/** The gateway said what time it is. */
export function gatewaySaid(time: string): void {
  const theirs = Date.parse(time);
  if (!Number.isNaN(theirs)) keep(heard(theirs, Date.now()));
}

/** Returns what time it is (ms) without the gateway; null where this tablet's clock cannot be believed. */
export const timeAlone = (): number | null => timeBy(known, Date.now());

/** Looks every few seconds; `onjump` when the clock was set, or the tablet slept. */
export function watchClock(onjump: () => void, each: () => void): () => void {
  [wall, steady] = [Date.now(), performance.now()];
  const timer = setInterval(() => {
    const [now, went] = [Date.now(), performance.now() - steady];
    const off = jumped(wall, now, went);
    if (known) keep(passed(known, wall, now, went));
    [wall, steady] = [now, performance.now()];
    if (off) onjump();
    each();
  }, LOOK_MS);
  return () => clearInterval(timer);
}
