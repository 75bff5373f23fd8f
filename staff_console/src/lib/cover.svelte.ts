/**
 * The cover over the screen: put there by hand or by idleness, taken away by one tap. Nothing personal is on the page
 * behind it. After the time that the gateway sets, the PIN is asked for; `session.ts` sees to that.
 */
import { settings } from "./settings.svelte";

const KEPT = "moments-covered"; // a tablet that reloads behind its cover stays behind it
const TOUCHES = ["pointerdown", "keydown", "wheel"] as const;
const MINUTE_MS = 60_000;

let covered = $state(sessionStorage.getItem(KEPT) !== null);

export const isCovered = (): boolean => covered;

export function cover(): void {
  covered = true;
  sessionStorage.setItem(KEPT, "1");
}

export function uncover(): void {
  covered = false;
  sessionStorage.removeItem(KEPT);
}

/** Covers the screen when nobody has touched it for as long as the settings say. */
export function coverWhenIdle(): () => void {
  const minutes = settings().cover;
  if (!minutes) return () => {};
  let timer: ReturnType<typeof setTimeout>;
  const touched = () => {
    clearTimeout(timer);
    timer = setTimeout(cover, minutes * MINUTE_MS);
  };
  touched();
  for (const touch of TOUCHES) addEventListener(touch, touched, { passive: true, capture: true });
  return () => {
    clearTimeout(timer);
    for (const touch of TOUCHES) removeEventListener(touch, touched, { capture: true });
  };
}
