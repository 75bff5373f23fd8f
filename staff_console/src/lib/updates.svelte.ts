/** New versions of the app: fetched quietly, taken over when nothing is half-written. */
import { at } from "./place";

let first: string | null = null;
let ready = $state(false);
let distrusted = $state(false);
let registration: ServiceWorkerRegistration | undefined;

/** Whether a newer version waits to be loaded. */
export const updateReady = (): boolean => ready;

/** Whether this page may have a service worker: only with TLS that the tablet trusts, or on this very machine. */
export const canStartOffline = (): boolean => "serviceWorker" in navigator && !distrusted;

/** Whether there is TLS, and the tablet does not trust it: somebody tapped a warning away. */
export const isDistrusted = (): boolean => distrusted;

/** Registers the offline shell; once another version of it is complete, an update is ready. */
export async function watchForUpdates(): Promise<void> {
  if (!canStartOffline() || !import.meta.env.PROD) return;
  try {
    registration = await navigator.serviceWorker.register(at("/sw.js"), { updateViaCache: "none" });
  } catch {
    distrusted = await reachable(); // the app runs, it only cannot start offline
    return;
  }
  if (registration.waiting && navigator.serviceWorker.controller) ready = true;
  registration.addEventListener("updatefound", () => {
    const next = registration?.installing;
    next?.addEventListener("statechange", () => {
      if (next.state === "installed" && navigator.serviceWorker.controller) ready = true;
    });
  });
}

/** Whether the file is there: then a worker is refused for the certificate, and not because there is no network. */
const reachable = (): Promise<boolean> => fetch(at("/sw.js"), { cache: "no-store" }).then((answer) => answer.ok, () => false);

/** Compares the gateway's build with the one this page began with. */
export async function seeBuild(build: string): Promise<void> {
  first ??= build;
  if (build === first) return;
  await registration?.update().catch(() => undefined);
  if (!registration?.installing) ready = true; // else when it has all its files
}

/** Loads the new version now. */
export function takeOver(): void {
  const waiting = registration?.waiting;
  if (!waiting) {
    location.reload();
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("take-over");
}
