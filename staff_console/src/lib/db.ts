import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Kept } from "./people_kept";
import type { Sealed } from "./vault";

/** One row of the outbox as it lies on disk: what it says is sealed, what orders it is not. */
export interface StoredRow {
  seq?: number;
  key: string;
  staff: string;
  at: string;
  tries: number;
  sealed: Sealed;
}

interface Tables extends DBSchema {
  outbox: { key: number; value: StoredRow };
  keys: { key: string; value: CryptoKey | CryptoKeyPair };
  snapshot: { key: string; value: { at: string; sealed: Sealed } };
  /** Who has signed in here, and what opens what is kept for them; by staff id. */
  people: { key: string; value: Kept };
}

export type Database = IDBPDatabase<Tables>;

let opened: Promise<Database> | null = null;

/** Returns the tablet's own database, opened once. */
export function database(): Promise<Database> {
  opened ??= openDB<Tables>("moments", 2, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
        db.createObjectStore("keys");
        db.createObjectStore("snapshot");
      }
      db.createObjectStore("people");
    },
    blocking: (_current, _next, event) => {
      (event.target as IDBDatabase).close();
      opened = null;
    },
    terminated: () => (opened = null),
  });
  return opened;
}

/** Deletes all of it, whatever state it is in: the browser may be emptying itself at the same time. */
export async function forgetDatabase(): Promise<void> {
  const db = await opened?.catch(() => null);
  opened = null;
  try {
    const tx = db?.transaction(["outbox", "snapshot", "people", "keys"], "readwrite", { durability: "strict" });
    await Promise.all([...(tx ? ["outbox", "snapshot", "people", "keys"] as const : [])].map((name) => tx!.objectStore(name).clear()));
    await tx?.done;
  } catch {
    // it is closed already: deleting it does the same
  }
  db?.close();
  await deleteDB("moments").catch(() => undefined);
}
