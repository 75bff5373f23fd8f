"""Promises and complaints: made, kept, settled."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from gateway.core import facts
from gateway.core.action import Action, Actor
from gateway.core.actions import entries
from gateway.core.actions.customers import known, reconsidered
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.records import promises
from gateway.service.alert import Refused
from gateway.service.owed import Kind, Owed

OPENED: dict[Kind, str] = {"promise": "promise.made", "complaint": "complaint.opened"}
CLOSED: dict[Kind, str] = {"promise": "promise.kept", "complaint": "complaint.closed"}
WHOLE = {each.name for each in fields(Owed)}  # an event of before the journal was the truth holds less


def open_(
    house: Gateway, kind: Kind, customer: str, text: str, owner: str | None, due: float | None, id_: str | None,
    actor: Actor, now: float, cost: dict[str, Any] | None = None,
) -> Action:  # fmt: skip
    """Something is owed from now on; without an owner it is owed by who says so. Raises Refused(422) for a stranger.

    The same once more, by its id, gives the first answer; an id that something else has is refused with that.
    """
    person = known(house, customer)
    customer = person.id
    if owner is not None:
        _staff(house, owner)
    here = house.memory.presence.where(customer)
    made = Owed(
        id_ or new_id(now),
        kind,
        customer,
        here.visit if here else None,
        text,
        owner or actor.id,
        actor.id,
        now,
        due,
        recovery_cost=cost,
    )
    if id_ is not None and (there := promises.get(house.store.reader, id_)) is not None:
        return _once_more(house, made, Owed.from_data(there))
    news = reconsidered(house, person, now, changed=[made])
    told = [News(OPENED[kind], customer, made.data()), *map(facts.alert, news)]
    return Action(house.views.owed(made), 201, news=told, rests_on=frozenset({made.owner}))


def _once_more(house: Gateway, made: Owed, there: Owed) -> Action:
    """The first answer to what was sent again; raises Refused(409) where the id is something else's."""
    first = _as_made(house, made, there)
    if house.memory.family.root(there.customer) == made.customer:
        first = replace(first, customer=made.customer)
    if replace(first, at=made.at, visit=made.visit) != made:
        raise Refused(409, f"this id is another {there.kind}'s", existing=house.views.owed(there))
    return Action(house.views.owed(there), 201)


def _as_made(house: Gateway, made: Owed, there: Owed) -> Owed:
    """What was said first, by the journal; where that has been cut, all of it that nothing has changed since."""
    for event in house.journal.of_customer(there.customer, type=OPENED[there.kind]):
        if event.data.get("id") == there.id and event.data.keys() >= WHOLE:
            return Owed.from_data(event.data)
    return replace(
        there, state="open", closed_by=None, closed_at=None, note=None, handed_from=None, handed_because=None,
        owner=made.owner if there.handed_from else there.owner,
        recovery_cost=made.recovery_cost if there.state == "closed" else there.recovery_cost,
    )  # fmt: skip


def close(
    house: Gateway, kind: Kind, customer: str, id_: str, note: str | None, actor: Actor, now: float,
    cost: dict[str, Any] | None = None,
) -> Action:  # fmt: skip
    """Kept, or settled; an alert about it ends."""
    closed = house.memory.dues.close(kind, id_, customer, actor.id, note, now, cost)
    news = reconsidered(house, known(house, customer), now, changed=[closed], settled=id_)
    told = [News(CLOSED[kind], closed.customer, closed.data()), *map(facts.alert, news)]
    return Action(house.views.owed(closed), news=[*told, *entries.of_complaint(house, closed, actor, now)])


def hand_over(house: Gateway, kind: Kind, customer: str, id_: str, to: str, now: float) -> Action:
    """Somebody else keeps it from now on."""
    owed = house.memory.dues.get(kind, id_, customer)
    _staff(house, to)
    if owed.owner == to:
        return Action(house.views.owed(owed))
    handed = replace(owed, owner=to, handed_from=owed.owner, handed_because=None)
    news = reconsidered(house, known(house, customer), now, changed=[handed])
    handed_over = News(f"{kind}.handed_over", handed.customer, handed.data())
    return Action(house.views.owed(handed), news=[handed_over, *map(facts.alert, news)], rests_on=frozenset({to}))


def _staff(house: Gateway, owner: str) -> None:
    if house.memory.floor.member(owner) is None:
        raise Refused(422, f"there is no member of staff {owner!r}")
