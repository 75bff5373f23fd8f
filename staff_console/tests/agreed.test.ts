// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { decidesAlone, inPeace, keyOf, mayAsk, recognising } from "../src/lib/agreed";
import { speak } from "../src/lib/i18n/index.svelte";
import { partnerIn, purposeIn, stands } from "../src/lib/purposes";
import type { Ledger } from "../src/lib/types";
import { row } from "./consents";

const TODAY = "2026-11-29";

it("whoever said no is left in peace until the day that the gateway names, and from that day on not", () => {
  const refused = row("recognise_tag", { state: "refused", since: "2026-11-01T10:00:00Z", ask_after: "2027-04-30" });
  expect([inPeace(refused, TODAY), mayAsk(refused, true, TODAY)]).toEqual([true, false]);
  expect([inPeace(refused, "2027-04-30"), mayAsk(refused, true, "2027-04-30")]).toEqual([false, true]);
});

it("what is in force is not asked, unless it is to be renewed", () => {
  const alive = row("recognise_tag", { state: "alive", last_day: "2028-11-28" });
  expect(mayAsk(alive, true, TODAY)).toBe(false);
  expect(mayAsk({ ...alive, renew: true }, true, TODAY)).toBe(true);
  expect(mayAsk(row("recognise_tag", { notice: null }), true, TODAY)).toBe(false); // there is no text to read first
});

it("children are not asked for what is for grown-ups", () => {
  expect(mayAsk(row("insight"), true, TODAY)).toBe(true);
  expect(mayAsk(row("insight"), false, TODAY)).toBe(false);
  expect(mayAsk(row("recognise_tag"), false, TODAY)).toBe(true);
  expect(mayAsk(row("insight", { askable: false }), true, TODAY)).toBe(false);
});

it("recognised by what is in force of tag and phone, and by nothing else", () => {
  const rows = [row("recognise_tag", { state: "alive" }), row("recognise_phone", { state: "withdrawn" }), row("keep_preferences", { state: "alive" })];
  expect(recognising(rows).map(keyOf)).toEqual(["recognise_tag"]);
  expect(keyOf(row("share_partners", { partner: "spa" }))).toBe("share_partners:spa");
});

it("who decides is as their newest consent says, and nobody knows of who never agreed", () => {
  const act = (at: string, changes: Partial<Ledger>) => ({ act: "given", granted_at: at, guardian: null, ...changes }) as Ledger;
  const guardian = { name: "Wu Min", relation: "mother", comes_of_age: "2031-05" };
  expect(decidesAlone([])).toBeNull();
  expect(decidesAlone([act("2026-01-01T00:00:00Z", { guardian }), act("2026-05-01T00:00:00Z", {})])).toBe(true);
  expect(decidesAlone([act("2026-05-01T00:00:00Z", { guardian }), act("2026-01-01T00:00:00Z", {}), act("2026-06-01T00:00:00Z", { act: "refused" })])).toBe(false);
});

it("says how a customer stands to it, in the words of who reads", () => {
  const zone = "Asia/Shanghai";
  speak("en");
  expect(stands(row("x", { state: "alive", last_day: "2028-11-28" }), zone)).toBe("in force until 28 Nov 2028");
  expect(stands(row("x", { state: "refused", since: "2026-11-28T17:00:00Z" }), zone)).toBe("said no on 29 Nov 2026"); // it was tomorrow there
  expect(purposeIn({ purpose: "club_points", labels: { en: "Club points", "zh-CN": "俱乐部积分" } }, "zh-CN")).toBe("俱乐部积分");
  expect(purposeIn({ purpose: "recognise_tag", labels: { en: "Something else" } })).toBe("recognition by tag");
  expect(partnerIn({ partner: "spa-bund", partner_name: { "zh-CN": "外滩水疗", en: "Bund Spa" } }, "zh-CN")).toBe("外滩水疗");
});
