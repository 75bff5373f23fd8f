/** The keys of a group of radio buttons: arrows go round, Home and End to its ends; Tab goes past it. */
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Returns where a key leads from the `at`th of `count`, and takes the key; null for any other key. */
export function stepped(event: KeyboardEvent, at: number, count: number): number | null {
  const ends: Record<string, number> = { Home: 0, End: count - 1 };
  const to = ends[event.key] ?? (event.key in STEPS ? (at + STEPS[event.key]! + count) % count : null);
  if (to !== null) event.preventDefault();
  return to;
}
