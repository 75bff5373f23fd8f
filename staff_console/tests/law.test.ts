/**
 * The law: who began with a snapshot and took every event holds what a fresh snapshot says. `tests/console/test_law.py`
 * plays a day through a gateway, writes down what each tablet was sent and has this file compare; by itself it has nothing
 * to compare, and is left out.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apply, viewed } from "../src/lib/reducer";
import type { Alert, LiveEvent, State, View } from "../src/lib/types";

/** What one tablet began with and was sent, and what fresh ones of the same audience were told meanwhile. */
interface Tablet {
  name: string;
  state: State;
  events: LiveEvent[];
  told: { after: string; sequence: number; state: State }[];
}

const told = process.env.MOMENTS_LAW;
const tablets: Tablet[] = told ? JSON.parse(readFileSync(told, "utf8")) : [];

/** What counts by itself between two events, and so is compared with nothing: how old, how sure, how often. */
const OF_ALERTS = ["aged_s"];
const OF_PLACES = ["confidence", "quiet_since"];
const OF_READERS = ["reads_per_s", "last_sighting", "rejected"];
/** What a tablet knows beside the floor: what it saw served. */
const ITS_OWN = ["served"];

type Row = Record<string, unknown>;

const without = (row: object, names: string[]): Row => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

/** Screens put their rows in an order of their own, so a list is what is in it. */
const byId = (rows: Row[], id: string): Row[] => [...rows].sort((a, b) => String(a[id]).localeCompare(String(b[id])));

function alertOf(alert: Alert): Row {
  const kept = without(alert, OF_ALERTS);
  const { card } = alert;
  if (!card) return kept;
  return { ...kept, card: { ...without(card, OF_PLACES), asks: byId(card.asks, "id") } };
}

function held(state: State): Row {
  return {
    ...without(state, ITS_OWN),
    present: byId(state.present.map((p) => without(p, OF_PLACES)), "customer"),
    alerts: byId(state.alerts.map(alertOf), "alert"),
    asks: byId(state.asks, "id"),
    promises: byId(state.promises, "id"),
    complaints: byId(state.complaints, "id"),
    readers: byId(state.readers.map((r) => without(r, OF_READERS)), "id"),
    staff: byId(state.staff, "id"),
  };
}

/** A frame of the socket: something that happened, who came into view and went out of it, or the whole state anew. */
type Frame = LiveEvent | View | { type: "hello"; state: State };

function taken(state: State, frame: Frame): State {
  if (frame.type === "hello") return (frame as { state: State }).state;
  return frame.type === "view" ? viewed(state, frame as View) : apply(state, frame as LiveEvent);
}

describe.skipIf(!told)("a tablet that took every event holds what a fresh snapshot says", () => {
  describe.each(tablets.map((tablet) => [tablet.name, tablet] as const))("%s", (_, tablet) => {
    const upTo = (sequence: number) => tablet.events.filter((event) => event.sequence <= sequence).reduce<State>(taken, tablet.state);

    it.each(tablet.told.map((fresh) => [fresh.after, fresh] as const))("after %s", (_after, { sequence, state }) => {
      expect(held(upTo(sequence))).toEqual(held(state));
    });
  });
});
