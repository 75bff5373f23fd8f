/** `Intl` formatters, each made once: making one costs a hundred times what using it does, and sixty cards use ten each. */
const made = new Map<string, unknown>();

function once<T>(name: string, language: string, options: object, make: () => T): T {
  const key = `${name} ${language} ${JSON.stringify(options)}`;
  let known = made.get(key) as T | undefined;
  if (!known) made.set(key, (known = make()));
  return known;
}

/** English dates as most of the world writes them: 3 Oct, not Oct 3. */
export const dateFormat = (language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  once("date", language, options, () => new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, options));

export const numberFormat = (language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  once("number", language, options, () => new Intl.NumberFormat(language, options));

export const pluralRules = (language: string): Intl.PluralRules => once("plural", language, {}, () => new Intl.PluralRules(language));

export const listFormat = (language: string, options: Intl.ListFormatOptions): Intl.ListFormat =>
  once("list", language, options, () => new Intl.ListFormat(language, options));
