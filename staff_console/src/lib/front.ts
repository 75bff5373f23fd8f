/** Who is in focus: one customer, whose card, sheet and form are on the screen, in both columns. Pure. */
import { isForMe, isMine } from "./cards";
import type { Alert } from "./types";

export interface Focus {
  customer: string;
  /** Which of their cards was meant, where they have several. */
  alert: string | null;
  /**
   * `shown`: their card stands there because it came first, and their sheet is not open. `open`: somebody opened, claimed
   * or writes about them, and nobody takes their place. `done`: somebody is done with them; their sheet stays until the
   * next card comes.
   */
  how: "shown" | "open" | "done";
}

/**
 * Returns who is in focus next, of the cards that are `shown` in their order; the same value where nothing changes.
 * `stays`: whether who was opened is still to be seen here, with a card or with a sheet.
 */
export function inFocus(before: Focus | null, shown: Alert[], me: string | null, stays: boolean): Focus | null {
  if (before?.how === "open" && stays) return before;
  const of = (one: Alert | undefined, how: Focus["how"]): Focus | null => (one?.customer ? { customer: one.customer, alert: one.alert, how } : null);
  const there = before?.how === "shown" ? shown.find((a) => a.alert === before.alert) : undefined;
  if (there && isForMe(there, me)) return before;
  const waits = of(shown.find((a) => isForMe(a, me)), "shown");
  const inHand = of(shown.find((a) => isMine(a, me)), "open");
  if (before?.how === "done" && stays) return waits ?? inHand ?? before;
  return waits && before ? waits : (inHand ?? waits ?? (there ? before : of(shown[0], "shown")));
}

/** Returns the card that is shown whole: the one of who is in focus; null where they have none. */
export function wholeOf(focus: Focus | null, shown: Alert[]): Alert | null {
  if (!focus) return null;
  const theirs = shown.filter((a) => a.customer === focus.customer);
  return theirs.find((a) => a.alert === focus.alert) ?? theirs[0] ?? null;
}
