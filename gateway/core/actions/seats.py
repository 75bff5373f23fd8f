"""Who sits where: as staff say it, and as the list of who is expected does."""

from __future__ import annotations

from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.core.table import seated
from gateway.records import visits
from gateway.service.alert import Refused
from gateway.service.seating import Seat


def take(
    house: Gateway, visit: str, place: str | None, at: float | None, swap: bool, actor: Actor, now: float
) -> Action:  # fmt: skip
    """The guest of this visit sits at ``place``, or nowhere (None); raises Refused(409) with who sits there already.

    Something older than what is known of them changes nothing. With ``swap`` the two change places.
    """
    memory = house.memory
    here = next((each for each in memory.presence.here() if each.visit == visit), None)
    if here is None:
        if visits.get(house.store.reader, visit) is None:
            raise Refused(404, "there is no such visit")
        raise Refused(409, "the customer has left: this visit is over")
    said = min(at or now, now)
    moves = memory.seating.moves(Seat(visit, here.customer, place, said, "staff"), swap=swap)
    was = memory.seating.of(visit)
    places = {seat.place for seat in moves if seat.place} | ({was.place} if was is not None and was.place else set())
    sits = next((seat for seat in moves if seat.visit == visit), was)
    return Action(
        _shape(house, visit, here.customer, sits),
        news=seated(memory, moves, actor.id),
        rests_on=frozenset(f"place:{each}" for each in places),
    )


def _shape(house: Gateway, visit: str, customer: str, sits: Seat | None) -> Shape:
    place = sits.place if sits is not None else None
    found = house.memory.seating.places.get(place or "")
    return {"visit": visit, "customer": customer, "place": place, "zone": found.zone if found is not None else None}
