import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { database } from "../src/lib/db";
import { Outbox, isEnded, type Write, type Row } from "../src/lib/outbox";
import { stop } from "../src/lib/ledger";
import { wipe } from "../src/lib/vault";
import { letIn } from "./letting_in";

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
  await letIn(staff);
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

describe("what a customer has ended", () => {
  it("is sent before all else that waits", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    await outbox.add(write("b"));
    await outbox.add(stop("chen", "recognise_tag", null, "s1"));
    await outbox.flush();
    [gateway.sent, gateway.answer] = [[], () => [201, {}]];
    await outbox.flush();
    expect(gateway.sent.map(({ body }) => body.act ?? body.value)).toEqual(["withdrawn", "a", "b"]);
  });

  it.each([
    [403, "the customer no longer agrees that preferences are kept"],
    [403, "the customer no longer agrees to be recognised"],
    [404, "there is no such customer"],
    [404, "there is no such visit"],
    [404, "there is no such question in an open visit"],
    [409, "c-1 was erased here; whoever comes again is a new customer, with another id"],
  ])("leaves nothing of what was recorded before, only that it was not kept: %i", async (status, detail) => {
    gateway.answer = () => [status, { detail }];
    await outbox.add(write("no sugar, ever"));
    await outbox.flush();
    expect(rows).toHaveLength(1);
    expect(rows[0]!.refused!.detail).toBe(detail);
    expect(rows[0]!.body).toEqual({});
    expect(rows[0]!.news.data.value).toBeUndefined();
  });

  it("who was never asked is another matter: what was written can still be put right", async () => {
    gateway.answer = () => [403, { detail: "the customer has not agreed that preferences are kept" }];
    await outbox.add(write("no sugar"));
    await outbox.flush();
    expect(rows[0]!.news.data.value).toBe("no sugar");
  });

  it("takes the text of what was refused before, too, and leaves what does not rest on it", async () => {
    gateway.answer = () => [422, { detail: "value: too long" }];
    await outbox.add(write("no sugar", { news: { type: "preference.recorded", subject: "chen", data: { id: "f", value: "no sugar" } } }));
    await outbox.add(write("tea or coffee", { news: { type: "ask.opened", subject: "chen", data: { id: "a", question: "tea or coffee" } } }));
    await outbox.add(write("an umbrella", { news: { type: "promise.made", subject: "chen", data: { id: "p", text: "an umbrella" } } }));
    await outbox.add(write("tea", { news: { type: "preference.recorded", subject: "wang", data: { id: "w", value: "tea" } } }));
    await outbox.flush();
    const texts = () => JSON.stringify(rows);
    await outbox.strip("chen", "preferences");
    expect(texts()).not.toContain("no sugar");
    expect(texts()).toContain("tea or coffee");
    await outbox.strip("chen", "visits");
    expect(texts()).not.toContain("tea or coffee");
    expect(texts()).toContain("an umbrella");
    expect(rows.map(({ refused }) => isEnded(refused!))).toEqual([true, true, false, false]);
    expect(rows[3]!.news.data.value).toBe("tea");
  });

  it("an act that was tried before it waited keeps its key, so that it is done once", async () => {
    await outbox.add(write("a"), "key-1");
    await outbox.flush();
    expect(gateway.sent[0]!.key).toBe("key-1");
  });
});

describe("taking back", () => {
  it("what never left the tablet leaves the outbox, and is not sent", async () => {
    vi.stubGlobal("navigator", { onLine: false });
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    await outbox.add(write("b"));
    await outbox.flush();
    expect(await outbox.withdraw("a")).toBe(true);
    vi.stubGlobal("navigator", {});
    gateway.answer = () => [201, {}];
    await outbox.flush();
    expect([...gateway.done.values()]).toEqual([{ value: "b" }]);
    expect(rows).toEqual([]);
  });

  it.each(["half", "lost"] as const)("what may have arrived is not taken out: %s", async (said) => {
    gateway.answer = () => said;
    await outbox.add(write("a"));
    await outbox.flush();
    expect(await outbox.withdraw("a")).toBe(false);
    expect(rows).toHaveLength(1);
  });

  it("what was taken is not here to be taken out", async () => {
    await outbox.add(write("a"));
    await outbox.flush();
    expect(await outbox.withdraw("a")).toBe(false);
  });

  it("what is taken out while others are sent is not sent with them", async () => {
    await outbox.add(write("a"));
    await outbox.add(write("b"));
    const taken = outbox.withdraw("b");
    await outbox.flush();
    if (await taken) expect(values()).toEqual(["a"]);
    else expect(values()).toEqual(["a", "b"]);
  });
});

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
  gateway.answer = () => [409, { title: "no" }];
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
    for (const key of await db.getAll("keys")) await expect(crypto.subtle.exportKey("raw", key as CryptoKey)).rejects.toThrow();
  });

  it("without cryptography rows are kept plain and still sent", async () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    await outbox.add(write("a"));
    await outbox.flush();
    expect(gateway.done.size).toBe(1);
  });

  it("signing out takes one's own rows, and what opens them", async () => {
    gateway.answer = () => "lost";
    await outbox.add(write("a"));
    outbox = await make("bo");
    await outbox.add(write("b"));
    await wipe("anna");
    outbox = await make("bo");
    expect(rows.map((row) => row.body.value)).toEqual(["b"]);
    await wipe("bo");
    const db = await database();
    expect([await db.count("outbox"), await db.count("people")]).toEqual([0, 0]);
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
