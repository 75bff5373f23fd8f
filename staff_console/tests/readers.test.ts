// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { zoneWords } from "../src/lib/learnt";
import type { Reader, State, Walk, WalkPlace, Worth } from "../src/lib/types";
import { byNeed, remedy, troubled, walkText } from "../src/lib/readers";
import Readers from "../src/screens/Readers.svelte";
import { clear, hook, show, tap, text, type } from "./mounted";
import { at, floorOf } from "./state";

const reader = (id: string, changes: Partial<Reader> = {}): Reader => ({
  id, driver: "m100", role: "inner", zone: "door", zones: ["door"], state: "up", reason: null, firmware: "M100 V1", reads_per_s: 4.26,
  last_sighting: at(0), since: at(0), over: "serial", link: "/dev/moments/door", rssi: -51.4, last_tag: "epc:…0D70", frames: 9, bytes: 99, faults: { checksum: 2 }, advice: [], ...changes,
});
const place = (changes: Partial<WalkPlace> = {}): WalkPlace => ({
  reader: "r1", role: "inner", antenna: null, zone: "door", verdict: "fail", reads: 0, needed: 3, best_rssi: null, last: null, louder: [], ...changes,
});
const walkOf = (...places: WalkPlace[]): Walk => ({
  tag: "epc:…0D70", places, taught: {}, zones: { door: places.some((p) => p.verdict === "pass") ? "pass" : "fail" }, passed: places.every((p) => p.verdict === "pass"),
});
const lost = reader("gate", { state: "lost", reason: "/dev/x was unplugged", advice: [{ kind: "forbidden", facts: { user: "moments", group: "dialout" }, text: "user moments …" }] });

let answers: Record<string, unknown> = {};
let sent: { method: string; path: string; body: unknown }[] = [];

beforeEach(() => {
  speak("en");
  answers = {};
  sent = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    sent.push({ method: init.method!, path, body: init.body ? JSON.parse(String(init.body)) : undefined });
    if (path.includes("/raw")) await new Promise((next) => setTimeout(next, 20)); // a look takes its time
    const answer = answers[`${init.method} ${path.split("?")[0]}`];
    return typeof answer === "number" ? new Response("{}", { status: answer }) : new Response(JSON.stringify(answer ?? null));
  });
});
afterEach(clear);

const open = (state: State, id: string | null = null) => show(Readers, { state, id });

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await new Promise((next) => setTimeout(next));
  flushSync();
}

describe("the readers", () => {
  it("that need somebody come first, and are named before anything else", async () => {
    answers["GET /api/readers"] = [reader("bar"), reader("till", { state: "quiet", reason: "no antenna is connected" }), lost];
    open(floorOf());
    await settled();
    expect(byNeed([reader("bar"), lost]).map((r) => r.id)).toEqual(["gate", "bar"]);
    expect(hook("readers-trouble")!.textContent).toContain("Please look at 2 of 3 readers: Entrance · gate, Entrance · till");
    const said = text();
    expect(said.indexOf("/dev/x was unplugged")).toBeLessThan(said.indexOf("4.3 reads/s"));
    expect(said).toContain("sudo adduser moments dialout");
    expect(troubled(floorOf(), [reader("bar")])).toEqual([]);
  });

  it("that are all well say so, and never while we cannot see", async () => {
    answers["GET /api/readers"] = [reader("bar")];
    open(floorOf());
    await settled();
    expect(text()).toContain("All readers are well: 1");
    expect(text()).toMatch(/4\.3 reads\/s -51 dBm/);
    clear();
    answers["GET /api/readers"] = 500;
    open(floorOf({ readers: [reader("bar")] }));
    await settled();
    expect(text()).not.toContain("readers hear");
    expect(text()).toContain("The latest state cannot be read");
  });

  it("say what to do in the language of who holds the tablet, and in English where it is new", () => {
    speak("zh-CN");
    expect(remedy(lost.advice![0]!)).toBe("用户 moments 无权打开它：sudo adduser moments dialout，然后重新登录");
    expect(remedy({ kind: "of the future", facts: {}, text: "do this" })).toBe("do this");
  });

  it("show their frames on request and no sooner", async () => {
    answers["GET /api/readers"] = [reader("bar")];
    answers["GET /api/readers/bar/raw"] = [{ at: at(1), from: "in", bytes: 3, shown: "BB ·· 7E" }];
    open(floorOf(), "bar");
    await settled();
    expect(hook("reader-sheet")!.textContent).toContain("2 × checksum");
    expect(sent.some((s) => s.path.includes("/raw"))).toBe(false);
    await tap("raw-toggle");
    await vi.waitFor(() => expect(hook("raw-frames")!.textContent).toContain("in  BB ·· 7E"));
    await tap("raw-toggle");
  });
});

