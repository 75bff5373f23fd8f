/** Receipts on screen: each is a request of the tablet's own, for a link that is followed proves no key. */
import { request } from "./api";
import { newId } from "./ids";
import type { Language } from "./i18n/index.svelte";
import { at } from "./place";
import type { Printed } from "./types";

/**
 * Shows a receipt in a window of its own, from where it is printed; with `link` it has the code of the customer's own page, which
 * stands in no address. To be called at the tap: later a browser takes it for a pop-up. Throws Refused or Unreachable.
 */
export async function showReceipt(receipt: string, language: Language, link: string | null = null): Promise<void> {
  const page = open("", "_blank");
  try {
    await show(page, receipt, { language, paper: "a4", link });
  } catch (error) {
    page?.close();
    throw error;
  }
}

type How = { language: Language; paper: "a4" | "80mm"; link: string | null };

/** Writes a receipt into its window, and answers to its buttons for the other language and the other paper. */
async function show(page: Window | null, receipt: string, how: How): Promise<void> {
  const printed = await request<Printed>("POST", `/api/receipts/${encodeURIComponent(receipt)}/print`, how, newId());
  if (!page) return;
  page.opener = null;
  page.document.open();
  page.document.write(printed.html.replaceAll("../../", at("/")));
  page.document.close();
  for (const button of page.document.querySelectorAll<HTMLButtonElement>("nav button[data-language]")) {
    const { language, paper } = button.dataset as Pick<How, "language" | "paper">;
    button.hidden = false;
    button.onclick = () => void show(page, receipt, { ...how, language, paper }).catch(() => (button.disabled = true));
  }
}
