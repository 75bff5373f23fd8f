// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { floor } from "../src/lib/store.svelte";
import type { Me } from "../src/lib/types";
import Setup from "../src/screens/Setup.svelte";
import { clear, hook, show, submit, tap, text, type } from "./mounted";
import { at, event, floorOf } from "./state";

const manager: Me = { staff: "mei", name: "Mei", role: "manager", roles: ["manager"], zones: [], languages: [], on_shift: true, shift: null };
const it_: Me = { ...manager, staff: "tom", name: "Tom", role: "it", roles: ["it"] };
const opening = { id: "g-1", kind: "customer", about: "hale", about_name: "Ms Hale", reason: "her family asks where she is", a: "noor", a_name: "Noor", b: null, b_name: null, state: "waiting", until: at(9) };
const noticed = { staff: "anna", staff_name: "Anna", customer: null, what: null, reason: null, because: null, count: null, until: null };
const token = { id: "t-1", name: "till", role: "integration", staff: null, scopes: ["read:presence"], whole: false, created_at: at(0), until: null, last_used: null, used_from: null };

let sent: { does: string; body: unknown }[] = [];
let glass: object[] = [];

beforeEach(() => {
  speak("en");
  [sent, glass] = [[], [opening]];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (init.method !== "GET") {
      sent.push({ does: `${init.method} ${path}`, body: init.body ? JSON.parse(String(init.body)) : {} });
      return Response.json(path === "/api/tokens" ? { ...token, token: "s3cret-shown-once" } : opening, { status: 201 });
    }
    if (path === "/api/break-glass") return Response.json(glass);
    if (path === "/api/tokens") return Response.json([token]);
    if (path === "/api/tablets") return Response.json({ paired: [], gone: [] });
    if (!path.startsWith("/api/security")) return Response.json([]);
    return Response.json([{ sequence: 7, time: at(1), type: "sign_in.refused", actor: "gateway", actor_name: "gateway", ...noticed }]);
  });
});
afterEach(clear);

const settled = async () => {
  for (let i = 0; i < 3; i++) {
    await new Promise((next) => setTimeout(next));
    flushSync();
  }
};

it("a manager confirms with their own PIN what somebody else asked for", async () => {
  show(Setup, { state: floorOf({ me: manager }), id: "security" });
  await settled();
  expect(text()).toContain("her family asks where she is");
  expect(text()).toContain("Wrong PIN");
  await tap("glass-confirm");
  for (const digit of "2468") await tap(`pin-${digit}`);
  await tap("pin-submit");
  await settled();
  expect(sent).toEqual([{ does: "POST /api/break-glass/g-1/confirm", body: { pin: "2468" } }]);
});

it("nobody is offered to confirm what they asked for, and a reason has twenty letters", async () => {
  glass = [{ ...opening, a: "mei", a_name: "Mei" }];
  show(Setup, { state: floorOf({ me: manager }), id: "security" });
  await settled();
  expect(hook("glass-confirm")).toBeNull();
  await tap("glass-open");
  await type("glass-about", "hale");
  await type("glass-reason", "because I want");
  expect((hook("glass-ask") as HTMLButtonElement).disabled).toBe(true);
  await type("glass-reason", "her family asks where she is");
  await submit("glass-ask");
  expect(sent).toEqual([{ does: "POST /api/break-glass", body: { kind: "customer", about: "hale", reason: "her family asks where she is" } }]);
});

it("what managers are told at once reads the list again, and the grave is told wherever they are", async () => {
  floor.told = floorOf({ me: manager });
  const before = floor.noticed;
  floor.event(event("glass.asked", "g-1", { ...noticed, staff: "noor" }));
  expect(floor.noticed).toBe(before + 1);
  expect(floor.overrun).toEqual({ kind: "glass", who: "noor" });
});

it("a program is made with scopes, shown once, and ended with a second tap; IT gives what it has", async () => {
  show(Setup, { state: floorOf({ me: it_ }), id: "programs" });
  await settled();
  expect(hook("setup-security")).toBeNull();
  expect(text()).toContain("without an end");
  await tap("program-add");
  expect(hook("scope-read:presence")).toBeNull();
  await type("program-name", "monitor");
  await tap("scope-read:readers");
  await submit("program-make");
  await settled();
  expect(sent[0]).toEqual({ does: "POST /api/tokens", body: { name: "monitor", scopes: ["read:readers"], days: 90 } });
  expect(text()).toContain("s3cret-shown-once");
  await tap("program-noted");
  expect(text()).not.toContain("s3cret");
  await tap("program-end-till");
  await tap("program-end-till");
  await settled();
  expect(sent[1]!.does).toBe("DELETE /api/tokens/t-1");
});
