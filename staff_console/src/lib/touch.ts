/** When a person last touched this screen: what the page asks by itself is no use of a session, and the gateway is told. */
const TOUCHES = ["pointerdown", "keydown", "wheel"] as const;

let at = performance.now();

if ("document" in globalThis) for (const touch of TOUCHES) addEventListener(touch, () => (at = performance.now()), { passive: true, capture: true });

/** Returns for how many seconds nobody has touched it. */
export const untouched = (): number => Math.max(0, Math.floor((performance.now() - at) / 1000));
