// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import type { ExpectedVisit, State } from "../src/lib/types";
import ExpectedList from "../src/parts/ExpectedList.svelte";
import { clear, hook, show, submit, tap, type } from "./mounted";
import { floorOf } from "./state";

const coming: ExpectedVisit = { id: "e1", customer: "chen", name: "Chen", address_as: "Ms Chen", tier: null, language: null, wishes: [], place: null, note: "by the window", from: "2026-11-29T06:00:00Z", until: "2026-11-29T08:00:00Z" };
const manager = (expected: ExpectedVisit[]): State => {
  const state = floorOf({ expected });
  return { ...state, me: { ...state.me, role: "manager", roles: ["manager"] } };
};
let sent: { does: string; body: unknown }[] = [];

beforeEach(() => {
  speak("en");
  sent = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    sent.push({ does: `${init.method} ${path}`, body: init.body ? JSON.parse(String(init.body)) : null });
    return new Response(JSON.stringify(String(path).includes("?q=") ? [{ id: "wu", name: "Wu Lan", address_as: "Ms Wu", tier: null, language: null, present: false }] : {}));
  });
});
afterEach(clear);
const appears = (id: string) => vi.waitFor(() => (flushSync(), expect(hook(id)).not.toBeNull()), 4_000);

it("who leads expects somebody by name, with a time of the venue's day", async () => {
  show(ExpectedList, { state: manager([]), all: true });
  await tap("expected-add");
  await appears("expected-edit");
  await type("expected-search", "wu");
  await appears("expected-pick-wu");
  await tap("expected-pick-wu");
  await type("expected-from", "14:00");
  await type("expected-until", "13:00");
  expect((hook("expected-save") as HTMLButtonElement).disabled).toBe(true); // it would end before it begins
  await type("expected-until", "16:30");
  await submit("expected-save");
  const [act] = sent.filter(({ does }) => does.startsWith("POST"));
  expect(act!.does).toBe("POST /api/expected");
  expect(act!.body).toMatchObject({ customer: "wu", place: null, note: null });
  expect((act!.body as { from: string }).from).toMatch(/T14:00:00$/);
});

it("changes one that is there, and removes it with a second tap", async () => {
  show(ExpectedList, { state: manager([coming]), all: true });
  await tap("expected-edit-e1");
  await appears("expected-edit");
  expect((hook("expected-from") as HTMLInputElement).value).toBe("14:00"); // in Shanghai
  await type("expected-note", "by the door");
  await submit("expected-save");
  expect(sent[0]).toMatchObject({ does: "PUT /api/expected/e1", body: { customer: "chen", from: "2026-11-29T14:00:00", until: "2026-11-29T16:00:00", note: "by the door" } });
  await vi.waitFor(() => (flushSync(), expect(hook("expected-edit")).toBeNull()));
  await tap("expected-edit-e1");
  await appears("expected-edit");
  await tap("expected-remove");
  expect(sent).toHaveLength(1);
  await tap("expected-remove");
  expect(sent[1]!.does).toBe("DELETE /api/expected/e1");
});

it("who serves reads the book and does not write it", () => {
  show(ExpectedList, { state: floorOf({ expected: [coming] }), all: true });
  expect(hook("expected-add")).toBeNull();
  expect(hook("expected-edit-e1")).toBeNull();
});
