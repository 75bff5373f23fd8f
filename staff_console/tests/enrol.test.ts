// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { purposeOf, steadily } from "../src/lib/enrol";
import { speak } from "../src/lib/i18n/index.svelte";
import type { Heard } from "../src/lib/types";
import { cover, uncover } from "../src/lib/cover.svelte";
import { glass } from "../src/lib/glass.svelte";
import { turned } from "../src/lib/turned.svelte";
import Setup from "../src/screens/Setup.svelte";
import Both from "./SetupAndGlass.svelte";
import { ASKABLE, NOTICES, ROWS } from "./consents";
import { clear, hook, show, submit, tap, text, type } from "./mounted";
import { at, floorOf } from "./state";

const tag = (key: string, changes: Partial<Heard> = {}): Heard => ({
  key, scheme: "em", shown: `em:…${key}`, printed: ["…30444", "…30028"], reader: "r1", antenna: null, rssi: null, reads: 3, at: at(0), sure: true, taken: false, ...changes,
});

let answers: Record<string, unknown> = {};
let sent: { does: string; body: Record<string, unknown> }[] = [];

beforeEach(() => {
  speak("en");
  sent = [];
  answers = { "POST /api/enrolment": [], "GET /api/notices": NOTICES, "GET /api/purposes": ASKABLE, "GET /api/customers/wu/purposes": ROWS, "GET /api/customers/wu/consents?all=1": [] };
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const does = `${init.method} ${path}`;
    sent.push({ does, body: init.body ? JSON.parse(String(init.body)) : {} });
    const answer = answers[does];
    return typeof answer === "number" ? new Response(JSON.stringify({ detail: "why" }), { status: answer }) : new Response(JSON.stringify(answer ?? null));
  });
});
afterEach(() => {
  glass.close();
  clear();
});

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
  const older = async () => {
    await appears("age-older");
    await tap("age-older");
    await appears("glass-confirm");
  };
  const writes = (words: string) => type("signature-typed", words);

  async function asFarAsTheGlass() {
    answers["POST /api/enrolment"] = [tag("CDEF")];
    show(Both, { state: floorOf(), id: "enrol" });
    await appears("heard-em:…CDEF");
    expect(text()).toContain("printed …30444 / …30028");
    await tap("enrol-new");
    await type("new-address", "Ms Wu");
    await tap("new-language-en");
    await submit("new-make");
    await vi.waitFor(() => (flushSync(), expect((hook("enrol-turn") as HTMLButtonElement).disabled).toBe(false)));
    await tap("enrol-turn");
    await older();
  }

  it("a form of address and a language suffice, and all goes as one act after the signature", async () => {
    await asFarAsTheGlass();
    expect(hook("agree-recognise_tag")!.getAttribute("aria-pressed")).toBe("false");
    expect(hook("disagree-recognise_tag")!.getAttribute("aria-pressed")).toBe("false");
    expect((hook("glass-confirm") as HTMLButtonElement).disabled).toBe(true);
    await tap("agree-recognise_tag");
    await tap("disagree-keep_preferences");
    expect((hook("glass-confirm") as HTMLButtonElement).disabled).toBe(true); // not signed
    await tap("signature-other");
    await writes("Wu Lan");
    expect(done()).toEqual([]); // nothing has left the tablet
    await tap("glass-confirm");
    await appears("glass-done");
    const [act, ...others] = sent.filter(({ does }) => done().includes(does));
    expect(others).toEqual([]);
    expect(act!.does).toMatch(/^POST \/api\/customers\/[0-9a-f-]{36}\/enrolments$/);
    expect(act!.body).toMatchObject({
      customer: { name: "Ms Wu", address_as: "Ms Wu", language: "en" },
      credentials: [{ heard: "CDEF" }],
      consents: [{ purpose: "recognise_tag", act: "given", method: "signed_on_glass", notice: { id: "recognise_tag", version: 1, language: "en" } }, { purpose: "keep_preferences", act: "refused" }],
      of_age: true,
    });
    await tap("glass-back");
    expect(hook("enrol-done")!.textContent).toContain("Ms Wu: em:…CDEF is recognised from now on");
  });

  it("whoever does not agree to it has no tag, and that they said no is kept", async () => {
    await asFarAsTheGlass();
    await tap("disagree-recognise_tag");
    await tap("glass-confirm");
    await appears("glass-done");
    expect(sent.find(({ does }) => does.endsWith("/enrolments"))!.body).toMatchObject({ credentials: [], consents: [{ act: "refused", method: "on_glass" }], signature: null });
    await tap("glass-back");
    expect(hook("enrol-done")!.textContent).toContain("was not registered");
  });

  it.each([
    ["cancelled", () => void hook("glass-cancel")!.click()],
    ["left for another screen", () => void dispatchEvent(new HashChangeEvent("hashchange"))],
    ["covered", () => cover()],
  ])("that is %s has sent nothing and kept nothing", async (_, breaks) => {
    await asFarAsTheGlass();
    await tap("agree-recognise_tag");
    breaks();
    await settled();
    uncover();
    flushSync();
    expect(hook("glass")).toBeNull();
    expect(done()).toEqual([]);
    expect(glass.answers).toEqual({});
    expect(turned.brokenOff).toBe("left");
    await tap("enrol-turn"); // and it begins anew
    await older();
    expect(hook("agree-recognise_tag")!.getAttribute("aria-pressed")).toBe("false");
  });

  it("a guardian decides for a child, by name, relation and signature", async () => {
    await asFarAsTheGlass();
    await tap("glass-cancel");
    await settled();
    await tap("enrol-turn");
    await appears("age-younger");
    await tap("age-younger");
    await type("guardian-name", "Wu Min");
    await tap("relation-mother");
    expect((hook("guardian-next") as HTMLButtonElement).disabled).toBe(true);
    for (const [id, value] of [["of-age-year", "2031"], ["of-age-month", "05"]] as const) {
      (hook(id) as HTMLSelectElement).value = value;
      hook(id)!.dispatchEvent(new Event("change", { bubbles: true }));
      flushSync();
    }
    await submit("guardian-next");
    await appears("agree-recognise_tag");
    expect(hook("question-insight")).toBeNull(); // children are not asked for it
    await tap("agree-recognise_tag");
    await tap("signature-other");
    await writes("Wu Min");
    await tap("glass-confirm");
    await appears("glass-done");
    expect(sent.find(({ does }) => does.endsWith("/enrolments"))!.body).toMatchObject({ of_age: false, consents: [{ guardian: { name: "Wu Min", relation: "mother", comes_of_age: "2031-05" } }] });
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
