import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bookOf, UNCODED_CONTENTS } from "../src/lib/catalogue";
import { inWords, prepared, warnings, type Dish } from "../src/lib/dishes";
import { merge, type Fact, type Merged } from "../src/lib/facts";
import { folded } from "../src/lib/folded";
import { mentions, reads, valueNamed } from "../src/lib/readings";
import type { Catalogue } from "../src/lib/types";

const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as T;

interface Case {
  says: string;
  open_visits: string[];
  facts: Fact[];
}
interface Vectors {
  vectors: (Case & Merged)[];
  dishes: (Case & { item: Dish; warns: unknown[] })[];
  words: { category: string; text: string; code: string | null; reads: string | null; mentions: string[] }[];
}

const { vectors, dishes, words } = read<Vectors>("../../tests/data/facts-vectors.json");
const book = bookOf(read<Catalogue>("../../gateway/records/catalogue.json"));

/** Numbers that look random and are the same each time. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(rows: T[], random: () => number): T[] {
  const found = [...rows];
  for (let i = found.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [found[i], found[j]] = [found[j]!, found[i]!];
  }
  return found;
}

describe("what a customer's facts come to", () => {
  test.each(vectors.map((one) => [one.says, one] as const))("%s", (_, { facts, open_visits, holds, aside, doubted, suggest }) => {
    expect(merge(facts, open_visits, book)).toEqual({ holds, aside, doubted, suggest });
  });

  test("is the same in whatever order and however often they come", () => {
    const random = seeded(1);
    for (const { facts, open_visits, holds, aside, doubted, suggest } of vectors) {
      for (let n = 0; n < 20; n++) {
        const twice = shuffled([...facts, ...facts.filter(() => random() < 0.5)], random);
        expect(merge(twice, open_visits, book)).toEqual({ holds, aside, doubted, suggest });
      }
    }
  });
});

describe("a dish", () => {
  test.each(dishes.map((one) => [one.says, one] as const))("%s", (_, { facts, open_visits, item, warns }) => {
    const known = new Map(facts.map((fact) => [fact.id, fact]));
    const lines = merge(facts, open_visits, book).holds.map((id) => known.get(id)!);
    expect(warnings(item, lines, book)).toEqual(warns);
  });
});

describe("words", () => {
  test.each(words)("$category: $text", ({ category, text, ...says }) => {
    const named = UNCODED_CONTENTS.has(category) ? mentions(text, book) : [];
    expect({ code: valueNamed(category, text, book)?.code ?? null, reads: reads(category, text, book), mentions: named }).toEqual(says);
  });
});

interface Sequence {
  facts: Fact[];
  open_visits: string[];
  answer: Merged;
}

/** Written by `python -m tests.records.agreement`: what the gateway makes of sequences drawn at random. */
const AGREEMENT = new URL("../../build/facts-agreement.jsonl", import.meta.url);

describe.skipIf(!existsSync(AGREEMENT))("tablet and gateway agree", () => {
  const sequences = existsSync(AGREEMENT)
    ? readFileSync(AGREEMENT, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Sequence)
    : [];

  test("in ten thousand sequences", { timeout: 120_000 }, () => {
    expect(sequences.length).toBeGreaterThanOrEqual(10_000);
    for (const { facts, open_visits, answer } of sequences) expect(merge(facts, open_visits, book)).toEqual(answer);
  });

  test("shuffled, doubled, and split over two tablets that meet at the gateway", { timeout: 120_000 }, () => {
    const random = seeded(7);
    for (const { facts, open_visits, answer } of sequences.filter((_, n) => n % 5 === 0)) {
      const [mine, theirs] = [facts.filter(() => random() < 0.6), facts.filter(() => random() < 0.6)];
      const rest = facts.filter((fact) => !mine.includes(fact) && !theirs.includes(fact));
      const [one, other] = [[...mine, ...shuffled([...theirs, ...rest], random)], [...shuffled([...rest, ...theirs], random), ...mine]];
      expect(merge(one, open_visits, book)).toEqual(answer);
      expect(merge(other, open_visits, book)).toEqual(answer);
    }
  });

  test("and what always holds does", { timeout: 120_000 }, () => {
    for (const { facts, open_visits } of sequences.filter((_, n) => n % 5 === 1)) {
      const { holds, aside, suggest } = merge(facts, open_visits, book);
      expect([...holds, ...Object.keys(aside)].sort()).toEqual(facts.map((fact) => fact.id).sort());
      const unnamed = merge(facts.map((fact) => ({ ...fact, corrects: [], retracts: [] })), open_visits, book);
      for (const fact of facts) {
        if (fact.polarity === "allergy" && fact.value.trim()) expect(["over", "folded", undefined]).toContain(unnamed.aside[fact.id]?.state);
      }
      if (suggest) expect(facts.find((fact) => fact.id === suggest)!.polarity).toBe("do");
    }
  });
});

describe("own words", () => {
  test.each([
    ["food", "有些海鲜会过敏", "allergy"], ["other", "allergic to something in the air", "allergy"], ["food", "别放太多盐", "avoid"], ["drink", "nothing special", null],
    ["drink", "don’t like it warm", "avoid"],
  ])("in %s, %s reads as %s", (category, words, polarity) => expect(reads(category, words, book)).toBe(polarity));

  test("of a dish are the allergens named in them; what is left out may be there as a trace", () => {
    expect(inWords("宫保鸡丁（花生）", book)).toEqual({ allergens: ["peanuts"] });
    expect(prepared({ allergens: ["peanuts", "soy"], may_contain: ["sesame"], ingredients: ["chilli"] }, ["peanuts", "chilli", "milk"])).toEqual({
      allergens: ["soy"], may_contain: ["sesame", "peanuts", "chilli"], ingredients: [],
    });
  });
});

describe("spellings of one thing", () => {
  const same = (...words: string[]) => expect(new Set(words.map(folded)).size).toBe(1);

  test("have one fold, whatever case, width, blanks and apostrophes they have", () => {
    same("Rooibos, no milk", "ｒｏｏｉｂｏｓ,　 NO milk", " rooibos,\u00a0no\u2009MILK\u200b");
    same("Straße", "STRASSE", "strasse");
    same("ΌΣΟΣ", "όσος", "όσοσ");
    same("don't", "don’t");
    same("ﬁsh", "FISH", "fish");
    same("é", "e\u0301", "É");
    same("Ꮳ", "ꮳ");
    expect(folded("ꮳ")).toBe("Ꮳ");
    expect(folded("ı")).not.toBe(folded("I"));
    expect(folded("\u3000\u200b")).toBe("");
  });
});
