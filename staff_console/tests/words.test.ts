// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { setBy } from "../src/lib/clock.svelte";
import { speak } from "../src/lib/i18n/index.svelte";
import type { Evidence, Problem, Suggestion } from "../src/lib/types";
import { advice, ago, clockTime, due, readerName, sureness, why, wrong } from "../src/lib/words";
import { at, floorOf } from "./state";

const zone = "Asia/Shanghai";
const reader = floorOf().readers[0]!;
const state = floorOf({
  readers: [reader, { ...reader, id: "outside", role: "outer", zone: "street" }, { ...reader, id: "ble", role: "zone", zone: null, zones: ["door", "street"] }],
});
const because = (evidence: Evidence, reason = "as the gateway says it") => why(state, { evidence, reason, zone: "door" });

beforeEach(() => {
  vi.useRealTimers();
  setBy(at(0));
  speak("en");
});

describe("why we think so", () => {
  const reads = { kind: "reads", reader: "r1", reads: 3, seconds: 1.8, db: 4, over: "outside" };

  it("is said in the language of who reads it, with places and not device names", () => {
    expect(because(reads)).toBe("3 reads at Entrance, 4 dB above outside");
    speak("zh-CN");
    expect(because(reads)).toBe("入口读取 3 次，比门外强 4 dB");
  });

  it("names the other place when that is not outside", () => {
    expect(because({ ...reads, reader: "outside", over: "r1" })).toBe("3 reads at street, 4 dB above Entrance");
  });

  it("is left in the gateway's words where its kind is new to us, or its parts are missing", () => {
    expect(because({ kind: "lidar" })).toBe("as the gateway says it");
    expect(because({ kind: "reads" })).toBe("as the gateway says it");
  });

  it("a reader with several places is where it heard somebody", () => {
    expect(readerName(state, "ble", "door")).toBe("Entrance");
    expect(readerName(state, "ble", "elsewhere")).toBe("ble");
  });
});

describe("times", () => {
  it("are the venue's, whatever the tablet's zone", () => {
    expect(clockTime("2026-11-22T16:05:00.000Z", zone)).toBe("00:05");
  });

  it.each([[10, "just now"], [-60, "1 min ago"], [-7_200, "2 hours ago"], [-86_400 * 3, "3 days ago"]])("%i s from now is %s", (s, said) => {
    expect(ago(at(s), zone)).toBe(said);
  });

  it("a promise is due in minutes, by an hour, or late", () => {
    expect(due(at(600), zone)).toEqual({ text: "in 10 min", late: false });
    expect(due(at(7_200), zone)).toEqual({ text: "by 20:00", late: false });
    expect(due(at(-60), zone)).toEqual({ text: "overdue since 17:59", late: true });
  });
});

it("how sure we are is said in words, surer for more", () => {
  expect([0.97, 0.85, 0.7, 0.3].map(sureness)).toEqual(["Certain", "Very likely", "Likely", "Not sure yet"]);
});

describe("the suggestion", () => {
  const suggest = (changes: Partial<Suggestion>) => advice(state, { kind: "offer", value: "green tea", basis: "stated", at: at(-3_600), ...changes });

  it("says what to do and how we know", () => {
    expect(suggest({})).toEqual({ act: "Offer: green tea", because: "Said so · 1 hour ago" });
  });

  it("a promise says when it is due, not when it was", () => {
    expect(suggest({ kind: "keep_promise", value: "scarf", basis: null, at: at(600) })).toEqual({ act: "Keep the promise: scarf", because: "a promise is open · in 10 min" });
  });

  it("without a value is still a sentence", () => {
    expect(suggest({ kind: "welcome_back", value: null, basis: null, at: null }).act).toBe("Welcome them back");
  });
});

describe("what went wrong", () => {
  const problem = (changes: Partial<Problem>): Problem => ({ type: "about:blank", title: "Title", status: 422, ...changes });

  it("is said in our words where the status says it all", () => {
    speak("zh-CN");
    expect(wrong(problem({ status: 409, detail: "taken" }))).toBe("同事已经先一步处理了。");
    expect(wrong(problem({ status: 0, title: "" }))).toContain("没有连上网关");
  });

  it("is the gateway's detail where that names the field", () => {
    expect(wrong(problem({ detail: "value: too long" }))).toBe("value: too long");
    expect(wrong(problem({}))).toBe("Title");
  });
});
