import { openDB, type DBSchema, type IDBPDatabase } from "idb";
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
  keys: { key: string; value: CryptoKey };
  snapshot: { key: string; value: { at: string; sealed: Sealed } };
}

export type Database = IDBPDatabase<Tables>;

let opened: Promise<Database> | null = null;

/** Returns the tablet's own database, opened once. */
export function database(): Promise<Database> {
  opened ??= openDB<Tables>("moments", 1, {
    upgrade(db) {
      db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      db.createObjectStore("keys");
      db.createObjectStore("snapshot");
    },
    blocking: (_current, _next, event) => (event.target as IDBDatabase).close(),
  });
  return opened;
}
