// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { called, gist } from "../src/lib/history";
import en from "../src/lib/i18n/en.json";
import { speak } from "../src/lib/i18n/index.svelte";
import type { JournalEntry } from "../src/lib/types";
import { said } from "../src/lib/words";
import { at, floorOf } from "./state";

const house = floorOf();
const told = (type: string, data: object): JournalEntry => ({ sequence: 1, time: at(0), type, actor: "anna", actor_name: "Anna", data: { ...data } });
const reads = (type: string, data: object): string => `${called(type)} ${gist(house, told(type, data))}`.trim();

beforeEach(() => speak("en"));

/** What happened, and how it reads in both languages. */
const ROWS: [string, object, string, string][] = [
  ["customer.viewed", { customer: "chen", why: "card" }, "Sheet opened from a card", "查看资料 来自提醒卡片"],
  ["customer.viewed", { customer: "chen", why: "program" }, "Sheet opened by a program", "查看资料 由程序读取"],
  ["customer.viewed", {}, "Sheet opened", "查看资料"], // an old one, that did not say why
  ["customer.enrolled", { source: "import", name: "Chen" }, "Enrolled from a file", "建立档案 由文件导入"],
  ["customer.enrolled", { source: "staff", name: "Chen" }, "Enrolled", "建立档案"],
  ["customer.changed", { changed: { tier: "gold", deputy: "bo" }, was: {} }, "Details changed tier, deputy", "资料变更 等级、代理顾问"],
  ["customer.doubted", { kind: "wrong_tid", reason: "x" }, "Tag or phone in doubt not the tag that was handed out", "凭证存疑 与登记的标签不一致"],
  ["credential.given", { scheme: "epc", credential: "01a2", label: "keys" }, "Tag or phone given keychain tag · keys", "发放凭证 钥匙扣标签 · keys"],
  ["credential.taken", { scheme: "irk", credential: "01a2" }, "Tag or phone taken back phone", "收回凭证 手机"],
  ["consent.granted", { purpose: "keep_preferences", method: "paper", document: "A-7", text_version: null, witness: "bo", expires: "2026-12-31T16:00:00.000Z", lifts: [] }, // midnight in Shanghai
    "Consent given keeping preferences · signed on paper · A-7 · witnessed by Bo · until 31 Dec", "同意 保存偏好 · 纸面签字 · A-7 · Bo见证 · 至 12月31日"],
  ["consent.granted", { purpose: "share_partners", method: "", document: null, text_version: null, witness: "anna", expires: null, lifts: [] }, "Consent given sharing with partners", "同意 与合作方共享"],
  ["consent.revoked", { purpose: "recognise_tag", method: "spoken", ends: [] }, "Consent withdrawn recognition by tag · in person", "撤回同意 以标签识别 · 口头"],
  ["wish.changed", { wishes: ["no_name"], was: [] }, "Wishes changed Do not use the name", "意愿变更 请勿称呼姓名"],
  ["wish.changed", { wishes: [], was: ["no_name"] }, "Wishes changed no special wishes", "意愿变更 无特殊意愿"],
  ["alert.opened", { kind: "arrival", to: ["bo"], about: {} }, "Alert → Bo", "发出提醒 → Bo"],
  ["alert.opened", { kind: "arrival", to: [], about: {} }, "Alert → nobody was free", "发出提醒 → 当时无人可接"],
  ["alert.escalated", { kind: "waiting", to: ["bo", "anna"], about: { minutes: 5 } }, "Escalated Unattended for at least 5 minutes · → Bo, Anna", "提醒升级 至少 5 分钟无人接待 · → Bo、Anna"],
  ["alert.waited", { kind: "arrival", to: ["bo"], level: 1 }, "Kept ringing, nobody else free", "无人可转，继续提醒"],
  ["alert.reconsidered", { kind: "arrival", to: ["bo"] }, "Best person to greet changed", "调整接待人选"],
  ["alert.closed", { kind: "arrival", outcome: "greeted", note: "by the window" }, "Alert ended Greeted · by the window", "接待结束 已接待 · by the window"],
  ["alert.rated", { kind: "arrival", rated: true }, "Alert rated Useful", "评价提醒 有用"],
  ["ask.answered", { question: "lunch", answer: "fish" }, "Answered Lunch: fish", "回答 午餐：fish"],
  ["promise.handed_over", { text: "the scarf", owner: "bo" }, "Promise handed over the scarf · → Bo", "交接承诺 the scarf · → Bo"],
  ["visit.companions", { companions: 2 }, "Counted 2 companions", "清点人数 同行 2 位"],
  ["visit.reviewed", { satisfaction: 4, about: "person", outcome: null, note: null }, "Visit reviewed Good · Person", "到访评价 不错 · 人"],
  ["visit.moved", { zone: "door" }, "Moved to Entrance", "移动到 入口"],
  ["moon.full", {}, "Something else", "其他记录"],
];

describe("a journal row reads as a colleague would tell it", () => {
  it.each(ROWS)("%s %o", (type, data, english, chinese) => {
    expect(reads(type, data)).toBe(english);
    speak("zh-CN");
    expect(reads(type, data)).toBe(chinese);
  });
});

it("what a program did is a program's, and has no number of ours", () => {
  expect([said(house, "program-ce407bba", "program-ce407bba"), said(house, "bo", "bo"), said(house, "gone", "Cleo")]).toEqual(["a program", "Bo", "Cleo"]);
});

it("every event of a customer's journal has a name, and every way to look at them", () => {
  const page = readFileSync("../docs/events.md", "utf8");
  const types = [...page.matchAll(/^\| \[`([\w.]+)`\]\(#\w+\) \| the customer's key/gm)].map((row) => row[1]!);
  expect(types.length).toBeGreaterThan(30);
  const document = JSON.parse(readFileSync("openapi.json", "utf8"));
  const asked = document.paths["/api/customers/{customer}"].get.parameters.find((one: { name: string }) => one.name === "why");
  const said = [...types.map((type) => `event.${type}`), ...asked.schema.enum.map((why: string) => `look.${why}`)];
  expect(said.filter((key) => !(key in en))).toEqual([]);
});
