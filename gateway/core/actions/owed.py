"""Promises and complaints: made, kept, settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.core import shapes
from gateway.core.action import Action, Actor, News
from gateway.core.actions.customers import known
from gateway.core.gateway import Gateway, alert_row
from gateway.core.handing_on import owed_row
from gateway.events.times import new_id
from gateway.service.alert import Refused
from gateway.service.owed import Kind, Owed

OPENED: dict[Kind, str] = {"promise": "promise.made", "complaint": "complaint.opened"}
CLOSED: dict[Kind, str] = {"promise": "promise.kept", "complaint": "complaint.closed"}


def open_(
    house: Gateway, kind: Kind, customer: str, text: str, owner: str | None, due: float | None, id_: str | None,
    actor: Actor, now: float, cost: dict[str, Any] | None = None,
) -> Action:  # fmt: skip
    """Something is owed from now on; without an owner it is owed by who says so. Raises Refused(422) for a stranger."""
    known(house, customer)
    if owner is not None:
        _staff(house, owner)
    here = house.memory.presence.where(customer)
    made = Owed(
        id_ or new_id(),
        kind,
        customer,
        here.visit if here else None,
        text.strip(),
        owner or actor.id,
        actor.id,
        now,
        due,
        recovery_cost=cost,
    )
    shape = shapes.owed(made)
    return Action(
        shape,
        201,
        news=[News(OPENED[kind], customer, shape)],
        changes=[owed_row(made)],
        after=[lambda: house.memory.ledger.restore([made]), lambda: house.moment_rules.reconsider(customer, now)],
    )


def close(
    house: Gateway, kind: Kind, customer: str, id_: str, note: str | None, actor: Actor, now: float,
    cost: dict[str, Any] | None = None,
) -> Action:  # fmt: skip
    """Kept, or settled; an alert about it ends."""
    closed = house.memory.ledger.close(kind, id_, customer, actor.id, note, now)
    closed.recovery_cost = cost or closed.recovery_cost
    shape = shapes.owed(closed)
    ended = house.memory.desk.settled(id_, now)
    return Action(
        shape,
        news=[News(CLOSED[kind], customer, shape), *(house.alert_news(n) for n in ended)],
        changes=[owed_row(closed), *(alert_row(n) for n in ended)],
        after=[lambda: house.moment_rules.reconsider(customer, now)],
        stands=True,
    )


def hand_over(house: Gateway, kind: Kind, customer: str, id_: str, to: str, now: float) -> Action:
    """Somebody else keeps it from now on."""
    owed = house.memory.ledger.get(kind, id_, customer)
    _staff(house, to)
    handed = owed if owed.owner == to else replace(owed, owner=to, handed_from=owed.owner, handed_because=None)
    shape = shapes.owed(handed)
    return Action(
        shape,
        news=[News(f"{kind}.handed_over", customer, shape)] if handed is not owed else [],
        changes=[owed_row(handed)] if handed is not owed else [],
        after=[lambda: house.memory.ledger.restore([handed]), lambda: house.moment_rules.reconsider(customer, now)],
    )


def _staff(house: Gateway, owner: str) -> None:
    if house.memory.floor.member(owner) is None:
        raise Refused(422, f"there is no member of staff {owner!r}")
