// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { setBy } from "../src/lib/clock.svelte";
import { speak } from "../src/lib/i18n/index.svelte";
import type { Evidence, Problem, Suggestion } from "../src/lib/types";
import { advice, ago, clockTime, due, moment, readerName, sureness, why, wrong } from "../src/lib/words";
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
    expect(because(reads)).toBe("Recognised at Entrance, inside the door");
    speak("zh-CN");
    expect(because(reads)).toBe("在入口认出，已进门");
  });

  it("names the other place when that is not outside", () => {
    expect(because({ ...reads, reader: "outside", over: "r1" })).toBe("Recognised at street, nearer here than Entrance");
  });

  it("is left in the gateway's words to who reads them, where its kind is new to us or its parts are missing", () => {
    expect(because({ kind: "lidar" })).toBe("as the gateway says it");
    expect(because({ kind: "reads" })).toBe("as the gateway says it");
    speak("zh-CN");
    expect(because({ kind: "lidar" }) + because({ kind: "reads" })).toBe("");
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

  it.each([
    [0, "18:00", "18:00"],
    [9 * 3_600, "03:00 tomorrow", "明天 03:00"],
    [-19 * 3_600, "23:00 yesterday", "昨天 23:00"],
    [33 * 3_600, "24 Nov 03:00", "11月24日 03:00"],
    [-400 * 86_400, "18 Oct 2025 18:00", "2025年10月18日 18:00"],
  ])("what is %i s from now is told with its day", (s, english, chinese) => {
    expect(moment(at(s), zone)).toBe(english);
    speak("zh-CN");
    expect(moment(at(s), zone)).toBe(chinese);
  });

  it("a promise of tomorrow, or of yesterday, says so", () => {
    expect(due(at(9 * 3_600), zone).text).toBe("by 03:00 tomorrow");
    expect(due(at(-19 * 3_600), zone).text).toBe("overdue since 23:00 yesterday");
    speak("zh-CN");
    expect(due(at(9 * 3_600), zone).text).toBe("明天 03:00 前");
  });
});

it("how sure we are is said in words, surer for more", () => {
  expect([0.97, 0.85, 0.7, 0.3].map(sureness)).toEqual(["Certain", "Very likely", "Likely", "Not sure yet"]);
});

describe("the suggestion", () => {
  const suggest = (changes: Partial<Suggestion>) => advice(state, { kind: "offer", value: "green tea", basis: "stated", at: at(-3_600), ...changes });

  it("says what to do and how we know", () => {
    expect(suggest({})).toEqual({ act: "Offer: green tea", because: "Told us · 1 hour ago" });
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

  it("is what the gateway says, in the language of who reads it, and nothing else that a status might mean", () => {
    const taken = problem({ status: 409, detail: "Bo has no live tablet just now" });
    expect(wrong(taken)).toBe("Bo has no live tablet just now.");
    speak("zh-CN");
    expect(wrong(taken)).toBe("Bo 的平板现在没有连接。");
    expect(wrong(problem({ status: 409, detail: "the identifier belongs to another customer" }))).toBe("这个标识已属于另一位客人。");
    expect(wrong(problem({ status: 409, detail: "something of tomorrow" }))).toBe("情况已经变化，没有完成。请再看一下。");
    expect(wrong(problem({ status: 0, title: "" }))).toContain("可能没有完成");
  });

  it("names the field that is not as expected", () => {
    const long = problem({ detail: "body/value: too long", errors: [{ at: "body/value", reason: "too long" }] });
    expect(wrong(long)).toBe("This is not as expected: body/value: too long");
    speak("zh-CN");
    expect(wrong(long)).toBe("这一项不符合要求：value");
  });

  it.each([400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 431, 500, 502, 503, 507])("%i is said in Chinese to who reads Chinese", (status) => {
    speak("zh-CN");
    expect(wrong(problem({ status, title: "Some English", detail: "of a later gateway", errors: [{ at: "body/x", reason: "no" }] }))).not.toMatch(/English|later/);
  });
});
