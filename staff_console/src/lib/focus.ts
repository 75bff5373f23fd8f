/** Where the focus goes when what had it is gone: to what is to be done next, and never to the top of the page. */
import { tick } from "svelte";

/** Focuses the first of `selectors` that is on screen once the change is drawn, unless something has the focus by then. */
export async function focusOn(...selectors: string[]): Promise<void> {
  await tick();
  if (document.activeElement && document.activeElement !== document.body && document.activeElement.isConnected) return;
  for (const selector of selectors) {
    const found = document.querySelector<HTMLElement>(selector);
    if (found && !found.closest("[hidden]")) {
      found.focus({ preventScroll: true });
      return;
    }
  }
}

const card = (alert: string): string => `[data-testid="card-${CSS.escape(alert)}"]`;

/** Where the work on an alert goes on after it was claimed, closed, released or handed over. */
export const nextOf = (alert: string): string[] => [
  `${card(alert)} [data-testid="close-greeted"]`,
  `${card(alert)} button.primary`,
  `[data-testid="rate-${CSS.escape(alert)}"] button`,
  `${card(alert)} button.name`,
  `button${card(alert)}`,
  "article.card button.primary",
  "main",
];
