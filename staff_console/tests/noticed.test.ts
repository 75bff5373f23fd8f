// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { speak } from "../src/lib/i18n/index.svelte";
import { namesOf, whatOf } from "../src/lib/noticed";
import type { Tablets } from "../src/lib/types";
import { floorOf } from "./state";

const here = floorOf();
const zone = here.venue.zones[0]!;
const seen = { paired: [{ id: "01a2", name: "bar 1" }], gone: [{ id: "01a1", name: "door" }] } as unknown as Tablets;

it("what was noticed is read in words, not in ids that only a machine knows", () => {
  speak("en");
  const of = (type: string, what: string | null) => whatOf(here, { type, what }, namesOf(seen));
  expect(of("access.overridden", zone.id)).toEqual([zone.name.en]);
  expect(of("token.made", "till · integration · read:presence, write:staff")).toEqual(["till", "Integration", "See who is here · Change staff"]);
  expect(of("staff.changed", "floor, it")).toEqual(["Floor · IT"]);
  expect(of("glass.asked", `zone · ${zone.id}`)).toEqual(["Zone", zone.name.en]);
  expect(of("glass.opened", "customer · c-1")).toEqual(["Guest", "c-1"]);
  expect(of("tablet.paired", "bar 1")).toEqual(["bar 1"]);
  expect(of("token.made", null)).toEqual([]);
});

it("a tablet at which somebody guessed is named, also when it was let go, and an unknown one is no row of digits", () => {
  const at = (what: string) => whatOf(here, { type: "sign_in.refused", what }, namesOf(seen));
  expect([at("01a2"), at("01a1"), at("01a228a4-6887")]).toEqual([["bar 1"], ["door"], []]);
});
