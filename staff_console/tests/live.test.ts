import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backOff, Live, type Watcher } from "../src/lib/live";
import { event, floorOf } from "./state";

class Socket {
  static OPEN = 1;
  static all: Socket[] = [];
  static get last() {
    return Socket.all.at(-1)!;
  }
  readyState = 1;
  sent: string[] = [];
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onclose?: (close: { code: number }) => void;
  constructor(readonly url: string) {
    Socket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  say(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const hello = (sequence: number, state: unknown = floorOf()) => ({ type: "hello", sequence, build: "b1", stopped: [], state });
const tick = { type: "tick", sequence: 0, time: "2026-11-22T10:00:00.000Z" };
const watcher = {
  hello: vi.fn<Watcher["hello"]>(), event: vi.fn<Watcher["event"]>(), tick: vi.fn<Watcher["tick"]>(),
  sight: vi.fn<Watcher["sight"]>(), signedOut: vi.fn<Watcher["signedOut"]>(), turnedAway: vi.fn<Watcher["turnedAway"]>(),
};
let live: Live;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "requestAnimationFrame"] });
  Socket.all = [];
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => setTimeout(work, 16));
  Object.values(watcher).forEach((mock) => mock.mockReset());
  live = new Live(watcher, "ws://gateway/live");
  live.start();
  Socket.last.onopen?.();
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

const seen = () => watcher.event.mock.calls.map(([e]) => e.sequence);

describe("resuming", () => {
  it("asks for everything at first, then for what came after the last event it has", () => {
    expect(Socket.last.url).toBe("ws://gateway/live");
    Socket.last.say(hello(7));
    Socket.last.say(event("visit.moved", "x", {}, 9));
    Socket.last.drop();
    vi.advanceTimersByTime(1_000);
    expect(Socket.last.url).toBe("ws://gateway/live?since=9");
  });

  it("gives each event once, in order, whatever is sent again", () => {
    Socket.last.say(hello(7));
    for (const n of [7, 8, 9, 8, 9, 11]) Socket.last.say(event("visit.moved", "x", {}, n));
    expect(seen()).toEqual([8, 9, 11]);
  });

  it("starts over when the journal is another one", () => {
    Socket.last.say(hello(50));
    Socket.last.drop();
    vi.advanceTimersByTime(1_000);
    Socket.last.say(hello(3, null));
    expect(Socket.last.url).toBe("ws://gateway/live");
    Socket.last.say(hello(3));
    Socket.last.say(event("visit.moved", "x", {}, 4));
    expect(seen()).toEqual([4]);
  });

  it("comes back after every close, and at once when it was too slow", () => {
    Socket.last.say(hello(1));
    Socket.last.drop(1012);
    vi.advanceTimersByTime(300);
    expect(Socket.all).toHaveLength(2);
    Socket.last.drop(4408);
    vi.advanceTimersByTime(1);
    expect(Socket.all).toHaveLength(3);
  });

  it("does not come back when it is signed out", () => {
    Socket.last.drop(4401);
    vi.advanceTimersByTime(60_000);
    expect(Socket.all).toHaveLength(1);
    expect(watcher.signedOut).toHaveBeenCalledOnce();
  });

  it("says when a handshake was refused, for the session may have ended", () => {
    Socket.last.drop();
    expect(watcher.turnedAway).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    Socket.last.drop();
    expect(watcher.turnedAway).toHaveBeenCalled();
  });

  it("ignores a socket it has given up", () => {
    const old = Socket.last;
    live.reconnect();
    old.say(hello(9));
    old.drop();
    expect(watcher.hello).not.toHaveBeenCalled();
    expect(Socket.all).toHaveLength(2);
  });
});

describe("blindness", () => {
  it("is not called for by ticks that come", () => {
    Socket.last.say(hello(1));
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(2_000);
      Socket.last.say(tick);
    }
    expect(watcher.sight.mock.calls).toEqual([["seeing"]]);
  });

  it("shows within 5 s of the last word, though the socket still looks open", () => {
    Socket.last.say(hello(1));
    vi.advanceTimersByTime(4_000);
    expect(watcher.sight).not.toHaveBeenCalledWith("blind");
    vi.advanceTimersByTime(900);
    expect(watcher.sight).toHaveBeenLastCalledWith("blind");
    expect(Socket.all.length).toBeGreaterThan(1);
  });

  it("shows within 5 s of a closed socket, but not for a gateway that is back in a second", () => {
    Socket.last.say(hello(1));
    Socket.last.drop();
    vi.advanceTimersByTime(1_000);
    Socket.last.say(hello(1, null));
    vi.advanceTimersByTime(3_000);
    expect(watcher.sight).not.toHaveBeenCalledWith("blind");
    Socket.last.drop();
    vi.advanceTimersByTime(3_000);
    expect(watcher.sight).toHaveBeenLastCalledWith("blind");
  });

  it("ends with the next hello and not with a mere connection", () => {
    Socket.last.say(hello(1));
    Socket.last.drop();
    vi.advanceTimersByTime(3_000);
    Socket.last.onopen?.();
    expect(watcher.sight).toHaveBeenLastCalledWith("blind");
    Socket.last.say(hello(1, null));
    expect(watcher.sight).toHaveBeenLastCalledWith("seeing");
  });

  it("a handshake that never ends is given up", () => {
    vi.advanceTimersByTime(10_000);
    expect(Socket.all.length).toBeGreaterThan(1);
  });
});

it("tells when news was painted: once for a burst, with the age of its oldest", () => {
  Socket.last.say(hello(1));
  Socket.last.say(event("alert.opened", "x", {}, 2));
  vi.advanceTimersByTime(10);
  Socket.last.say(event("alert.opened", "x", {}, 3));
  vi.advanceTimersByTime(100);
  expect(Socket.last.sent.map((text) => JSON.parse(text))).toEqual([{ type: "painted", sequence: 3, ms: 32 }]);
});

it("waits longer each time, never longer than five seconds, and not all tablets alike", () => {
  expect([0, 1, 2, 10].map((n) => backOff(n, () => 1))).toEqual([250, 500, 1_000, 5_000]);
  expect(backOff(10, () => 0)).toBe(2_500);
});
