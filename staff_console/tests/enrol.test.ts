// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { purposeOf, steadily } from "../src/lib/enrol";
import { speak } from "../src/lib/i18n/index.svelte";
import type { Heard } from "../src/lib/types";
import Setup from "../src/screens/Setup.svelte";
import { clear, hook, show, tap, text, type } from "./mounted";
import { at, floorOf } from "./state";

const tag = (key: string, changes: Partial<Heard> = {}): Heard => ({
  key, scheme: "em", shown: `em:…${key}`, printed: ["…30444", "…30028"], reader: "r1", antenna: null, rssi: null, reads: 3, at: at(0), sure: true, taken: false, ...changes,
});

let answers: Record<string, unknown> = {};
let sent: { does: string; body: Record<string, unknown> }[] = [];

beforeEach(() => {
  speak("en");
  sent = [];
  answers = { "POST /api/enrolment": [] };
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const does = `${init.method} ${path}`;
    sent.push({ does, body: init.body ? JSON.parse(String(init.body)) : {} });
    const answer = answers[does];
    return typeof answer === "number" ? new Response(JSON.stringify({ detail: "why" }), { status: answer }) : new Response(JSON.stringify(answer ?? null));
  });
});
afterEach(clear);

async function settled(ms = 0): Promise<void> {
  await new Promise((next) => setTimeout(next, ms));
  flushSync();
}
const appears = (id: string) => vi.waitFor(() => {
  flushSync();
  expect(hook(id)).not.toBeNull();
}, 5_000);
const done = () => sent.filter(({ does }) => !/^(GET|POST \/api\/enrolment$)/.test(does)).map(({ does }) => does);

describe("enrolling", () => {
  it("takes a tag, makes somebody, signs and gives, in that order", async () => {
    answers["POST /api/enrolment"] = [tag("CDEF")];
    show(Setup, { state: floorOf(), id: "enrol" });
    await appears("heard-em:…CDEF");
    expect(text()).toContain("printed …30444 / …30028");
    await tap("heard-em:…CDEF");
    await tap("enrol-new");
    await type("new-name", "Wu Lan");
    hook("new-make")!.closest("form")!.requestSubmit();
    await appears("enrol-finish");
    expect(hook("purpose-recognise_tag")!.getAttribute("aria-pressed")).toBe("true");
    await tap("purpose-recognise_tag");
    expect(text()).toContain("Without consent to recognition by tag this is not recognised");
    await tap("purpose-recognise_tag");
    await type("consent-document", "F-17");
    await tap("enrol-finish");
    await appears("enrol-done");
    expect(hook("enrol-done")!.textContent).toContain("Wu Lan: em:…CDEF is recognised from now on");
    const [made, agreed, given] = sent.filter(({ does }) => done().includes(does));
    const id = made!.does.split("/").at(-1)!;
    expect(made).toMatchObject({ does: `PUT /api/customers/${id}`, body: { name: "Wu Lan" } });
    expect(agreed).toMatchObject({ does: `POST /api/customers/${id}/consents`, body: { purpose: "recognise_tag", method: "paper", document: "F-17", expires: null } });
    expect(given).toMatchObject({ does: "POST /api/enrolment/CDEF/give", body: { customer: id } });
  });

  it("does not give what belongs to somebody, nor a fob that was read once", async () => {
    answers["POST /api/enrolment"] = [tag("AAAA", { taken: true }), tag("BBBB", { sure: false })];
    show(Setup, { state: floorOf(), id: null });
    await appears("heard-em:…BBBB");
    expect((hook("heard-em:…AAAA") as HTMLButtonElement).disabled).toBe(true);
    expect(hook("heard-em:…AAAA")!.textContent).toContain("belongs to somebody already");
    expect((hook("heard-em:…BBBB") as HTMLButtonElement).disabled).toBe(true);
    expect(hook("heard-em:…BBBB")!.textContent).toContain("Hold it there once more");
  });

  it("says why a number that was typed cannot be taken", async () => {
    show(Setup, { state: floorOf(), id: null });
    for (const [status, words] of [[404, "hold that fob to a reader"], [422, "This is no identifier (why)"]] as const) {
      answers["POST /api/enrolment/typed"] = status;
      await type("enrol-typed", "206,30028");
      hook("enrol-take")!.closest("form")!.requestSubmit();
      await vi.waitFor(() => (flushSync(), expect(hook("enrol-trouble")!.textContent).toContain(words)));
    }
  });

  it("takes a tag back only with a second tap", async () => {
    answers["GET /api/customers?q=wu"] = [{ id: "wu", name: "Wu", address_as: null, tier: null, language: null, present: false }];
    answers["GET /api/customers/wu/enrolment"] = { id: "wu", name: "Wu", credentials: [{ id: "c1", scheme: "em", label: "keychain" }], consents: [] };
    show(Setup, { state: floorOf(), id: null });
    await type("enrol-search", "wu");
    await appears("enrol-pick-wu");
    await tap("enrol-pick-wu");
    await appears("take-back-c1");
    await tap("take-back-c1");
    expect(done()).toEqual([]);
    await tap("take-back-c1");
    await settled();
    expect(done()).toEqual(["DELETE /api/customers/wu/credentials/c1"]);
  });
});

it("knows which consent an identifier needs", () => {
  expect(["epc", "em", "nfc", "tid", "irk", "ibeacon", "ble"].map(purposeOf)).toEqual([
    "recognise_tag", "recognise_tag", "recognise_tag", "recognise_tag", "recognise_phone", "recognise_phone", "recognise_phone",
  ]);
});

it("leaves a tag where it is while others come", () => {
  expect(steadily([tag("a"), tag("c"), tag("b")], ["b", "a", "gone"]).map((h) => h.key)).toEqual(["c", "b", "a"]);
});
