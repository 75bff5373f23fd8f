// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepDraft, takeDraft } from "../src/lib/drafts.svelte";
import { speak } from "../src/lib/i18n/index.svelte";
import { stop } from "../src/lib/ledger";
import type { Write } from "../src/lib/outbox";
import { apply } from "../src/lib/reducer";
import { forgetStops, hearStop, isGone, isUnkept } from "../src/lib/stops.svelte";
import { floor } from "../src/lib/store.svelte";
import Agreements from "../src/parts/Agreements.svelte";
import type { Hello, PurposeRow, State } from "../src/lib/types";
import { row } from "./consents";
import { letIn } from "./letting_in";
import { clear, hook, show, tap, text } from "./mounted";
import { alert, at, event, fact, floorOf, presence } from "./state";

let rows: PurposeRow[] = [];
const recorded: Write[] = [];

beforeEach(() => {
  speak("en");
  forgetStops();
  recorded.length = 0;
  rows = [
    row("recognise_tag", { state: "alive", last_day: "2099-11-28", receipt: "R-1" }), row("recognise_phone", { state: "alive", last_day: "2099-11-28" }),
    row("keep_preferences", { state: "refused", since: at(0), ask_after: "2099-01-01" }), row("insight"),
  ];
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(rows)));
  vi.spyOn(floor, "record").mockImplementation(async (write) => void recorded.push(write));
});
afterEach(clear);

const appears = (id: string) => vi.waitFor(() => (flushSync(), expect(hook(id)).not.toBeNull()));

describe("what a customer agreed to, on their sheet", () => {
  beforeEach(async () => {
    show(Agreements, { state: floorOf(), customer: "chen", title: "Ms Chen", language: "en" });
    await appears("agreement-recognise_tag");
  });

  it("has a row for each purpose: until when, refused, never asked", () => {
    const how = (key: string) => hook(`agreement-${key}`)!.dataset.how;
    expect([how("recognise_tag"), how("keep_preferences"), how("insight")]).toEqual(["alive", "refused", "never_asked"]);
    expect(hook("agreement-recognise_tag")!.textContent).toContain("in force until 28 Nov 2099");
    expect(hook("agreement-keep_preferences")!.textContent).toContain("not asked again before");
    expect(hook("ask-keep_preferences")).toBeNull();
    expect(hook("receipt-recognise_tag")).not.toBeNull();
  });

  it("stops being recognised with two taps, by tag and by phone", async () => {
    await tap("stop-recognising");
    expect(recorded).toEqual([]);
    await tap("stop-confirm");
    await vi.waitFor(() => expect(recorded).toHaveLength(2));
    expect(recorded.map(({ body }) => body.purpose)).toEqual(["recognise_tag", "recognise_phone"]);
    expect(recorded[0]).toMatchObject({ path: "/api/customers/chen/consents", body: { act: "withdrawn", method: "spoken" }, news: { type: "consent.revoked" } });
    expect(recorded[1]!.news.data.recognised).toBe(false); // the last by which they were known
  });

  it("stops one purpose and leaves the others", async () => {
    await tap("stop-recognise_tag");
    await tap("stop-confirm");
    expect(recorded.map(({ body, news }) => [body.purpose, news.data.recognised])).toEqual([["recognise_tag", undefined]]);
  });

  it("reads again what they agreed to when an act of theirs comes", async () => {
    rows = [row("recognise_tag")];
    hearStop(event("consent.revoked", "chen", { customer: "chen", purpose: "recognise_tag" }));
    await vi.waitFor(() => (flushSync(), expect(hook("agreement-recognise_tag")!.dataset.how).toBe("never_asked")));
    expect(text()).toContain("never asked");
  });
});

