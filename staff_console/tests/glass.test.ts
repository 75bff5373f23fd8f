import { describe, expect, it } from "vitest";
import { answered, asked, isGuardian, missing, sayings, stopped, textOf } from "../src/lib/glass";
import { isSigned, longer, onField, pathOf, written, type Stroke } from "../src/lib/strokes";
import { NOTICES, notice, row } from "./consents";

const AT = "2026-11-29T10:00:00Z";
const questions = asked([row("recognise_tag"), row("keep_preferences")], NOTICES, "zh-CN");

describe("what is put to a customer", () => {
  it("is the text that the gateway names, in their language, else in one that the house has", () => {
    const named = { id: "recognise_tag", version: 1 };
    expect(textOf(NOTICES, named, "zh-CN")).toMatchObject({ language: "zh-CN", hash: "sha256:z-recognise_tag" });
    expect(textOf(NOTICES, named, "zh-Hans-SG")!.language).toBe("zh-CN");
    expect(textOf([notice("recognise_tag", { texts: { fr: "Texte" }, hashes: { fr: "sha256:f" } })], named, "en")!.language).toBe("fr");
    expect(textOf(NOTICES, { id: "recognise_tag", version: 2 }, "en")).toBeNull();
  });

  it("is nothing that the house has no text for", () => {
    expect(asked([row("insight", { notice: { id: "gone", version: 1 } })], NOTICES, "en")).toEqual([]);
  });
});

describe("what they decide", () => {
  const given = { answer: "given", at: AT } as const;
  const refused = { answer: "refused", at: AT } as const;

  it("nothing is decided before, and a second tap takes a decision back", () => {
    expect(missing({}, true)).toBe("glass.decide_first");
    const once = answered({}, "recognise_tag", "given", AT);
    expect(answered(once, "recognise_tag", "given", AT)).toEqual({});
    expect(answered(once, "recognise_tag", "refused", AT)).toEqual({ recognise_tag: { answer: "refused", at: AT } });
  });

  it("needs a signature where they agree to anything, and none to say no", () => {
    expect(missing({ recognise_tag: given }, false)).toBe("glass.sign_first");
    expect(missing({ recognise_tag: given }, true)).toBeNull();
    expect(missing({ recognise_tag: refused }, false)).toBeNull();
  });

  it("is sent one act for each answer with the text that was shown; what was left open says nothing", () => {
    const shown = questions.map((one) => ({ ...one, stops: ["s"] }));
    const says = sayings(shown, { recognise_tag: given }, null, AT);
    expect(says).toHaveLength(1);
    expect(says[0]).toMatchObject({
      purpose: "recognise_tag", act: "given", method: "signed_on_glass", lifts: ["s"], at: AT, guardian: null, notice: { id: "recognise_tag", version: 1, language: "zh-CN", hash: "sha256:z-recognise_tag", shown_at: AT },
    });
    expect(sayings(shown, { keep_preferences: refused }, null, AT)[0]).toMatchObject({ act: "refused", method: "on_glass", lifts: [] });
  });

  it("what was in force and is agreed to again is renewed", () => {
    const again = asked([row("recognise_tag", { state: "alive", renew: true })], NOTICES, "en");
    expect(sayings(again, { recognise_tag: given }, null, AT)[0]!.act).toBe("renewed");
  });

  it("a stop that comes meanwhile is shown, and undoes what was decided without it", () => {
    const after = stopped(questions, { recognise_tag: given, keep_preferences: given }, [{ id: "s9", purpose: "recognise_tag", partner: null }]);
    expect(after.answers).toEqual({ keep_preferences: given });
    expect(after.questions[0]!.stops).toEqual(["s9"]);
    expect(after.questions[1]!.stops).toEqual([]);
  });
});

it("a guardian has a name, a relation and a month to come", () => {
  const guardian = { name: "Wu Min", relation: "mother", comes_of_age: "2031-05" };
  expect(isGuardian(guardian, "2026-11")).toBe(true);
  for (const wrong of [{ name: " " }, { relation: "" }, { comes_of_age: "" }, { comes_of_age: "2026-11" }, { comes_of_age: "2031-13" }]) expect(isGuardian({ ...guardian, ...wrong }, "2026-11")).toBe(false);
});

describe("a signature on glass", () => {
  const line: Stroke = [[0, 0], [100, 0]];

  it("is more than a touch", () => {
    expect(isSigned([])).toBe(false);
    expect(isSigned([[[10, 10]]])).toBe(false);
    expect(isSigned([line])).toBe(true);
  });

  it("leaves out points that draw nothing, and says where they are of the field's width", () => {
    expect(longer([[0, 0]], [1, 1])).toHaveLength(1);
    expect(longer([[0, 0]], [9, 9])).toHaveLength(2);
    expect(onField(150, 70, { left: 100, top: 50, width: 200 })).toEqual([250, 100]);
    expect(pathOf([...line, [100, 50]])).toBe("M0 0L100 0L100 50");
  });

  it("is sent as JSON, also a typed name that is not Latin", () => {
    const read = (content: string) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(content), (c) => c.charCodeAt(0))));
    expect(read(written([line], "").content)).toEqual({ strokes: [line] });
    expect(read(written([], " 吴兰 ").content)).toEqual({ typed: "吴兰" });
  });
});
