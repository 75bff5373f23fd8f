// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { titleOf } from "../src/lib/repairs";
import type { DriverKind, Repair, SettingsRow, State, VenueSettings as Known } from "../src/lib/types";
import { mistakeWords, summary, TABLES, typed } from "../src/lib/venue_settings";
import VenueSettings from "../src/parts/VenueSettings.svelte";
import SettingsForm from "../src/parts/SettingsForm.svelte";
import { clear, hook, show, submit, tap, text, type } from "./mounted";
import { floorOf } from "./state";

const DRIVERS: DriverKind[] = [
  { name: "m100", over: "serial", settings: [] }, { name: "espresense", over: "mqtt", settings: [] },
];
const tableOf = (name: string) => TABLES.find((of) => of.table === name)!;

/** A house with two zones. */
function house(): State {
  const state = floorOf();
  const zones = [...state.venue.zones, { ...state.venue.zones[0]!, id: "bar", name: { en: "Bar", "zh-CN": "吧台" } }];
  return { ...state, venue: { ...state.venue, zones } };
}

let proposed: SettingsRow | undefined;

beforeEach(() => {
  speak("en");
  proposed = undefined;
});
afterEach(clear);

function form(table: string, row: Record<string, unknown>, at: string | number | null = null) {
  show(SettingsForm as never, {
    state: house(), of: tableOf(table), at, row, drivers: DRIVERS, onclose: () => {},
    onpropose: (of: { table: string }, to: string | number | null, value: SettingsRow["value"]) => (proposed = { table: of.table, at: to, value }),
  });
}

async function choose(id: string, value: string) {
  const select = hook(id) as HTMLSelectElement;
  select.value = value;
  for (const option of select.options) option.disabled = option.value !== value; // happy-dom finds no option by :checked
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await Promise.resolve();
}

describe("a form writes a row as the file has it", () => {
  it("says the rows and seats of a cabin", async () => {
    form("places", { zone: house().venue.zones[0]!.id, kind: "seat", rows: "1-8", letters: "AC" }, 0);
    await type("field-rows", "1-12, 14-30");
    await submit("settings-look");
    expect(proposed).toEqual({ table: "places", at: 0, value: { zone: house().venue.zones[0]!.id, kind: "seat", rows: "1-12, 14-30", letters: "AC" } });
  });

  it("turns rows into tables by their names", async () => {
    form("places", { zone: house().venue.zones[0]!.id, rows: "1-8", letters: "AC" }, 0);
    await type("field-rows", "");
    await type("field-letters", "");
    await type("field-ids", "T1, Long table");
    await type("field-seats", "4");
    await submit("settings-look");
    expect(proposed?.value).toEqual({ zone: house().venue.zones[0]!.id, ids: ["T1", "Long table"], seats: 4 });
  });

  it("picks what a role sees, and where", async () => {
    form("access", { role: "crew", what: ["presence"], zones: "own" }, 1);
    await tap("pick-alerts");
    await tap("pick-presence");
    await choose("field-zones", "all");
    await submit("settings-look");
    expect(proposed).toEqual({ table: "access", at: 1, value: { role: "crew", what: ["alerts"], zones: "all" } });
  });

  it("keeps the other numbers of a table within a table", async () => {
    form("insight", { margin: { low: 0.4, mid: 0.5 }, hour: { floor: 70 } });
    await type("field-margin.mid", "0.55");
    await type("field-hour.floor", "");
    await type("field-hold_out", "0.2");
    await submit("settings-look");
    expect(proposed?.value).toEqual({ margin: { low: 0.4, mid: 0.55 }, hold_out: 0.2 });
  });

  it("has one folder of copies each line, with its blanks and commas", async () => {
    form("backup", { to: ["/a, b"], keep: 9 });
    expect((hook("field-to") as HTMLTextAreaElement).value).toBe("/a, b");
    await type("field-to", "/a, b\n\n /mnt/usb stick \n");
    await submit("settings-look");
    expect(proposed?.value).toEqual({ to: ["/a, b", "/mnt/usb stick"], keep: 9 });
  });

  it("writes a webhook, and says where its secret goes", async () => {
    form("webhooks", {});
    expect(hook("hook-secret")!.textContent).toContain("never in this file");
    await type("field-name", "crm");
    await type("field-url", "https://crm.example/in");
    await type("field-events", "visit.*，alert.opened");
    await submit("settings-look");
    expect(proposed?.value).toEqual({ name: "crm", url: "https://crm.example/in", events: ["visit.*", "alert.opened"] });
  });
});

