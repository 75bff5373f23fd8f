// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import PairThis from "../src/parts/PairThis.svelte";
import Setup from "../src/screens/Setup.svelte";
import { clear, hook, show, submit, tap, text, type } from "./mounted";
import { at, floorOf } from "./state";

let answers: Record<string, unknown> = {};
let sent: { does: string; body: unknown }[] = [];

beforeEach(() => {
  speak("en");
  sent = [];
  const painted = { count: 3, p50_ms: 41, p95_ms: 77 };
  answers = {
    "GET /api/tablets": {
      required: false,
      paired: [{ id: "t1", name: "bar 1", paired_at: at(0), paired_by: "Tom", last_seen: at(0), bound: false }],
      gone: [
        { id: "t8", name: "lounge 1", revoked_at: at(0), wiped_at: null, last_seen: at(0) },
        { id: "t9", name: "lounge 2", revoked_at: at(0), wiped_at: at(0), last_seen: at(0) },
      ],
      live: [{ staff: "anna", name: "Anna", tablet: "t1", since: at(0), painted, last_painted: 9 }],
    },
  };
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const does = `${init.method} ${path}`;
    sent.push({ does, body: init.body ? JSON.parse(String(init.body)) : undefined });
    const answer = answers[does];
    return typeof answer === "number" ? new Response("{}", { status: answer }) : new Response(JSON.stringify(answer ?? null));
  });
});
afterEach(clear);

const settled = async () => {
  await new Promise((next) => setTimeout(next));
  flushSync();
};

it("a code is shown as a picture and as letters, and a tablet is let go with a second tap", async () => {
  show(Setup, { state: floorOf(), id: "tablets" });
  await settled();
  expect(hook("paired-bar 1")!.textContent).toMatch(/bar 1.*by Tom.*Anna.*41 ms/s);
  expect(text()).toContain("paired_tablets = true");
  expect(hook("paired-bar 1")!.textContent).toContain("No key yet");
  expect(hook("gone-lounge 1")!.textContent).toContain("not heard from since");
  expect(hook("gone-lounge 2")!.textContent).toContain("wiped");
  answers["POST /api/tablets/codes"] = { code: "ABCDE23456", link: "https://x/#/pair/ABCDE23456", picture: "data:image/svg+xml,x", expires: at(600) };
  await type("tablet-name", "bar 2");
  await submit("tablet-code");
  await settled();
  expect(hook("pairing-code")!.textContent).toContain("ABCDE 23456");
  await tap("revoke-bar 1");
  expect(sent.some((one) => one.does.startsWith("DELETE"))).toBe(false);
  await tap("revoke-bar 1");
  expect(sent.map((one) => one.does)).toContain("DELETE /api/tablets/t1");
});

it("a link pairs by itself, once, and says why it did not", async () => {
  answers["POST /api/pair"] = 401;
  const onpaired = vi.fn();
  show(PairThis, { code: "ABCDE23456", onpaired });
  await vi.waitFor(() => expect(text()).toContain("wrong, used"));
  expect(sent).toEqual([{ does: "POST /api/pair", body: { code: "ABCDE23456", key: expect.stringMatching(/^B[\w-]{86}$/) } }]);
  expect(text()).toContain("wrong, used, or older than ten minutes");
  answers["POST /api/pair"] = { id: "t", name: "bar" };
  await type("pair-code", "QWERT 23456");
  await submit("pair-send");
  await settled();
  await vi.waitFor(() => expect(onpaired).toHaveBeenCalledOnce());
});

it("IT shows a new tablet the page by which it trusts the house, with the digits to compare", async () => {
  answers["GET /api/trust"] = { own: true, page: "http://10.0.0.5:8080/", picture: "data:image/svg+xml,x", fingerprint: "AB:CD", until: at(86_400) };
  show(Setup, { state: floorOf(), id: "tablets" });
  await vi.waitFor(() => expect(hook("trust")!.textContent).toContain("http://10.0.0.5:8080/")); // signed: this tablet has a key
  expect(hook("fingerprint")!.textContent).toBe("AB:CD");
});

it("and nothing of it where the certificate is another's", async () => {
  answers["GET /api/trust"] = { own: false, page: null, picture: null, fingerprint: null, until: null };
  show(Setup, { state: floorOf(), id: "tablets" });
  await vi.waitFor(() => expect(sent.map((one) => one.does)).toContain("GET /api/trust"));
  await settled();
  expect(hook("trust")).toBeNull();
});
