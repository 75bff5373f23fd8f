/**
 * What two spellings of one thing have in common, exactly as the gateway says (`reader_drivers/texts.py`, `folded`): case,
 * width, kinds of blanks and of apostrophes do not count, and what nobody sees is nothing.
 */
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // as Python counts them
const BLANKS = new RegExp(`[${BLANK}]+`, "gu");
const BLANKS_OF_ALL_KINDS = new RegExp(`[${BLANK}\\u2800]+`, "gu");
const DAMAGED = /[\x80-\x84\x86-\x9f\ufffd\ufdd0-\ufdef\ud800-\udfff\ufffe\uffff]/u;
const NUMBER_SIGNS = "\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}";
const UNSEEN = new RegExp(`(?![${NUMBER_SIGNS}])[\\p{Cc}\\p{Cf}\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180d\\u180f\\u3164\\uffa0]`, "gu");
const SEEN = /[^\p{M}\p{Z}]/u;
const VARIANT = new RegExp(`(?:(?<=[${BLANK}])|^)[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]+`, "gu");
const ASCII = /^[\x00-\x7f]*$/; // eslint-disable-line no-control-regex
const CHEROKEE = /[\u13a0-\u13fd\uab70-\uabbf]/u; // the one alphabet whose letters fold to capitals

const collapsed = (text: string): string => text.replace(BLANKS, " ").replace(/^ | $/g, "");

/** Case as Unicode folds it: letter by letter, for a final sigma is no letter of its own. */
function fold(letter: string): string {
  if (letter === "\u0131") return letter;
  return CHEROKEE.test(letter) ? letter.toUpperCase() : letter.toLowerCase().toUpperCase().toLowerCase();
}

function seen(text: string): string {
  if (DAMAGED.test(text)) return text; // no door takes it; here it is compared as it is
  const kept = text.replace(BLANKS_OF_ALL_KINDS, " ").replace(UNSEEN, "");
  return SEEN.test(kept) ? collapsed(kept).replace(VARIANT, "").normalize("NFC") : "";
}

export function folded(text: string): string {
  if (ASCII.test(text)) return collapsed(text.toLowerCase());
  const wide = seen(text).replaceAll("\u2019", "'").normalize("NFKC");
  return collapsed(Array.from(wide, fold).join("").normalize("NFKC"));
}

/** Whether nothing is said: blanks alone. */
export const isBlank = (text: string): boolean => collapsed(text) === "";
