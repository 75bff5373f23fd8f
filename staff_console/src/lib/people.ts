/** Who works here, as whoever runs the staff list changes it. */
import type { Colleague, Me } from "./types";

export const ROLES = ["floor", "crew", "manager", "it"] as const;
export type Role = (typeof ROLES)[number];

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

/** Whom IT may make, change, give a PIN and let go; a manager anybody. The gateway holds to it. */
const BY_IT: readonly string[] = ["floor", "crew", "it"];

/** Whether this person may make somebody with these roles, or change them. */
export const mayGrant = (me: Pick<Me, "roles">, roles: readonly string[]): boolean =>
  me.roles.includes("manager") || roles.every((role) => BY_IT.includes(role));
