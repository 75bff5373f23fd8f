/**
 * What "missed while this tablet was away" is true of: a card that came, or became this person's, while the tablet did not see it.
 * The gateway tells of every card how old it is when a tablet comes; whether the tablet had it, the tablet knows.
 */
import { becameMine } from "./bell";
import type { Alert, LiveEvent, State } from "./types";

/** Returns a whole state as a tablet takes it in that knew another before, or none: then it has just begun. */
export function onlyMissed(state: State, known: State | null): State {
  return { ...state, alerts: state.alerts.map((alert) => ({ ...alert, aged_s: age(alert, known) })) };
}

/** Returns an event with its alert's age kept where the card came meanwhile, also when it goes on while the tablet is there. */
export function ifMissed(event: LiveEvent, before: State): LiveEvent {
  const alert = event.data as Partial<Alert> | null;
  return alert?.aged_s !== undefined ? { ...event, data: { ...alert, aged_s: age(alert as Alert, before) } } : event;
}

function age(alert: Alert, known: State | null): number {
  if (!known) return 0;
  const before = known.alerts.find((a) => a.alert === alert.alert);
  return !before || (alert.aged_s && becameMine(alert, known)) ? alert.aged_s : before.aged_s;
}
