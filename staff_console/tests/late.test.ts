/**
 * Three tablets, each with an outbox, a floor and a socket of its own, before a real gateway: out of reach in turn, they
 * record, while guests stop and are erased. `tests/console/test_late_tablets.py` serves the gateway, counts the stories
 * and asks what came of it; by itself this file has nobody to talk to, and is left out.
 */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Live } from "../src/lib/live";
import type { Row, Write } from "../src/lib/outbox";
import type { SignedIn, State } from "../src/lib/types";

interface House {
  url: string;
  boss: string;
  tablets: { staff: string; token: string }[];
  guests: string[];
  seed: number;
}

/** As much of a browser as the app asks for. */
const store = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
const BROWSER = { localStorage: store, sessionStorage: store, navigator: { language: "en" }, requestAnimationFrame: (work: () => void) => setTimeout(work, 16) };

const told = process.env.MOMENTS_LATE;
const house: House = told ? JSON.parse(told) : { url: "", boss: "", tablets: [], guests: [], seed: 0 };
const STEPS = 14;
const WITHIN = { timeout: 20_000, interval: 10 };

/** A number of 32 bits after another: the same stories for the same seed. */
function dice(seed: number) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { chance: (p: number) => next() < p, pick: <T>(rows: readonly T[]): T => rows[Math.floor(next() * rows.length)]! };
}

