import { describe, expect, it } from "vitest";
import type { FloorPlan, Reader, Zone } from "../src/lib/types";
import { LEAST, moveReader, moveRoom, planOf, sizePlan, sizeRoom, type Room } from "../src/lib/plan";
import { floorOf } from "./state";

const zones = (n: number): Zone[] => Array.from({ length: n }, (_, i) => ({ id: `z${i}`, name: { "zh-CN": `区${i}`, en: `Zone ${i}` } }));
const reader = (id: string, zone: string | null, many: string[] = []): Reader => ({ ...floorOf().readers[0]!, id, zone, zones: many });
const overlap = (a: Room, b: Room) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
const inside = (plan: FloorPlan) =>
  plan.zones.every((r) => r.x >= 0 && r.y >= 0 && r.x + r.w <= plan.width + 1e-9 && r.y + r.h <= plan.height + 1e-9) &&
  plan.readers.every((p) => p.x >= 0 && p.y >= 0 && p.x <= plan.width && p.y <= plan.height);

describe("where no plan is saved", () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 12, 23])("%i zones are rooms that do not overlap, all on the plan", (n) => {
    const plan = planOf(null, zones(n), [reader("a", "z0"), reader("b", "z0"), reader("c", null, zones(n).map((z) => z.id))]);
    expect(plan.zones.map((r) => r.zone)).toEqual(zones(n).map((z) => z.id));
    for (const [i, a] of plan.zones.entries()) for (const b of plan.zones.slice(i + 1)) expect(overlap(a, b)).toBe(false);
    expect(inside(plan)).toBe(true);
    const [a, b] = plan.readers;
    expect(a!.x !== b!.x || a!.y !== b!.y).toBe(true);
  });

  it("a venue without zones or readers is an empty plan and not an error", () => {
    expect(planOf(null, [], [])).toMatchObject({ zones: [], readers: [] });
  });
});

describe("a saved plan", () => {
  const saved: FloorPlan = { width: 20, height: 10, zones: [{ zone: "z0", x: 3, y: 2, w: 5, h: 4 }, { zone: "gone", x: 0, y: 0, w: 2, h: 2 }], readers: [{ reader: "a", x: 1, y: 1 }] };

  it("keeps what it says, leaves out what is no more, and takes in what is new below it", () => {
    const plan = planOf(saved, zones(3), [reader("a", "z0"), reader("b", "z2")]);
    expect(plan.zones[0]).toEqual(saved.zones[0]);
    expect(plan.zones.map((r) => r.zone)).toEqual(["z0", "z1", "z2"]);
    expect(plan.zones.slice(1).every((r) => r.y >= saved.height)).toBe(true);
    expect(plan.readers[0]).toEqual({ reader: "a", x: 1, y: 1 });
    expect(inside(plan)).toBe(true);
  });

  it("that is complete is the same", () => {
    const one = { ...saved, zones: saved.zones.slice(0, 1) };
    expect(planOf(one, zones(1), [reader("a", "z0")])).toEqual(one);
  });
});

describe("dragging", () => {
  const plan = planOf(null, zones(4), [reader("a", "z1")]);

  it("moves a room by half metres", () => {
    const moved = moveRoom(plan, "z3", -0.7, -0.2).zones.at(-1)!;
    expect(moved.x % 0.5).toBe(0);
    expect(Math.abs(moved.x - (plan.zones[3]!.x - 0.7))).toBeLessThanOrEqual(0.25);
  });

  it("never takes anything off the plan or makes a room too small to touch, however far the finger goes", () => {
    const far = [-1e6, -13.37, -0.24, 0, 0.26, 4.9, 1e6];
    for (const dx of far)
      for (const dy of far) {
        expect(inside(moveRoom(plan, "z2", dx, dy))).toBe(true);
        expect(inside(moveReader(plan, "a", dx, dy))).toBe(true);
        const sized = sizeRoom(plan, "z2", dx, dy);
        expect(inside(sized)).toBe(true);
        expect(Math.min(sized.zones[2]!.w, sized.zones[2]!.h)).toBeGreaterThanOrEqual(LEAST);
      }
  });

  it("changes nothing else", () => {
    const moved = moveRoom(plan, "z0", 1, 1);
    expect(moved.zones.slice(1)).toEqual(plan.zones.slice(1));
    expect(moved.readers).toEqual(plan.readers);
  });

  it("a plan cannot be made smaller than what stands on it", () => {
    const small = sizePlan(plan, 1, 1);
    expect(inside(small)).toBe(true);
    expect(sizePlan(plan, 100, 60)).toMatchObject({ width: 100, height: 60 });
  });
});
