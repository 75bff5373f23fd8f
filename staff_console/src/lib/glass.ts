/** One question put to a customer on glass: who decides, what is asked, what was answered, and what is sent of it. Pure. */
import { isAlive, keyOf } from "./agreed";
import { newId } from "./ids";
import type { Notice, PurposeRow, Stop } from "./types";

export type Answer = "given" | "refused";
/** What was tapped for which row, and when. */
export type Answers = Record<string, { answer: Answer; at: string }>;

export interface Guardian {
  name: string;
  relation: string;
  /** The month in which the customer comes of age: `YYYY-MM`. */
  comes_of_age: string;
}

/** A text as it is shown: one version of a notice in one language. */
export interface Text {
  id: string;
  version: number;
  language: string;
  hash: string;
  text: string;
}

/** What is put to the customer, and the text before it. */
export interface Question extends PurposeRow {
  text: Text;
}

export const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** Returns a notice in the language that is read, or else in one that the house has it in; null for one that there is not. */
export function textOf(notices: Notice[], named: PurposeRow["notice"], language: string): Text | null {
  const notice = notices.find((one) => one.id === named?.id && one.version === named.version);
  const main = (tag: string) => tag.split("-")[0]!.toLowerCase();
  const tags = Object.keys(notice?.texts ?? {});
  const tag = tags.find((one) => one === language) ?? tags.find((one) => main(one) === main(language)) ?? tags[0];
  return notice && tag ? { id: notice.id, version: notice.version, language: tag, hash: notice.hashes[tag]!, text: notice.texts[tag]! } : null;
}

/** Returns what is asked of these rows: that for which the house has a text. */
export const asked = (rows: PurposeRow[], notices: Notice[], language: string): Question[] =>
  rows.flatMap((row) => {
    const text = textOf(notices, row.notice, language);
    return text ? [{ ...row, text }] : [];
  });

/** What is asked first: the way of recognising that this is about. */
export const first = <T extends Pick<PurposeRow, "purpose">>(rows: T[], purpose: string | null): T[] => [...rows.filter((row) => row.purpose === purpose), ...rows.filter((row) => row.purpose !== purpose)];

/** Returns the answers after a tap at `at`: the same button again takes it back. */
export function answered(answers: Answers, key: string, answer: Answer, at: string): Answers {
  const { [key]: before, ...others } = answers;
  return before?.answer === answer ? others : { ...others, [key]: { answer, at } };
}

/** Whether anything was agreed to: then it needs a signature. */
export const agrees = (answers: Answers): boolean => Object.values(answers).some(({ answer }) => answer === "given");

/** Why it cannot be confirmed yet: nothing decided, or not signed; null where it can. */
export function missing(answers: Answers, signed: boolean): "glass.decide_first" | "glass.sign_first" | null {
  if (!Object.keys(answers).length) return "glass.decide_first";
  return agrees(answers) && !signed ? "glass.sign_first" : null;
}

export const isGuardian = (one: Guardian, month: string): boolean => Boolean(one.name.trim() && one.relation.trim()) && MONTH.test(one.comes_of_age) && one.comes_of_age > month;

/** One answer as it is sent. */
export interface Said {
  id: string;
  purpose: string;
  partner: string | null;
  data: string[] | null;
  act: "given" | "refused" | "renewed";
  method: "signed_on_glass" | "on_glass";
  at: string;
  notice: Omit<Text, "text"> & { shown_at: string };
  guardian: Guardian | null;
  lifts: string[];
}

/** Returns the answers as they are sent: whoever agrees names the stops that were shown; what was left open says nothing. */
export function sayings(questions: Question[], answers: Answers, guardian: Guardian | null, shownAt: string): Said[] {
  return questions.flatMap((question): Said[] => {
    const answer = answers[keyOf(question)];
    if (!answer) return [];
    const { text: _, ...text } = question.text;
    const given = answer.answer === "given";
    return [{
      id: newId(), purpose: question.purpose, partner: question.partner, data: question.partner && given ? question.data : null,
      act: given && isAlive(question) ? "renewed" : answer.answer, method: given ? "signed_on_glass" : "on_glass", at: answer.at,
      notice: { ...text, shown_at: shownAt }, guardian, lifts: given ? question.stops : [],
    }];
  });
}

/** Returns the questions with stops that nobody here knew of, and the answers without those that they undo. */
export function stopped(questions: Question[], answers: Answers, stops: Pick<Stop, "id" | "purpose" | "partner">[]): { questions: Question[]; answers: Answers } {
  const of = (question: Question) => stops.filter((stop) => stop.purpose === question.purpose && (stop.partner === null || stop.partner === question.partner) && !question.stops.includes(stop.id));
  const touched = new Set(questions.filter((question) => of(question).length).map(keyOf));
  return {
    questions: questions.map((question) => ({ ...question, stops: [...question.stops, ...of(question).map((stop) => stop.id)] })),
    answers: Object.fromEntries(Object.entries(answers).filter(([key]) => !touched.has(key))),
  };
}
