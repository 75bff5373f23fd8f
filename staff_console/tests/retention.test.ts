// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import Retention from "../src/parts/Retention.svelte";
import { clear, hook, show, tap, text } from "./mounted";
import { at, floorOf } from "./state";

const kind = { kind: "visits", rule: "400 d", rows: 900, candidates: 120, most: 50, waits: true };
const stands = {
  now: at(0), vouched_by: null, why: "nobody vouches for the clock, so nothing is deleted: let a time server keep it, or have a manager confirm the time", last_run: at(1),
  runs: [{ time: at(1), vouched_by: "time_server", kinds: [{ kind: "visits", rule: "400 d", candidates: 120, deleted: 50, asks: true }] }],
  kinds: [kind, { ...kind, kind: "sessions", rule: "30 d", candidates: 0, waits: false }],
  leaving: [{ id: "chen", name: "Chen Wei", address_as: "Ms Chen", since: at(0), erased_after: "2026-12-06T12:00:00.000Z" }],
};
let sent: { path: string; body: Record<string, unknown> }[] = [];

const settled = async () => {
  for (let i = 0; i < 3; i++) {
    await new Promise((next) => setTimeout(next));
    flushSync();
  }
};

beforeEach(async () => {
  speak("en");
  sent = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (init.method === "GET") return Response.json(stands);
    sent.push({ path, body: JSON.parse(String(init.body)) });
    return new Response(null, { status: 204 });
  });
  show(Retention, { state: floorOf() });
  await settled();
});
afterEach(clear);

it("names who is to be erased and when, how long each class is kept, and what the last runs did", () => {
  expect(hook("leaving-chen")!.textContent).toContain("Ms Chen");
  expect(hook("leaving-chen")!.textContent).toContain("erased after 6 Dec 2026");
  expect(hook("kind-visits")!.textContent).toContain("400 days");
  expect(hook("kind-visits")!.textContent).toContain("900 there, 120 over");
  expect(hook("kind-sessions")!.textContent).not.toContain("allow");
  expect(hook("retention-runs")!.textContent).toContain("50 of 120 went");
  expect(hook("retention-runs")!.textContent).toContain("Vouched for by a time server");
});

it("says in either language why nothing is deleted", async () => {
  expect(hook("retention-why")!.textContent).toContain("Nobody vouches for the clock");
  speak("zh-CN");
  flushSync();
  expect(hook("retention-why")!.textContent).toContain("无人为时钟担保");
  expect(text()).not.toMatch(/Nobody|erased|kept/);
});

it("the clock is vouched for with a second tap, by the time of this very tablet", async () => {
  await tap("retention-vouch");
  expect(sent).toEqual([]);
  await tap("retention-confirm-clock");
  await settled();
  expect(sent.map(({ path }) => path)).toEqual(["/api/retention/clock"]);
  expect(Math.abs(Date.parse(String(sent[0]!.body.time)) - Date.now())).toBeLessThan(60_000);
});

it("allows what waits, and no other class", async () => {
  await tap("retention-allow");
  await settled();
  expect(sent).toEqual([{ path: "/api/retention/allowed", body: { kinds: ["visits"] } }]);
});
