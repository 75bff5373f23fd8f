// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { floor } from "../src/lib/store.svelte";
import type { Customer, Hello, JournalEntry, State } from "../src/lib/types";
import { wide } from "../src/lib/wide";
import CustomerSheet from "../src/parts/CustomerSheet.svelte";
import CustomerScreen from "../src/screens/CustomerScreen.svelte";
import FloorScreen from "../src/screens/Floor.svelte";
import Now from "../src/screens/Now.svelte";
import Record from "../src/screens/Record.svelte";
import Service from "../src/screens/Service.svelte";
import { clear, hook, show, tap, text, type } from "./mounted";
import { alert, at, event, fact, floorOf, presence } from "./state";

const asked: string[] = [];
let answers: Record<string, unknown> = {};

const page = (id: string, changes: Partial<Customer> = {}): Customer => ({
  id, name: `Name ${id}`, address_as: `Ms ${id}`, language: "en", tier: null, associate: null, deputy: null, wishes: [], birthday: "10-05", meets: [],
  credentials: [], consents: [], preferences: [], asks: [], promises: [], complaints: [], presence: null, last_visit: null, visits: 3, ...changes,
});

const entry = (sequence: number, kind: string, data: object = {}): JournalEntry => ({
  sequence, time: at(sequence), type: kind, actor: "bo", actor_name: "Bo", data: { ...data },
});

const hello = (state: State | null, sequence = 1): Hello => ({ type: "hello", sequence, build: "b", stopped: [], state });

/** Lets what was asked for be answered, and shown. */
async function answered(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await new Promise((done) => setTimeout(done));
  flushSync();
}

/** What the records were asked about customers; a search is none. */
const looks = () => asked.filter((path) => /^\/api\/customers\/[^?]/.test(path));

beforeEach(() => {
  speak("en");
  asked.length = 0;
  answers = {};
  floor.chosen = null;
  floor.told = null;
  floor.look.close();
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    const answer = answers[path.split("?")[0]!];
    return answer === undefined ? new Response("{}", { status: 404 }) : new Response(JSON.stringify(answer));
  });
});
afterEach(clear);

const chen = () => {
  answers["/api/customers/chen"] = page("chen");
  answers["/api/customers/chen/journal"] = [entry(2, "visit.arrived", { zone: "door" })];
};

/** What was read of a customer: their page, what happened with them, and once at most what they agreed to. */
function read(): string[] {
  const all = looks();
  expect(all.filter((path) => path.endsWith("/purposes")).length).toBeLessThanOrEqual(1);
  return all.filter((path) => !path.endsWith("/purposes"));
}

describe("a tablet that nobody touches asks for nobody", () => {
  it("not when somebody arrives, and yet it knows what to avoid", async () => {
    const nuts = fact("nuts", "chen", { polarity: "allergy", category: "food" });
    floor.hello(hello(floorOf()));
    floor.event(event("visit.arrived", "chen", { ...presence("chen"), preferences: [nuts] }));
    floor.event(event("alert.opened", "chen", alert("chen")));
    await answered();
    expect(looks()).toEqual([]);
    expect(floor.told!.preferences.chen).toEqual([nuts]);
  });

  it("not when a sheet lies open by itself beside the card in hand", async () => {
    vi.spyOn(wide, "current", "get").mockReturnValue(true);
    const state = floorOf({ present: [presence("chen")], alerts: [alert("chen", { state: "claimed", by: "anna" })], preferences: { chen: [fact("tea", "chen")] } });
    show(Now, { state });
    await answered();
    expect(hook("customer-chen")!.textContent).toContain("value tea");
    expect(looks()).toEqual([]);
    chen();
    await tap("open-sheet-chen");
    await answered();
    expect(read()).toEqual(["/api/customers/chen?why=card", "/api/customers/chen/journal"]);
    expect(text()).toContain("birthday 5 October");
    vi.restoreAllMocks();
  });

  it("not when the form to record something shows whom it is about", async () => {
    show(Record, { state: floorOf({ present: [presence("chen")] }), id: null });
    await answered();
    expect(hook("customer-chen")).not.toBe(null);
    expect(looks()).toEqual([]);
  });

  it("not when news comes of a customer whose sheet lies open", async () => {
    chen();
    floor.hello(hello(floorOf({ present: [presence("chen")] })));
    floor.open("chen", "list");
    await answered();
    const before = looks().length;
    for (let n = 10; n < 20; n++) floor.event(event("preference.recorded", "chen", fact(`f${n}`, "chen"), n));
    floor.see("blind");
    floor.see("seeing");
    await answered();
    expect(looks()).toHaveLength(before);
  });
});

