import { flushSync, mount, unmount, type Component } from "svelte";

let shown: ReturnType<typeof mount> | undefined;

/** Puts one part on an empty page, in place of the one before. */
export function show<Props extends Record<string, unknown>>(part: Component<Props>, props: Props): void {
  clear();
  shown = mount(part, { target: document.body, props });
  flushSync();
}

export function clear(): void {
  if (shown) void unmount(shown);
  shown = undefined;
  document.body.innerHTML = "";
}

export const hook = (id: string): HTMLElement | null => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);

export const text = (): string => document.body.textContent!.replace(/\s+/g, " ");

/** Taps; what follows at once has happened when this returns. */
export async function tap(id: string): Promise<void> {
  hook(id)!.click();
  for (let i = 0; i < 12; i++) await Promise.resolve();
  flushSync();
}

export async function type(id: string, words: string): Promise<void> {
  const field = hook(id) as HTMLInputElement;
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
}

/** Sends the form that a button stands in. */
export async function submit(id: string): Promise<void> {
  hook(id)!.closest("form")!.requestSubmit();
  for (let i = 0; i < 12; i++) await Promise.resolve();
  flushSync();
}
