/** What a person sets on this tablet, kept on it: nothing of it is about customers. */
export interface Settings {
  sound: boolean;
  vibration: boolean;
  wake: boolean;
  dictation: boolean;
  /** Minutes untouched until the screen covers itself; 0: never. */
  cover: number;
}

const KEPT = "moments-settings";
const USUAL: Settings = { sound: true, vibration: true, wake: true, dictation: true, cover: 5 };

let current = $state.raw<Settings>(kept());

function kept(): Settings {
  try {
    const said = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Record<string, unknown>;
    const fits = Object.entries(USUAL).filter(([name, usual]) => typeof said[name] === typeof usual);
    return { ...USUAL, ...Object.fromEntries(fits.map(([name]) => [name, said[name]])) };
  } catch {
    return USUAL;
  }
}

export const settings = (): Settings => current;

export function set(changes: Partial<Settings>): void {
  current = { ...current, ...changes };
  localStorage.setItem(KEPT, JSON.stringify(current));
}
