// @vitest-environment happy-dom
/** Names and words that run from right to left stand as they are written, and turn round nothing beside them. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { speak, t } from "../src/lib/i18n/index.svelte";
import Card from "../src/parts/Card.svelte";
import Words from "../src/parts/Words.svelte";
import { clear, hook, show } from "./mounted";
import { alert, card, fact, floorOf } from "./state";

afterEach(clear);

const NUMBERS = "Figure.svelte"; // whose facts are counts
const SOURCES = ["parts", "screens"].flatMap((folder) => {
  const place = join(__dirname, "../src", folder);
  const files = readdirSync(place).filter((name) => name !== NUMBERS);
  return files.map((name) => ({ name, source: readFileSync(join(place, name), "utf-8") }));
});
// What customers and colleagues are called, and what somebody wrote.
const WRITTEN =
  /<(\w+)((?:=>|[^<>])*)>\s*(?:\{#if [^}]*\}.*?\{\/if\})?\{(title\([^{}]*\)|(?:\w+\.)*(?:colleague|who|one|me|sheet|picked)\.name(?: \?\? [\w.]+)?|called\(here, about\)|fact\.value|valueOf\(fact\)|owed\.text|ask\.answer|count\.answer|full)\}/g;

describe("what somebody wrote", () => {
  it("finds its own direction wherever it is shown", () => {
    const shown = SOURCES.flatMap(({ name, source }) =>
      [...source.replace(/<script[\s\S]*?<\/script>/, "").matchAll(WRITTEN)].map((found) => ({ name, tag: found[2]!, what: found[3]! })),
    );
    expect(shown.length).toBeGreaterThan(25);
    expect(shown.filter((one) => !one.tag.includes('dir="auto"'))).toEqual([]);
  });

  it("finds it where it is written, too", () => {
    show(Words, { value: "", label: "x", hook: "words", most: 20 });
    expect(hook("words")!.getAttribute("dir")).toBe("auto");
  });

  it("stands apart on a card: the name, what to avoid and what is liked", () => {
    const one = alert("chen", {
      card: card("chen", { address_as: "السيد محمد", avoid: [fact("a", "chen", { polarity: "avoid", value: "فستق" })] }),
    });
    show(Card, { state: floorOf(), alert: one, card: one.card!, chosen: false, onopen: () => {} });
    const apart = [...document.querySelectorAll('[dir="auto"]')].map((each) => each.textContent);
    expect(apart).toEqual(expect.arrayContaining(["السيد محمد", "فستق"]));
  });

  it("is kept apart within a sentence of ours, and nothing is put around what runs as we do", () => {
    speak("en");
    expect(t("me.label", { name: "محمد" })).toContain("\u2068محمد\u2069");
    expect(t("me.label", { name: "José 王丽" })).not.toMatch(/[\u2066-\u2069]/);
  });
});
