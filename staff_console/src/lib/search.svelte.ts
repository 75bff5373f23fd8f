/** A customer who is sought by a few letters: one request when the typing pauses; who was found stays until others are, so that nothing flickers. */
import { get } from "./api";
import { floor } from "./store.svelte";
import type { Found } from "./types";

const PAUSE_MS = 250; // between two letters

export class Search {
  sought = $state("");
  /** Who was found; null while nothing is asked, and before the first answer. */
  found = $state.raw<Found[] | null>(null);

  /** `most`: how many are shown; `fits`: who of those found may be meant. */
  constructor(private readonly most: number, private readonly fits: (who: Found) => boolean = () => true) {}

  /** To be run as an effect of whatever shows it. */
  readonly run = (): (() => void) | undefined => {
    const q = this.sought.trim();
    if (!q) {
      this.found = null;
      return undefined;
    }
    const timer = setTimeout(() => void this.ask(q), PAUSE_MS);
    return () => clearTimeout(timer);
  };

  private async ask(q: string): Promise<void> {
    try {
      const rows = await get<Found[]>(`/api/customers?q=${encodeURIComponent(q)}`);
      if (q === this.sought.trim()) this.found = rows.filter(this.fits).slice(0, this.most);
    } catch (error) {
      floor.fail(error);
    }
  }
}