describe("a stop that comes", () => {
  const departed = (because: string | null) => event("visit.departed", "chen", { ...presence("chen"), because });

  it("drops what was half typed about the customer, and keeps none of it when the form closes after that", () => {
    keepDraft("preference chen", "no sugar");
    keepDraft("preference wang", "tea");
    hearStop(departed("revoked"));
    expect(isGone("chen")).toBe(true);
    keepDraft("preference chen", "no sugar"); // the form that closes now
    expect(takeDraft("preference chen")).toBeUndefined();
    expect(takeDraft("preference wang")).toBe("tea");
  });

  it("a guest who only leaves is no stop", () => {
    hearStop(departed(null));
    expect(isGone("chen")).toBe(false);
  });

  it("of the keeping of preferences closes forms of these alone, until they agree again", () => {
    hearStop(event("consent.revoked", "chen", { customer: "chen", purpose: "keep_preferences" }));
    expect([isUnkept("chen"), isGone("chen")]).toEqual([true, false]);
    hearStop(event("consent.granted", "chen", { customer: "chen", purpose: "keep_preferences" }));
    expect(isUnkept("chen")).toBe(false);
    keepDraft("preference chen", "tea");
    expect(takeDraft("preference chen")).toBe("tea");
  });

  it("that was said on this tablet takes the guest off it before the gateway answers", () => {
    const state = floorOf({ present: [presence("chen"), presence("wang")], alerts: [alert("chen")] });
    const write = stop("chen", "recognise_tag", null, "s1");
    const own = { ...write.news, data: { ...write.news.data, recognised: false }, sequence: 0, time: at(0) };
    const after = apply(state, own);
    expect(after.present.map((who) => who.customer)).toEqual(["wang"]);
    expect(after.alerts).toEqual([]);
    expect(apply(state, { ...own, data: write.news.data }).present).toHaveLength(2); // their phone still makes them known
  });
});

describe("what was ended while this tablet was away", () => {
  const back = (state: State | null, ...stopped: Hello["stopped"]): Hello => ({ type: "hello", sequence: 9, build: "b", stopped, state });

  it("is taken before anything is shown or sent", () => {
    const [strip, forget] = [vi.spyOn(floor.outbox, "strip").mockResolvedValue(), vi.spyOn(floor.outbox, "forget").mockResolvedValue()];
    const flush = vi.spyOn(floor.outbox, "flush").mockResolvedValue();
    floor.told = floorOf({ present: [presence("chen"), presence("wang")], alerts: [alert("chen")] });
    keepDraft("preference chen", "no sugar");
    floor.hello(back(null, { customer: "chen", ended: ["visits", "preferences"] }, { customer: "hale", ended: ["everything"] }));
    expect(floor.told.present.map((who) => who.customer)).toEqual(["wang"]);
    expect(floor.told.alerts).toEqual([]);
    expect([isGone("chen"), isUnkept("chen"), isGone("hale")]).toEqual([true, true, true]);
    expect(takeDraft("preference chen")).toBeUndefined();
    expect(strip.mock.calls).toEqual([["chen", "visits"], ["chen", "preferences"]]);
    expect(forget.mock.calls).toEqual([["hale"]]);
    expect(flush.mock.invocationCallOrder[0]).toBeGreaterThan(forget.mock.invocationCallOrder[0]!);
    floor.told = null;
  });
});

describe("an answer that comes after the news of the end", () => {
  const answers: ((said: unknown) => void)[] = [];

  beforeEach(async () => {
    answers.length = 0;
    vi.stubGlobal("fetch", () => new Promise<Response>((answer) => answers.push((said) => answer(new Response(JSON.stringify(said), { status: 201 })))));
    await letIn("anna");
    await floor.outbox.serve("anna");
    floor.told = floorOf({ present: [presence("chen")], alerts: [alert("chen")] });
  });
  afterEach(async () => {
    await floor.outbox.serve(null);
    floor.told = null;
  });

  const erased = event("customer.erased", "chen", {});
  const unkept = event("consent.revoked", "chen", { customer: "chen", purpose: "keep_preferences" });

  it.each([["an erasure", erased], ["the end of keeping", unkept]])("shows nothing of what was recorded again: %s", async (_, end) => {
    const noted = { ...fact("f1", "chen"), value: "no sugar" };
    await floor.outbox.add({ path: "/api/customers/chen/preferences", body: { ...noted }, news: { type: "preference.recorded", subject: "chen", data: { ...noted } } });
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    floor.event(end);
    answers[0]!(noted);
    await vi.waitFor(() => expect(floor.rows).toEqual([]));
    expect(JSON.stringify([floor.told, floor.seen])).not.toContain("no sugar");
  });

  it("brings no card back", async () => {
    const card = floor.told!.alerts[0]!;
    const claimed = floor.act(card, "claim");
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    floor.event(erased);
    answers[0]!({ ...card, state: "claimed", by: "anna" });
    expect(await claimed).toBe(true);
    expect(floor.told!.alerts).toEqual([]);
  });
});
