/** Who is signed in on this tablet: begins, resumes and ends the watch of the floor, and locks the screen. */
import { Refused, Unreachable, get, post, whenLetGo } from "./api";
import { gatewaySaid, timeAlone, watchClock } from "./clock_guard";
import { cover, uncover } from "./cover.svelte";
import { deviceKey, proof } from "./device";
import { dropDrafts } from "./drafts.svelte";
import { Live } from "./live";
import type { SignedIn } from "./types";
import { closePin, openable } from "./people_kept";
import { socketAt } from "./place";
import { drop, keep, recall } from "./snapshot";
import { forgetStops } from "./stops.svelte";
import { floor } from "./store.svelte";
import { untouched } from "./touch";
import { turned } from "./turned.svelte";
import { seeBuild } from "./updates.svelte";
import { close, isOpen, openAlone, openFor, wipe, wipeAll } from "./vault";
import { forgetCatalogue, learnCatalogue } from "./values.svelte";
import { forgetWords } from "./vocabulary.svelte";

const KEEP_EVERY_MS = 3_000;
const PATIENCE_MS = 1_200; // then whoever is on shift here may go on without the gateway
const RETRY_MS = 3_000;
const OWED_SIGN_OUT = "moments-signed-out"; // signed out while the gateway could not hear it
const AT = "moments-at"; // whose PIN opens this screen again: a colleague's name and no customer's
const USUAL_IDLE_S = 15 * 60;

let live: Live | null = null;
let keeping: ReturnType<typeof setInterval> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let keptState: unknown = null;
let idle = USUAL_IDLE_S;
let endsAt = 0; // ms since 1970: until then the tablet shows something without the gateway
const windows = "BroadcastChannel" in globalThis ? new BroadcastChannel("moments-session") : null;

/** Whose tablet this is just now: known to a screen that is locked, too. */
export interface Holder {
  id: string;
  name: string;
}

floor.onBuild = (build) => void seeBuild(build);
floor.onSignedOut = () => void checkSession();
whenLetGo(() => void letGo());
windows?.addEventListener("message", () => void begin()); // one cookie for all windows: whose it is now, all must show

/** Finds out who is signed in; without the gateway, whoever is on shift here may open the tablet with their PIN. */
export async function begin(): Promise<void> {
  stopWatching();
  if (localStorage.getItem(OWED_SIGN_OUT)) await endSession();
  const session = whoIsIn();
  const slow = new Promise<"slow">((resolve) => setTimeout(resolve, PATIENCE_MS, "slow"));
  const first = await Promise.race([session, slow]);
  if (first === "slow" && (await mayOpen()).length === 0) return settle(await session);
  if (first === "slow") {
    floor.phase = "offline";
    const said = await session;
    return floor.phase === "offline" ? settle(said) : undefined;
  }
  return settle(first);
}

type In = SignedIn | "out" | "locked" | "unreachable";

const whoIsIn = (): Promise<In> => get<SignedIn>("/api/session").catch((error: unknown): In => {
  if (!(error instanceof Refused)) return "unreachable";
  return error.problem.locked ? "locked" : error.problem.status === 401 ? "out" : "unreachable";
});

async function settle(said: In): Promise<void> {
  if (floor.phase === "wiped") return;
  if (said === "out") return leave();
  if (said === "locked") return lock();
  if (typeof said === "object") return enter(said, null);
  floor.phase = (await mayOpen()).length ? "offline" : "unreachable";
  clearTimeout(retry);
  retry = setTimeout(async () => {
    if (floor.phase !== "offline" && floor.phase !== "unreachable") return;
    const again = await whoIsIn();
    if (floor.phase === "offline" || floor.phase === "unreachable") await settle(again);
  }, RETRY_MS);
}

/** Returns who may open this tablet without the gateway: whoever signed in on it in a shift that goes on. */
export async function mayOpen(): Promise<(Holder & { until: number })[]> {
  const now = timeAlone();
  return now === null ? [] : openable(now).catch(() => []);
}

