import { describe, expect, it } from "vitest";
import { birthdayOf, changedFields, daysOf, factsOf, joined, sent, toggled, type Facts } from "../src/lib/record";

const base: Facts = factsOf({ name: "王建国", tier: "gold", wishes: ["no_name"], meets: [] });

describe("two people change one record at once", () => {
  it("keeps what only one of them changed, whoever it was", () => {
    const both = joined(base, { ...base, address_as: "王总" }, { ...base, tier: "black" });
    expect(both.facts).toEqual({ ...base, address_as: "王总", tier: "black" });
    expect([both.taken, both.clashes]).toEqual([["tier"], []]);
  });

  it("asks where both changed one fact otherwise, and keeps what was typed here until it is answered", () => {
    const both = joined(base, { ...base, tier: "silver" }, { ...base, tier: "black" });
    expect(both.facts.tier).toBe("silver");
    expect([both.taken, both.clashes]).toEqual([[], ["tier"]]);
  });

  it("asks nothing where both made the same change, nor for an order or a blank", () => {
    const mine = { ...base, tier: "black ", wishes: ["no_name", "anonymous"] };
    const theirs = { ...base, tier: "black", wishes: ["anonymous", "no_name"] };
    expect(joined(base, mine, theirs)).toEqual({ facts: mine, taken: [], clashes: [] });
  });

  it("treats a list as one answer: two who change it otherwise are asked", () => {
    expect(joined(base, { ...base, wishes: [] }, { ...base, wishes: ["no_name", "anonymous"] }).clashes).toEqual(["wishes"]);
  });
});

describe("a record in a form", () => {
  it("sends nothing where nothing is known", () => {
    expect(sent(base)).toMatchObject({ name: "王建国", tier: "gold", address_as: null, associate: null, birthday: null });
  });

  it("says which fields are otherwise", () => {
    expect(changedFields(base, { ...base, language: "th", name: " 王建国" })).toEqual(["language"]);
  });

  it("has a birthday once a month and one of its days are chosen", () => {
    expect([birthdayOf("02", "29"), birthdayOf("02", "30"), birthdayOf("", "01"), birthdayOf("04", "")]).toEqual(["02-29", "", "", ""]);
    expect(daysOf("04")).toHaveLength(30);
  });

  it("takes yes or no to introductions, and nothing where the answer is taken back", () => {
    expect(toggled(["no_name", "introductions"], "no_introductions")).toEqual(["no_name", "no_introductions"]);
    expect(toggled(["no_introductions"], "no_introductions")).toEqual([]);
  });
});
