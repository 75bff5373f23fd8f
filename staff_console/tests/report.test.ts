// @vitest-environment happy-dom
import { expect, it, describe, beforeEach } from "vitest";
import { csv } from "../src/lib/csv";
import { learn, speak } from "../src/lib/i18n/index.svelte";
import { addressOf, after, barName, daysOf, drawn, firstDay, inWords, lasted, named, query, step, viewOf, type Days } from "../src/lib/report";
import { table } from "../src/lib/saved";
import type { Bar, Counted } from "../src/lib/types";
import { floorOf } from "./state";

const TODAY = "2026-05-07"; // a Thursday
const days = (span: Days["span"], date: string | null = null): Days => ({ span, date });
const bar = (over_s: number, upto_s: number | null, met: number, claimed = 0): Bar => ({ over_s, upto_s, count: met + claimed, met, claimed });

beforeEach(async () => {
  await Promise.all([learn("en"), learn("zh-CN")]);
  speak("en");
});

describe("an address", () => {
  it.each<[string | null, Days]>([
    [null, days("day")],
    ["week", days("week")],
    ["last_week", days("last_week")],
    ["2026-03-29", days("day", "2026-03-29")],
    ["week@2026-03-29", days("week", "2026-03-29")],
    ["nonsense", days("day")],
    ["week@nonsense", days("week")],
  ])("%s names days", (id, wanted) => {
    expect(daysOf(id)).toEqual(wanted);
    expect(daysOf(named(wanted))).toEqual(wanted);
  });

  it("brings back the number, its part and the story that was opened from it", () => {
    const figure = { name: "greeted.count", part: { over_s: "8", upto_s: "15", zone: "Bar & 茶" } };
    const address = addressOf(days("week"), figure, "a-1");
    expect(address.startsWith("#/today/week/")).toBe(true);
    expect(viewOf(decodeURIComponent(address.split("/")[3]!))).toEqual({ figure, story: "a-1" });
    expect(viewOf(null)).toEqual({ figure: null, story: null });
    expect(viewOf("missed;constructor=1").figure).toEqual({ name: "missed", part: {} });
    expect(addressOf(days("day"), null)).toBe("#/today/day");
  });

  it("asks the gateway for what it names", () => {
    expect(query(days("day"))).toBe("range=day");
    expect(query(days("week", "2026-03-29"), { name: "late", part: { zone: "" } }, 100, 50)).toBe("range=week&date=2026-03-29&figure=late&zone=&offset=100&limit=50");
  });
});

describe("days", () => {
  it.each<[Days, string]>([
    [days("day"), TODAY], [days("yesterday"), "2026-05-06"], [days("week"), "2026-05-04"], [days("last_week"), "2026-04-27"],
    [days("week", "2026-05-10"), "2026-05-04"], [days("week", "2026-05-11"), "2026-05-11"], [days("yesterday", "2026-03-01"), "2026-02-28"],
  ])("%o begin", (one, first) => expect(firstDay(one, TODAY)).toBe(first));

  it("go on by a day or a week, and today is called today", () => {
    expect(step(days("day"), -1, TODAY)).toEqual(days("day", "2026-05-06"));
    expect(step(days("yesterday"), 1, TODAY)).toEqual(days("day"));
    expect(step(days("week"), -1, TODAY)).toEqual(days("week", "2026-04-27"));
    expect(step(days("last_week"), 1, TODAY)).toEqual(days("week"));
    expect(step(days("last_week"), -1, TODAY)).toEqual(days("week", "2026-04-20"));
  });

  it("are said in words", () => {
    expect(inWords("2026-03-29", "2026-03-29")).toBe("Sunday 29 March");
    expect(inWords("2026-03-23", "2026-03-29")).toBe("23 March – 29 March");
    speak("zh-CN");
    expect(inWords("2026-03-23", "2026-03-29")).toBe("3月23日 – 3月29日");
  });
});

