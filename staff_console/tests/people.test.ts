// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { idFor, newPin, tags } from "../src/lib/people";
import Setup from "../src/screens/Setup.svelte";
import { clear, hook, show, tap, text, type } from "./mounted";
import { floorOf } from "./state";

let sent: { does: string; body: Record<string, unknown> }[] = [];
const state = floorOf({
  me: { staff: "tom", name: "Tom", role: "it", roles: ["it"], zones: [], languages: [], on_shift: true },
  staff: [
    { id: "anna", name: "Anna", on_shift: true, connected: true, roles: ["floor"], zones: ["door"], languages: ["en"] },
    { id: "tom", name: "Tom", on_shift: true, connected: true, roles: ["it"], zones: [], languages: [] },
  ],
});

beforeEach(() => {
  speak("en");
  sent = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    sent.push({ does: `${init.method} ${path}`, body: init.body ? JSON.parse(String(init.body)) : {} });
    const anna = { id: "anna", name: "Anna", roles: ["floor"], zones: ["door", "bar"], languages: ["en"], on_shift: true, connected: true };
    return new Response(JSON.stringify(init.method === "GET" ? anna : {}));
  });
  show(Setup, { state, id: "people" });
});
afterEach(clear);

const writes = () => sent.filter((one) => !one.does.startsWith("GET"));
const settled = async () => {
  await new Promise((next) => setTimeout(next));
  flushSync();
};

it("somebody new gets an id, roles, zones and a PIN that is shown once", async () => {
  await tap("people-add");
  await type("person-name", "Anna");
  await tap("person-role-crew");
  await tap("person-zone-door");
  await type("person-languages", "en，zh-CN");
  hook("person-save")!.closest("form")!.requestSubmit();
  await settled();
  const [made] = sent;
  expect(made).toMatchObject({ does: "PUT /api/staff/anna.2", body: { name: "Anna", roles: ["floor", "crew"], zones: ["door"], languages: ["en", "zh-CN"] } });
  expect(made!.body.pin).toMatch(/^\d{6}$/);
  expect(hook("people-pin")!.textContent).toContain(`PIN of Anna: ${made!.body.pin as string}`);
  await tap("people-pin-seen");
  expect(text()).not.toContain(made!.body.pin as string);
});

it("a change leaves the PIN, a new PIN and a removal take a second tap, and nobody removes themselves", async () => {
  await tap("person-edit-anna");
  await settled();
  await tap("person-zone-door");
  hook("person-save")!.closest("form")!.requestSubmit();
  await settled();
  expect(writes()).toEqual([{ does: "PUT /api/staff/anna", body: { name: "Anna", roles: ["floor"], zones: ["bar"], languages: ["en"] } }]);
  await tap("person-pin-anna");
  expect(writes().length).toBe(1);
  await tap("person-pin-anna");
  await settled();
  expect(writes()[1]).toMatchObject({ does: "PUT /api/staff/anna", body: { roles: ["floor"], zones: ["door", "bar"] } });
  expect(writes()[1]!.body.pin).toMatch(/^\d{6}$/);
  await tap("person-remove-anna");
  await tap("person-remove-anna");
  await settled();
  expect(writes()[2]!.does).toBe("DELETE /api/staff/anna");
  expect(hook("person-remove-tom")).toBeNull();
});

it("a PIN is six digits, each as likely as another", () => {
  expect(newPin(() => 7)).toBe("000007");
  const draws = [4_294_967_295, 123_456_789];
  expect(newPin(() => draws.shift()!)).toBe("456789");
});

it("an id is made of the name, and is nobody else's", () => {
  expect(idFor(" Anna  Lee ", [])).toBe("anna.lee");
  expect(idFor("李娜", [])).toBe("李娜");
  expect(idFor("Anna", state.staff)).toBe("anna.2");
  expect(idFor("!!", [])).toBe("staff");
  expect(tags("en, zh-CN  en")).toEqual(["en", "zh-CN"]);
});
