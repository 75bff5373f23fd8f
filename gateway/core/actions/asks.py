"""Questions put to a customer in a visit, their answers, and what was brought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from gateway.core import shapes
from gateway.core.action import Action, Actor, News
from gateway.core.gateway import Gateway
from gateway.events.times import new_id
from gateway.records import asks, visits
from gateway.service.alert import Refused
from gateway.service.asks import Ask, Asks

SAYS = {"open": "ask.opened", "answered": "ask.answered", "served": "ask.served"}  # the event for each state


def ask(
    house: Gateway, visit: str, question: str, again: bool, id_: str | None, at: float | None, actor: Actor, now: float
) -> Action:
    """Puts a question for everyone; one that stands already is refused with the first.

    Of a visit that is over only what was asked ``at`` a time within it is taken: a tablet that was out of reach.
    """
    # Presence knows an arrival before the disk does, and the tablet that heard of it may ask at once.
    here = next((h for h in house.memory.presence.here() if h.visit == visit), None)
    asked_at = min(at or now, now)
    customer, of_visit = (here.customer, house.memory.asks) if here else _over(house, visit, at)
    new = Ask(id_ or new_id(), visit, customer, question.strip(), actor.id, asked_at)
    news = not of_visit.knows(new.id)
    return _action(house, of_visit.ask(new, again=again), 201, news=news, stands=here is not None)


def answer(house: Gateway, ask_id: str, text: str, at: float | None, actor: Actor, now: float) -> Action:
    """Closes a question on every tablet."""
    return _change(house, ask_id, lambda of: of.answer(ask_id, text.strip(), actor.id, min(at or now, now)))


def serve(house: Gateway, ask_id: str, served: bool, at: float | None, actor: Actor, now: float) -> Action:
    """What was answered was brought, or after all was not."""
    if not served:
        return _change(house, ask_id, lambda of: of.take_back(ask_id))
    return _change(house, ask_id, lambda of: of.serve(ask_id, actor.id, min(at or now, now)))


def _change(house: Gateway, ask_id: str, change: Callable[[Asks], Ask]) -> Action:
    here = house.memory.asks.knows(ask_id)
    of = house.memory.asks if here else _written(house, ask_id)
    before = asdict(of.get(ask_id))
    changed = change(of)
    return _action(house, changed, 200, news=asdict(changed) != before, stands=here)


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
    of.restore(Ask(**row) for row in rows)
    return of


def _action(house: Gateway, a: Ask, status: int, *, news: bool, stands: bool) -> Action:
    shape, row = shapes.ask(a, house.memory.floor), asdict(a)
    return Action(
        shape,
        status,
        news=[News(SAYS[a.state], a.customer, shape)] if news else [],
        changes=[lambda tx: asks.save(tx, row)],  # once more too: the first time may not have reached the disk
        stands=stands,
    )
