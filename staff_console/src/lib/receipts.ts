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
    const printed = await request<Printed>("POST", `/api/receipts/${encodeURIComponent(receipt)}/print`, { language, link }, newId());
    if (!page) return;
    page.opener = null;
    page.document.write(printed.html.replaceAll("../../", at("/")));
    page.document.close();
  } catch (error) {
    page?.close();
    throw error;
  }
}
