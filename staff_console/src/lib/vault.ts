/**
 * Seals what the tablet keeps on disk with a key that cannot leave this browser. Browsers give cryptography only to
 * secure pages (TLS, or localhost): elsewhere things lie plain, and `sealing` is false so that the app can say so.
 */
import { database } from "./db";

export type Sealed = { iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer } | { plain: string };

const KEY = "seal";

/** Whether what is kept is encrypted. */
export const sealing = (): boolean => globalThis.crypto?.subtle !== undefined;

async function key(): Promise<CryptoKey> {
  const db = await database();
  const known = await db.get("keys", KEY);
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const tx = db.transaction("keys", "readwrite", { durability: "strict" });
  const first = await tx.store.get(KEY); // another window may have been quicker
  if (!first) await tx.store.put(made, KEY);
  await tx.done;
  return first ?? made;
}

export async function seal(value: unknown): Promise<Sealed> {
  const text = JSON.stringify(value);
  if (!sealing()) return { plain: text };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), new TextEncoder().encode(text));
  return { iv, data };
}

/** Returns what was sealed; throws when its key is gone. */
export async function unseal<T>(sealed: Sealed): Promise<T> {
  if ("plain" in sealed) return JSON.parse(sealed.plain) as T;
  const data = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await key(), sealed.data);
  return JSON.parse(new TextDecoder().decode(data)) as T;
}

/** Wipes what this tablet keeps for `staff`; the key goes with the last row, for a colleague's may still wait for them. */
export async function wipe(staff: string | null): Promise<void> {
  const tx = (await database()).transaction(["outbox", "snapshot", "keys"], "readwrite", { durability: "strict" });
  const rows = await tx.objectStore("outbox").getAll();
  const own = rows.filter((row) => row.staff === staff);
  for (const row of own) await tx.objectStore("outbox").delete(row.seq!);
  await tx.objectStore("snapshot").clear();
  if (own.length === rows.length) await tx.objectStore("keys").clear();
  await tx.done;
}
