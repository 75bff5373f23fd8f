"""Who is expected: a list that a manager, or a booking system, puts in place of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.events.times import iso
from gateway.service.alert import Refused

Row = dict[str, Any]


def expect(house: Gateway, rows: Sequence[Row], now: float) -> Action:
    """These customers are expected from now on, and nobody else; raises Refused(422) for who is not known here.

    A row has ``customer``, ``begins`` and ``ends`` (seconds since 1970 UTC; None: when the venue's day does).
    """
    wanted: dict[str, tuple[float, float]] = {}
    for row in rows:
        customer = row["customer"]
        if house.memory.meet(customer) is None:
            raise Refused(422, f"expected: there is no customer {customer!r}")
        if customer in wanted:
            raise Refused(422, f"expected: {customer!r} is there twice")
        begins, ends = row["begins"], row["ends"]
        first, last = _day(house, next((at for at in (begins, ends) if at is not None), now))
        wanted[customer] = (first if begins is None else begins, last if ends is None else ends)
        if wanted[customer][0] > wanted[customer][1]:
            raise Refused(422, f"expected: {customer!r} goes before they come")
    known = house.memory.presence.beside.expected.all()
    news = [_news(customer, *times) for customer, times in wanted.items() if known.get(customer) != times]
    news += [_news(customer, None, None) for customer in known if customer not in wanted]
    return Action([shape(house, customer, *times) for customer, times in in_turn(wanted)], news=news)


def expected(house: Gateway, now: float) -> list[Shape]:
    """Who is still expected, in the order in which they come."""
    known = house.memory.presence.beside.expected.all()
    return [shape(house, c, *times) for c, times in in_turn(known) if times[1] >= now and house.memory.meet(c)]


def in_turn(times: dict[str, tuple[float, float]]) -> list[tuple[str, tuple[float, float]]]:
    """By when they come, then by who."""
    return sorted(times.items(), key=lambda one: (one[1], one[0]))


def shape(house: Gateway, customer: str, begins: float, ends: float) -> Shape:
    """As a list shows them: named where they want to be, and whether they are here."""
    here = house.memory.presence.where(customer) is not None
    return {**house.views.named(customer), "from": iso(begins), "until": iso(ends), "here": here}


def _news(customer: str, begins: float | None, ends: float | None) -> News:
    times = {"begins": None if begins is None else iso(begins), "ends": None if ends is None else iso(ends)}
    return News("customer.expected", customer, {"customer": customer, **times})


def _day(house: Gateway, at: float) -> tuple[float, float]:
    """The venue's own day around ``at``, through summer time."""
    zone = ZoneInfo(house.config.venue.timezone)
    midnight = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    return midnight.timestamp(), after.timestamp() - 0.001
