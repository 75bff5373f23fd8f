/** The venue's plan in metres: a sensible one where none is saved, and what dragging does to it. Pure. */
import type { FloorPlan, Reader, Zone } from "./types";

export type Room = FloorPlan["zones"][number];
export type Point = FloorPlan["readers"][number];

export const STEP = 0.5; // metres: what a drag or an arrow key moves at least
export const LEAST = 2; // a room smaller than this cannot be hit with a finger
const ROOM = { w: 8, h: 7.5 };
const ALONE = 10; // how deep rooms are where one row of them is the whole plan: names need the place
const GAP = 0.5;
const WIDE = 3; // rooms side by side

const snap = (metres: number): number => Math.round(metres / STEP) * STEP;
const within = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), Math.max(least, most));

/** Returns a plan that names every zone and reader: the saved one where it does, rooms in rows for the rest. */
export function planOf(saved: FloorPlan | null | undefined, zones: Zone[], readers: Reader[]): FloorPlan {
  const rooms = (saved?.zones ?? []).filter((room) => zones.some((z) => z.id === room.zone));
  const missing = zones.filter((z) => !rooms.some((room) => room.zone === z.id));
  const top = saved ? Math.max(saved.height, 0) : 0;
  const added = inRows(missing.map((z) => z.id), top);
  const all = [...rooms, ...added];
  const width = Math.max(saved?.width ?? 0, ...added.map((r) => r.x + r.w + GAP), ROOM.w);
  const height = Math.max(saved?.height ?? 0, ...added.map((r) => r.y + r.h + GAP), ROOM.h);
  const points = (saved?.readers ?? []).filter((point) => readers.some((r) => r.id === point.reader));
  const unplaced = readers.filter((r) => !points.some((point) => point.reader === r.id));
  return { width, height, zones: all, readers: [...points, ...spread(unplaced, all)] };
}

/** Rooms in rows of at most three, the last row stretched to the full width. */
function inRows(ids: string[], top: number): Room[] {
  const across = Math.min(WIDE, ids.length === 4 ? 2 : WIDE, ids.length);
  const full = across * (ROOM.w + GAP) - GAP;
  return ids.map((zone, i) => {
    const row = Math.floor(i / across);
    const inRow = Math.min(across, ids.length - row * across);
    const w = (full - GAP * (inRow - 1)) / inRow;
    const h = top || ids.length > across ? ROOM.h : ALONE;
    return { zone, x: GAP + (i % across) * (w + GAP), y: top + GAP + row * (h + GAP), w, h };
  });
}

/** Readers along the foot of their room, as far from each other as it allows; one with many rooms between them. */
function spread(readers: Reader[], rooms: Room[]): Point[] {
  const roomsOf = (reader: Reader) => rooms.filter((room) => (reader.zone ? [reader.zone] : reader.zones).includes(room.zone));
  const roomOf = (reader: Reader) => roomsOf(reader)[0] ?? rooms[0];
  return readers.map((reader) => {
    const own = roomsOf(reader);
    if (own.length > 1) {
      const middle = (of: (room: Room) => number) => own.reduce((sum, room) => sum + of(room), 0) / own.length;
      return { reader: reader.id, x: middle((r) => r.x + r.w / 2), y: middle((r) => r.y + r.h / 2) };
    }
    const room = roomOf(reader);
    if (!room) return { reader: reader.id, x: 1, y: 1 };
    const beside = readers.filter((other) => roomsOf(other).length < 2 && roomOf(other) === room);
    const share = (beside.indexOf(reader) + 1) / (beside.length + 1);
    return { reader: reader.id, x: room.x + room.w * share, y: room.y + room.h - 0.9 };
  });
}

/** Returns the plan with a room moved by so many metres, never off the plan. */
export function moveRoom(plan: FloorPlan, zone: string, dx: number, dy: number): FloorPlan {
  return changed(plan, zone, (room) => ({
    ...room,
    x: within(snap(room.x + dx), 0, plan.width - room.w),
    y: within(snap(room.y + dy), 0, plan.height - room.h),
  }));
}

/** Returns the plan with a room made wider and deeper by so many metres. */
export function sizeRoom(plan: FloorPlan, zone: string, dw: number, dh: number): FloorPlan {
  return changed(plan, zone, (room) => ({
    ...room,
    w: within(snap(room.w + dw), LEAST, plan.width - room.x),
    h: within(snap(room.h + dh), LEAST, plan.height - room.y),
  }));
}

export function moveReader(plan: FloorPlan, reader: string, dx: number, dy: number): FloorPlan {
  const readers = plan.readers.map((point) =>
    point.reader === reader ? { reader, x: within(snap(point.x + dx), 0, plan.width), y: within(snap(point.y + dy), 0, plan.height) } : point,
  );
  return { ...plan, readers };
}

/** Returns the plan made larger or smaller; rooms that would fall off keep their place on it. */
export function sizePlan(plan: FloorPlan, width: number, height: number): FloorPlan {
  const right = Math.max(...plan.zones.map((r) => r.x + r.w), ...plan.readers.map((p) => p.x), LEAST);
  const foot = Math.max(...plan.zones.map((r) => r.y + r.h), ...plan.readers.map((p) => p.y), LEAST);
  return { ...plan, width: Math.max(width, right), height: Math.max(height, foot) };
}

const changed = (plan: FloorPlan, zone: string, change: (room: Room) => Room): FloorPlan => ({
  ...plan,
  zones: plan.zones.map((room) => (room.zone === zone ? change(room) : room)),
});
