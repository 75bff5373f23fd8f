/** The kinds of moment: what each is called on a card, and its icon. */
import { currently } from "./clock.svelte";
import { t, tn, word } from "./i18n/index.svelte";
import type { Alert, Card, OrderAbout, State } from "./types";
import { dayIn } from "./days";
import { warnedOf } from "./warned";
import { inOwnWords, monthDay, place } from "./words";
import type { IconName } from "../parts/Icon.svelte";

const DAY = 86_400_000;

const ICONS: Record<string, IconName> = {
  moved: "moved", waiting: "hourglass", promise_due: "promise", met: "people", back_after: "back_after", birthday: "cake",
  order_flagged: "warn", leaving: "leaving", keys_left: "key", mute_phone: "mute", verify: "eye",
};

/** Returns the icon of a kind; none for an arrival, which is what a card means when it says nothing. */
export const iconOf = (kind: string): IconName | null => ICONS[kind] ?? null;

/** Returns what happened, in a few words; empty for an arrival. A kind that is new to us is shown as it is. */
export function momentWords(state: State, { kind, about, zone }: Pick<Alert, "kind" | "about" | "zone">): string {
  switch (kind) {
    case "arrival":
      return "";
    case "moved":
      return about?.from
        ? t("kind.moved", { from: place(state, about.from), zone: place(state, about.zone ?? zone) })
        : t("kind.moved.plain", { zone: place(state, about?.zone ?? zone) });
    case "waiting":
      return about?.minutes ? tn("kind.waiting", Math.round(about.minutes)) : t("kind.waiting.plain");
    case "promise_due":
      if (about?.promise?.kind === "complaint") return t("kind.complaint_due", { text: about.promise.text });
      return about?.promise?.text ? t("kind.promise_due", { text: about.promise.text }) : t("kind.promise_due.plain");
    case "met":
      return met(about?.with ?? []);
    case "back_after":
      return about?.days ? tn("kind.back_after", Math.round(about.days)) : t("kind.back_after.plain");
    case "birthday":
      return about?.days ? t("kind.birthday.near", { day: monthDay(dayIn(currently() + about.days * DAY, state.venue.timezone).slice(5)) }) : t("kind.birthday");
    case "order_flagged":
      return about?.order ? flagged(about.order) : t("kind.order_flagged.plain");
    default:
      return word("kind", kind);
  }
}

/** What was ordered, where, and what is known against it since; or that it came too late to be taken at all. */
function flagged({ labels, item, place: seat, warnings, refused }: OrderAbout): string {
  const values = { dish: labels ? inOwnWords(labels) : (item ?? ""), things: warnedOf(warnings) };
  const key = refused ? "kind.order_refused" : "kind.order_flagged";
  return seat ? t(key, { seat, ...values }) : t(`${key}.standing`, values);
}

function met(names: (string | null)[]): string {
  const known = names.filter((name) => name !== null);
  if (!known.length) return t("kind.met.plain");
  return t("kind.met", { names: known.join(t("kind.met.and")) });
}

/** Returns what is new for this customer beside the moment itself: first visit, birthday, who came along. */
export function newsOf(state: State, card: Card, kind: string): string[] {
  const around = state.moments?.some((rule) => rule.kind === "birthday" && rule.days > 0);
  const news = (card.new ?? []).filter((one) => one !== kind).map((one) => (one === "birthday" && around ? t("new.birthday.near") : word("new", one)));
  return card.companions ? [...news, tn("companions", card.companions)] : news;
}

/** Returns how old a card is that was missed: "18 s ago"; empty for one that came as it happened. */
export function aged({ aged_s, opened_at }: Pick<Alert, "aged_s" | "opened_at">): string {
  if (!aged_s) return "";
  const seconds = Math.floor(Math.max(aged_s, (currently() - Date.parse(opened_at)) / 1000));
  return seconds < 60 ? tn("aged.seconds", seconds) : tn("aged.minutes", Math.floor(seconds / 60));
}

const FITS: Record<string, string> = { birthday: "gift", leaving: "service", promise_due: "service", keys_left: "other", mute_phone: "other" };

/** Returns the category that what is learnt in such a moment is likely to be of: who has just come is asked what they would like to drink. */
export const fitting = (kind: string): string => FITS[kind] ?? "drink";

/** Whether the moment is advice for when there is time: nothing rings for it. */
export const isAdvice = (kind: string): boolean => kind === "mute_phone";

/** Whether the moment is one of greeting: the others are done, not greeted. */
export const isGreeting = (kind: string): boolean => !["promise_due", "keys_left", "mute_phone"].includes(kind);
