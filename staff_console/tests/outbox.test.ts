import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { database } from "../src/lib/db";
import { Outbox, type Write, type Row } from "../src/lib/outbox";
import { wipe } from "../src/lib/vault";

interface Sent {
  path: string;
  key: string;
  body: Record<string, unknown>;
}

/** A gateway of the tests: answers by a script, remembers what it was sent, performs each key once. */
class Gateway {
  sent: Sent[] = [];
  done = new Map<string, unknown>();
  answer: (sent: Sent) => [number, unknown] | "lost" | "half" = () => [201, { ok: true }];

  fetch = async (path: string, init: RequestInit): Promise<Response> => {
    const sent = { path, key: (init.headers as Record<string, string>)["Idempotency-Key"]!, body: JSON.parse(String(init.body)) };
    this.sent.push(sent);
    const said = this.answer(sent);
    if (said === "lost") throw new TypeError("network");
    if (!this.done.has(sent.key)) this.done.set(sent.key, sent.body);
    if (said === "half") throw new TypeError("the answer was lost");
    return new Response(JSON.stringify(said[1]), { status: said[0] });
  };
}

const write = (value: string, changes: Partial<Write> = {}): Write => ({
  path: "/api/customers/chen/preferences", body: { value }, news: { type: "preference.recorded", subject: "chen", data: { id: value, value } }, ...changes,
});
const asking = (id: string): Write => write(id, { path: "/api/visits/v/asks", news: { type: "ask.opened", subject: "chen", data: { id } } });
const answering = (id: string): Write => write("fish", { path: `/api/asks/${id}/answer`, news: { type: "ask.answered", subject: "chen", data: { id } } });

let gateway: Gateway;
let rows: Row[];
let accepted: unknown[];
let signedOut: number;
let outbox: Outbox;

const make = async (staff = "anna") => {
  const box = new Outbox({ rows: (now) => (rows = now), accepted: (_row, record) => accepted.push(record), signedOut: () => signedOut++ });
  await box.serve(staff);
  return box;
};
const values = () => gateway.sent.map((sent) => sent.body.value);

beforeEach(async () => {
  gateway = new Gateway();
  [rows, accepted, signedOut] = [[], [], 0];
  vi.stubGlobal("fetch", gateway.fetch);
  vi.stubGlobal("navigator", {});
  for (const staff of ["anna", "bo"]) await wipe(staff);
  outbox = await make();
});
afterEach(async () => outbox.serve(null));

describe("sending", () => {
  it("sends in the order of the taps and keeps nothing that was taken", async () => {
    for (const value of ["a", "b", "c"]) await outbox.add(write(value));
    await outbox.flush();
    expect(values()).toEqual(["a", "b", "c"]);
    expect(rows).toEqual([]);
    expect(accepted).toHaveLength(3);
  });

  it("keeps what the network lost, and nothing overtakes it", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    await outbox.add(write("b"));
    await outbox.flush();
    expect(rows.map((row) => row.body.value)).toEqual(["a", "b"]);
    expect(new Set(values())).toEqual(new Set(["a"]));
    gateway.answer = () => [201, {}];
    await outbox.flush();
    expect([...gateway.done.values()]).toEqual([{ value: "a" }, { value: "b" }]);
    expect(rows).toEqual([]);
  });

  it("is done once though the answer was lost and it was sent again", async () => {
    gateway.answer = () => "half";
    await outbox.add(write("a"));
    await outbox.flush();
    gateway.answer = () => [201, {}];
    await outbox.flush();
    expect(gateway.sent.length).toBeGreaterThan(1);
    expect(gateway.done.size).toBe(1);
  });

  it("survives a reload", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    await outbox.flush();
    const key = rows[0]!.key;
    outbox = await make();
    expect(rows.map((row) => [row.key, row.body.value])).toEqual([[key, "a"]]);
  });

  it("sends what one person recorded only while that person is signed in", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    await outbox.flush();
    gateway.answer = () => [201, {}];
    outbox = await make("bo");
    await outbox.flush();
    expect([rows, gateway.done.size]).toEqual([[], 0]);
    outbox = await make("anna");
    await outbox.flush();
    expect(gateway.done.size).toBe(1);
  });

  it.each([408, 429, 502, 503])("waits when the gateway says %i", async (status) => {
    gateway.answer = () => [status, { title: "later" }];
    await outbox.add(write("a"));
    await outbox.flush();
    expect(rows.map((row) => row.refused)).toEqual([null]);
  });

  it("stops when the session has ended, and keeps everything", async () => {
    gateway.answer = () => [401, { title: "sign in" }];
    await outbox.add(write("a"));
    await outbox.flush();
    expect(signedOut).toBeGreaterThan(0);
    expect(rows).toHaveLength(1);
  });
});

