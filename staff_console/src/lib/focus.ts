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
  `${card(alert)} [data-testid="met"]`,
  `${card(alert)} [data-testid="close-greeted"]`,
  `${card(alert)} button.primary`,
  `[data-testid="rate-${CSS.escape(alert)}"] button`,
  `${card(alert)} button.name`,
  `button${card(alert)}`,
  "article.card button.primary",
  "main",
];

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex='0']";
const MENDS_MS = 120; // after whoever knows better where the work goes on has said so

const within = (part: Element): HTMLElement[] => [...part.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.checkVisibility?.() ?? true);

/**
 * Keeps the focus with the work: where what had it is gone and nobody says where to go on, it goes to the same control drawn
 * anew, else to what now stands in its place, and never to the top of the page. Returns how to stop.
 */
export function keepFocus(root: HTMLElement): () => void {
  let had: { element: Element; hook: string | null; path: { part: Element; at: number }[] } | null = null;
  let timer: ReturnType<typeof setTimeout>;

  const remember = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    const path: { part: Element; at: number }[] = [];
    for (let part = target.parentElement; part && root.contains(part); part = part.parentElement) path.push({ part, at: within(part).indexOf(target) });
    had = { element: target, hook: target.dataset.testid ?? null, path };
  };

  const mend = () => {
    if (!had || had.element.isConnected || (document.activeElement && document.activeElement !== document.body)) return;
    const again = had.hook ? root.querySelector<HTMLElement>(`[data-testid="${CSS.escape(had.hook)}"]`) : null;
    const near = had.path.find(({ part }) => part.isConnected && within(part).length > 0);
    const beside = near ? within(near.part) : [];
    const next = again ?? beside[Math.min(Math.max(near?.at ?? 0, 0), beside.length - 1)] ?? root.querySelector<HTMLElement>("main");
    had = null;
    next?.focus({ preventScroll: true });
  };

  const observer = new MutationObserver(() => {
    if (!had || had.element.isConnected) return;
    clearTimeout(timer);
    timer = setTimeout(mend, MENDS_MS);
  });
  root.addEventListener("focusin", remember);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    root.removeEventListener("focusin", remember);
  };
}
