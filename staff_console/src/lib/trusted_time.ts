/**
 * What time it is without the gateway: the last time it said, and what has passed since. A browser has no clock that
 * nobody can set: so the tablet remembers how far its own had come, and one that is put back is believed no more until
 * the gateway is heard. Put on, it only ends the shift sooner. Pure: times (ms) come as arguments.
 */
export interface Heard {
  /** The gateway's time, and this tablet's clock when it was said. */
  gateway: number;
  wall: number;
  /** The farthest that this tablet's clock has come. */
  farthest: number;
  /** It was set since. */
  moved: boolean;
}

export const SLACK_MS = 60_000; // clocks are set by seconds all the time

/** Returns what is known after the gateway said `gateway`, while the tablet's clock shows `wall`. */
export const heard = (gateway: number, wall: number): Heard => ({ gateway, wall, farthest: wall, moved: false });

/** Returns what is known after `steady` ms have passed, while the clock shows `wall` that showed `before` then. */
export function passed(known: Heard, before: number, wall: number, steady: number): Heard {
  const back = wall - before - steady < -SLACK_MS || wall < known.farthest - SLACK_MS;
  return { ...known, farthest: Math.max(known.farthest, wall), moved: known.moved || back };
}

/** Whether the clock was set meanwhile, or the tablet slept: then its person gives their PIN again. */
export const jumped = (before: number, wall: number, steady: number): boolean => Math.abs(wall - before - steady) > SLACK_MS;

/** Returns what time it is; null where this tablet's clock cannot be believed. */
export function timeBy(known: Heard | null, wall: number): number | null {
  if (!known || known.moved || wall < known.farthest - SLACK_MS) return null;
  return known.gateway + (wall - known.wall);
}
