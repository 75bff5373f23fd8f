/** Who works here, as whoever runs the staff list changes it. */
import type { Colleague } from "./types";

export const ROLES = ["floor", "crew", "manager", "it"] as const;
export type Role = (typeof ROLES)[number];

const DIGITS = 6;
const WHOLE = 10 ** DIGITS;
const FAIR = Math.floor(2 ** 32 / WHOLE) * WHOLE; // numbers beyond would make some PINs likelier

/** Returns a PIN that nobody can guess, from numbers of 32 bits. */
export function newPin(random: () => number = () => crypto.getRandomValues(new Uint32Array(1))[0]!): string {
  let n = random();
  while (n >= FAIR) n = random();
  return String(n % WHOLE).padStart(DIGITS, "0");
}

/** Returns an id for a name that nobody has yet: "Anna Lee" becomes anna.lee, 李娜 stays as it is. */
export function idFor(name: string, staff: Colleague[]): string {
  const bare = name.normalize("NFC").trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ".").replace(/^\.+|\.+$/g, "").slice(0, 50) || "staff";
  const taken = new Set(staff.map((s) => s.id));
  if (!taken.has(bare)) return bare;
  let n = 2;
  while (taken.has(`${bare}.${n}`)) n += 1;
  return `${bare}.${n}`;
}

/** Returns language tags as typed, parted by commas or spaces. */
export const tags = (text: string): string[] => [...new Set(text.split(/[\s,，、;]+/).filter(Boolean))];
