/** The gateway's time on this tablet: tablets' clocks are wrong by minutes, and a ring of 15 seconds is not. */
let offset = 0;
let now = $state(Date.now());

/** Sets the clock by a time the gateway sent just now. */
export function setBy(time: string): void {
  const theirs = Date.parse(time);
  if (Number.isNaN(theirs)) return;
  offset = theirs - Date.now();
  now = theirs;
}

/** Returns the gateway's time in ms, once a second anew. */
export const currently = (): number => now;

/** Returns the gateway's time in ms, exact. */
export const exactly = (): number => Date.now() + offset;

export function run(): () => void {
  const timer = setInterval(() => (now = exactly()), 1_000);
  return () => clearInterval(timer);
}
