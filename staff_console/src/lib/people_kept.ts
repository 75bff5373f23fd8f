/**
 * Whose things this tablet keeps, and what opens them. The key to what is kept for a person lies here twice, wrapped:
 * with the gateway's share, which it gives to this very tablet while that person is signed in; and, until their shift is
 * over, with their PIN. Both are bound to a secret that cannot leave this browser. So what is kept is dark without a
 * network after the shift, and for ever once the gateway gives the share no more.
 *
 * What a browser permits, and what it does not: keys cannot be taken out of it, and the PIN is tried at most five times
 * by this page. Whoever runs code of their own in this very browser, unlocked, within the shift, may try more often.
 */
import { database } from "./db";

export interface Wrapped {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

export interface Kept {
  name: string;
  shared: Wrapped;
  pin?: { salt: Uint8Array<ArrayBuffer>; wrapped: Wrapped; until: number; tries: number };
}

export type Opened = { how: "open"; key: CryptoKey } | { how: "wrong"; left: number } | { how: "unknown" };

export const TRIES = 5;
const ROUNDS = 600_000; // OWASP for PBKDF2 with SHA-256; a third of a second on a tablet
const BOUND = "bound";
const AES = { name: "AES-GCM", length: 256 } as const;

/** Opens what is kept for somebody whom the gateway has let in; it is made where nothing is kept. */
export async function openShared(staff: string, name: string, share: string): Promise<CryptoKey> {
  const db = await database();
  const known = await db.get("people", staff);
  const wrapping = await bound(new TextEncoder().encode(share));
  const there = known && (await unwrap(known.shared, wrapping, false).catch(() => null));
  if (there) return there;
  const made = (await crypto.subtle.generateKey(AES, true, ["encrypt", "decrypt"])) as CryptoKey;
  const shared = await wrap(made, wrapping);
  await db.put("people", { name, shared }, staff);
  return unwrap(shared, wrapping, false);
}

/** From now until `until` (ms since 1970) what is kept for them opens with this PIN too. */
export async function openWithPin(staff: string, share: string, pin: string, until: number): Promise<void> {
  const db = await database();
  const known = await db.get("people", staff);
  if (!known) return;
  const key = await unwrap(known.shared, await bound(new TextEncoder().encode(share)), true);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const wrapped = await wrap(key, await bound(await stretched(pin, salt)));
  await db.put("people", { ...known, pin: { salt, wrapped, until, tries: 0 } }, staff);
}

/** Tries a PIN without the gateway; a try counts before it is made, so that a reload forgives none. */
export async function tryPin(staff: string, pin: string): Promise<Opened> {
  const db = await database();
  const known = await db.get("people", staff);
  if (!known?.pin) return { how: "unknown" };
  const tries = known.pin.tries + 1;
  await write(staff, { ...known, pin: { ...known.pin, tries } });
  try {
    const key = await unwrap(known.pin.wrapped, await bound(await stretched(pin, known.pin.salt)), false);
    await write(staff, { ...known, pin: { ...known.pin, tries: 0 } });
    return { how: "open", key };
  } catch {
    if (tries >= TRIES) await closePin(staff);
    return { how: "wrong", left: Math.max(0, TRIES - tries) };
  }
}

/** Returns who may open this tablet without the gateway at `now` (ms); for whom that is over it is forgotten. */
export async function openable(now: number): Promise<{ id: string; name: string; until: number }[]> {
  const db = await database();
  const found: { id: string; name: string; until: number }[] = [];
  for (const id of await db.getAllKeys("people")) {
    const kept = await db.get("people", id);
    if (kept?.pin && kept.pin.until <= now) await closePin(id);
    else if (kept?.pin) found.push({ id, name: kept.name, until: kept.pin.until });
  }
  return found;
}

/** From now on only the gateway opens what is kept for them. */
export async function closePin(staff: string): Promise<void> {
  const known = await (await database()).get("people", staff);
  if (known) await write(staff, { name: known.name, shared: known.shared });
}

async function write(staff: string, kept: Kept): Promise<void> {
  const tx = (await database()).transaction("people", "readwrite", { durability: "strict" });
  await tx.store.put(kept, staff);
  await tx.done;
}

/** Returns a key that follows from `secret` on this tablet alone. */
async function bound(secret: BufferSource): Promise<CryptoKey> {
  const raw = await crypto.subtle.sign("HMAC", await binding(), secret);
  return crypto.subtle.importKey("raw", raw, AES, false, ["wrapKey", "unwrapKey"]);
}

async function binding(): Promise<CryptoKey> {
  const db = await database();
  const known = (await db.get("keys", BOUND)) as CryptoKey | undefined;
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const tx = db.transaction("keys", "readwrite", { durability: "strict" });
  const first = (await tx.store.get(BOUND)) as CryptoKey | undefined;
  if (!first) await tx.store.put(made, BOUND);
  await tx.done;
  return first ?? made;
}

async function stretched(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256);
}

async function wrap(key: CryptoKey, wrapping: CryptoKey): Promise<Wrapped> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.wrapKey("raw", key, wrapping, { name: "AES-GCM", iv }) };
}

const unwrap = ({ iv, data }: Wrapped, wrapping: CryptoKey, extractable: boolean): Promise<CryptoKey> =>
  crypto.subtle.unwrapKey("raw", data, wrapping, { name: "AES-GCM", iv }, AES, extractable, ["encrypt", "decrypt"]);
