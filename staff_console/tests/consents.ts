import type { Notice, PurposeRow } from "../src/lib/types";

/** What the tests of consent begin with: one text for each purpose, and rows of somebody who was never asked. */
export const PURPOSES = ["recognise_tag", "recognise_phone", "keep_preferences", "insight"];

export const row = (purpose: string, changes: Partial<PurposeRow> = {}): PurposeRow => ({
  purpose, partner: null, partner_name: null, data: [], labels: {}, months: 24, state: "never_asked", since: null, last_day: null, renew: false, receipt: null,
  ask_after: null, stops: [], notice: { id: purpose, version: 1 }, askable: true, adults: purpose === "insight", ...changes,
});

export const notice = (id: string, changes: Partial<Notice> = {}): Notice => ({
  id, version: 1, purposes: [id], texts: { "zh-CN": `${id} 的告知`, en: `About ${id}` }, hashes: { "zh-CN": `sha256:z-${id}`, en: `sha256:e-${id}` },
  material: false, published_at: null, newest: true, ...changes,
});

export const NOTICES = PURPOSES.map((id) => notice(id));
export const ROWS = PURPOSES.map((id) => row(id));
export const ASKABLE = { guardian_under: 14, purposes: ROWS };
