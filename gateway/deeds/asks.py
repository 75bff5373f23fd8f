"""Questions put to a customer in a visit, and their answers."""

from __future__ import annotations

from dataclasses import asdict

from gateway import shapes
from gateway.deed import Actor, Deed, News
from gateway.gateway import Gateway
from gateway.records import asks, visits
from gateway.records.store import Change
from gateway.records.times import new_id
from gateway.service.alert import Refused
from gateway.service.asks import Ask


def ask(house: Gateway, visit: str, question: str, again: bool, id_: str | None, actor: Actor, now: float) -> Deed:
    """Puts a question for everyone; one that stands already is refused with the first."""
    memory = house.memory
    # Presence knows an arrival before the disk does, and the tablet that heard of it may ask at once.
    here = next((h for h in memory.presence.here() if h.visit == visit), None)
    if here is None and visits.get(house.store.reader, visit) is not None:
        raise Refused(409, "the customer has left: this visit is over")
    if here is None:
        raise Refused(404, "there is no such visit")
    put = memory.asks.ask(Ask(id_ or new_id(), visit, here.customer, question.strip(), actor.id, now), again=again)
    return _deed(house, "ask.opened", put, 201)


def answer(house: Gateway, ask_id: str, text: str, actor: Actor, now: float) -> Deed:
    """Closes a question on every tablet."""
    return _deed(house, "ask.answered", house.memory.asks.answer(ask_id, text.strip(), actor.id, now), 200)


def _deed(house: Gateway, type_: str, a: Ask, status: int) -> Deed:
    shape = shapes.ask(a, house.memory.floor)
    return Deed(shape, status, news=[News(type_, a.customer, shape)], changes=[_row(a)], stands=True)


def _row(a: Ask) -> Change[object]:
    row = asdict(a)
    return lambda tx: asks.save(tx, row)
