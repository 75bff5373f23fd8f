/** The last state seen and the venue's words, kept sealed: an app reloaded without a network still has them. */
import { database } from "./db";
import type { State, Vocabulary } from "./types";
import { seal, sealing, unseal } from "./vault";

export interface Snapshot {
  at: string;
  state: State;
}

const LAST = "last";
const WORDS = "words";

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

export async function keepWords(words: Vocabulary): Promise<void> {
  if (!sealing()) return;
  const sealed = await seal(words);
  await (await database()).put("snapshot", { at: "", sealed }, WORDS);
}

/** Returns the venue's words as last kept, or null. */
export async function recallWords(): Promise<Vocabulary | null> {
  const row = await (await database()).get("snapshot", WORDS);
  return row ? unseal<Vocabulary>(row.sealed).catch(() => null) : null;
}

/** Forgets both: another person signs in, or nobody. */
export async function drop(): Promise<void> {
  await (await database()).clear("snapshot");
}