describe("a person who opens a customer is asked for it once, from where they tapped", () => {
  const here = floorOf({ present: [presence("chen")], alerts: [alert("chen")] });

  it.each([
    ["a card", Now, "card", async () => (document.querySelector("button.name") as HTMLElement).click()],
    ["the list of who is here", Now, "list", () => tap("present-chen")],
    ["the floor's list", FloorScreen, "list", () => tap("where-chen")],
    ["the service list", Service, "list", () => tap("line-chen")],
    ["the customers' list", CustomerScreen, "list", () => tap("present-chen")],
  ] as const)("%s", async (_, screen, why, open) => {
    chen();
    show(screen as never, { state: here, id: null });
    await open();
    await answered();
    expect(read()).toEqual([`/api/customers/chen?why=${why}`, "/api/customers/chen/journal"]);
    expect(floor.chosen).toBe("chen");
  });

  it("a search", async () => {
    vi.useFakeTimers();
    answers["/api/customers"] = [{ id: "chen", name: "Chen", address_as: null, tier: null, language: null, present: false }];
    show(CustomerScreen, { state: floorOf(), id: null });
    await type("customer-search", "che");
    await vi.advanceTimersByTimeAsync(300);
    vi.useRealTimers();
    await answered();
    chen();
    await tap("found-chen");
    await answered();
    expect(read()).toEqual(["/api/customers/chen?why=search", "/api/customers/chen/journal"]);
  });
});

describe("an open sheet", () => {
  const sheet = () => show(CustomerSheet, { state: floorOf(), id: "chen" });
  const opened = async () => {
    chen();
    floor.open("chen", "search");
    sheet();
    await answered();
  };

  it("goes on with what happens, each thing once, the newest first", async () => {
    await opened();
    floor.hello(hello(null)); // it was away for a moment
    floor.told = floorOf();
    floor.event(event("visit.arrived", "chen", presence("chen"), 2)); // read already
    floor.event(event("preference.recorded", "chen", fact("tea", "chen"), 3));
    floor.event(event("preference.recorded", "li", fact("other", "li"), 4));
    flushSync();
    expect(floor.look.entries!.map((e) => e.sequence)).toEqual([3, 2]);
    expect(text()).toMatch(/Preference noted value tea.*Arrived Entrance/);
    expect(floor.look.page!.preferences.map((p) => p.id)).toEqual(["tea"]);
  });

  it("loses at once what the customer no longer agrees to, and who was erased", async () => {
    answers["/api/customers/chen"] = page("chen", { preferences: [fact("tea", "chen")] });
    answers["/api/customers/chen/journal"] = [];
    floor.told = floorOf();
    floor.open("chen", "list");
    await answered();
    floor.event(event("consent.revoked", "chen", { customer: "chen", purpose: "keep_preferences", expires: null }));
    expect(floor.look.page!.preferences).toEqual([]);
    floor.event(event("customer.erased", "chen", { customer: "chen" }));
    expect([floor.look.customer, floor.look.page]).toEqual([null, null]);
  });

  it("is not taken for whole where what happened meanwhile was never sent", async () => {
    await opened();
    floor.told = floorOf();
    floor.hello(hello(floorOf(), 9_000));
    flushSync();
    expect(hook("open-sheet-chen")).not.toBe(null);
    expect(text()).not.toContain("Ms chen");
  });

  it("that cannot be read says so, and is opened with another tap", async () => {
    floor.open("chen", "search");
    sheet();
    await answered();
    expect(text()).toContain("no longer there");
    await opened();
    expect(text()).toContain("Ms chen");
  });

  it("is the last one tapped, whatever answers first", async () => {
    chen();
    answers["/api/customers/li"] = page("li");
    answers["/api/customers/li/journal"] = [];
    floor.open("chen", "list");
    floor.open("li", "list");
    await answered();
    expect([floor.look.customer, floor.look.page!.id]).toEqual(["li", "li"]);
  });
});
