/**
 * Seals what the tablet keeps on disk, with a key of the person it is kept for: `people_kept.ts` says what opens it.
 * Browsers give cryptography only to secure pages (TLS, or localhost): elsewhere things lie plain, and `sealing` is
 * false so that the app can say so.
 */
import { database, forgetDatabase } from "./db";
import { forgetDevice } from "./device";
import { closePin, openShared, openWithPin, tryPin, type Opened } from "./people_kept";
import type { SignedIn } from "./types";

export type Sealed = { iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer } | { plain: string };

const BEFORE = "seal"; // the key of the device alone, with which older apps have sealed

let key: CryptoKey | null = null;

/** Whether what is kept is encrypted. */
export const sealing = (): boolean => globalThis.crypto?.subtle !== undefined;

/** Whether somebody is at the tablet for whom it may open what it keeps. */
export const isOpen = (): boolean => !sealing() || key !== null;

/** Opens what is kept for somebody whom the gateway has let in; with the PIN they typed it opens without us until their shift is over. */
export async function openFor(me: SignedIn, pin: string | null): Promise<void> {
  if (!sealing() || !me.staff || !me.keep) return;
  const { share, until } = me.keep;
  key = await openShared(me.staff, me.name, share);
  if (pin) void openWithPin(me.staff, share, pin, Date.parse(until)).catch(() => closePin(me.staff!));
}

/** Opens it by the PIN alone. */
export async function openAlone(staff: string, pin: string): Promise<Opened> {
  const opened = await tryPin(staff, pin);
  if (opened.how === "open") key = opened.key;
  return opened;
}

/** Nothing that is kept can be read until somebody gives their PIN. */
export function close(): void {
  key = null;
}

/** Seals `value` for whoever is at the tablet. */
export async function seal(value: unknown): Promise<Sealed> {
  const text = JSON.stringify(value);
  if (!sealing()) return { plain: text };
  if (!key) throw new Error("nobody is at this tablet");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(text));
  return { iv, data };
}

/** Returns what was sealed; throws where it is another's, or its key is gone. */
export async function unseal<T>(sealed: Sealed): Promise<T> {
  if ("plain" in sealed) return JSON.parse(sealed.plain) as T;
  const read = (by: CryptoKey) => crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, by, sealed.data);
  if (!key) throw new Error("nobody is at this tablet");
  const data = await read(key).catch(async () => {
    const before = (await (await database()).get("keys", BEFORE)) as CryptoKey | undefined;
    if (!before) throw new Error("its key is gone");
    return read(before);
  });
  return JSON.parse(new TextDecoder().decode(data)) as T;
}

/** Wipes what this tablet keeps for `staff`; a colleague's rows wait for them, and the tablet stays what it is. */
export async function wipe(staff: string | null): Promise<void> {
  close();
  const tx = (await database()).transaction(["outbox", "snapshot", "people", "keys"], "readwrite", { durability: "strict" });
  const rows = await tx.objectStore("outbox").getAll();
  for (const row of rows) if (row.staff === staff) await tx.objectStore("outbox").delete(row.seq!);
  await tx.objectStore("snapshot").clear();
  if (staff) await tx.objectStore("people").delete(staff);
  if (rows.every((row) => row.staff === staff)) await tx.objectStore("keys").delete(BEFORE);
  await tx.done;
}

/** Wipes all that this tablet keeps, of anybody, its own key and the app's files too: it was let go. */
export async function wipeAll(): Promise<void> {
  close();
  await forgetDatabase();
  forgetDevice();
  localStorage.clear();
  sessionStorage.clear();
  if ("caches" in globalThis) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  const workers = "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistrations() : [];
  await Promise.all(workers.map((worker) => worker.unregister()));
}
