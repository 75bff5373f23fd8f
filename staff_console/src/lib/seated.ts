/**
 * What events change of places, menus and rounds. The gateway tells with an event how the rounds stand that it changes; what is
 * laid over that here is what this tablet did itself and the gateway has not told yet. Pure, as the reducer that it is part of.
 */
import { orderOf } from "./orders";
import type { Ask, ExpectedChange, LiveEvent, Menu, MenuChange, Order, PlaceChange, Places, Round, RoundChange, RoundRow, State } from "./types";

const put = <T>(rows: T[] = [], row: T, same: (other: T) => boolean): T[] => {
  const at = rows.findIndex(same);
  return at < 0 ? [...rows, row] : rows.with(at, row);
};

/** Returns the rounds that go on and what is left of the menus, as told with an event. */
export function roundsLaid(state: State, rounds: Round[] | null | undefined, menus: Menu[] | null | undefined): State {
  const all = (rounds ?? []).reduce((rows, round) => put(rows, round, (other) => other.id === round.id), state.rounds);
  return {
    ...state,
    ...(rounds ? { rounds: all.filter((round) => round.state === "open") } : {}),
    ...(menus ? { menus: menus.reduce((rows, menu) => put(rows, menu, (other) => other.menu === menu.menu), state.menus) } : {}),
  };
}

export const roundEnded = (state: State, { id }: RoundChange): State => ({ ...state, rounds: state.rounds.filter((round) => round.id !== id) });

/** Somebody sits somewhere else from now on. */
export const placeChanged = (state: State, { visit, place }: PlaceChange): State => ({
  ...state,
  present: state.present.map((p) => (p.visit === visit ? { ...p, place } : p)),
  alerts: state.alerts.map((a) => (a.visit === visit && a.card ? { ...a, card: { ...a.card, place } } : a)),
});

export const placesChanged = (state: State, { places }: Places): State => ({ ...state, places });

export function expectedChanged(state: State, { removed, preferences: _p, asks: _k, alerts: _a, rounds: _r, menus: _m, ...one }: ExpectedChange): State {
  const others = state.expected.filter((other) => other.id !== one.id);
  return { ...state, expected: removed ? others : [...others, one] };
}

export function menuChanged(state: State, { removed, rounds: _r, alerts: _a, ...menu }: MenuChange): State {
  const same = (other: Menu) => other.menu === menu.menu;
  return { ...state, menus: removed ? state.menus.filter((other) => !same(other)) : put(state.menus, menu, same) };
}

/** What this tablet ordered, brought or took back itself, on the row of the guest; the gateway's news brings the whole round. */
export function orderPut(state: State, ask: Ask, event: LiveEvent): State {
  if (event.sequence || !state.rounds.length) return state;
  const ours = (round: Round, row: RoundRow) => row.visit === ask.visit && round.question === ask.question;
  return onRows(state, ours, orderOf(ask));
}

/** The same of a seat whose guest is not known. */
export const seatOrdered = (state: State, { round: id, row: nth, order }: { round: string; row: number; order: Order | null }): State =>
  onRows(state, (round, row) => round.id === id && row.row === nth, order);

function onRows(state: State, ours: (round: Round, row: RoundRow) => boolean, order: Order | null): State {
  const rounds = state.rounds.map((round) =>
    round.rows.some((row) => ours(round, row)) ? { ...round, rows: round.rows.map((row) => (ours(round, row) ? { ...row, order: newer(row.order, order) } : row)) } : round,
  );
  return { ...state, rounds };
}

/** What the gateway has told already of this very order, it knows better: whether it is taken, and wants a tap. */
function newer(told: Order | null, own: Order | null): Order | null {
  if (!told || !own || told.id !== own.id || told.at !== own.at || told.item !== own.item || !told.sequence) return own;
  return { ...told, state: own.state === "sent" && told.state !== "served" ? told.state : own.state };
}
