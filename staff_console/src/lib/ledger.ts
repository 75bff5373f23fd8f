/** The ledger of consents as the gateway has it: what is read of it, and the one act that an enrolment is. */
import { get } from "./api";
import type { NewFacts } from "./enrol";
import type { Guardian, Said } from "./glass";
import { newId } from "./ids";
import type { Write } from "./outbox";
import type { Signature } from "./strokes";
import type { AskedFor, Ledger, Notice, PurposeRow } from "./types";

const path = (customer: string): string => `/api/customers/${encodeURIComponent(customer)}`;

/** The newest texts of the house. */
export const readNotices = (): Promise<Notice[]> => get<Notice[]>("/api/notices");

/** What the house asks for, as for somebody whom it does not know yet. */
export const readHouse = (): Promise<AskedFor> => get<AskedFor>("/api/purposes");

/** What a customer may be asked for, and what they said to it last. */
export const readRows = (customer: string): Promise<PurposeRow[]> => get<PurposeRow[]>(`${path(customer)}/purposes`);

/** Every act of a customer, oldest first. */
export const readLedger = (customer: string): Promise<Ledger[]> => get<Ledger[]>(`${path(customer)}/consents?all=1`);

const known = (facts: NewFacts) => {
  const { address_as, language, name, tier, associate } = facts;
  return { address_as, language, name, tier: tier || null, associate: associate || null };
};

/** A tag or phone as it was heard, and what it is. */
export interface Thing {
  key: string;
  label: string;
}

/** One act: a customer, what they carry, what they said, and their signature; all of it is kept, or nothing. */
export function enrolment(customer: string, facts: NewFacts | null, thing: Thing | null, says: Said[], guardian: Guardian | null, signature: Signature | null): Write {
  const id = newId();
  const body = {
    id,
    customer: facts && known(facts),
    of_age: guardian === null,
    credentials: thing ? [{ heard: thing.key, label: thing.label || null }] : [],
    consents: says,
    signature,
  };
  return { path: `${path(customer)}/enrolments`, body, news: { type: "customer.agreed", subject: customer, data: { id, customer, purposes: says.map((one) => one.purpose) } } };
}

/** A stop, as the customer said it to somebody who works here; without partner it is one of all of them. */
export const stop = (customer: string, purpose: string, partner: string | null, id: string): Write => ({
  path: `${path(customer)}/consents`,
  body: { id, act: "withdrawn", purpose, partner, method: "spoken" },
  news: { type: "consent.revoked", subject: customer, data: { id, customer, purpose, partner } },
});
