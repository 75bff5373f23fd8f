"""Questions put to a customer in a visit, their answers, and what was brought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.core import shapes
from gateway.core.action import Action, Actor
from gateway.core.actions import orders
from gateway.core.actions.customers import still_recognised
from gateway.core.actions.orders import Said, round_of
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.records import asks, visits
from gateway.service.alert import Refused
from gateway.service.asks import Ask, Asks, answered, same

SAYS = {"open": "ask.opened", "answered": "ask.answered", "served": "ask.served"}  # the event for each state


def ask(
    house: Gateway, visit: str, question: str, said: Said, again: bool, id_: str | None, at: float | None,
    actor: Actor, now: float, *, slip: bool = False,
) -> Action:  # fmt: skip
    """Puts a question for everyone; one that stands already is refused with the first.

    With an answer in ``said`` it is asked and answered in one act, also where it was asked and not answered yet. Of a
    visit that is over only what was asked ``at`` a time within it is taken: a tablet that was out of reach. An id that
    another ask has is refused with that one.
    """
    # Presence knows an arrival before the disk does, and the tablet that heard of it may ask at once.
    here = next((h for h in house.memory.presence.here() if h.visit == visit), None)
    asked_at = min(at or now, now)
    if here is None and id_ is not None and (there := asks.get(house.store.reader, id_)) is not None:
        return _once_more(house, Ask.from_data(there), visit, question, said, actor, asked_at)
    customer, of_visit = (here.customer, house.memory.asks) if here else _over(house, visit, at)
    if id_ is not None and not of_visit.knows(id_):
        taken = asks.get(house.store.reader, id_)
        if taken is not None:
            raise Refused(409, "this id is another question's", ask=Ask.from_data(taken))
    stands = of_visit.standing(visit, question)
    if said.orders and stands is not None and stands.state == "open" and (again or stands.id != id_):
        asked = stands  # a colleague asked, and did not hear the answer
    else:
        new = Ask(id_ or new_id(now), visit, customer, question, actor.id, asked_at)
        new = replace(new, round=round_of(house, visit, question, said))
        asked = of_visit.ask(new, again=again, slip=slip)
    before = of_visit.get(asked.id) if of_visit.knows(asked.id) else None
    return _answered_at_once(house, before, asked, said, actor, asked_at)


def _answered_at_once(
    house: Gateway, before: Ask | None, asked: Ask, said: Said, actor: Actor, at: float
) -> Action:  # fmt: skip
    """What was asked, and answered where there is an answer; nothing of it where it stands so already."""
    if not said.orders:
        return _action(house, asked, 201, [(before, asked)] if asked is not before else [])
    order = orders.draft(house, asked.visit, asked.question, said)
    if asked.state != "open":
        if not order.same(asked):
            raise Refused(409, f"answered already: {asked.answer}", ask=asked)
        return _action(house, asked, 201, [])
    done = answered(asked, orders.checked(house, asked.customer, order, said), actor.id, at)
    return _action(house, done, 201, [*([(before, asked)] if asked is not before else []), (asked, done)])


def _once_more(
    house: Gateway, there: Ask, visit: str, question: str, said: Said, actor: Actor, at: float
) -> Action:  # fmt: skip
    """What was asked already, in a visit that is over; raises Refused(409) where the id is another question's."""
    if (there.visit, same(there.question), there.by) != (visit, same(question), actor.id):
        raise Refused(409, "this id is another question's", ask=there)
    return _answered_at_once(house, there, there, said, actor, at)


def answer(house: Gateway, ask_id: str, said: Said, at: float | None, actor: Actor, now: float) -> Action:
    """Closes a question on every tablet; an order that goes against what is known of the guest is refused (409)."""
    of = house.memory.asks if house.memory.asks.knows(ask_id) else _written(house, ask_id)
    found = of.get(ask_id)
    order = orders.draft(house, found.visit, found.question, said)
    if found.state == "open":
        order = orders.checked(house, found.customer, order, said)
    return _change(house, ask_id, lambda of: of.answer(ask_id, order, actor.id, min(at or now, now)))


def saw_flag(house: Gateway, ask_id: str, at: float | None, actor: Actor, now: float) -> Action:
    """Somebody in the galley has seen what is known against an order; the first who did stands."""
    of = house.memory.asks if house.memory.asks.knows(ask_id) else _written(house, ask_id)
    found = of.get(ask_id)
    if not found.flagged:
        raise Refused(409, "there is nothing to see about this order", ask=found)
    if found.seen_by is not None:
        return _action(house, found, 200, [])
    seen = replace(found, seen_by=actor.id, seen_at=min(at or now, now))
    return Action(shapes.ask(seen, house.memory.floor), news=[flagged(seen, "seen")])


def flagged(ask: Ask, because: str) -> News:
    """An order goes against what is ``recorded`` of the guest since; or that was ``seen``."""
    return News("order.flagged", ask.customer, {**ask.data(), "takes": None, "gives_back": None, "because": because})


def serve(house: Gateway, ask_id: str, served: bool, at: float | None, actor: Actor, now: float) -> Action:
    """What was answered was brought, or after all was not."""
    if not served:
        return _change(house, ask_id, lambda of: of.take_back(ask_id))
    return _change(house, ask_id, lambda of: of.serve(ask_id, actor.id, min(at or now, now)))


def _change(house: Gateway, ask_id: str, change: Callable[[Asks], Ask]) -> Action:
    of = house.memory.asks if house.memory.asks.knows(ask_id) else _written(house, ask_id)
    before = of.get(ask_id)
    changed = change(of)
    return _action(house, changed, 200, [(before, changed)] if changed is not before else [])


def _over(house: Gateway, visit: str, at: float | None) -> tuple[str, Asks]:
    """Whose visit that is over this is, and what was asked in it."""
    past = visits.get(house.store.reader, visit)
    if past is None:
        raise Refused(404, "there is no such visit")
    still_recognised(house, past.customer)
    # That somebody has left is told before it is written: until then the row says that they are here.
    closed_at = house.memory.now() if past.closed_at is None else past.closed_at
    if at is None or not past.opened_at <= at <= closed_at:
        raise Refused(409, "the customer has left: this visit is over")
    return past.customer, _of(asks.of_visit(house.store.reader, visit))


def _written(house: Gateway, ask_id: str) -> Asks:
    """The ask as it was written down, where its visit is over."""
    row = asks.get(house.store.reader, ask_id)
    if row is not None:
        still_recognised(house, row["customer"])
    return _of([row] if row else [])


def _of(rows: list[dict[str, Any]]) -> Asks:
    of = Asks()
    of.restore(Ask.from_data(row) for row in rows)
    return of


def _action(house: Gateway, a: Ask, status: int, changes: list[tuple[Ask | None, Ask]]) -> Action:
    """The answer ``a``, with what became of which ask."""
    return Action(shapes.ask(a, house.memory.floor), status, news=[became(*each) for each in changes])


def became(before: Ask | None, after: Ask) -> News:
    """The event that says what became of an ask, and what that takes from a menu or gives back."""
    had, has = (before.item if before is not None else None), after.item
    takes, gives_back = (None, None) if had == has else (has, had)
    return News(SAYS[after.state], after.customer, {**after.data(), "takes": takes, "gives_back": gives_back})
