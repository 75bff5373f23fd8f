"""Promises and complaints: made, kept, settled."""

from __future__ import annotations

from dataclasses import asdict

from gateway import shapes
from gateway.deed import Actor, Deed, News
from gateway.deeds.people import known
from gateway.gateway import Gateway
from gateway.records import promises
from gateway.records.store import Change
from gateway.records.times import new_id
from gateway.service.owed import Kind, Owed

OPENED: dict[Kind, str] = {"promise": "promise.made", "complaint": "complaint.opened"}
CLOSED: dict[Kind, str] = {"promise": "promise.kept", "complaint": "complaint.closed"}


def open_(
    house: Gateway, kind: Kind, customer: str, text: str, owner: str | None, due: float | None, id_: str | None,
    actor: Actor, now: float,
) -> Deed:  # fmt: skip
    """Something is owed from now on; without an owner it is owed by who says so."""
    known(house, customer)
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
    )
    shape = shapes.owed(made)
    return Deed(
        shape,
        201,
        news=[News(OPENED[kind], customer, shape)],
        changes=[_row(made)],
        after=[lambda: house.memory.ledger.restore([made])],
    )


def close(house: Gateway, kind: Kind, customer: str, id_: str, note: str | None, actor: Actor, now: float) -> Deed:
    """Kept, or settled."""
    closed = house.memory.ledger.close(kind, id_, customer, actor.id, note, now)
    shape = shapes.owed(closed)
    return Deed(shape, news=[News(CLOSED[kind], customer, shape)], changes=[_row(closed)], stands=True)


def _row(o: Owed) -> Change[object]:
    row = asdict(o)
    return lambda tx: promises.save(tx, row)
