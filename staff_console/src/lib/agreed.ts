/** What a customer agreed to: one row for each purpose and partner, as the gateway tells them. Pure; days are those of the venue. */
import type { Ledger, PurposeRow } from "./types";

export const RECOGNISES: readonly string[] = ["recognise_tag", "recognise_phone"];

/** What names a row: its purpose, and the partner where it is about one. */
export const keyOf = ({ purpose, partner }: Pick<PurposeRow, "purpose" | "partner">): string => (partner ? `${purpose}:${partner}` : purpose);

export const isAlive = (row: PurposeRow): boolean => row.state === "alive";

/** Whether they are left in peace about it: they said no not long ago. */
export const inPeace = (row: PurposeRow, today: string): boolean => row.ask_after !== null && row.ask_after > today;

/** Whether this may be put to the customer on `today`, `grown` where they decide for themselves; what is to be renewed may be, too. */
export const mayAsk = (row: PurposeRow, grown: boolean, today: string): boolean =>
  (!isAlive(row) || row.renew) && !inPeace(row, today) && row.askable && (grown || !row.adults) && row.notice !== null;

/** Returns the rows by which this customer is recognised. */
export const recognising = (rows: PurposeRow[]): PurposeRow[] => rows.filter((row) => RECOGNISES.includes(row.purpose) && isAlive(row));

/** Whether they decide for themselves, as their newest consent says; null where they never agreed to anything. */
export function decidesAlone(ledger: Ledger[]): boolean | null {
  const given = ledger.filter((act) => act.act === "given" || act.act === "renewed");
  const newest = given.sort((a, b) => b.granted_at.localeCompare(a.granted_at))[0];
  return newest ? !newest.guardian : null;
}
