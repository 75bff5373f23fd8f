// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { idFor, tags } from "../src/lib/people";
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
    if (path === "/api/passkeys") return Response.json({ staff: [] });
    const code = { code: "13572468", expires: "2026-11-28T18:15:00.000Z" };
    return new Response(JSON.stringify(init.method === "GET" ? anna : path.endsWith("/pin-code") ? code : {}));
  });
  show(Setup, { state, id: "people" });
});
afterEach(clear);

const writes = () => sent.filter((one) => !one.does.startsWith("GET"));
const settled = async () => {
  await new Promise((next) => setTimeout(next));
  flushSync();
};

it("somebody new gets an id, roles, zones and a one-time code that is shown once", async () => {
  await tap("people-add");
  await type("person-name", "Anna");
  await tap("person-role-crew");
  await tap("person-zone-door");
  await type("person-languages", "en，zh-CN");
  hook("person-save")!.closest("form")!.requestSubmit();
  await settled();
  const [made] = writes();
  expect(made).toMatchObject({ does: "PUT /api/staff/anna.2", body: { name: "Anna", roles: ["floor", "crew"], zones: ["door"], languages: ["en", "zh-CN"] } });
  expect(made!.body).not.toHaveProperty("pin");
  expect(writes()[1]!.does).toBe("POST /api/staff/anna.2/pin-code");
  expect(hook("people-pin")!.textContent).toContain("Code for Anna: 1357 2468");
  await tap("people-pin-seen");
  expect(text()).not.toContain("1357");
});

it("a change leaves the PIN, a one-time code and a removal take a second tap, and nobody removes themselves", async () => {
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
  expect(writes()[1]!.does).toBe("POST /api/staff/anna/pin-code");
  await tap("person-remove-anna");
  await tap("person-remove-anna");
  await settled();
  expect(writes()[2]!.does).toBe("DELETE /api/staff/anna");
  expect(hook("person-remove-tom")).toBeNull();
});

it("an id is made of the name, and is nobody else's", () => {
  expect(idFor(" Anna  Lee ", [])).toBe("anna.lee");
  expect(idFor("李娜", [])).toBe("李娜");
  expect(idFor("Anna", state.staff)).toBe("anna.2");
  expect(idFor("!!", [])).toBe("staff");
  expect(tags("en, zh-CN  en")).toEqual(["en", "zh-CN"]);
});