/** Signs in, with a one-time code and the PIN chosen with it too; throws Refused (wrong PIN, too many tries) or Unreachable. */
export async function signIn(staff: string, pin: string, chosen?: string): Promise<void> {
  const key = await deviceKey();
  const me = await post<SignedIn>("/api/sign-in", { staff, pin, ...(chosen ? { new_pin: chosen } : {}), ...(key ? { key } : {}) });
  await drop(); // whoever was here before
  await enter(me, chosen ?? pin);
  windows?.postMessage("changed");
}

/** The gateway has let somebody in without a PIN: on a fresh screen, or behind the cover of their own. */
export async function letIn(me: SignedIn, fresh: boolean): Promise<void> {
  if (fresh) await drop();
  await enter(me, null);
  if (fresh) windows?.postMessage("changed");
}

/** Opens the screen again for whoever is at it; throws Refused or Unreachable, or returns how many tries are left. */
export async function unlock(staff: string, pin: string): Promise<number | null> {
  try {
    await enter(await post<SignedIn>("/api/unlock", { pin }), pin);
    return null;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
  }
  return openHere(staff, pin);
}

/** The same without the gateway, for whoever is on shift here; null where it is open, else how many tries are left. */
export async function openHere(staff: string, pin: string): Promise<number | null> {
  const ends = (await mayOpen()).find((one) => one.id === staff)?.until;
  if (!ends) throw new Unreachable("not on shift here");
  const opened = await openAlone(staff, pin);
  if (opened.how === "wrong") return opened.left;
  if (opened.how === "unknown") return 0;
  const kept = await recall().catch(() => null);
  if (kept?.state.me.staff !== staff) throw new Unreachable("nothing is kept");
  floor.told = kept.state;
  floor.asOf = kept.at;
  endsAt = ends;
  await watch(staff, kept.state.me.name);
  return null;
}

/** Signs out and wipes what this tablet keeps for this person, records not yet sent included. */
export async function signOut(): Promise<void> {
  localStorage.setItem(OWED_SIGN_OUT, "1");
  const staff = floor.told?.me.staff ?? holder()?.id ?? null;
  await leave();
  await wipe(staff);
  await endSession();
  windows?.postMessage("changed");
}

async function endSession(): Promise<void> {
  try {
    await post("/api/sign-out");
  } catch (error) {
    if (!(error instanceof Refused)) return; // not heard: again at the next start
  }
  localStorage.removeItem(OWED_SIGN_OUT);
}

/** The gateway has let this person in. */
async function enter(me: SignedIn, pin: string | null): Promise<void> {
  idle = me.keep?.idle_s ?? USUAL_IDLE_S;
  endsAt = me.keep ? Date.parse(me.keep.until) : 0;
  if (me.keep) gatewaySaid(me.keep.now);
  await openFor(me, pin);
  await watch(me.staff, me.name);
}

async function watch(staff: string | null, name: string): Promise<void> {
  stopWatching();
  if (staff) sessionStorage.setItem(AT, JSON.stringify({ id: staff, name } satisfies Holder));
  uncover();
  floor.waitingIn = [];
  floor.phase = "in";
  floor.sight = "connecting";
  await floor.outbox.serve(staff);
  void learnCatalogue();
  listen();
  keeping = setInterval(() => void keepState(), KEEP_EVERY_MS);
}

function listen(): void {
  live = new Live(
    {
      hello: (hello) => {
        if (floor.phase !== "in") return; // this screen locked itself
        floor.hello(hello);
        void keepState();
      },
      event: (event) => floor.phase === "in" && floor.event(event),
      tick: (tick) => {
        gatewaySaid(tick.time);
        if (floor.phase === "in") floor.tick(tick);
      },
      view: (view) => floor.phase === "in" && floor.view(view),
      covered: (covered) => {
        gatewaySaid(covered.time);
        if (floor.phase === "in") void lock();
        floor.behindCover(covered);
      },
      sight: (sight) => floor.see(sight),
      signedOut: () => void leave(),
      letGo: () => void letGo(),
      turnedAway: () => void checkSession(),
    },
    async (since) => {
      const held = await floor.outbox.heldSince().catch(() => null);
      const query = [since, held !== null && `held=${held}`].filter(Boolean).join("&");
      const signed = await proof("GET", `/live${query && `?${query}`}`);
      const whole = [query, signed && `proof=${signed}`].filter(Boolean).join("&");
      return socketAt("/live") + (whole && `?${whole}`);
    },
  );
  live.start();
}

