// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { drop } from "../src/lib/snapshot";
import { answersFor, forgetWords, learnWords, questionsHere, valuesFor } from "../src/lib/vocabulary.svelte";
import { valueOf } from "../src/lib/words";

const WORDS = { values: { drink: ["Longjing", "Warm water"] }, questions: ["slippers"], answers: { lunch: ["Fish"] } };
const USUAL = ["Warm water", "Coffee"];
let asked: number;

const gateway = (answer: () => Response) =>
  vi.stubGlobal("fetch", async () => {
    asked++;
    return answer();
  });
const lost = () => {
  throw new TypeError("network");
};

beforeEach(async () => {
  asked = 0;
  forgetWords();
  await drop();
});

it("offers what this venue says before what is usual everywhere, each once", async () => {
  gateway(() => Response.json(WORDS));
  expect(valuesFor("drink", USUAL)).toEqual(USUAL);
  await learnWords();
  expect(valuesFor("drink", USUAL)).toEqual(["Longjing", "Warm water", "Coffee"]);
  expect(valuesFor("seat", ["Window"])).toEqual(["Window"]);
  expect(answersFor("lunch", ["Beef"])).toEqual(["Beef", "Fish"]);
  expect(questionsHere()).toEqual(["slippers"]);
});

it("offers an allergy by its name in the reader's language, whoever recorded it", async () => {
  gateway(() => Response.json({ ...WORDS, values: { allergy: ["walnuts", "peanuts", "the blue sauce"] } }));
  await learnWords();
  speak("zh-CN");
  expect(valuesFor("allergy", ["花生", "坚果"])).toEqual(["核桃", "花生", "the blue sauce", "坚果"]);
  expect(valueOf({ code: "walnuts", value: "Walnuts" })).toBe("核桃");
  speak("en");
  expect(valueOf({ code: "walnuts", value: "核桃" })).toBe("Walnuts");
  expect(valueOf({ code: null, value: "那种酱" })).toBe("那种酱");
  expect(valueOf({ code: "kale", value: "Kale" })).toBe("Kale"); // of a newer gateway
});

it("asks the gateway once a minute at most", async () => {
  gateway(() => Response.json(WORDS));
  await learnWords(100_000);
  await learnWords(159_000);
  expect(asked).toBe(1);
  await learnWords(161_000);
  expect(asked).toBe(2);
});

it("still has the venue's words without a network, until somebody else signs in", async () => {
  gateway(() => Response.json(WORDS));
  await learnWords();
  forgetWords(); // the app was closed
  gateway(lost);
  await learnWords();
  expect(questionsHere()).toEqual(["slippers"]);
  forgetWords();
  await drop();
  await learnWords();
  expect(questionsHere()).toEqual([]);
});

it("an older gateway that has no words leaves those usual everywhere", async () => {
  gateway(() => Response.json({ title: "Not found" }, { status: 404 }));
  await learnWords();
  expect(valuesFor("drink", USUAL)).toEqual(USUAL);
});
