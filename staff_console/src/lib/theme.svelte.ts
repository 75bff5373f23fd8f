/** Light or dark: follows the system until somebody chooses. */
export type Theme = "light" | "dark";

const KEPT = "moments-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

let chosen = $state<Theme | null>(kept());
let dark = $state(system.matches);

system.addEventListener("change", (change) => (dark = change.matches));

function kept(): Theme | null {
  const value = localStorage.getItem(KEPT);
  return value === "light" || value === "dark" ? value : null;
}

export const theme = (): Theme => chosen ?? (dark ? "dark" : "light");

/** Returns what somebody chose; null: as the system. */
export const chosenTheme = (): Theme | null => chosen;

export function chooseTheme(one: Theme | null): void {
  chosen = one;
  if (one) localStorage.setItem(KEPT, one);
  else localStorage.removeItem(KEPT);
}

export const toggleTheme = (): void => chooseTheme(theme() === "dark" ? "light" : "dark");
