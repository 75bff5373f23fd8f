"""What follows by itself at the table: who is expected takes their place, a round keeps up, an order is held against
what is learnt since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gateway.core.missing import Missing
from gateway.core.state import Memory
from gateway.core.turns import Turns
from gateway.core.views import Views
from gateway.events.event import GATEWAY, Event, News
from gateway.events.times import DAY, iso
from gateway.records.connection import SealedDatabase
from gateway.service.rounds import Round, Row, rows_after
from gateway.service.seating import Seat

SEATS = frozenset({"visit.arrived", "visit.moved", "expected.changed"})
ROWS = frozenset({"visit.arrived", "visit.moved", "visit.departed", "place.taken", "place.freed", "places.changed"})
FACTS = frozenset(
    {
        "preference.recorded",
        "consent.granted",
        "credential.given",
        "catalogue.changed",
        "customer.merged",
        "customer.unmerged",
        "customer.settled",
    }
)
PLACED = frozenset({"place.taken"})


class Table:
    """Looks at what happened, and notes what follows; ``note`` records what happened by itself.

    About whom or what an act is being written just now waits until that is done: ``turns``.
    """

    def __init__(
        self, memory: Memory, views: Views, turns: Turns, note: Callable[[Sequence[News]], None], reader: SealedDatabase
    ) -> None:
        self._memory = memory
        self._views = views
        self._turns = turns
        self._note = note
        self._missing = Missing(memory, reader, turns.taken)
        self._begun = False

    def follow(self, events: Iterable[Event]) -> None:
        """These were applied, and told."""
        for event in events:
            if event.type in SEATS:
                self._sit_down(event.subject)
            if event.type in ROWS:
                self._keep_up()
            if event.type in FACTS or event.type in PLACED:
                self._check(event.subject if event.type != "catalogue.changed" else None)
            if event.type == "menu.changed":
                self._check(None)

    def pulse(self, now: float) -> None:
        """What time brings; at first, what a stop left undone."""
        if not self._begun:
            self._begun = True
            for here in self._memory.presence.here():
                self._sit_down(here.customer)
            self._keep_up()
            self._check(None)
        self._note(self._missing.pulse(now))
        for round_ in self._memory.rounds.all():
            if now - round_.started_at > DAY:
                self._of_round(round_.id, self._over)
            elif round_.late(now) != round_.late_since:
                self._of_round(round_.id, self._late)

    # --- seats -------------------------------------------------------------------------------------------------------

    def _sit_down(self, customer: str) -> None:
        """Who is recognised in the zone of the place where they are expected sits there, once a visit."""
        memory, now = self._memory, self._memory.now()
        customer = memory.family.root(customer)
        here = memory.presence.where(customer)
        if here is None or memory.seating.of(here.visit) is not None:
            return
        for each in memory.presence.beside.expected.of(customer):
            place = memory.seating.places.get(each.place or "")
            if place is None or place.zone != here.zone or not each.may_be(now):
                continue
            if self._turns.taken(customer) or self._turns.taken(f"place:{place.place}"):
                subject = customer if self._turns.taken(customer) else f"place:{place.place}"
                self._turns.after(subject, partial(self._sit_down, customer))
                return
            if memory.seating.at(place.place) is None:
                self._note(seated(memory, [Seat(here.visit, customer, place.place, now, "expected")], GATEWAY))
                self._keep_up()
                self._check(customer)
                return

    # --- rounds ------------------------------------------------------------------------------------------------------

    def _keep_up(self) -> None:
        for round_ in self._memory.rounds.all():
            self._of_round(round_.id, self._rows)

    def _of_round(self, id_: str, change: Callable[[Round], None]) -> None:
        """Changes a round that goes on, once nobody else does."""
        if self._turns.taken(id_):
            self._turns.after(id_, partial(self._of_round, id_, change))
            return
        round_ = self._memory.rounds.find(id_)
        if round_ is not None:
            change(round_)

    def _rows(self, round_: Round) -> None:
        rows = rows_after(round_.rows, guests(self._memory, round_))
        if rows != round_.rows:
            self._note([changed(round_, "rows", self._memory.now(), rows=rows)])

    def _late(self, round_: Round) -> None:
        now = self._memory.now()
        if round_.late(now) != round_.late_since:
            self._note([changed(round_, "late", now)])

    def _over(self, round_: Round) -> None:
        at = iso(self._memory.now())
        self._note([News("round.ended", round_.id, {"id": round_.id, "by": GATEWAY, "at": at})])

    # --- orders against what is known --------------------------------------------------------------------------------

    def _check(self, customer: str | None) -> None:
        """Holds the orders of a customer that are not served yet against what is known now; of everybody for None."""
        root = self._memory.family.root
        customer = root(customer) if customer is not None else None
        for ask in self._memory.asks.all():
            if ask.state == "answered" and customer in (None, root(ask.customer)):
                self._check_ask(ask.id)
        for round_ in self._memory.rounds.all():
            self._of_round(round_.id, partial(self._check_seats, customer=customer))

    def _check_ask(self, id_: str) -> None:
        ask = self._memory.asks.find(id_)
        if ask is None or ask.state != "answered":
            return
        if self._turns.taken(ask.customer):
            self._turns.after(ask.customer, partial(self._check_ask, id_))
            return
        found = self._views.dining.flags(ask.customer, ask, self._memory.menus.find(ask.menu))
        if found:
            flagged = replace(ask, flagged=[*ask.flagged, *found], seen_by=None, seen_at=None)
            data = {**flagged.data(), "takes": None, "gives_back": None, "because": "recorded"}
            self._note([News("order.flagged", ask.customer, data)])

    def _check_seats(self, round_: Round, customer: str | None) -> None:
        """The orders of seats whose guest is known by now."""
        for plate in [each for each in round_.plates.values() if each.visit is None and not each.served]:
            row = next((row for row in round_.rows if row.place == plate.place and row.state == "here"), None)
            guest = self._guest(row)
            if guest is None or customer not in (None, guest):
                continue
            found = self._views.dining.flags(guest, plate, self._memory.menus.find(round_.menu))
            if found:
                order = self._memory.rounds.seat_order(round_.id, plate.id)
                order |= {"flagged": [*order["flagged"], *found], "seen_by": None, "seen_at": None}
                self._note([changed(round_, "flagged", self._memory.now(), order=order)])

    def _guest(self, row: Row | None) -> str | None:
        stay = self._memory.stays.of(row.visit) if row is not None and row.visit is not None else None
        return stay.customer if stay is not None else None


def guests(memory: Memory, round_: Round) -> list[tuple[str, str | None]]:
    """Who is in a round, with the place of each, in the order in which they came."""
    places = {row.place for row in round_.rows if row.place is not None}
    zones = set(round_.zones)
    found: list[tuple[float, str, str | None]] = []
    for here in memory.presence.here():
        place = memory.seating.place_of(here.visit)
        if place in places:
            found.append((here.since, here.visit, place))
        elif here.zone in zones:
            found.append((here.since, here.visit, None))
    return [(visit, place) for _, visit, place in sorted(found, key=lambda each: each[:2])]


def changed(
    round_: Round, change: str, now: float, *, by: str = GATEWAY, at: float | None = None,
    rows: Sequence[Row] | None = None, order: dict[str, object] | None = None, acknowledged: int | None = None,
    takes: str | None = None, gives_back: str | None = None,
) -> News:  # fmt: skip
    """The event that says what changed in a round; whether it is late follows from it."""
    seen = round_
    if acknowledged is not None:
        seen = replace(round_, acknowledged={"sequence": acknowledged})
    late = seen.late(now)
    data = {
        "id": round_.id, "change": change, "rows": [row.data() for row in rows] if rows is not None else None,
        "order": order, "takes": takes, "gives_back": gives_back, "menu": round_.menu if takes or gives_back else None,
        "acknowledged": acknowledged, "late_since": iso(late) if late is not None else None,
        "by": by, "at": iso(now if at is None else at),
    }  # fmt: skip
    return News("round.changed", round_.id, data)


def seated(memory: Memory, moves: Iterable[Seat], by: str) -> list[News]:
    """The events that say who sits where from now on."""
    news = []
    for seat in moves:
        before = memory.seating.place_of(seat.visit)
        data: dict[str, Any] = {
            "visit": seat.visit, "customer": seat.customer, "because": seat.because, "by": by, "at": iso(seat.since),
        }  # fmt: skip
        if seat.place is None:
            if before is not None:
                news.append(News("place.freed", seat.customer, {**data, "place": before}))
            continue
        zone = memory.seating.places[seat.place].zone
        data |= {"place": seat.place, "zone": zone, "was": before}
        news.append(News("place.taken", seat.customer, data))
    return news


def freed(memory: Memory, visit: str, at: float) -> list[News]:
    """The event that frees the place of a visit that is over; none where it has none."""
    seat = memory.seating.of(visit)
    if seat is None or seat.place is None:
        return []
    return seated(memory, [Seat(visit, seat.customer, None, at, "left")], GATEWAY)
