/**
 * The key that makes this tablet this tablet: made here, kept by the browser, and never given out, not to this page
 * either. What is asked of the gateway is signed with it, so that a cookie alone is worth nothing elsewhere. Browsers
 * keep keys for secure pages alone (TLS, or this very machine).
 */
import { database } from "./db";

const DEVICE = "device";
const HAS = "moments-key"; // that there is one, and nothing of it
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;

/** What the gateway wants answered next; without it the first request is asked again. */
let challenge = "A".repeat(22);
let held: Promise<CryptoKeyPair | null> | null = null;

/** Whether this browser can keep a key for this page. */
export const canHoldKey = (): boolean => globalThis.crypto?.subtle !== undefined && globalThis.indexedDB !== undefined;

/** Whether this tablet was given a key, as far as can be told without a look at the disk. */
export const mayHaveKey = (): boolean => canHoldKey() && Boolean(globalThis.localStorage?.getItem(HAS));

/** Returns the key that this tablet has; null before it has one. */
function known(): Promise<CryptoKeyPair | null> {
  if (!canHoldKey()) return Promise.resolve(null);
  held ??= database().then(async (db) => ((await db.get("keys", DEVICE)) as CryptoKeyPair | undefined) ?? null, () => null);
  return held;
}

/** Returns the public half of this tablet's key, made where there is none yet; null where the browser can keep none. */
export async function deviceKey(): Promise<string | null> {
  if (!canHoldKey()) return null;
  let pair = await known();
  if (!pair) {
    const made = (await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"])) as CryptoKeyPair;
    const tx = (await database()).transaction("keys", "readwrite", { durability: "strict" });
    const first = (await tx.store.get(DEVICE)) as CryptoKeyPair | undefined; // another window may have been quicker
    if (!first) await tx.store.put(made, DEVICE);
    await tx.done;
    pair = first ?? made;
    held = Promise.resolve(pair);
  }
  globalThis.localStorage?.setItem(HAS, "1");
  return text(await crypto.subtle.exportKey("raw", pair.publicKey));
}

/** The key was wiped with all else. */
export function forgetDevice(): void {
  held = null;
}

/** Takes in what the gateway wants answered next. */
export function challenged(next: string | null): void {
  if (next) challenge = next;
}

/** Returns the proof that this tablet asks this, good once; null where it has no key. `path` is as the gateway sees it, with its query. */
export async function proof(method: string, path: string, body = ""): Promise<string | null> {
  const pair = await known();
  if (!pair) return null;
  const { pathname, search } = new URL(path, "http://localhost");
  const target = decodeURIComponent(pathname) + search;
  const answered = challenge; // it may change while this is signed
  const nonce = text(crypto.getRandomValues(new Uint8Array(16)).buffer);
  const said = ["moments-proof-1", answered, nonce, method, target, hex(await crypto.subtle.digest("SHA-256", bytes(body)))].join("\n");
  return `1.${answered}.${nonce}.${text(await crypto.subtle.sign(SIGNING, pair.privateKey, bytes(said)))}`;
}

const bytes = (said: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(said);

export const hex = (raw: ArrayBuffer): string => Array.from(new Uint8Array(raw), (b) => b.toString(16).padStart(2, "0")).join("");

const text = (raw: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
