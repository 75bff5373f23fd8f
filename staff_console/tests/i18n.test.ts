import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import en from "../src/lib/i18n/en.json";
import zh from "../src/lib/i18n/zh-CN.json";
import englishFirst from "../src/lib/i18n/en.json?first";
import englishLater from "../src/lib/i18n/en.json?later";
import later from "../src/lib/i18n/later.json";
import { isLater } from "../texts";

const texts = { "zh-CN": zh as Record<string, string>, en: en as Record<string, string> };
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|svelte)$/.test(name))
  .map((name) => readFileSync(`src/${name}`, "utf8"));

it("both languages say the same things, in the same order", () => {
  expect(Object.keys(texts.en)).toEqual(Object.keys(texts["zh-CN"]));
});

/** What a call names to fill a text: `{ dish, seat: … }`. */
const NAMED = /\b[t]\("([\w.]+)"(?:, \{((?:[^{}]|\{[^{}]*\}|\$\{[^{}]*\})*)\})?\)/g;
const namesOf = (values: string) => values.replace(/\([^()]*(?:\([^()]*\)[^()]*)*\)|`[^`]*`|"[^"]*"|\{[^{}]*\}/g, "").split(",").map((one) => one.split(":")[0]!.trim()).filter(Boolean);

it("whatever a text leaves room for is given to it", () => {
  const calls = sources.flatMap((source) => [...source.matchAll(NAMED)]).filter(([, key]) => key! in texts.en);
  expect(calls.filter(([, , values]) => values).length).toBeGreaterThan(100);
  const empty = calls.flatMap(([call, key, values = ""]) =>
    places(texts.en[key!]!).filter((place) => !namesOf(values).includes(place.slice(1, -1))).map((place) => `${place} in ${call}`));
  expect(empty).toEqual([]);
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
}, 30_000); // a loaded machine

it("no words for people are left in the components", () => {
  for (const name of readdirSync("src", { recursive: true, encoding: "utf8" }).filter((n) => n.endsWith(".svelte"))) {
    const markup = readFileSync(`src/${name}`, "utf8").replace(/<script[\s\S]*?<\/script>|<style>[\s\S]*<\/style>|<!--[\s\S]*?-->/g, "");
    expect(markup, name).not.toMatch(/[一-鿿](?<!中|文)/);
    expect(markup, name).not.toMatch(/(aria-label|placeholder|title)="[^"{]*[a-z]/i);
  }
});

const WITH_WORDS = ["src/lib/later.svelte.ts", "src/lib/i18n/index.svelte.ts"]; // what these read comes with its words

/** The sources that speak before the rest is learnt: all that `main.ts` imports, and that imports, now or without those words. */
function paintedFirst(): Map<string, string> {
  const known = new Map<string, string>();
  const waiting = ["src/main.ts"];
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (known.has(file) || !/\.(ts|svelte)$/.test(file)) continue;
    const source = readFileSync(file, "utf8").replace(/<style>[\s\S]*<\/style>|^\s*import type .*$/gm, "");
    known.set(file, source);
    const read = WITH_WORDS.includes(file) ? [] : [...source.matchAll(/\bimport\("(\.[^"]+)"\)/g)];
    for (const [, name] of [...source.matchAll(/^\s*(?:import|export)\s+(?:[^;()"=]*?\sfrom\s+)?"(\.[^"]+)"/gm), ...read]) {
      const at = join(dirname(file), name!);
      waiting.push([at, `${at}.ts`, `${at}.svelte.ts`].find((one) => /\.\w+$/.test(one) && existsSync(one))!);
    }
  }
  return known;
}

it.each(["src/lib/i18n/en.json", "src/lib/i18n/zh-CN.json", "src/own/en.json", "src/own/zh-CN.json"])("%s says no key twice: the second would be shown for both", (file) => {
  const keys = readFileSync(file, "utf8").match(/^  "[^"]+"(?=:)/gm) ?? [];
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
});

it("the two parts of a language are all of it, and nothing twice", () => {
  expect(Object.keys(englishLater).filter((key) => key in englishFirst)).toEqual([]);
  expect({ ...englishFirst, ...englishLater }).toEqual(texts.en);
});

it("the first paint says nothing that is read later", () => {
  const files = paintedFirst();
  expect([...files.keys()]).toEqual(expect.arrayContaining(["src/App.svelte", "src/parts/CustomerSheet.svelte", "src/lib/words.ts"]));
  const keys = Object.keys(texts.en).filter(isLater);
  const said = (text: string, key: string) => [key, key.replace(/\.(one|other)$/, "")].some((one) => text.includes(one.includes(".") ? `"${one}"` : `tn("${one}"`));
  for (const [file, text] of files) {
    expect(keys.filter((key) => said(text, key)), file).toEqual([]);
    const made = later.families.filter((family) => new RegExp(`\`${family}\\.[^\`]*\\$\\{|(?:word\\(\\s*|family=)"${family}[".]`).test(text));
    expect(made, file).toEqual([]);
  }
});

it("whatever is listed as said later is a text", () => {
  const families = new Set(Object.keys(texts.en).map((key) => key.split(".")[0]));
  expect(later.families.filter((family) => !families.has(family))).toEqual([]);
  expect(later.but.filter((key) => !(key in texts.en))).toEqual([]);
});