/** Returns whose PIN opens this screen. */
export function holder(): Holder | null {
  try {
    return JSON.parse(sessionStorage.getItem(AT) ?? "null") as Holder | null;
  } catch {
    return null;
  }
}

/** Takes everybody out of the page and of memory until the PIN is given again; it still rings, and names nobody. */
async function lock(): Promise<void> {
  if (!holder()) return leave();
  clearInterval(keeping);
  if (floor.phase === "in") await keepState();
  cover();
  floor.phase = "locked";
  forgetAll();
  close();
  history.replaceState(null, "", location.pathname);
  if (!live) listen();
}

async function checkSession(): Promise<void> {
  const said = await whoIsIn();
  if (said === "out") await leave();
  else if (said === "locked" && floor.phase === "in") await lock();
}

function forgetAll(): void {
  floor.told = null;
  floor.rows = [];
  floor.focus = null;
  floor.look.close();
  floor.toRate = [];
  floor.undo = null;
  floor.problem = null;
  forgetWords();
  forgetCatalogue();
  forgetStops();
  turned.end(null);
  dropDrafts();
}

async function leave(): Promise<void> {
  stopWatching();
  if (floor.phase === "wiped") return;
  floor.phase = "out";
  sessionStorage.removeItem(AT);
  forgetAll();
  close();
  uncover();
  await floor.outbox.serve(null);
  await drop();
}

/** This tablet was let go: nothing that it kept is left, and the gateway is told so. */
async function letGo(): Promise<void> {
  if (floor.phase === "wiped") return;
  stopWatching();
  floor.phase = "wiped";
  forgetAll();
  uncover();
  await floor.outbox.serve(null);
  await wipeAll().catch(() => undefined); // the browser itself was told to empty itself too
  await post("/api/wiped").catch(() => undefined);
}

function stopWatching(): void {
  live?.stop();
  live = null;
  clearInterval(keeping);
  clearTimeout(retry);
}

/** Looks again at once: the network came back, the tablet woke, or somebody tapped. */
export function lookAgain(): void {
  live?.reconnect();
  if (isOpen()) void floor.outbox.flush();
}

async function keepState(): Promise<void> {
  const { told, asOf } = floor;
  if (!told || told === keptState || !isOpen()) return;
  keptState = told;
  await keep(told, asOf ?? new Date().toISOString());
}

/** Every few seconds: whether somebody is here, and whether their shift goes on where the gateway cannot say so. */
async function lookAround(): Promise<void> {
  if (floor.phase !== "in") return;
  const ago = untouched();
  if (ago >= idle) return lock();
  if (ago < 30) live?.touched(ago);
  const [now, me] = [timeAlone(), holder()];
  if (!floor.blind || !me || !endsAt) return;
  if (now === null) return lock();
  if (now < endsAt) return;
  await lock(); // nothing is shown after the shift, and what is kept is dark from now on
  await closePin(me.id);
}

export const watchTablet = (): (() => void) => watchClock(() => floor.phase === "in" && void lock(), () => void lookAround());

addEventListener("online", lookAgain);
addEventListener("offline", () => live?.reconnect());
addEventListener("pagehide", () => floor.phase === "in" && cover()); // a page that the browser keeps to go back to shows nobody
addEventListener("pageshow", (shown) => shown.persisted && location.reload());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void keepState();
  else if (floor.blind) lookAgain();
});
