/** Hash routes: `#/screen/id`. A hash needs no rewriting server and works from the offline shell. */
export const SCREENS = ["now", "customer", "record", "service", "floor", "shift", "today", "readers", "setup", "settings", "more"] as const;
export type Screen = (typeof SCREENS)[number];

export interface Route {
  screen: Screen;
  id: string | null;
}

export function parse(hash: string): Route {
  const [screen = "", id = ""] = hash.replace(/^#\/?/, "").split("/");
  const known = SCREENS.find((s) => s === screen);
  return { screen: known ?? "now", id: id ? decodeURIComponent(id) : null };
}

let current = $state.raw<Route>(parse(location.hash));

addEventListener("hashchange", () => (current = parse(location.hash)));

export const route = (): Route => current;

export const href = (screen: Screen, id?: string | null): string =>
  id ? `#/${screen}/${encodeURIComponent(id)}` : `#/${screen}`;

export function go(screen: Screen, id?: string | null): void {
  location.hash = href(screen, id);
}