describe("what was learnt", () => {
  const bar = { id: "bar", name: { "zh-CN": "酒吧", en: "Bar" } };
  const lead = floorOf({ me: { ...floorOf().me, roles: ["it"] } });
  const house = { ...lead, venue: { ...lead.venue, zones: [...lead.venue.zones, bar] } };
  const worth: Worth = {
    zones: [{ zone: "bar", labels: 212, right: 97.2, spots: 4 }, { zone: "door", labels: 2, right: null, spots: 1 }],
    pairs: [{ zones: ["bar", "door"], apart: 71, labels: 40, move: true }], readers: [],
  };

  it("is told in numbers from the venue's own day, and which two rooms need a reader moved", async () => {
    answers["GET /api/readers"] = [reader("bar")];
    answers["GET /api/learnt"] = worth;
    open(house);
    await settled();
    expect(hook("learnt-bar")!.textContent).toBe("Bar 97% right in 212 greetings");
    expect(hook("learnt-door")!.textContent).toContain("2 greetings so far: too few to tell");
    expect(hook("told-apart-bar-door")!.textContent).toContain("Bar and Entrance are told apart 71% of 40 times: move the reader");
    speak("zh-CN");
    open(house);
    await settled();
    expect(hook("learnt-bar")!.textContent).toBe("酒吧 212 次接待中 97% 正确");
    expect(hook("told-apart-bar-door")!.textContent).toContain("40 次中有 71% 能分清酒吧与入口：请移动读写器");
  });

  it("says of a zone what there is to say before anybody was greeted in it", () => {
    expect(zoneWords({ zone: "bar", labels: 0, right: null, spots: 0 })).toBe("nothing learnt yet");
    expect(zoneWords({ zone: "bar", labels: 0, right: null, spots: 2 })).toBe("taught, and nobody greeted there yet");
  });

  it("is asked for by nobody who may not see it", async () => {
    answers["GET /api/readers"] = [reader("bar")];
    open(floorOf());
    await settled();
    expect(sent.some((s) => s.path === "/api/learnt")).toBe(false);
    expect(hook("learnt")).toBeNull();
  });
});

describe("a walk", () => {
  it("goes from the start over places that turn green to a result that is kept", async () => {
    answers["GET /api/walk-test"] = { walk: null, last: null };
    answers["POST /api/walk-test"] = { ...walkOf(place(), place({ reader: "r2" })), tag: null };
    open(floorOf(), "~walk");
    await settled();
    await type("walk-tag", "em:0700ABCDEF");
    await tap("walk-start");
    await settled();
    expect(sent.find((s) => s.method === "POST")!.body).toEqual({ identifier: "em:0700ABCDEF" });
    expect(text()).toContain("Hold the test tag to any reader");
    answers["GET /api/walk-test"] = { walk: walkOf(place({ verdict: "pass", reads: 7, best_rssi: -48.2 }), place({ reader: "r2" })), last: null };
    await vi.waitFor(() => expect(hook("walk-place-r1")!.dataset.verdict).toBe("pass"), 5_000);
    expect(hook("walk-count")!.textContent).toBe("1 of 2 heard it");
    expect(hook("walk-place-r1")!.textContent).toMatch(/7 reads · best -48 dBm/);
    answers["DELETE /api/walk-test"] = { ...walkOf(place({ verdict: "pass", reads: 7 }), place({ reader: "r2" })), at: at(9), by: "bo" };
    answers["GET /api/walk-test"] = { walk: null, last: answers["DELETE /api/walk-test"] };
    await tap("walk-end");
    await settled();
    expect(hook("walk-last")!.dataset.passed).toBe("false");
    expect(text()).toContain("Not passed: 1 of 2 did not hear it often enough");
    expect(text()).toMatch(/Last walk: .*, Bo/);
  });

  it("teaches the zone in which whoever walks says that they stand, and says where none heard the tag", async () => {
    answers["GET /api/walk-test"] = { walk: walkOf(place()), last: null };
    answers["POST /api/walk-test/here"] = { ...walkOf(place()), taught: { door: 2 } };
    open(floorOf(), "~walk");
    await settled();
    await tap("walk-here-door");
    await settled();
    expect(sent.find((s) => s.method === "POST")).toMatchObject({ path: "/api/walk-test/here", body: { zone: "door" } });
    expect(hook("walk-here-door")!.textContent).toMatch(/Entrance.*2/);
    answers["POST /api/walk-test/here"] = 409;
    await tap("walk-here-door");
    await settled();
    expect(text()).toContain("nothing was learnt");
  });

  it("can be kept as a text that says each place", () => {
    const lines = walkText(floorOf(), walkOf(place({ verdict: "weak", reads: 1, louder: ["door"] })), "26 Nov 14:00", "Tom").split("\n");
    expect(lines.slice(0, 3)).toEqual(["Walk test", "Last walk: 26 Nov 14:00, Tom", "Not passed: 1 of 1 did not hear it often enough"]);
    expect(lines.at(-2)).toBe("  too seldom\tr1\t1 of 3 reads · louder at that moment in Entrance");
  });
});

describe("a reader that speaks through the broker", () => {
  it("gets a new password with a second tap, which is shown once", async () => {
    answers["GET /api/readers"] = [reader("phones", { over: "mqtt", driver: "espresense", link: "espresense" }), reader("gate")];
    answers["POST /api/readers/phones/password"] = { scheme: "mqtts", port: 8883, passwords: [{ user: "foyer@phones", password: "s3cret" }] };
    open(floorOf(), "phones");
    await settled();
    await tap("password-new");
    expect(sent.some((one) => one.method === "POST")).toBe(false);
    await tap("password-new");
    await settled();
    expect(hook("reader-password")!.textContent).toMatch(/foyer@phones.*s3cret/s);
    expect(text()).toContain("8883");
    await tap("password-done");
    expect(text()).not.toContain("s3cret");
  });

  it("and one on a wire has none", async () => {
    answers["GET /api/readers"] = [reader("gate")];
    open(floorOf(), "gate");
    await settled();
    expect(hook("reader-sheet")).toBeTruthy();
    expect(hook("reader-password")).toBeNull();
  });
});
