import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import en from "../src/lib/i18n/en.json";
import zh from "../src/lib/i18n/zh-CN.json";

const texts = { "zh-CN": zh as Record<string, string>, en: en as Record<string, string> };
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|svelte)$/.test(name))
  .map((name) => readFileSync(`src/${name}`, "utf8"));

it("both languages say the same things, in the same order", () => {
  expect(Object.keys(texts.en)).toEqual(Object.keys(texts["zh-CN"]));
});

it.each(Object.keys(texts["zh-CN"]))("%s is said in both languages, with the same places", (key) => {
  const [chinese, english] = [texts["zh-CN"][key]!, texts.en[key]!];
  expect(chinese.trim()).not.toBe("");
  expect(english.trim()).not.toBe("");
  expect(places(english)).toEqual(places(chinese));
  expect(english.split("|").length).toBe(chinese.split("|").length);
});

it("what can be counted has a word for one and for many", () => {
  const stems = Object.keys(texts.en).filter((key) => key.endsWith(".other") && `${key.slice(0, -6)}.one` in texts.en);
  expect(stems.length).toBeGreaterThan(5);
  for (const key of Object.keys(texts.en)) if (key.endsWith(".one")) expect(texts.en).toHaveProperty([`${key.slice(0, -4)}.other`]);
});

it("no text is kept that nothing says", () => {
  const all = sources.join("\n");
  const families = [...all.matchAll(/(?:word\(\s*"([\w.]+)"|[t]\(\s*`([\w.]+)\.\$\{|family="(\w+)")/g)].map((m) => m[1] ?? m[2] ?? m[3]!);
  const said = (key: string) =>
    all.includes(`"${key}"`) || all.includes(`"${key.replace(/\.(one|other)$/, "")}"`) ||
    [...families, "category", "basis", "polarity", "scope"].some((family) => key.startsWith(`${family}.`)) ||
    /^record\.(promise|complaint)_text$/.test(key);
  expect(Object.keys(texts.en).filter((key) => !said(key))).toEqual([]);
});

it("no words for people are left in the components", () => {
  for (const name of readdirSync("src", { recursive: true, encoding: "utf8" }).filter((n) => n.endsWith(".svelte"))) {
    const markup = readFileSync(`src/${name}`, "utf8").replace(/<script[\s\S]*?<\/script>|<style>[\s\S]*<\/style>|<!--[\s\S]*?-->/g, "");
    expect(markup, name).not.toMatch(/[一-鿿](?<!中|文)/);
    expect(markup, name).not.toMatch(/(aria-label|placeholder|title)="[^"{]*[a-z]/i);
  }
});
