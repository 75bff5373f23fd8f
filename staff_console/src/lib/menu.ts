/** Which screens a person has, and which of them fit at the bottom of a phone. */
import { equips, leads, serves } from "./cards";
import type { Me } from "./types";
import type { Screen } from "./router.svelte";

const MOST = 5; // more are not hit with a thumb

/** Returns the screens of `me` in the order of the menu; some only where the venue has what they are for. */
export function screensOf(me: Me, venue?: { gatherings?: boolean; introductions?: boolean }): Screen[] {
  const some = (may: boolean, screens: Screen[]) => (may ? screens : []);
  return [
    "now",
    ...some(serves(me), ["customer", "record", "service"]),
    "floor",
    ...some(serves(me), ["shift"]),
    ...some((Boolean(venue?.gatherings) && serves(me)) || (Boolean(venue?.introductions) && leads(me)), ["gatherings"]),
    ...some(leads(me), ["today", "insight"]),
    ...some(equips(me), ["readers", "setup"]),
    "settings",
  ];
}

/** Returns what stands in a narrow menu, and what lies behind its last place. */
export function narrow(screens: Screen[]): { shown: Screen[]; more: Screen[] } {
  if (screens.length <= MOST) return { shown: screens, more: [] };
  return { shown: [...screens.slice(0, MOST - 1), "more"], more: screens.slice(MOST - 1) };
}
