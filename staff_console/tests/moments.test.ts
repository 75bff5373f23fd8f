// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { setBy } from "../src/lib/clock.svelte";
import { dayIn, shiftDay } from "../src/lib/days";
import { speak } from "../src/lib/i18n/index.svelte";
import { aged, iconOf, momentWords, newsOf } from "../src/lib/moments";
import type { About, Promise as Owed } from "../src/lib/types";
import { steady } from "../src/lib/steady";
import { money, seconds } from "../src/lib/words";
import { at, card, floorOf } from "./state";

const zones = [{ id: "door", name: { "zh-CN": "入口", en: "Entrance" } }, { id: "bar", name: { "zh-CN": "吧台", en: "Bar" } }];
const state = floorOf({ venue: { ...floorOf().venue, zones } });
const said = (kind: string, about: About | null = null) => momentWords(state, { kind, about, zone: "door" });

beforeEach(() => {
  setBy(at(0));
  speak("en");
});

describe("what happened", () => {
  it.each<[string, About | null, string]>([
    ["arrival", null, ""],
    ["moved", { from: "door", zone: "bar" }, "From Entrance to Bar"],
    ["moved", { zone: "bar" }, "Now at Bar"],
    ["moved", null, "Now at Entrance"],
    ["waiting", { minutes: 1 }, "Unattended for at least 1 minute"],
    ["waiting", null, "Waiting, and nobody is with them"],
    ["promise_due", { promise: { text: "scarf" } as Owed }, "Promise due: scarf"],
    ["met", { with: ["Ms Hale", null] }, "Agreed to meet, and is here too: Ms Hale"],
    ["met", { with: [null] }, "Somebody they agreed to meet is here too"],
    ["back_after", { days: 210 }, "Back after 210 days"],
    ["birthday", null, "Birthday today"],
    ["birthday", { days: 0 }, "Birthday today"],
    ["birthday", { days: 2 }, "Birthday on 24 November"],
    ["birthday", { days: -1 }, "Birthday on 21 November"],
    ["leaving", null, "On the way out: say goodbye"],
    ["keys_left", null, "May have left the keys behind"],
    ["mute_phone", { minutes: 12 }, "The phone falls silent when locked: give a keychain"],
    ["verify", null, "Please verify by sight"],
    ["dancing", null, "dancing"],
  ])("%s %o is said as: %s", (kind, about, words) => expect(said(kind, about)).toBe(words));

  it("is said in Chinese too", () => {
    speak("zh-CN");
    expect(said("moved", { from: "door", zone: "bar" })).toBe("从入口到了吧台");
    expect(said("waiting", { minutes: 12 })).toBe("至少 12 分钟无人接待");
  });

  it("every kind but an arrival has an icon of its own", () => {
    const kinds = ["moved", "waiting", "promise_due", "met", "back_after", "birthday", "leaving", "keys_left", "mute_phone", "verify"];
    expect(new Set(kinds.map(iconOf)).size).toBe(kinds.length);
    expect(iconOf("arrival")).toBeNull();
  });
});

it("what is new is said once, and companions are counted, never named", () => {
  expect(newsOf(floorOf(), card("chen", { new: ["birthday", "first_visit"], companions: 2 }), "birthday")).toEqual(["First visit", "2 companions"]);
  expect(newsOf(floorOf(), card("chen"), "arrival")).toEqual([]);
});

it("a card that was missed says how old it is, by the gateway's clock, and grows older", () => {
  expect(aged({ aged_s: 0, opened_at: at(-90) })).toBe("");
  expect(aged({ aged_s: 18, opened_at: at(-18) })).toBe("18 s ago");
  setBy(at(60));
  expect(aged({ aged_s: 18, opened_at: at(-18) })).toBe("1 min ago");
});

it("a card is painted again for a change of the house and not for every event", () => {
  const same = steady();
  const first = floorOf();
  expect(same(first)).toBe(first);
  expect(same({ ...first, present: [] })).toBe(first);
  const moved = { ...first, staff: [] };
  expect(same(moved)).toBe(moved);
});

it("days are the venue's, and months end where they end", () => {
  expect(dayIn(Date.parse("2026-11-22T16:30:00Z"), "Asia/Shanghai")).toBe("2026-11-23");
  expect([shiftDay("2026-03-01", -1), shiftDay("2026-12-31", 1)]).toEqual(["2026-02-28", "2027-01-01"]);
});

it("seconds and money are read at a glance", () => {
  expect([seconds(9.44), seconds(31.4)]).toEqual(["9.4", "31"]);
  expect(money({ amount: 380, currency: "CNY" })).toBe("¥380");
});
