// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { viewed } from "../src/lib/reducer";
import { floor } from "../src/lib/store.svelte";
import type { View } from "../src/lib/types";
import CustomerSheet from "../src/parts/CustomerSheet.svelte";
import { clear, hook, show, submit, text, type } from "./mounted";
import { floorOf, presence } from "./state";

const frame = (more: Partial<View>): View => ({ type: "view", sequence: 9, gone: [], of: [], present: [], alerts: [], asks: [], preferences: {}, promises: [], complaints: [], ...more });

let sent: { path: string; body: unknown }[] = [];
let refuse = true;

beforeEach(() => {
  speak("en");
  [sent, refuse] = [[], true];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (init.method !== "GET") {
      sent.push({ path, body: JSON.parse(String(init.body)) });
      refuse = false;
      return Response.json({ customer: "hale", until: "2026-11-28T18:15:00.000Z" }, { status: 201 });
    }
    if (refuse) return Response.json({ detail: "this guest is not in your zones; to be shown them anyway, say why", elsewhere: true }, { status: 403 });
    return Response.json(/\/(journal|purposes|receipts|consents)$/.test(path) ? [] : { id: "hale", name: "Hale", address_as: "Ms Hale", wishes: [], preferences: [], promises: [], complaints: [], asks: [], presence: null });
  });
});
afterEach(clear);

const settled = async () => {
  for (let i = 0; i < 4; i++) {
    await new Promise((next) => setTimeout(next));
    flushSync();
  }
};

it("whoever goes out of view leaves nothing behind, and whoever comes is whole", () => {
  const before = floorOf({ present: [presence("hale", { visit: "v1" }), presence("yan", { visit: "v2" })], preferences: { hale: [], yan: [] } });
  const gone = viewed(before, frame({ gone: ["v1"] }));
  expect(gone.present.map((p) => p.customer)).toEqual(["yan"]);
  expect(Object.keys(gone.preferences)).toEqual(["yan"]);
  const back = viewed(gone, frame({ present: [presence("hale", { visit: "v1" })], preferences: { hale: [] } }));
  expect(back.present.map((p) => p.customer)).toEqual(["yan", "hale"]);
  expect(viewed(back, frame({ present: back.present })).present).toEqual(back.present);
});

it("a guest of another zone is shown for a reason, and for none before it is long enough", async () => {
  floor.told = floorOf();
  show(CustomerSheet, { state: floor.told, id: "hale" });
  floor.open("hale", "list");
  await settled();
  expect(text()).toContain("in a zone that is not yours");
  expect(text(), "said once").not.toContain("not in your zones");
  await type("show-anyway-reason", "please");
  expect((hook("show-anyway-ask") as HTMLButtonElement).disabled).toBe(true);
  await type("show-anyway-reason", "she asked for me by name");
  await submit("show-anyway-ask");
  await settled();
  expect(sent).toEqual([{ path: "/api/customers/hale/show-anyway", body: { reason: "she asked for me by name" } }]);
  expect(text()).toContain("Ms Hale");
  expect(hook("show-anyway")).toBeNull();
});
