/** How places lie beside each other, from their names alone: rows and letters of a cabin, chairs round a table, rooms. Pure. */
import type { Place } from "./types";

/** One line of a seat map: what it is called, and its places in order; null is the aisle or a seat that does not exist. */
export interface Bank {
  name: string;
  places: (Place | null)[];
}

const SEAT = /^(\d+)([A-Z])$/;
const AISLE_FROM = 4; // seats in a row: fewer stand together

/** Returns the banks of one zone, in the order in which its places are listed. */
export function banks(places: Place[]): Bank[] {
  const letters = [...new Set(places.flatMap(({ place }) => SEAT.exec(place)?.[2] ?? []))].sort();
  const across = withAisle(letters);
  const banks = new Map<string, Bank>();
  for (const one of places) {
    const letter = SEAT.exec(one.place)?.[2];
    const bank = banks.get(one.group ?? "") ?? { name: one.group ?? "", places: letter ? across.map(() => null) : [] };
    if (letter) bank.places[across.indexOf(letter)] = one;
    else bank.places.push(one);
    banks.set(bank.name, bank);
  }
  return [...banks.values()];
}

/** The aisle is in the middle. */
function withAisle(letters: string[]): (string | null)[] {
  const half = Math.ceil(letters.length / 2);
  return letters.length < AISLE_FROM ? letters : [...letters.slice(0, half), null, ...letters.slice(half)];
}
