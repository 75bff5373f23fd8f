/** The last state seen, kept sealed so that an app reloaded without a network still shows it, with its age. */
import { database } from "./db";
import type { State } from "./messages";
import { seal, sealing, unseal } from "./vault";

export interface Snapshot {
  at: string;
  state: State;
}

const LAST = "last";

/** Keeps `state` as seen at `at`; without encryption nothing is kept, and nothing could start offline anyway. */
export async function keep(state: State, at: string): Promise<void> {
  if (!sealing()) return;
  const sealed = await seal(state);
  await (await database()).put("snapshot", { at, sealed }, LAST);
}

/** Returns the last state kept, or null. */
export async function recall(): Promise<Snapshot | null> {
  const row = await (await database()).get("snapshot", LAST);
  if (!row) return null;
  try {
    return { at: row.at, state: await unseal<State>(row.sealed) };
  } catch {
    await drop(); // sealed with a key that is gone
    return null;
  }
}

export async function drop(): Promise<void> {
  await (await database()).delete("snapshot", LAST);
}