describe("the picture of waiting", () => {
  const bars = [bar(0, 5, 5), bar(5, 8, 1, 2), bar(8, 15, 7), bar(15, 30, 3), bar(30, 60, 15), bar(60, 120, 9), bar(300, null, 1)];

  it("draws each bar as wide as its time, and with an area that is its number", () => {
    const shown = drawn(bars, 600, 100);
    expect(shown.map((one) => [one.x, one.width])).toEqual([[0, 50], [50, 30], [80, 70], [150, 150], [300, 300]]);
    const areas = shown.map(({ bar: of, width, met, claimed }) => (width * (met + claimed)) / of.count);
    for (const area of areas) expect(area).toBeCloseTo(areas[0]!);
    expect(Math.max(...shown.map(({ met, claimed }) => met + claimed))).toBeCloseTo(100);
    expect(shown[1]!.claimed).toBeCloseTo(2 * shown[1]!.met);
  });

  it("says of each bar from when to when it goes", () => {
    expect(bars.map(barName)).toEqual(["0–5 s", "5–8 s", "8–15 s", "15–30 s", "30–60 s", "1–2 min", "over 5 min"]);
    speak("zh-CN");
    expect(barName(bar(5, 8, 1))).toBe("5–8 秒");
  });

  it("says how long, in what one counts so long in", () => {
    expect([null, 0, 9.14, 34.2, 119, 120, 7199, 7200].map(lasted)).toEqual(["–", "0 s", "9.1 s", "34 s", "119 s", "2 min", "120 min", "2 h"]);
    expect([null, 0, -1.5, 3].map(after)).toEqual(["", "+0 s", "−1.5 s", "+3 s"]);
  });
});

describe("a table for a spreadsheet", () => {
  const bytes = (text: string) => [...new TextEncoder().encode(text)];

  it("begins with the mark by which UTF-8 is known, and its lines end as RFC 4180 says", () => {
    const text = csv(["客人", "n"], [["陈女士", 3], [null, 1.5]]);
    expect(bytes(text).slice(0, 3)).toEqual([0xef, 0xbb, 0xbf]);
    expect(text.slice(1)).toBe("客人,n\r\n陈女士,3\r\n,1.5\r\n");
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "\t=1", " =1", "\r\n=1", "\u0000=1", '=HYPERLINK("http://x";"y")'])("takes nothing for a formula: %j", (evil) => {
    const cell = csv(["h"], [[evil]]).slice(4).replace(/\r\n$/, "");
    const read = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
    expect(read[0]).toBe("'");
    expect(read.replaceAll("'", "")).toBe(evil);
  });

  it("lets no line or part of a cell begin as a formula where another spreadsheet cuts it", () => {
    for (const sign of [";", "；", "|", "\t", "\n"]) expect(csv(["h"], [[`a${sign}=1`]])).toContain(`a${sign}'=1`);
  });

  it("keeps quotes, commas, line ends and other apostrophes as they are", () => {
    for (const plain of ['a "b"', "a, b", "a\nb", "O'Neil", "a - b", "3 = 3", ""]) {
      const cell = csv(["h"], [[plain]]).slice(4).replace(/\r\n$/, "");
      expect(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell).toBe(plain);
    }
    expect(csv(["h"], [[-3]])).toContain("\r\n-3\r\n"); // a number is one
  });

  it("names everybody as they wish, where and when in the venue's own time", () => {
    const line: Counted = {
      customer: "c", name: "陈玉兰", address_as: "=陈女士", language: null, tier: null, wishes: [], at: "2026-05-06T18:30:00.000Z", visit: "v", alert: "a-1",
      zone: "bar", who: "anna", who_name: "Anna", ended: "greeted", measured: "met", took_s: 9.1, text: null, due: null, stars: null, reason: null,
    };
    const state = floorOf();
    const rows = table(state, [line, { ...line, name: "Hale", address_as: null, wishes: ["no_name"], took_s: null, measured: null, ended: "missed" }]).split("\r\n");
    expect(rows[0]).toBe("\ufeffday,time,guest,zone,colleague,took (s),measured to,outcome,what,due,card");
    expect(rows[1]).toContain(",\"'=陈女士\",");
    expect(rows[1]).toContain(",9.1,to “With the customer”,greeted,,,a-1");
    expect(rows[2]).not.toContain("Hale");
  });
});
