/** Tables for spreadsheets: UTF-8 with a mark by which they know it, and no cell that is a formula. */

const BYTE_ORDER_MARK = "\ufeff"; // without it a spreadsheet takes Chinese for something else
// What begins a cell so is run, as is what follows a sign at which another spreadsheet cuts; in East Asia wide signs too.
const FORMULA = /(^|[;；|\t\r\n])(?=[\s\u0000-\u001f"']*[=+\-@＝＋－＠])/g;

export type Cell = string | number | null;

/** Returns a cell of a table: quoted where it must be; a text that a spreadsheet would run begins with an apostrophe. */
function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const harmless = value.replace(FORMULA, "$1'");
  return /[",\r\n\t;']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Returns a table as the text of a CSV file (RFC 4180), its head first. */
export const csv = (head: string[], rows: Cell[][]): string =>
  BYTE_ORDER_MARK + [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");

/** Has the browser keep a text as a file. */
export function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
