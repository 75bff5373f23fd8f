/** A customer's journal as a colleague would tell it: what happened, and the part of it that matters. */
import { listed, t, tn, word } from "./i18n/index.svelte";
import { momentWords } from "./moments";
import type { About, JournalEntry, State } from "./types";
import { lastDay, person, place, said, valueOf } from "./words";

type Data = JournalEntry["data"];

const text = (data: Data, name: string): string => (typeof data[name] === "string" ? (data[name] as string) : "");
const several = (data: Data, name: string): string[] => (Array.isArray(data[name]) ? (data[name] as unknown[]).filter((one) => typeof one === "string") : []);
const together = (...parts: string[]): string => parts.filter(Boolean).join(" · ");
const arrow = (names: string): string => `→ ${names || t("journal.nobody")}`;
const to = (state: State, data: Data): string => arrow(listed(several(data, "to").map((id) => person(state, id))));

/** Returns what an event is called; one that is newer than this tablet has a name too. */
export function called(type: string): string {
  const known = word("event", type);
  return known === type ? t("event.other") : known;
}

/** Returns the part of an entry a colleague would tell: what was said, about what, to whom, or where. */
export function gist(state: State, { type, data, actor }: JournalEntry): string {
  const [subject] = type.split(".");
  if (subject === "ask") return [word("question", text(data, "question")), text(data, "answer")].filter(Boolean).join(t("journal.colon"));
  if (subject === "preference") return ofFact(data);
  if (subject === "promise" || subject === "complaint") return together(text(data, "text"), type.endsWith("handed_over") ? arrow(person(state, text(data, "owner"))) : "");
  if (subject === "alert") return ofAlert(state, type, data);
  if (subject === "consent") return ofConsent(state, data, actor);
  if (subject === "visit") return ofVisit(state, type, data);
  switch (type) {
    case "customer.viewed":
      return word("look", text(data, "why"));
    case "customer.enrolled":
      return text(data, "source") === "staff" ? "" : word("source", text(data, "source"));
    case "customer.changed":
      return listed(Object.keys((data.changed as object | undefined) ?? {}).map((member) => word("member", member)));
    case "customer.doubted":
      return word("doubt", text(data, "kind"));
    case "customer.mistaken":
      return together(text(data, "by_name"), text(data, "note"));
    case "person.passed_on":
    case "person.passing_on":
    case "partner.answered":
      return text(data, "recipient");
    case "person.exported":
      return text(data, "reason");
    case "person.imported":
      return text(data, "house");
    case "customer.settled":
      return word("settled", text(data, "because"));
    case "wish.changed":
      return listed(several(data, "wishes").map((wish) => word("wish", wish))) || t("wish.none");
    case "credential.given":
    case "credential.taken":
      return together(word("scheme", text(data, "scheme")), text(data, "label"));
    default:
      return "";
  }
}

/** What a fact says, in the reader's language; of one that only ends others why. */
function ofFact(data: Data): string {
  const value = text(data, "value");
  if (!value) return text(data, "reason") ? word("reason", text(data, "reason")) : "";
  const polarity = text(data, "polarity");
  return together(valueOf({ code: text(data, "code") || null, value }), polarity && polarity !== "do" ? word("polarity", polarity) : "");
}

/** Returns the entries without what was a slip of the finger and what took it back: the journal keeps both, nobody needs to read them. */
export function withoutSlips(entries: JournalEntry[]): JournalEntry[] {
  const slips = entries.filter((entry) => entry.type === "preference.recorded" && text(entry.data, "reason") === "slip" && !text(entry.data, "value"));
  const back = new Set(slips.flatMap((entry) => [text(entry.data, "id"), ...several(entry.data, "retracts")]));
  return entries.filter((entry) => entry.type !== "preference.recorded" || !back.has(text(entry.data, "id")));
}

function ofAlert(state: State, type: string, data: Data): string {
  const kind = text(data, "kind");
  const about = momentWords(state, { kind, about: (data.about as About | null) ?? {}, zone: text(data, "zone") || null });
  switch (type) {
    case "alert.opened":
    case "alert.escalated":
    case "alert.released":
    case "alert.handed_over":
      return together(about, to(state, data));
    case "alert.closed":
      return together(about, word("outcome", text(data, "outcome")), text(data, "note"));
    case "alert.rated":
      return together(about, typeof data.rated === "boolean" ? t(data.rated ? "rate.yes" : "rate.no") : "");
    default:
      return about;
  }
}

/** What was agreed to, how, on which document, before whom where somebody else wrote it down, until when. */
function ofConsent(state: State, data: Data, actor: string): string {
  const [witness, expires] = [text(data, "witness"), text(data, "expires")];
  return together(
    word("purpose", text(data, "purpose")),
    word("method", text(data, "method")),
    text(data, "document"),
    witness && witness !== actor ? t("journal.witness", { name: said(state, witness) }) : "",
    expires ? t("journal.until", { day: lastDay(expires, state.venue.timezone) }) : "",
  );
}

function ofVisit(state: State, type: string, data: Data): string {
  if (type === "visit.companions") return typeof data.companions === "number" ? tn("companions", data.companions) : "";
  if (type === "visit.reviewed") return together(word("review", String(data.satisfaction ?? "")), word("about", text(data, "about")), text(data, "outcome"), text(data, "note"));
  return text(data, "zone") ? place(state, text(data, "zone")) : "";
}
