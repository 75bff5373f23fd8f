// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { fitting, inLines, middle } from "../src/lib/middle";
import { href, parse } from "../src/lib/router.svelte";
import { floor } from "../src/lib/store.svelte";
import Foot from "../src/parts/Foot.svelte";
import PresentList from "../src/parts/PresentList.svelte";
import Strip from "../src/parts/Strip.svelte";
import Now from "../src/screens/Now.svelte";
import { clear, hook, show, tap, text } from "./mounted";
import { alert, at, card, floorOf, presence } from "./state";

beforeEach(() => {
  speak("en");
  floor.focus = null;
});
afterEach(() => {
  vi.useRealTimers();
  clear();
});

describe("a list", () => {
  const rows = () => [...document.querySelectorAll('[data-testid^="present-"]')].map((row) => (row as HTMLElement).dataset.testid!.slice(8));
  const here = (...names: string[]) => {
    floor.told = floorOf({ present: names.map((name, i) => presence(name, { since: at(i) })) });
    flushSync();
    return rows();
  };
  const list = () => show(PresentList, { get state() { return floor.told!; }, onopen: () => {} });
  const touch = (type: string) => {
    document.querySelector("li")!.dispatchEvent(new Event(type, { bubbles: true }));
    flushSync();
  };

  it.each(["pointerdown", "wheel", "scroll", "focusin", "keydown"])("keeps its rows where they are for 3 s after %s, and says what waits", (type) => {
    vi.useFakeTimers();
    here("chen", "li");
    list();
    expect(rows()).toEqual(["li", "chen"]);
    touch(type);
    expect(here("chen", "li", "wang")).toEqual(["li", "chen"]);
    expect(hook("list-fresh")!.textContent).toBe("1 new");
    vi.advanceTimersByTime(2_900);
    flushSync();
    expect(rows()).toEqual(["li", "chen"]);
    vi.advanceTimersByTime(200);
    flushSync();
    expect(rows()).toEqual(["wang", "li", "chen"]);
    expect(hook("list-fresh")).toBeNull();
  });

  it("keeps the row of who left meanwhile, and says so; a touch elsewhere lets it go", () => {
    here("chen", "li");
    list();
    touch("pointerdown");
    expect(here("chen")).toEqual(["li", "chen"]);
    expect(hook("present-li")!.textContent).toContain("Gone");
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    flushSync();
    expect(rows()).toEqual(["chen"]);
  });

  it("takes who came at a tap on how many they are", async () => {
    here("chen");
    list();
    touch("wheel");
    here("chen", "li", "wang");
    expect(hook("list-fresh")!.textContent).toBe("2 new");
    await tap("list-fresh");
    expect(rows()).toEqual(["wang", "li", "chen"]);
  });
});

describe("a name too long for its place", () => {
  it.each([
    ["Donaudampfschifffahrtsgesellschaftskapitän", 12, "Donauda…itän"],
    ["王建国", 4, "王建国"],
    ["กรุงเทพมหานครอมรรัตนโกสินทร์", 8, undefined],
    ["👩‍👩‍👧‍👦 Familie Konstantinopoulou", 6, undefined],
  ])("%s is cut in the middle, and no letter in two", (name, most, cut) => {
    const short = middle(name, most);
    if (cut) expect(short).toBe(cut);
    const letters = (text: string) => [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map((one) => one.segment);
    expect(letters(short).length).toBeLessThanOrEqual(most);
    for (const letter of letters(short).filter((one) => one !== "…")) expect(letters(name)).toContain(letter);
    expect(name.startsWith(letters(short)[0]!)).toBe(true);
    expect(name.endsWith(letters(short).at(-1)!)).toBe(true);
  });

  it("takes less room in letters when they are wide", () => {
    expect(fitting("欧阳".repeat(20), 10).length).toBe(10);
    expect(fitting("a".repeat(40), 10).length).toBe(16);
    expect(fitting("Ms Hale", 10)).toBe("Ms Hale");
    expect(inLines("Dr Konstantinopoulou-Featherstonehaugh", 14)).toBe("Dr Konstantinopoulou-Featherstonehaugh");
    expect(inLines("Dr Donaudampfschifffahrtskapitän", 10)).toMatch(/^Dr Donaudam\S*…\S*tän$/u);
    expect(inLines("欧阳".repeat(20), 10)).toBe("欧阳".repeat(20));
  });
});

it("what can be taken back is next in the tab order, once", () => {
  show(Foot, { state: floorOf() });
  const tab = () => dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", cancelable: true }));
  expect(tab()).toBe(true); // nothing to take back: the browser goes on
  floor.offerUndo("Noted", () => {});
  flushSync();
  expect(tab()).toBe(false);
  expect(document.activeElement).toBe(hook("undo-back"));
  expect(tab()).toBe(true);
  floor.undo = null;
});

describe("the strip of names", () => {
  it("names each who waits once, the longest first, and nobody who is on the screen", async () => {
    location.hash = "#/record";
    await vi.waitFor(() => expect(parse(location.hash).screen).toBe("record"));
    const alerts = [
      alert("li", { opened_at: at(9) }),
      alert("chen", { opened_at: at(3) }),
      alert("chen", { alert: "a-due", kind: "promise_due", opened_at: at(5) }),
      alert("theirs", { to: ["bo"] }),
    ];
    Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 900 });
    show(Strip, { state: floorOf({ alerts }) });
    await vi.waitFor(() => expect([...document.querySelectorAll("strong")].map((one) => one.textContent)).toEqual(["Ms chen", "Ms li"]));
  });

  it("moves card, sheet and form at one tap", async () => {
    floor.take(alert("li", { alert: "a-li" }));
    show(Strip, { state: floorOf({ alerts: [alert("chen")] }) });
    await tap("strip-a-chen");
    expect(floor.focus).toEqual({ customer: "chen", alert: "a-chen", how: "open" });
    expect(location.hash).toBe("#/now");
  });
});

it("the card of one customer never stands beside the sheet of another, and who comes is no second claim button", () => {
  const mine = alert("chen", { state: "claimed", by: "anna" });
  floor.told = floorOf({ alerts: [mine], present: [presence("chen")] });
  show(Now, { get state() { return floor.told!; } });
  floor.told = floorOf({ alerts: [mine, alert("li", { card: card("li") })], present: [presence("chen"), presence("li")] });
  flushSync();
  expect([...document.querySelectorAll("article.card")].map((one) => (one as HTMLElement).dataset.customer)).toEqual(["chen"]);
  expect(hook("claim")).toBeNull();
  expect(text()).toContain("Ms li");
});

it("an address may name a part of a screen, and a cut one is read as it is", () => {
  expect(parse(href("record", "c-7/ä", "drink"))).toEqual({ screen: "record", id: "c-7/ä", part: "drink" });
  expect(parse("#/record")).toEqual({ screen: "record", id: null, part: null });
  expect(parse("#/customer/%E4%B")).toEqual({ screen: "customer", id: "%E4%B", part: null });
});
