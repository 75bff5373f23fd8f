// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { beforeEach, expect, it, vi } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { drop } from "../src/lib/snapshot";
import { forgetCatalogue, learnCatalogue, thingWord, useCatalogue, valueOf } from "../src/lib/values.svelte";
import { answersFor, chipsFor, forgetWords, learnWords, questionsHere } from "../src/lib/vocabulary.svelte";
import { starter } from "./catalogue";
import { letIn } from "./letting_in";

const learned = (value: string, lang = "en", polarity = "do") => ({ value, lang, polarity });
const WORDS = { values: { drink: [learned("Longjing"), learned("no foam", "en", "avoid")] }, questions: ["slippers"], answers: { lunch: ["Fish"] } };
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
  useCatalogue(starter);
  await letIn("anna");
  await drop();
});

it("offers the catalogue in its order, then at most four of what this venue says in the reader's language", async () => {
  const many = ["a", "b", "c", "d", "e"].map((one) => learned(one));
  gateway(() => Response.json({ ...WORDS, values: { ...WORDS.values, seat: [learned("靠墙", "zh-CN"), ...many] } }));
  await learnWords();
  const drinks = chipsFor("drink", "en");
  expect(drinks.slice(0, 2).map((chip) => chip.text)).toEqual(["Warm water", "Hot water"]);
  expect(drinks.slice(-2)).toMatchObject([{ text: "Longjing", code: null, polarity: "do", tag: "Likes" }, { text: "no foam", polarity: "avoid", tag: "Avoid" }]);
  expect(chipsFor("seat", "en").filter((chip) => !chip.code).map((chip) => chip.text)).toEqual(["a", "b", "c", "d"]);
  expect(chipsFor("seat", "zh-CN").filter((chip) => !chip.code).map((chip) => chip.text)).toEqual(["靠墙"]);
  expect(answersFor("lunch", ["Beef"])).toEqual(["Beef", "Fish"]);
  expect(questionsHere()).toEqual(["slippers"]);
});

it("says a value in the reader's language, whoever recorded it in whichever", () => {
  speak("zh-CN");
  expect([valueOf({ code: "allergy.walnuts", value: "Walnuts" }), thingWord("walnuts"), thingWord("ice")]).toEqual(["核桃", "核桃", "冰"]);
  speak("en");
  expect([valueOf({ code: "allergy.walnuts", value: "核桃" }), thingWord("peanuts"), thingWord("spring_onion"), thingWord("tofu_skin")]).toEqual(["Walnuts", "Peanuts", "spring onion", "tofu skin"]);
  expect(valueOf({ code: null, value: "那种酱" })).toBe("那种酱");
  expect(valueOf({ code: "drink.kvass", value: "Kvass" })).toBe("Kvass"); // of a newer gateway
});

it("reads the catalogue anew only where it changed, and has it without a network", async () => {
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", async (_path: string, { headers }: { headers: Record<string, string> }) => {
    asked.push(headers["If-None-Match"] ?? null);
    return headers["If-None-Match"] === '"1"' ? new Response(null, { status: 304 }) : Response.json(starter, { headers: { ETag: '"1"' } });
  });
  forgetCatalogue();
  expect(chipsFor("drink", "en")).toEqual([]);
  await learnCatalogue();
  await learnCatalogue();
  expect(asked).toEqual([null, '"1"']);
  forgetCatalogue(); // the app was closed
  gateway(lost);
  await learnCatalogue();
  expect(chipsFor("drink", "en")).toHaveLength(32);
});

it("a value that the venue hides is no chip", () => {
  useCatalogue({ ...starter, values: starter.values.map((value) => (value.code === "drink.baijiu" ? { ...value, hidden: true } : value)) });
  expect(chipsFor("drink", "en").map((chip) => chip.code)).not.toContain("drink.baijiu");
  expect(valueOf({ code: "drink.baijiu", value: "白酒" })).toBe("Baijiu");
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
