/**
 * The live socket: resumes from the last event it has, applies each event once and in order, comes back after every
 * close, and says when it is blind. It knows nothing of cards or screens.
 */
import type { Covered, Hello, LiveEvent, Tick, View } from "./types";

export type Sight = "connecting" | "seeing" | "blind";

export interface Watcher {
  hello(hello: Hello): void;
  event(event: LiveEvent): void;
  tick(tick: Tick): void;
  /** Somebody went out of view, or came into it. */
  view(view: View): void;
  sight(sight: Sight): void;
  /** The gateway tells nothing personal until the PIN is given again. */
  covered(covered: Covered): void;
  /** The socket was closed because the session has ended. */
  signedOut(): void;
  /** The socket was closed because this tablet was let go. */
  letGo(): void;
  /** The gateway, or nobody, answered the handshake; a browser does not tell which. */
  turnedAway(): void;
}

const SILENCE_MS = 4_400; // two missed 2 s ticks; with LOOK_MS it is on screen before 5 s
const LOOK_MS = 200;
const GRACE_MS = 2_000; // a gateway that restarts is back within this: no banner for it
const HANDSHAKE_MS = 4_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const NOT_SIGNED_IN = 4401;
const LET_GO = 4410;
const TOO_SLOW = 4408;

/** Returns how long to wait before attempt `n` (0 first): doubled each time, spread so that tablets do not come as one. */
export function backOff(n: number, random: () => number = Math.random): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** n) * (0.5 + random() / 2);
}

/** Returns where the live socket is reached with this query (`since=7`, or nothing), signed where this tablet has a key. */
export type Address = (query: string) => Promise<string>;

export class Live {
  private socket: WebSocket | null = null;
  private last: number | null = null;
  private attempts = 0;
  private heardAt = 0;
  private lostAt: number | null = null;
  private openedAt = 0;
  private entered = false;
  private sight: Sight = "connecting";
  private retry: ReturnType<typeof setTimeout> | undefined;
  private look: ReturnType<typeof setInterval> | undefined;
  private unpainted: { sequence: number; at: number } | null = null;
  private asked = 0;

  constructor(private readonly watcher: Watcher, private readonly address: string | Address) {}

  start(): void {
    this.lostAt = performance.now();
    this.look = setInterval(() => this.lookAround(), LOOK_MS);
    this.open();
  }

  stop(): void {
    clearInterval(this.look);
    clearTimeout(this.retry);
    this.forget();
  }

  /** Starts over at once: the network changed, or a person tapped "try again". */
  reconnect(): void {
    this.forget();
    this.lostAt ??= performance.now();
    this.attempts = 0;
    clearTimeout(this.retry);
    this.open();
  }

  private open(): void {
    this.openedAt = performance.now();
    this.entered = false;
    const query = this.last === null ? "" : `since=${this.last}`;
    const asked = ++this.asked;
    if (typeof this.address === "string") this.connect(this.address + (query && `?${query}`));
    else void this.address(query).then((address) => asked === this.asked && this.connect(address));
  }

  private connect(address: string): void {
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onopen = () => (this.entered = true);
    socket.onmessage = (message) => socket === this.socket && this.heard(String(message.data));
    socket.onclose = (close) => socket === this.socket && this.closed(close.code);
  }

  private forget(): void {
    this.asked++;
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private closed(code: number): void {
    this.socket = null;
    this.lostAt ??= performance.now();
    if (code === NOT_SIGNED_IN) {
      this.stop();
      this.watcher.signedOut();
      return;
    }
    if (code === LET_GO) {
      this.stop();
      this.watcher.letGo();
      return;
    }
    if (!this.entered) this.watcher.turnedAway();
    const wait = code === TOO_SLOW ? 0 : backOff(this.attempts++);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), wait);
  }

  /** Runs five times a second: what is too long silent is lost, whatever the socket believes. */
  private lookAround(): void {
    const now = performance.now();
    const silent = this.lostAt === null && now - this.heardAt > SILENCE_MS;
    const stuck = this.lostAt !== null && this.socket !== null && now - this.openedAt > HANDSHAKE_MS;
    if (silent || stuck) {
      this.forget();
      this.closed(0);
    }
    if (silent || (this.lostAt !== null && now - this.lostAt > GRACE_MS)) this.see("blind");
  }

  private see(sight: Sight): void {
    if (sight === this.sight) return;
    this.sight = sight;
    this.watcher.sight(sight);
  }

  private heard(text: string): void {
    const message = JSON.parse(text) as Hello | Tick | View | Covered | LiveEvent;
    this.heardAt = performance.now();
    if (isHello(message)) this.greeted(message);
    else if (isTick(message)) this.watcher.tick(message);
    else if (isView(message)) this.watcher.view(message);
    else if (isCovered(message)) this.behindCover(message);
    else this.news(message);
  }

  private greeted(hello: Hello): void {
    if (hello.state) this.last = hello.sequence;
    else if (this.last !== null && hello.sequence < this.last) {
      this.last = null; // another journal than the one we followed: ask for everything
      this.reconnect();
      return;
    }
    this.attempts = 0;
    this.lostAt = null;
    this.watcher.hello(hello);
    this.see("seeing");
  }

  /** What it had is not in step any more: behind the cover nothing is told of anybody. */
  private behindCover(covered: Covered): void {
    this.last = null;
    this.attempts = 0;
    this.lostAt = null;
    this.watcher.covered(covered);
    this.see("seeing");
  }

  /** Tells the gateway that a person touched the screen so many seconds ago. */
  touched(ago: number): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: "touched", ago }));
  }

  private news(event: LiveEvent): void {
    if (this.last !== null && event.sequence <= this.last) return;
    this.last = event.sequence;
    this.watcher.event(event);
    this.tellPainted(event.sequence);
  }

  /** Tells the gateway when news was on the glass: one answer for what comes within two frames, with the oldest's time. */
  private tellPainted(sequence: number): void {
    if (this.unpainted) {
      this.unpainted.sequence = sequence;
      return;
    }
    const waiting = { sequence, at: performance.now() };
    this.unpainted = waiting;
    const tell = () => {
      this.unpainted = null;
      const ms = Math.round((performance.now() - waiting.at) * 10) / 10;
      if (this.socket?.readyState === WebSocket.OPEN)
        this.socket.send(JSON.stringify({ type: "painted", sequence: waiting.sequence, ms }));
    };
    requestAnimationFrame(() => requestAnimationFrame(tell)); // the second frame begins when the first is painted
  }
}

const isHello = (message: { type: string }): message is Hello => message.type === "hello";
const isCovered = (message: { type: string }): message is Covered => message.type === "covered";
const isView = (message: { type: string }): message is View => message.type === "view";
const isTick = (message: { type: string }): message is Tick => message.type === "tick";
