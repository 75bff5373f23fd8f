/**
 * A control whose meaning changed less than 0.4 s ago takes no tap: the finger was on its way to what stood there before.
 * Put it on a control, or on what holds several, with what the tap would do: `{@attach settled(() => `${alert.alert} ${alert.state}`)}`.
 * It guards when it comes on screen and whenever those words change, also when they change between finger down and finger up.
 */
import type { Attachment } from "svelte/attachments";

export const SETTLES_MS = 400; // longer than a person needs to take back a movement that has begun

/** Swallows taps and keys within `SETTLES_MS` of a change of `meaning`; says so with `aria-disabled` meanwhile. */
export function settled(meaning: () => unknown): Attachment<HTMLElement> {
  return (element) => {
    let known: string | undefined;
    let changed = -Infinity;
    let down = Infinity;
    let timer: ReturnType<typeof setTimeout>;

    const pressed = (event: Event) => (down = event.timeStamp);
    const tapped = (event: Event) => {
      if (!event.isTrusted) return; // what a program does, it does knowingly
      const early = event.timeStamp - changed < SETTLES_MS || changed > down;
      down = Infinity;
      if (!early) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };

    $effect(() => {
      const now = String(meaning());
      if (now === known) return;
      known = now;
      changed = performance.now();
      element.setAttribute("aria-disabled", "true");
      clearTimeout(timer);
      timer = setTimeout(() => element.removeAttribute("aria-disabled"), SETTLES_MS);
    });

    element.addEventListener("pointerdown", pressed, true);
    element.addEventListener("click", tapped, true);
    return () => {
      clearTimeout(timer);
      element.removeEventListener("pointerdown", pressed, true);
      element.removeEventListener("click", tapped, true);
    };
  };
}