describe("a reader", () => {
  it("is placed antenna by antenna, and then in no zone as a whole", async () => {
    const [one, other] = house().venue.zones.map((zone) => zone.id);
    form("readers", { id: "gate", driver: "m100", link: "/dev/x", zone: one });
    expect(hook("field-rooms")).toBeNull();
    await tap("antennas-more");
    expect(hook("field-zone")).toBeNull();
    await choose("antennas-zone-0", one!);
    await tap("antennas-more");
    expect((hook("antennas-key-1") as HTMLInputElement).value).toBe("2");
    await choose("antennas-zone-1", other!);
    await tap("role-outer");
    await submit("settings-look");
    expect(proposed?.value).toEqual({ id: "gate", driver: "m100", link: "/dev/x", role: "outer", antennas: { 1: one, 2: other } });
  });

  it("that has no antennas any more is in a zone again", async () => {
    const [one] = house().venue.zones.map((zone) => zone.id);
    form("readers", { id: "gate", driver: "m100", link: "/dev/x", role: "zone", antennas: { 1: one } }, "gate");
    await tap("antennas-gone-0");
    await choose("field-zone", one!);
    await submit("settings-look");
    expect(proposed?.value).toEqual({ id: "gate", driver: "m100", link: "/dev/x", role: "zone", zone: one });
  });

  it("over MQTT has rooms and no antennas", () => {
    form("readers", { driver: "espresense" });
    expect([hook("field-rooms") !== null, hook("field-antennas")]).toEqual([true, null]);
  });

  it("is asked for its role by five pictures", () => {
    form("readers", {});
    expect(document.querySelectorAll('[data-testid="field-role"] svg')).toHaveLength(5);
    expect(text()).toContain("Somebody is about to come in");
  });
});

describe("the list of settings", () => {
  it("says rows in words, and not in codes", () => {
    expect(summary(tableOf("access"), { role: "floor", what: ["absent"], zones: "none" }, "en")).toBe("pages of who is not here · nowhere");
    expect(summary(tableOf("insight"), { margin: { mid: 0.5 } }, "en")).toBe("Margin, most likely, 0 to 1: 0.5");
    expect(summary(tableOf("readers"), { id: "g", antennas: { 1: "bar" } }, "en", () => "The bar")).toBe("1 → The bar");
  });

  it("shows who sees what to those who lead alone", async () => {
    const known = { file: "/v.toml", version: "1", by_hand: false, edited: false, writable: true, settings: { access: [{ role: "crew", zones: "all" }] }, live: [], waits: [], changes: [], drivers: [] } as unknown as Known;
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify(known)));
    for (const [roles, there] of [[["manager"], true], [["it"], false]] as const) {
      const state = house();
      show(VenueSettings as never, { state: { ...state, me: { ...state.me, roles } } });
      await vi.waitFor(() => expect(hook("table-places")).not.toBeNull(), 30_000);
      expect(["access", "insight", "webhooks", "backup"].map((table) => hook(`table-${table}`) !== null)).toEqual([there, there, there, there]);
    }
    vi.unstubAllGlobals();
  });
});

it("takes a number that is none as it was typed, so that the gateway says what is wrong", () => {
  expect(typed("whole", "many")).toBe("many");
  expect(typed("lines", " \n ")).toBeUndefined();
});

describe("a repair in Chinese", () => {
  const repair = (kind: string, facts: Record<string, string>) => ({ kind, title: "", costs: "", facts }) as unknown as Repair;

  it("says an age in Chinese, and leaves a folder as it is called", () => {
    speak("zh-CN");
    const said = titleOf(house(), repair("copy_old", { folder: "/copies/8 d", age: "no good copy for 8 d 3 h" }));
    expect(said).toContain("已 8 天 3 小时 没有可用的副本");
    expect(said).toContain("/copies/8 d");
    expect(titleOf(house(), repair("other", { what: "the clock was set back by 45 min at 12:00" }))).toContain("被调慢了 45 分钟");
  });

  it("leaves English as it is", () => {
    speak("en");
    expect(titleOf(house(), repair("copy_old", { folder: "/x", age: "no good copy for 8 d" }))).toContain("8 d");
  });
});

describe("a mistake of the file", () => {
  it.each([
    [`readers[till].zone = "moon": no such zone; expected the id of a zone: bar; did you mean 'bar'?`, `readers[till].zone = "moon"：没有这个区域；应为区域的编号：bar；是不是 'bar'？`],
    [`places[2].rows = "2: a": expected rows like '1-8'`, `places[2].rows = "2: a"：应为rows like '1-8'`],
    ["webhooks[crm]: has no secret to sign with; expected 24 or more in MOMENTS_WEBHOOK_SECRET_CRM or the credential 'webhook-crm'", "webhooks[crm]：没有用于签名的密钥；请在 MOMENTS_WEBHOOK_SECRET_CRM 或凭据 'webhook-crm' 里放 24 个以上的字符"],
    ["zones[2].flor = 1: unknown key; did you mean 'floor'?", "zones[2].flor = 1：没有这个键；是不是 'floor'？"],
    ["zones[2].floor = 1.5: expected a whole number", "zones[2].floor = 1.5：应为整数"],
    ["something quite new: that nobody knows", "something quite new: that nobody knows"],
  ])("is said in Chinese: %s", (english, chinese) => {
    speak("zh-CN");
    expect(mistakeWords(english)).toBe(chinese);
    speak("en");
    expect(mistakeWords(english)).toBe(english);
  });
});
