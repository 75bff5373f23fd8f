/**
 * When a tablet rings: once for a card that becomes this person's to answer. What was missed while the tablet was away
 * rings once when all of it is known, and only if somebody is still waiting.
 */
import { isForMe } from "./cards";
import { chime } from "./chime";
import { isAdvice } from "./moments";
import type { Alert, LiveEvent, State } from "./types";

export class Bell {
  private last = 0;
  private readonly due = new Set<string>();

  constructor(private readonly ring: () => void = chime) {}

  /** A whole state came in place of the one known: what is new in it may ring. */
  hello(state: State, known: State): void {
    for (const alert of state.alerts) if (becameMine(alert, known)) this.due.add(alert.alert);
    this.caughtUp(state);
  }

  /** Events up to `sequence` are old news. */
  missed(sequence: number): void {
    this.last = sequence;
  }

  event(event: LiveEvent, before: State, after: State): void {
    if (event.type.startsWith("alert.") && becameMine(event.data as Alert, before)) this.due.add((event.data as Alert).alert);
    if (event.sequence >= this.last) this.caughtUp(after);
  }

  /** Nothing more is on its way: rings if one of the cards that came is still waiting. */
  caughtUp(state: State | null): void {
    this.last = 0;
    const waits = state?.alerts.some((a) => this.due.has(a.alert) && isForMe(a, state.me.staff));
    this.due.clear();
    if (waits) this.ring();
  }
}

/** Whether an alert is this person's to answer that was not before. */
export function becameMine(alert: Alert, before: State): boolean {
  const me = before.me.staff;
  const known = before.alerts.find((a) => a.alert === alert.alert);
  return isForMe(alert, me) && !isAdvice(alert.kind) && !(known && isForMe(known, me));
}
