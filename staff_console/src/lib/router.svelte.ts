/** Hash routes: `#/screen/id/part`. A hash needs no rewriting server and works from the offline shell. */
export const SCREENS = ["now", "customer", "record", "service", "floor", "shift", "gatherings", "today", "insight", "readers", "setup", "settings", "more"] as const;
export type Screen = (typeof SCREENS)[number];

export interface Route {
  screen: Screen;
  id: string | null;
  /** What of it: the category that a form opens with, say. */
  part: string | null;
}

export function parse(hash: string): Route {
  const [screen = "", id = "", part = ""] = hash.replace(/^#\/?/, "").split("/");
  const known = SCREENS.find((s) => s === screen);
  return { screen: known ?? "now", id: plain(id), part: plain(part) };
}

/** Returns what one piece of an address says; an address that somebody cut is read as it is. */
function plain(piece: string): string | null {
  try {
    return decodeURIComponent(piece) || null;
  } catch {
    return piece;
  }
}

let current = $state.raw<Route>(parse(location.hash));

addEventListener("hashchange", () => (current = parse(location.hash)));

export const route = (): Route => current;

export const href = (screen: Screen, id?: string | null, part?: string | null): string =>
  `#/${[screen, ...(id ? [id, ...(part ? [part] : [])] : [])].map(encodeURIComponent).join("/")}`;

export function go(screen: Screen, id?: string | null, part?: string | null): void {
  location.hash = href(screen, id, part);
}
