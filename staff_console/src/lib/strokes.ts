/** A signature on glass: strokes of points, in thousandths of the width of what it is written on. Pure. */
export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

const NEAR = 4; // thousandths: points nearer than that to the one before draw nothing
const LEAST = 60; // thousandths of the width in all: less is a slip of the finger
const MOST_POINTS = 2_000; // ten seconds of writing

const apart = ([a, b]: Point, [c, d]: Point): number => Math.hypot(a - c, b - d);

/** Returns where a finger at `x`, `y` px is on a field of this box. */
export function onField(x: number, y: number, box: { left: number; top: number; width: number }): Point {
  const at = (px: number) => Math.round((px / box.width) * 1000);
  return [at(x - box.left), at(y - box.top)];
}

/** Returns the stroke with one more point; the same one where the finger has not moved. */
export function longer(stroke: Stroke, point: Point): Stroke {
  const last = stroke.at(-1);
  return last && apart(last, point) < NEAR ? stroke : [...stroke, point];
}

export const lengthOf = (stroke: Stroke): number => stroke.slice(1).reduce((sum, point, i) => sum + apart(stroke[i]!, point), 0);

/** Whether somebody has written, and not only touched. */
export const isSigned = (strokes: readonly Stroke[]): boolean => strokes.reduce((sum, stroke) => sum + lengthOf(stroke), 0) >= LEAST;

export const isFull = (strokes: readonly Stroke[]): boolean => strokes.reduce((sum, stroke) => sum + stroke.length, 0) >= MOST_POINTS;

/** Returns a stroke as the path of an SVG; a dot is a dot. */
export function pathOf(stroke: Stroke): string {
  const [first, ...rest] = stroke;
  if (!first) return "";
  return `M${first[0]} ${first[1]}${rest.length ? rest.map(([x, y]) => `L${x} ${y}`).join("") : "l1 0"}`;
}

/** A signature as it is sent: the strokes, or the name that was typed, as JSON in base64. */
export interface Signature {
  media: "application/json";
  content: string;
}

/** Returns what was written on glass as it is sent. */
export function written(strokes: readonly Stroke[], typed: string): Signature {
  const said = typed.trim() ? { typed: typed.trim() } : { strokes };
  const bytes = new TextEncoder().encode(JSON.stringify(said));
  return { media: "application/json", content: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
}
