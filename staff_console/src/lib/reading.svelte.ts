/** What a screen shows of the gateway's records, read when it opens and again while it is looked at. */
import { Refused } from "./api";
import { t } from "./i18n/index.svelte";
import { wrong } from "./words";

export interface Reading<T> {
  readonly found: T | null;
  readonly trouble: string;
  again(): Promise<void>;
}

/** Reads by `ask` now, and every `ms` from then on where that is given; what was read stays when it cannot be read again. */
export function reading<T>(ask: () => Promise<T>, ms = 0): Reading<T> {
  let found = $state.raw<T | null>(null);
  let trouble = $state("");
  const again = async () => {
    try {
      [found, trouble] = [await ask(), ""];
    } catch (error) {
      trouble = error instanceof Refused ? wrong(error.problem) : t("problem.unreachable");
    }
  };
  $effect(() => {
    void again();
    if (!ms) return;
    const timer = setInterval(() => document.hidden || void again(), ms);
    return () => clearInterval(timer);
  });
  return {
    get found() {
      return found;
    },
    get trouble() {
      return trouble;
    },
    again,
  };
}
