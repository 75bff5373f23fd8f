// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import Settings from "../src/screens/Settings.svelte";
import SignIn from "../src/screens/SignIn.svelte";
import { clear, hook, show, tap, text } from "./mounted";
import { floorOf } from "./state";

let sent: { path: string; body: Record<string, unknown> }[] = [];
let answers: [number, object][] = [];

const settled = async () => {
  for (let i = 0; i < 30; i++) {
    await new Promise((next) => setTimeout(next, 5)); // a part is loaded when it is opened
    flushSync();
  }
};
const enter = async (digits: string) => {
  for (const digit of digits) await tap(`pin-${digit}`);
  await tap("pin-submit");
  await settled();
};

beforeEach(() => {
  speak("en");
  [sent, answers] = [[], []];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (path.endsWith("/passkeys")) return Response.json({ hindrance: "plain", passkeys: [] });
    if (init.method === "GET") return Response.json({ venue: { id: "v", name: { en: "V" }, kind: "store" }, staff: [{ id: "anna", name: "Anna" }], demo: false, paired: true, passkeys: false });
    sent.push({ path, body: JSON.parse(String(init.body)) as Record<string, unknown> });
    const [status, body] = answers.shift() ?? [200, {}];
    return Response.json(body, { status });
  });
});
afterEach(clear);

it("a one-time code asks for a new PIN twice, and is sent with it", async () => {
  show(SignIn, {});
  await settled();
  await tap("sign-in-staff-anna");
  answers = [[409, { detail: "this code is good once: choose a new PIN", choose_pin: true }], [401, { detail: "wrong PIN" }]];
  await enter("13572468");
  expect(hook("new-pin")).not.toBeNull();
  await enter("734019");
  await enter("734018");
  expect(text()).toContain("not the same");
  expect(sent.length).toBe(1);
  await enter("734019");
  await enter("734019");
  expect(sent[1]!.body).toEqual({ staff: "anna", pin: "13572468", new_pin: "734019", key: expect.stringMatching(/^B/) });
  expect(hook("new-pin")).toBeNull();
  expect(text()).toContain("no longer good");
});

it("a PIN that is too easy is told in words, and the code is asked for no more", async () => {
  show(SignIn, {});
  await settled();
  await tap("sign-in-staff-anna");
  answers = [[409, { choose_pin: true }], [422, { detail: "pin: a PIN that counts up or down is guessed at once: take another" }]];
  await enter("13572468");
  speak("zh-CN");
  await enter("1234");
  await enter("1234");
  expect(text()).toContain("太容易猜");
  expect(hook("new-pin")).not.toBeNull();
});

it("one's own PIN is changed with the one before, which leads back where it is wrong", async () => {
  show(Settings, { state: floorOf() });
  await tap("own-pin-change");
  await enter("2468");
  await enter("734019");
  answers = [[401, { detail: "wrong PIN" }]];
  await enter("734019");
  expect(sent[0]).toEqual({ path: "/api/session/pin", body: { pin: "2468", new_pin: "734019" } });
  expect(text()).toContain("not right");
  await enter("8642");
  await enter("734019");
  await enter("734019");
  expect(sent[1]!.body).toEqual({ pin: "8642", new_pin: "734019" });
  expect(text()).toContain("Your PIN is changed");
});

it("where there can be no passkeys the page says why, in both languages", async () => {
  show(Settings, { state: floorOf() });
  await settled();
  expect(text()).toContain("without TLS");
  expect(hook("passkey-add")).toBeNull();
  speak("zh-CN");
  await settled();
  expect(text()).toContain("没有通过 TLS");
});
