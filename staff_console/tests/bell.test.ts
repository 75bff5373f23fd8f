// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Bell } from "../src/lib/bell";
import { ifMissed, onlyMissed } from "../src/lib/missed";
import type { Alert, State } from "../src/lib/types";
import { apply } from "../src/lib/reducer";
import { alert, event, floorOf } from "./state";

const ring = vi.fn();
let bell: Bell;
let state: State;

beforeEach(() => {
  ring.mockReset();
  bell = new Bell(ring);
  state = floorOf();
});

const hear = (type: string, data: Alert, sequence: number) => {
  const told = event(type, "chen", data, sequence);
  const before = state;
  state = apply(before, told);
  bell.event(told, before, state);
};

describe("missed while this tablet was away", () => {
  const old = (changes: Partial<Alert> = {}) => alert("chen", { aged_s: 42, ...changes });

  it("is said of nothing to who has just signed in", () => {
    expect(onlyMissed(floorOf({ alerts: [old()] }), null).alerts[0]!.aged_s).toBe(0);
  });

  it("is said of what came meanwhile, and not of what was on the glass before", () => {
    const known = floorOf({ alerts: [alert("seen", { aged_s: 0 })] });
    const came = onlyMissed(floorOf({ alerts: [alert("seen", { aged_s: 90 }), old()] }), known);
    expect(came.alerts.map((a) => a.aged_s)).toEqual([0, 42]);
    expect(onlyMissed(came, came).alerts.map((a) => a.aged_s)).toEqual([0, 42]);
  });

  it("is said of what became mine meanwhile, by an event", () => {
    const before = floorOf({ alerts: [alert("chen", { to: ["bo"], aged_s: 0 }), alert("mine", { aged_s: 0 })] });
    const age = (one: Alert) => (ifMissed(event("alert.escalated", one.customer!, one), before).data as Alert).aged_s;
    expect(age(old({ to: ["anna", "bo"] }))).toBe(42);
    expect(age(alert("mine", { aged_s: 30 }))).toBe(0);
    expect(age(old({ to: ["bo"] }))).toBe(0);
  });
});

it("rings for a card of mine, once, and for nobody else's", () => {
  hear("alert.opened", alert("other", { to: ["bo"] }), 1);
  expect(ring).not.toHaveBeenCalled();
  hear("alert.opened", alert("chen"), 2);
  hear("alert.escalated", alert("chen", { to: ["anna", "bo"] }), 3);
  expect(ring).toHaveBeenCalledOnce();
});

it("rings for a customer handed over to me", () => {
  hear("alert.claimed", alert("chen", { state: "claimed", by: "bo", to: ["bo"] }), 1);
  hear("alert.handed_over", alert("chen", { state: "claimed", by: "bo", to: ["anna"], accept_by: "2026-11-22T10:01:00.000Z" }), 2);
  expect(ring).toHaveBeenCalledOnce();
});

it("advice for when there is time is silent", () => {
  hear("alert.opened", alert("chen", { kind: "mute_phone" }), 1);
  expect(ring).not.toHaveBeenCalled();
});

it("a hint is silent; the card that follows it is not", () => {
  hear("alert.opened", alert("chen", { stage: "hint", customer: null, card: null }), 1);
  expect(ring).not.toHaveBeenCalled();
  hear("alert.opened", alert("chen"), 2);
  expect(ring).toHaveBeenCalledOnce();
});

it("what was missed rings once, when all of it is known", () => {
  bell.missed(3);
  for (const n of [1, 2, 3]) hear("alert.opened", alert(`c${n}`), n);
  expect(ring).toHaveBeenCalledOnce();
});

it("who came and left while the tablet was away does not ring", () => {
  bell.missed(2);
  hear("alert.opened", alert("chen"), 1);
  hear("alert.closed", alert("chen", { state: "closed", outcome: "left" }), 2);
  expect(ring).not.toHaveBeenCalled();
});

it("a backlog whose end is not for this tablet still rings, with the next tick", () => {
  bell.missed(9);
  hear("alert.opened", alert("chen"), 4);
  expect(ring).not.toHaveBeenCalled();
  bell.caughtUp(state);
  expect(ring).toHaveBeenCalledOnce();
});

it("a whole state in place of the one known rings for what is new in it", () => {
  const known = floorOf({ alerts: [alert("old")] });
  bell.hello(floorOf({ alerts: [alert("old")] }), known);
  expect(ring).not.toHaveBeenCalled();
  bell.hello(floorOf({ alerts: [alert("old"), alert("chen")] }), known);
  expect(ring).toHaveBeenCalledOnce();
});