describe("refusal", () => {
  it("gives the record back with its reason, and the next one goes on", async () => {
    gateway.answer = ({ body }) => (body.value === "a" ? [422, { type: "about:blank", title: "No", detail: "value: too long" }] : [201, {}]);
    await outbox.add(write("a"));
    await outbox.add(write("b"));
    await outbox.flush();
    expect(rows.map((row) => [row.body.value, row.refused?.detail])).toEqual([["a", "value: too long"]]);
    expect(gateway.done.size).toBe(2);
    await outbox.discard(rows[0]!.seq);
    expect(rows).toEqual([]);
  });

  it("does not send a refused record again", async () => {
    gateway.answer = () => [422, { title: "No" }];
    await outbox.add(write("a"));
    await outbox.flush();
    const before = gateway.sent.length;
    await outbox.flush();
    expect(gateway.sent).toHaveLength(before);
  });

  it("takes a write the gateway fails on five times for refused, so that the rest is not held up", async () => {
    gateway.answer = ({ body }) => (body.value === "a" ? [500, { title: "oh" }] : [201, {}]);
    await outbox.add(write("a"));
    await outbox.add(write("b"));
    for (let i = 0; i < 6; i++) await outbox.flush();
    expect(rows.map((row) => [row.body.value, row.refused?.status])).toEqual([["a", 500]]);
  });
});

it("what is not worth a word is dropped when it is refused, and nothing else is", async () => {
  gateway.answer = () => [404, { title: "gone" }];
  await outbox.add(write("rating", { fleeting: true }));
  await outbox.add(write("fact"));
  await outbox.flush();
  expect(rows.map((row) => row.body.value)).toEqual(["fact"]);
});

describe("questions put twice", () => {
  const first = { id: "theirs", visit: "v", question: "lunch" };

  it("a question a colleague has just put stands for ours, and our answer goes to it", async () => {
    gateway.answer = () => "lost";
    await outbox.add(asking("mine"));
    await outbox.add(answering("mine"));
    await outbox.flush();
    gateway.answer = ({ path }) => (path.endsWith("/asks") ? [409, { title: "asked", ask: { ...first, state: "open" } }] : [200, {}]);
    await outbox.flush();
    expect(gateway.sent.at(-1)!.path).toBe("/api/asks/theirs/answer");
    expect(rows).toEqual([]);
    expect(accepted[0]).toMatchObject({ id: "theirs" });
  });

  it("a question that is answered comes back with its answer", async () => {
    gateway.answer = () => [409, { title: "asked", ask: { ...first, state: "answered", answer: "fish" } }];
    await outbox.add(asking("mine"));
    await outbox.flush();
    expect(rows[0]!.refused!.ask!.answer).toBe("fish");
  });
});

describe("on disk", () => {
  it("nothing that was recorded can be read without the key, and the key cannot be taken out", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a peanut allergy"));
    const db = await database();
    const [stored] = await db.getAll("outbox");
    expect(stored!.sealed).not.toHaveProperty("plain");
    const text = new TextDecoder("latin1").decode((stored!.sealed as { data: ArrayBuffer }).data) + JSON.stringify(stored);
    expect(text).not.toContain("peanut");
    const [key] = await db.getAll("keys");
    await expect(crypto.subtle.exportKey("raw", key!)).rejects.toThrow();
  });

  it("without cryptography rows are kept plain and still sent", async () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    await outbox.add(write("a"));
    await outbox.flush();
    expect(gateway.done.size).toBe(1);
  });

  it("signing out takes one's own rows, and the key with the last row of anybody", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    outbox = await make("bo");
    await outbox.add(write("b"));
    await wipe("anna");
    outbox = await make("bo");
    expect(rows.map((row) => row.body.value)).toEqual(["b"]);
    await wipe("bo");
    const db = await database();
    expect([await db.count("outbox"), await db.count("keys")]).toEqual([0, 0]);
  });

  it("what lies under a lost key is dropped and not in the way", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    await outbox.flush();
    await (await database()).clear("keys");
    outbox = await make(); // the tablet was started anew
    gateway.answer = () => [201, {}];
    await outbox.add(write("b"));
    await outbox.flush();
    expect(new Set([...gateway.done.values()].map((body) => (body as { value: string }).value))).toEqual(new Set(["b"]));
  });
});
