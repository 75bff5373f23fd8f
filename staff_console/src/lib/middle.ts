/** A name too long for its place is cut in the middle: how it begins tells whose it is, how it ends which of them. */
const ELLIPSIS = "…";
const JOINED = "\u2060"; // no line ends here

/** Returns `name` in at most `most` letters as a reader counts them, whatever the script; whole where it fits. */
export function middle(name: string, most: number): string {
  const letters = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(name)].map((one) => one.segment);
  if (letters.length <= most) return name;
  const head = Math.ceil((most - 1) * 0.6);
  const tail = most - 1 - head;
  return letters.slice(0, head).join("").trimEnd() + ELLIPSIS + letters.slice(letters.length - tail).join("").trimStart();
}

const WIDE = /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/;

/** Returns `name` for a place of so many ems: a Chinese letter takes one, another about half. */
export function fitting(name: string, ems: number): string {
  const each = WIDE.test(name) ? 1 : 0.62;
  return middle(name, Math.max(4, Math.floor(ems / each)));
}

/** Returns `name` for lines of so many ems: it may take several, and only a word that is longer than a line is cut. */
export function inLines(name: string, ems: number): string {
  if (WIDE.test(name)) return name; // which may be parted anywhere
  return name.split(/(?<=[\s-])/u).map((part) => part.replace(/\S+/u, (word) => fitting(word, ems).replace(ELLIPSIS, ELLIPSIS + JOINED))).join("");
}