const realFetch = globalThis.fetch;
const answered = (token: string) => (path: string | URL | Request, init: RequestInit = {}) =>
  realFetch(house.url + String(path), { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
const asBoss = (method: string, path: string) => answered(house.boss)(path, { method, headers: { "Content-Type": "application/json" } });

/** One tablet: what its app holds is its own, as on a device of its own. */
async function tablet({ staff, token }: { staff: string; token: string }) {
  const disk = new IDBFactory();
  vi.resetModules();
  for (const [name, part] of Object.entries({ ...BROWSER, indexedDB: disk })) vi.stubGlobal(name, part);
  const { floor } = await import("../src/lib/store.svelte");
  const { openFor } = await import("../src/lib/vault");
  const live = await import("../src/lib/live");
  const writes = await import("../src/lib/writes");
  const { stop } = await import("../src/lib/ledger");
  const { database } = await import("../src/lib/db");
  const keep = { share: `share of ${staff}`, now: new Date().toISOString(), until: "2099-01-01T00:00:00.000Z", idle_s: 900 };
  await openFor({ staff, name: staff, keep } as SignedIn, null);
  await database();
  await floor.outbox.serve(staff);
  const reach = { here: false };
  let socket: Live | null = null;

  /** The app's own requests, as long as there is a network. */
  const ask = async (path: string, init: RequestInit) => {
    if (!reach.here) throw new TypeError("no network");
    return answered(token)(path, init);
  };

  function listen(): void {
    const seen = { sight: () => undefined, covered: () => undefined, signedOut: () => undefined, letGo: () => undefined, turnedAway: () => undefined };
    socket = new live.Live({ ...seen, hello: (hello) => floor.hello(hello), event: (event) => floor.event(event), tick: (tick) => floor.tick(tick), view: (view) => floor.view(view) }, house.url.replace("http", "ws") + "/live");
    socket.start();
  }

  return {
    staff, token, floor, writes, stop, ask, reach,
    begin: async () => {
      reach.here = true;
      listen();
      await vi.waitFor(() => expect(floor.told).not.toBeNull(), WITHIN);
    },
    away: () => {
      reach.here = false;
      socket!.stop();
    },
    back: () => {
      reach.here = true;
      socket!.start();
    },
    end: () => socket!.stop(),
    /** All that could be read of this tablet, on its screen and in its outbox. */
    shows: () => JSON.stringify([floor.told, floor.rows, floor.refused]),
  };
}

type Tablet = Awaited<ReturnType<typeof tablet>>;

describe.skipIf(!told)("tablets that were out of reach", () => {
  const tablets: Tablet[] = [];
  let opening: Tablet | null = null;
  afterAll(() => tablets.forEach((one) => one.end()));

  /** Whatever this tablet's app does now, it does with its own network. */
  function at(one: Tablet): void {
    opening = one;
  }

  it("bring nobody back, and keep no word of what was ended", async () => {
    const Socket = globalThis.WebSocket as unknown as new (url: string, options: object) => WebSocket;
    class Signed extends (Socket as unknown as typeof WebSocket) {
      constructor(url: string) {
        super(url, { headers: { Authorization: `Bearer ${opening!.token}` } } as unknown as string[]);
      }
    }
    for (const one of house.tablets) tablets.push(await tablet(one));
    vi.stubGlobal("WebSocket", Signed);
    for (const [name, part] of Object.entries(BROWSER)) vi.stubGlobal(name, part);
    // The apps share one global fetch: the key that each write carries says whose it is.
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      const key = (init.headers as Record<string, string>)["Idempotency-Key"];
      const whose = tablets.find((one) => one.floor.rows.some((row) => row.key === key)) ?? opening!;
      return whose.ask(path, init);
    });
    for (const one of tablets) {
      at(one);
      await one.begin();
    }
    let erased = 0;
    for (const [n, guest] of house.guests.entries()) erased += Number(await story(guest, dice(house.seed + n)));
    expect(erased).toBeGreaterThan(0);
  }, 60_000 + 4_000 * house.guests.length);

  async function story(guest: string, { chance, pick }: ReturnType<typeof dice>): Promise<boolean> {
    const said: { word: string; kind: "fact" | "visit" | "owed" }[] = [];
    const log: string[] = [];
    const ended = { erased: false, kept: false, recognised: false };
    let words = 0;

    const record = async (one: Tablet) => {
      const here = one.floor.seen!.present.find((who) => who.customer === guest);
      const me = one.floor.seen!.me;
      const word = `${guest}-word-${words++}-x`;
      const draft = { category: "other", code: null, value: word, lang: null, polarity: "do", basis: "stated" } as const;
      const kinds: [("fact" | "visit" | "owed"), () => Write][] = [
        ["fact", () => one.writes.preference(me, guest, here?.visit ?? null, { ...draft, scope: "standing" })],
        ["fact", () => one.writes.preference(me, guest, here?.visit ?? null, { ...draft, scope: "standing" })],
        ["owed", () => one.writes.owed(me, "promise", guest, here?.visit ?? null, { text: word, owner: null, due: null })],
      ];
      if (here) kinds.push(["visit", () => one.writes.ask(me, guest, here.visit, word, null)], ["visit", () => one.writes.reviewed(here, { satisfaction: 4, about: null, outcome: null, note: word })]);
      const [kind, make] = pick(kinds);
      said.push({ word, kind });
      log.push(`${one.staff} records ${kind} ${word}${one.reach.here ? "" : " out of reach"}`);
      await one.floor.record(make());
    };
    const ends = async (what: keyof typeof ended) => {
      const path = { erased: "", kept: "/consents/keep_preferences", recognised: "/consents/recognise_tag" }[what];
      const answer = await asBoss("DELETE", `/api/customers/${guest}${path}`);
      log.push(`${what} → ${answer.status}`);
      if (answer.ok) ended[what] = true;
    };
    const stops = async (one: Tablet) => {
      const purpose = pick(["keep_preferences", "recognise_tag"] as const);
      log.push(`${one.staff} stops ${purpose}${one.reach.here ? "" : " out of reach"}`);
      await one.floor.record(one.stop(guest, purpose, null, crypto.randomUUID()));
      ended[purpose === "keep_preferences" ? "kept" : "recognised"] = true;
    };
    const turns = (one: Tablet) => {
      at(one);
      log.push(`${one.staff} is ${one.reach.here ? "away" : "back"}`);
      if (one.reach.here) one.away();
      else one.back();
    };

    for (let step = 0; step < STEPS; step++) {
      const one = pick(tablets);
      if (chance(0.55)) await record(one);
      else if (chance(0.5)) turns(one);
      else if (chance(0.3)) await stops(one);
      else if (chance(0.6)) await ends(pick(["kept", "recognised", "erased"] as const));
    }
    if (chance(0.3)) await ends("erased");
    for (const one of tablets) if (!one.reach.here) turns(one);
    for (const one of tablets) {
      await one.floor.outbox.flush();
      await vi.waitFor(async () => {
        await one.floor.outbox.flush();
        expect(one.floor.waiting, log.join("\n")).toEqual([]);
      }, WITHIN);
    }
    const gone = said.filter(({ kind }) => ended.erased || (kind === "fact" && ended.kept) || (kind === "visit" && ended.recognised)).map(({ word }) => word);
    for (const one of tablets) {
      await vi.waitFor(() => {
        const shows = one.shows();
        expect(gone.filter((word) => shows.includes(word)), `${one.staff} still shows it\n${log.join("\n")}`).toEqual([]);
        if (ended.erased || ended.recognised) expect(here(one.floor.seen!, guest), log.join("\n")).toBe(false);
      }, WITHIN);
      for (const row of one.floor.refused.filter(about(guest))) await one.floor.outbox.discard(row.seq);
    }
    return ended.erased;
  }
});

const about = (guest: string) => (row: Row): boolean => row.news.subject === guest;
const here = (state: State, guest: string): boolean =>
  state.present.some((who) => who.customer === guest) || state.alerts.some((alert) => alert.customer === guest);
