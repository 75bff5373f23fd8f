/**
 * What the gateway says in English, in the language of who reads it: why a reader is not well, why something was refused.
 * Each table has the English sentence, with its {holes}, and the Chinese one; a sentence that is new to us has none.
 */
import details from "./details.json";
import { language, t } from "./i18n/index.svelte";
import reasons from "./reasons.json";

interface Row {
  fits: RegExp;
  says: string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Returns the rows of a table; of two that fit a sentence the one with more words of its own comes first. */
function rows(table: Record<string, string>): Row[] {
  const own = (template: string) => template.replace(/\{\w+\}/g, "").length;
  return Object.entries(table)
    .sort(([a], [b]) => own(b) - own(a))
    .map(([template, says]) => {
      const parts = template.split(/\{(\w+)\}/);
      const pattern = parts.map((part, i) => (i % 2 ? `(?<${part}>.+?)` : escaped(part))).join("");
      return { fits: new RegExp(`^${pattern}$`, "s"), says };
    });
}

const REASONS = rows(reasons);
let DETAILS = rows(details);

/** Screens that are read later bring the sentences that are said to them alone. */
export const also = (table: Record<string, string>): void => void (DETAILS = [...DETAILS, ...rows(table)]);

function inChinese(table: Row[], sentence: string): string | null {
  for (const { fits, says } of table) {
    const found = fits.exec(sentence);
    // What fills a hole may be a sentence of its own: why a command was refused, say.
    if (found) return says.replace(/\{(\w+)\}/g, (_, name: string) => inChinese(table, found.groups![name]!) ?? found.groups![name]!);
  }
  return null;
}

/** Returns why a reader is lost or quiet; what is new to us is quoted as what it is. */
export function readerReason(reason: string): string {
  if (language() === "en") return reason;
  const whole = inChinese(REASONS, reason);
  if (whole !== null) return whole;
  const parts = reason.split("; ");
  const said = parts.map((part) => inChinese(REASONS, part));
  return parts.length > 1 && said.every((part) => part !== null) ? said.join("；") : t("reader.says", { reason });
}

/** Returns what a reader says that it is: its model and firmware. */
export const itself = (firmware: string): string => (language() === "en" ? firmware : firmware.replace(/^firmware |, firmware /, (at) => (at[0] === "," ? "，固件 " : "固件 ")));

/** Returns what is wrong with what was asked for, where the gateway's sentence is one that we know; else null. */
export function detail(sentence: string | null | undefined): string | null {
  const bare = (sentence ?? "").replace(/^identifier: /, "");
  const chinese = inChinese(DETAILS, bare);
  if (chinese === null || language() !== "en") return chinese;
  const whole = bare.charAt(0).toUpperCase() + bare.slice(1);
  return /[.?!]$/.test(whole) ? whole : `${whole}.`;
}

/** Returns a sentence to stand within another one, in the language of who reads it where we know it. */
export const quoted = (sentence: string | null | undefined): string =>
  (language() !== "en" && detail(sentence)) || (sentence ?? "").replace(/^identifier: /, "");
