/** The last state seen, the venue's words and its catalogue, kept sealed: an app reloaded without a network still has them. */
import { database } from "./db";
import type { Catalogue, State, Vocabulary } from "./types";
import { isOpen, seal, sealing, unseal } from "./vault";

export interface Snapshot {
  at: string;
  state: State;
}

/** What a state that an older app has kept does not hold. */
const SINCE: Pick<State, "places" | "expected" | "menus" | "rounds" | "quarantine"> = {
  places: [], expected: [], menus: [], rounds: [], quarantine: null,
};

const LAST = "last";
const WORDS = "words";
const CATALOGUE = "catalogue";

/** Keeps `state` as seen at `at`; without encryption nothing is kept, and nothing could start offline anyway. */
export async function keep(state: State, at: string): Promise<void> {
  if (!sealing() || !isOpen()) return;
  const sealed = await seal(state);
  await (await database()).put("snapshot", { at, sealed }, LAST);
}

/** Returns the last state kept, or null. */
export async function recall(): Promise<Snapshot | null> {
  const row = await (await database()).get("snapshot", LAST);
  if (!row || !isOpen()) return null;
  try {
    return { at: row.at, state: { ...SINCE, ...(await unseal<State>(row.sealed)) } };
  } catch {
    await drop(); // sealed with a key that is gone
    return null;
  }
}

async function keepAs(name: string, thing: unknown): Promise<void> {
  if (!sealing() || !isOpen()) return;
  const sealed = await seal(thing);
  await (await database()).put("snapshot", { at: "", sealed }, name);
}

async function recallAs<T>(name: string): Promise<T | null> {
  const row = await (await database()).get("snapshot", name);
  return row ? unseal<T>(row.sealed).catch(() => null) : null;
}

export const keepWords = (words: Vocabulary): Promise<void> => keepAs(WORDS, words);

/** Returns the venue's words as last kept, or null. */
export const recallWords = (): Promise<Vocabulary | null> => recallAs(WORDS);

/** The catalogue, and the mark by which the gateway tells whether it is still so. */
export interface KeptCatalogue {
  tag: string | null;
  catalogue: Catalogue;
}

export const keepCatalogue = (kept: KeptCatalogue): Promise<void> => keepAs(CATALOGUE, kept);

/** Returns the catalogue as last kept, or null. */
export const recallCatalogue = (): Promise<KeptCatalogue | null> => recallAs(CATALOGUE);

/** Forgets all: another person signs in, or nobody. */
export async function drop(): Promise<void> {
  await (await database()).clear("snapshot");
}
