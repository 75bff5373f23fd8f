/** A menu as a manager writes it down: one line a dish, a file, or what was copied out of a spreadsheet. Pure. */
import type { Item } from "./types";

/** The columns of a menu as a file, in their usual order; `moments menu import` reads the same. */
export const COLUMNS = ["menu", "item", "zh-CN", "en", "allergens", "may_contain", "ingredients", "stock"] as const;
type Column = (typeof COLUMNS)[number];

const NONE = "-"; // nothing in it, as against: nobody has said

/** What is wrong with a line, counted from 1 with the heading. */
export interface Mistake {
  line: number;
  what: "columns" | "label" | "stock" | "twice";
}

export interface Pasted {
  items: Item[];
  mistakes: Mistake[];
}

/** Returns the lines of a table: commas, semicolons or tabs between cells, quotes around what has them inside. */
export function cells(text: string): string[][] {
  const clean = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const head = clean.slice(0, clean.indexOf("\n") < 0 ? clean.length : clean.indexOf("\n"));
  const between = head.includes("\t") ? "\t" : head.includes(";") && !head.includes(",") ? ";" : ",";
  const lines: string[][] = [[]];
  let [cell, quoted] = ["", false];
  const endCell = () => {
    lines.at(-1)!.push(cell.trim());
    cell = "";
  };
  for (let i = 0; i < clean.length; i++) {
    const char = clean[i]!;
    if (quoted && char === '"' && clean[i + 1] === '"') cell += clean[++i];
    else if (char === '"' && (quoted || !cell.trim())) quoted = !quoted;
    else if (!quoted && char === between) endCell();
    else if (!quoted && char === "\n") {
      endCell();
      lines.push([]);
    } else cell += char;
  }
  endCell();
  return lines.filter((line) => line.some(Boolean));
}

/** Returns codes as somebody types them: blanks, commas or semicolons between. */
export const codes = (text: string): string[] => [...new Set(text.toLowerCase().split(/[\s,;，；、|]+/).filter((code) => code && code !== NONE))];

/** Returns the allergens of a cell: null where nobody has said, none for `-`. */
export const declared = (text: string): string[] | null => (text.trim() === NONE ? [] : text.trim() ? codes(text) : null);

/** Returns an id for a dish: its English name in letters and digits, else what it is given. */
export const idOf = (en: string, other: string): string =>
  en.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || other;

/** Returns the dishes of a table with a heading, and what is wrong with its lines; of one menu where it names several. */
export function pasted(text: string, menu: string | null = null): Pasted {
  const [head = [], ...lines] = cells(text);
  const at = Object.fromEntries(COLUMNS.map((name) => [name, head.findIndex((cell) => cell.toLowerCase() === name.toLowerCase())])) as Record<Column, number>;
  if (at["zh-CN"] < 0 && at.en < 0) return { items: [], mistakes: [{ line: 1, what: "columns" }] };
  const [items, mistakes]: [Item[], Mistake[]] = [[], []];
  lines.forEach((line, i) => {
    const cell = (name: Column) => (at[name] < 0 ? "" : (line[at[name]] ?? ""));
    if (menu && cell("menu") && cell("menu") !== menu) return;
    const read = itemOf(cell, i + 1);
    if (typeof read === "string") mistakes.push({ line: i + 2, what: read });
    else if (items.some((other) => other.id === read.id)) mistakes.push({ line: i + 2, what: "twice" });
    else items.push(read);
  });
  return { items, mistakes };
}

function itemOf(cell: (name: Column) => string, nth: number): Item | Mistake["what"] {
  const [zh, en, stock] = [cell("zh-CN") || cell("en"), cell("en") || cell("zh-CN"), cell("stock")];
  if (!zh) return "label";
  if (stock && !/^\d+$/.test(stock)) return "stock";
  return {
    id: cell("item") || idOf(en, `item-${nth}`), labels: { "zh-CN": zh, en }, allergens: declared(cell("allergens")), may_contain: codes(cell("may_contain")),
    ingredients: codes(cell("ingredients")), without: [], stock: stock ? Number(stock) : null, left: null,
  };
}
