import { settings } from "./settings.svelte";

/** Keeps the screen on while the app is in front: a tablet that sleeps is a tablet that does not ring. Secure pages only. */
export function keepAwake(): () => void {
  if (!settings().wake) return () => {};
  let lock: WakeLockSentinel | undefined;
  const ask = async () => {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    lock = await navigator.wakeLock.request("screen").catch(() => undefined); // refused on low battery
  };
  void ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}
