"""Questions put to a customer in a visit, their answers, and what was brought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.core import shapes
from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.records import asks, visits
from gateway.service.alert import Refused
from gateway.service.asks import Ask, Asks, same

SAYS = {"open": "ask.opened", "answered": "ask.answered", "served": "ask.served"}  # the event for each state


def ask(
    house: Gateway, visit: str, question: str, again: bool, id_: str | None, at: float | None, actor: Actor, now: float
) -> Action:
    """Puts a question for everyone; one that stands already is refused with the first.

    Of a visit that is over only what was asked ``at`` a time within it is taken: a tablet that was out of reach. An id
    that another ask has is refused with that one.
    """
    # Presence knows an arrival before the disk does, and the tablet that heard of it may ask at once.
    here = next((h for h in house.memory.presence.here() if h.visit == visit), None)
    asked_at = min(at or now, now)
    if here is None and id_ is not None and (there := asks.get(house.store.reader, id_)) is not None:
        return _once_more(house, Ask.from_data(there), visit, question, actor)
    customer, of_visit = (here.customer, house.memory.asks) if here else _over(house, visit, at)
    if id_ is not None and not of_visit.knows(id_):
        taken = asks.get(house.store.reader, id_)
        if taken is not None:
            raise Refused(409, "this id is another question's", ask=Ask.from_data(taken))
    new = Ask(id_ or new_id(now), visit, customer, question, actor.id, asked_at)
    before = of_visit.get(new.id) if of_visit.knows(new.id) else None
    asked = of_visit.ask(new, again=again)
    return _action(house, asked, 201, news=asked is not before)


def _once_more(house: Gateway, there: Ask, visit: str, question: str, actor: Actor) -> Action:
    """What was asked already, in a visit that is over; raises Refused(409) where the id is another question's."""
    if (there.visit, same(there.question), there.by) != (visit, same(question), actor.id):
        raise Refused(409, "this id is another question's", ask=there)
    return _action(house, there, 201, news=False)


def answer(house: Gateway, ask_id: str, text: str, at: float | None, actor: Actor, now: float) -> Action:
    """Closes a question on every tablet."""
    return _change(house, ask_id, lambda of: of.answer(ask_id, text, actor.id, min(at or now, now)))


def serve(house: Gateway, ask_id: str, served: bool, at: float | None, actor: Actor, now: float) -> Action:
    """What was answered was brought, or after all was not."""
    if not served:
        return _change(house, ask_id, lambda of: of.take_back(ask_id))
    return _change(house, ask_id, lambda of: of.serve(ask_id, actor.id, min(at or now, now)))


def _change(house: Gateway, ask_id: str, change: Callable[[Asks], Ask]) -> Action:
    of = house.memory.asks if house.memory.asks.knows(ask_id) else _written(house, ask_id)
    before = of.get(ask_id)
    changed = change(of)
    return _action(house, changed, 200, news=changed is not before)


def _over(house: Gateway, visit: str, at: float | None) -> tuple[str, Asks]:
    """Whose visit that is over this is, and what was asked in it."""
    past = visits.get(house.store.reader, visit)
    if past is None:
        raise Refused(404, "there is no such visit")
    if at is None or past.closed_at is None or not past.opened_at <= at <= past.closed_at:
        raise Refused(409, "the customer has left: this visit is over")
    return past.customer, _of(asks.of_visit(house.store.reader, visit))


def _written(house: Gateway, ask_id: str) -> Asks:
    """The ask as it was written down, where its visit is over."""
    row = asks.get(house.store.reader, ask_id)
    return _of([row] if row else [])


def _of(rows: list[dict[str, Any]]) -> Asks:
    of = Asks()
    of.restore(Ask.from_data(row) for row in rows)
    return of


def _action(house: Gateway, a: Ask, status: int, *, news: bool) -> Action:
    return Action(
        shapes.ask(a, house.memory.floor),
        status,
        news=[News(SAYS[a.state], a.customer, a.data())] if news else [],
    )
