/**
 * Screens that are read when they are opened, for they are not the work of everybody: the first paint is for who is at
 * the door. Those a person may open are read soon after it, so that they open at once, also without a network.
 */
import type { Component } from "svelte";
import { learn } from "./i18n/index.svelte";
import type { Screen } from "./router.svelte";
import type { Card, ExpectedVisit, JournalEntry, State } from "./types";

type Shown = Component<{ state: State; id: string | null; part: string | null }>;

let here = $state.raw<Partial<Record<Screen, Shown>>>({});

/** Returns the screen where it has been read already. */
export const screenAtHand = (screen: Screen): Shown | undefined => here[screen];

/** Styles that the network cut off: the build asks for each of them but once, and what came without them would lie about. */
const cut = new Set<HTMLLinkElement>();
addEventListener("error", ({ target }) => target instanceof HTMLLinkElement && target.rel === "stylesheet" && cut.add(target), { capture: true });

let mending: Promise<unknown> | null = null;

/** Asks for them again; throws where they cannot be had. */
const mended = (): Promise<unknown> => (mending ??= Promise.all([...cut].map(again)).finally(() => (mending = null)));

function again(link: HTMLLinkElement): Promise<unknown> {
  const next = link.cloneNode() as HTMLLinkElement;
  cut.delete(link);
  link.replaceWith(next);
  return new Promise((load, error) => Object.assign(next, { onload: load, onerror: error }));
}

/** Returns how to read something that is opened later, with the words it says and the looks it has. */
function coming<T>(read: () => Promise<{ default: unknown }>): () => Promise<T> {
  let cutOff = false;
  return async () => {
    try {
      const [{ default: shown }] = await Promise.all([cutOff ? mended().then(read) : read(), learn()]);
      return shown as T;
    } catch (error) {
      cutOff = true;
      throw error;
    }
  };
}

const READ: Partial<Record<Screen, () => Promise<Shown>>> = {
  customer: coming(() => import("../screens/CustomerScreen.svelte")),
  record: coming(() => import("../screens/Record.svelte")),
  service: coming(() => import("../screens/Service.svelte")),
  floor: coming(() => import("../screens/Floor.svelte")),
  shift: coming(() => import("../screens/Shift.svelte")),
  gatherings: coming(() => import("../screens/Gatherings.svelte")),
  today: coming(() => import("../screens/Today.svelte")),
  insight: coming(() => import("../screens/Insight.svelte")),
  readers: coming(() => import("../screens/Readers.svelte")),
  setup: coming(() => import("../screens/Setup.svelte")),
  settings: coming(() => import("../screens/Settings.svelte")),
};

/** The form of a customer's record, for who keeps it. */
export const readForm = coming<Component<{ state: State; id: string }>>(() => import("../parts/CustomerEdit.svelte"));

/** What a customer agreed to, on their sheet. */
export const readAgreements = coming<Component<{ state: State; customer: string; title: string; language: string | null }>>(() => import("../parts/Agreements.svelte"));

/** The one line of insight that helps the guest of a card. */
export const readAdvice = coming<Component<{ advice: NonNullable<Card["insight"]> }>>(() => import("../parts/CardAdvice.svelte"));

/** What a guest judges us by, what is given to them, and the one question after a visit. */
export const readPerk = coming<Component<{ state: State; customer: string }>>(() => import("../parts/Perk.svelte"));

/** Whom the house expects, as it is written down. */
export const readExpected = coming<Component<{ state: State; visit: ExpectedVisit | null; onclose: () => void }>>(() => import("../parts/ExpectedEdit.svelte"));

/** The list of a gathering that is under way, in place of cards. */
export const readEvening = coming<Component<{ state: State; onshown: (inPlaceOfCards: boolean) => void }>>(() => import("../parts/Evening.svelte"));

/** What happened with a customer, on their sheet. */
export const readJournal = coming<Component<{ state: State; entries: JournalEntry[] }>>(() => import("../parts/Journal.svelte"));

/** Whom a guest may be asked to meet, on their sheet. */
export const readMayMeet = coming<Component<{ state: State; customer: string }>>(() => import("../parts/MayMeet.svelte"));

/** What a guest's points are in the club. */
export const readPoints = coming<Component<{ customer: string }>>(() => import("../parts/PointsLine.svelte"));

/** What is turned to a guest. */
export const readGlass = coming<Component<{ state: State }>>(() => import("../parts/Glass.svelte"));

/** Whether a screen is one that is read when it is opened. */
export const comesLater = (screen: Screen): boolean => screen in READ;

/** Reads a screen that `comesLater`; throws where it cannot be had now. */
export async function readScreen(screen: Screen): Promise<Shown> {
  const shown = here[screen] ?? (await READ[screen]!());
  here = { ...here, [screen]: shown };
  return shown;
}

/** Reads the screens of somebody's menu one after the other, then what opens within them; what cannot be had is read when it is opened. */
export async function readAhead(screens: Screen[]): Promise<void> {
  for (const screen of screens.filter(comesLater)) await readScreen(screen).catch(() => {});
  for (const part of [readAdvice, readJournal, readAgreements, readPerk, readForm, readExpected, readGlass]) await part().catch(() => {});
}
