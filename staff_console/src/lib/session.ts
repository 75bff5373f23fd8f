/** Who is signed in on this tablet: begins, resumes and ends the watch of the floor. */
import { Refused, get, post } from "./api";
import { uncover } from "./cover.svelte";
import { dropDrafts } from "./drafts.svelte";
import { Live } from "./live";
import type { Me } from "./types";
import { socketAt } from "./place";
import { drop, keep, recall } from "./snapshot";
import { floor } from "./store.svelte";
import { seeBuild } from "./updates.svelte";
import { wipe } from "./vault";
import { forgetWords } from "./vocabulary.svelte";

const KEEP_EVERY_MS = 3_000;
const PATIENCE_MS = 1_200; // then what is kept is shown, with its age
const RETRY_MS = 3_000;
const OWED_SIGN_OUT = "moments-signed-out"; // signed out while the gateway could not hear it

let live: Live | null = null;
let keeping: ReturnType<typeof setInterval> | undefined;
let keptState: unknown = null;
const windows = "BroadcastChannel" in globalThis ? new BroadcastChannel("moments-session") : null;

floor.onBuild = (build) => void seeBuild(build);
floor.onSignedOut = () => void leave();
windows?.addEventListener("message", () => void begin()); // one cookie for all windows: whose it is now, all must show

/** Finds out who is signed in: the gateway knows, or the last state kept on this tablet does. */
export async function begin(): Promise<void> {
  stopWatching();
  if (localStorage.getItem(OWED_SIGN_OUT)) await endSession();
  const kept = await recall().catch(() => null);
  const session = get<Me>("/api/session").then(
    (me) => me,
    (error: unknown) => (error instanceof Refused && error.problem.status === 401 ? "out" : "unreachable"),
  );
  const slow = new Promise<"slow">((resolve) => setTimeout(resolve, PATIENCE_MS, "slow"));
  const first = await (kept ? Promise.race([session, slow]) : session);
  if (first === "out") return leave();
  if (typeof first === "object") return enter(first.staff);
  if (!kept) {
    floor.phase = "unreachable";
    setTimeout(() => floor.phase === "unreachable" && void begin(), RETRY_MS);
    return;
  }
  floor.told = kept.state;
  floor.asOf = kept.at;
  await enter(kept.state.me.staff);
  if (first === "slow" && (await session) === "out") await leave();
}

/** Signs in; throws Refused (wrong PIN, too many tries) or Unreachable. */
export async function signIn(staff: string, pin: string): Promise<void> {
  const me = await post<Me>("/api/sign-in", { staff, pin });
  await drop(); // whoever was here before
  await enter(me.staff);
  windows?.postMessage("changed");
}

/** Signs out and wipes what this tablet keeps for this person, records not yet sent included. */
export async function signOut(): Promise<void> {
  localStorage.setItem(OWED_SIGN_OUT, "1");
  const staff = floor.told?.me.staff ?? null;
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

async function enter(staff: string | null): Promise<void> {
  stopWatching();
  floor.phase = "in";
  floor.sight = "connecting";
  await floor.outbox.serve(staff);
  live = new Live(
    {
      hello: (hello) => {
        floor.hello(hello);
        void keepState();
      },
      event: (event) => floor.event(event),
      tick: (tick) => floor.tick(tick),
      sight: (sight) => floor.see(sight),
      signedOut: () => void leave(),
      turnedAway: () => void checkSession(),
    },
    socketAt("/live"),
  );
  live.start();
  keeping = setInterval(() => void keepState(), KEEP_EVERY_MS);
}

async function checkSession(): Promise<void> {
  try {
    await get<Me>("/api/session");
  } catch (error) {
    if (error instanceof Refused && error.problem.status === 401) await leave();
  }
}

async function leave(): Promise<void> {
  stopWatching();
  floor.phase = "out";
  floor.told = null;
  floor.chosen = null;
  floor.look.close();
  floor.toRate = [];
  floor.undo = null;
  forgetWords();
  dropDrafts();
  uncover();
  await floor.outbox.serve(null);
  await drop();
}

function stopWatching(): void {
  live?.stop();
  live = null;
  clearInterval(keeping);
}

/** Looks again at once: the network came back, the tablet woke, or somebody tapped. */
export function lookAgain(): void {
  live?.reconnect();
  void floor.outbox.flush();
}

async function keepState(): Promise<void> {
  const { told, asOf } = floor;
  if (!told || told === keptState) return;
  keptState = told;
  await keep(told, asOf ?? new Date().toISOString());
}

addEventListener("online", lookAgain);
addEventListener("offline", () => live?.reconnect());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void keepState();
  else if (floor.blind) lookAgain();
});
