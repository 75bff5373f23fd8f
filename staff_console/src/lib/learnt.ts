/** What the venue has learnt of its rooms, in words. */
import { numberFormat } from "./formats";
import { language, t, tn } from "./i18n/index.svelte";
import type { State, Worth } from "./types";
import { place } from "./words";

/** Returns per cent as one reads them: whole ones. */
const share = (percent: number): string => numberFormat(language(), { style: "percent", maximumFractionDigits: 0 }).format(percent / 100);

/** Returns what a zone's card was worth to those who went there. */
export function zoneWords({ labels, right, spots }: Worth["zones"][number]): string {
  if (right !== null) return tn("learnt.right", labels, { right: share(right) });
  if (labels) return tn("learnt.few", labels);
  return t(spots ? "learnt.uncounted" : "learnt.nothing");
}

/** Returns how well two zones are told apart, and what to do where that is badly. */
export function pairWords(state: State, { zones, apart, labels, move }: Worth["pairs"][number]): string {
  const [one, other] = zones.map((zone) => place(state, zone));
  const said = t("learnt.apart", { one: one!, other: other!, apart: share(apart), n: labels });
  return move ? `${said}${t("learnt.move")}` : said;
}
