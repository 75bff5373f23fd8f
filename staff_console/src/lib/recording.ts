/** A fact on its way: what is known beside it, what is said of it once it is kept, and how it is taken back. */
import type { Book } from "./catalogue";
import { foresee, type Foreseen, type Known } from "./foresee";
import { exactly } from "./clock.svelte";
import { listed, t, word } from "./i18n/index.svelte";
import { floor } from "./store.svelte";
import type { Me, Preference, State } from "./types";
import { valueOf } from "./values.svelte";
import { day, said } from "./words";
import { ending, NEW, preference, type Draft } from "./writes";

export const CATEGORIES = [
  "drink", "food", "dislike", "allergy", "seat", "temperature", "conversation", "service", "reading", "address", "gift", "accessibility", "other",
] as const;

export interface About {
  me: Me;
  customer: string;
  /** The visit that goes on; null for who is not here. */
  visit: string | null;
}

/** Returns a draft as the merge takes it, as if it were recorded now. */
export const asFact = ({ me, customer, visit }: About, draft: Draft): Preference => ({
  id: "~", customer, visit, ...NEW, ...draft, by: me.staff, by_name: me.name, at: new Date(exactly()).toISOString(),
});

export const knownOf = (facts: Preference[], visit: string | null, book: Book): Known => ({ facts, openVisits: visit ? [visit] : [], book });

/** Returns a fact in one line: "No coriander · Lina · 3 May". */
export const factLine = (state: State, fact: Preference): string =>
  [
    fact.polarity === "allergy" || (fact.polarity === "avoid" && !saysNo(fact)) ? t("fact.as", { polarity: t(`polarity.${fact.polarity}`), value: valueOf(fact) }) : valueOf(fact),
    fact.by || fact.by_name ? said(state, fact.by, fact.by_name) : "",
    day(fact.at, state.venue.timezone),
  ].filter(Boolean).join(" · ");

/** Whether the words of a fact say by themselves that it is something to avoid. */
const saysNo = ({ code }: Pick<Preference, "code">): boolean => Boolean(code?.startsWith("dislike."));

/** Returns what was kept, as it is read out: "No coriander: avoid, they said; replaces …". */
export function keptWords(facts: Preference[], draft: Draft, foreseen: Foreseen): string {
  const name = (id: string | null) => valueOf(facts.find((fact) => fact.id === id) ?? { code: null, value: "" });
  const what = t("kept", { value: valueOf(draft), polarity: word("kept", draft.polarity), basis: t(`kept.${draft.basis}`) });
  const displaced = foreseen.displaced.map(name).filter(Boolean);
  const parts = [what];
  if (draft.scope === "one_off") parts.push(t("kept.once"));
  if (draft.corrects?.length) parts.push(t("kept.corrects", { values: listed([...new Set(draft.corrects.map(name))]) }));
  else if (displaced.length) parts.push(t(foreseen.state === "holds" && draft.scope === "one_off" ? "kept.rests" : "kept.replaces", { values: listed([...new Set(displaced)]) }));
  if (foreseen.state === "contested") parts.push(t("kept.contested", { value: name(foreseen.by) }));
  return parts.join(t("kept.and"));
}

/** Records a fact and offers to take it back. */
export async function record(about: About, draft: Draft, facts: Preference[], book: Book | null): Promise<void> {
  const text = draft.value
    ? keptWords(facts, draft, book ? foresee(asFact(about, draft), knownOf(facts, about.visit, book)) : { state: "holds", by: null, doubted: false, displaced: [] })
    : t(draft.corrects?.length ? "kept.wrong" : "kept.ended", { values: listed([...new Set([...(draft.corrects ?? []), ...(draft.retracts ?? [])].map((id) => valueOf(facts.find((f) => f.id === id) ?? { code: null, value: "" })).filter(Boolean))]) });
  const write = preference(about.me, about.customer, about.visit, draft);
  await floor.record(write);
  floor.offerUndo(text, () => void takeBack(about, draft, write.news.data.id));
}

/** What has not been sent leaves the outbox; what has is retracted, as a slip. */
async function takeBack({ me, customer, visit }: About, { basis, scope }: Draft, id: string): Promise<void> {
  if (await floor.outbox.withdraw(id)) return;
  await floor.record(preference(me, customer, visit, ending({ retracts: [id] }, "slip", basis, scope)));
}
