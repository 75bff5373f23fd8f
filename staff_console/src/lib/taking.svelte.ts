/** Taking one guest's order: straight away, or stopped where something speaks against it until somebody says why all the same. */
import { against } from "./against";
import { NOTHING_AGAINST, type Despite, type Wanted } from "./orderings";
import type { Preference, Warning } from "./types";
import { inOwnWords } from "./words";

/** Who orders: what they are called on this screen, and what is known of them. */
export interface Guest {
  seat: string;
  facts: Preference[];
}

/** An order that was stopped: what was wanted for whom, what speaks against it, and where the finger was, in px from the top. */
export interface Stopped<G extends Guest> {
  guest: G;
  wanted: Wanted;
  warnings: Warning[];
  from: number | null;
}

/** Returns what is wanted, as it is called. */
export const nameOf = (wanted: Wanted): string => ("item" in wanted ? inOwnWords(wanted.item.labels) : wanted.words);

const dishOf = (wanted: Wanted) => ("item" in wanted ? wanted.item : wanted.words);

export class Taking<G extends Guest> {
  stopped = $state.raw<Stopped<G> | null>(null);

  constructor(private readonly put: (guest: G, wanted: Wanted, despite: Despite) => void) {}

  /** Somebody wants this; `without` is left out by the kitchen. `known`: warnings the gateway has, where it knows more than we do. */
  want(guest: G, wanted: Wanted, { from = null, without = [], known = [] }: { from?: number | null; without?: string[]; known?: Warning[] } = {}): void {
    const ours = against(guest.facts, dishOf(wanted), without);
    const warnings = [...ours, ...known.filter((one) => !ours.some((other) => other.fact === one.fact))];
    if (warnings.length) this.stopped = { guest, wanted, warnings, from };
    else this.put(guest, wanted, { ...NOTHING_AGAINST, without });
  }

  /** What speaks against the stopped order still when this is left out. */
  remaining = (without: string[]): Warning[] => (this.stopped ? against(this.stopped.guest.facts, dishOf(this.stopped.wanted), without) : []);

  despite = (despite: Despite): void => {
    const stopped = this.stopped;
    this.stopped = null;
    if (stopped) this.put(stopped.guest, stopped.wanted, despite);
  };

  leave = (): void => {
    this.stopped = null;
  };
}
