import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const CUT = /\/i18n\/([\w-]+\.json)\?(first|later)$/;
const { families, but } = JSON.parse(readFileSync("src/lib/i18n/later.json", "utf8")) as { families: string[]; but: string[] };

/** Whether a text is said only by what is opened later, as `later.json` has it. */
export const isLater = (key: string): boolean => families.includes(key.split(".")[0]!) && !but.includes(key);

/** Cuts the texts of a language in two: `?first` is what the first paint may say, `?later` the rest. */
export function twoParts(): Plugin {
  return {
    name: "two-parts",
    enforce: "pre",
    load(id) {
      const [, file, part] = CUT.exec(id) ?? [];
      if (!file) return null;
      this.addWatchFile(id.split("?")[0]!);
      const all = JSON.parse(readFileSync(id.split("?")[0]!, "utf8")) as Record<string, string>;
      const mine = Object.fromEntries(Object.entries(all).filter(([key]) => isLater(key) === (part === "later")));
      return { code: `export default ${JSON.stringify(mine)};`, map: null, moduleType: "js" };
    },
  };
}
