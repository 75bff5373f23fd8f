"""Who is expected: one by one, or a list that a manager, or a booking system, puts in place of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.core import shapes
from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.recognition.expected import ExpectedVisit
from gateway.service.alert import Refused

Row = dict[str, Any]
"""What is said of one: ``customer``, ``begins`` and ``ends`` (seconds since 1970 UTC; None: when the venue's day does),
``place`` and ``note``, and an ``id`` where somebody made one."""


def expect(house: Gateway, rows: Sequence[Row], now: float) -> Action:
    """These customers are expected from now on, and nobody else; raises Refused(422) for who is not known here."""
    wanted: dict[str, ExpectedVisit] = {}
    known = house.memory.presence.beside.expected
    for row in rows:
        customer = house.memory.family.root(row["customer"])
        if customer in wanted:
            raise Refused(422, f"expected: {customer!r} is there twice")
        id_ = row["id"] or next((each.id for each in known.of(customer)), None)
        wanted[customer] = visit_of(house, {**row, "id": id_}, now)
    kept = {each.id for each in wanted.values()}
    news = [told(each) for each in wanted.values() if known.get(each.id) != each]
    news += [told(each, removed=True) for each in known.all() if each.id not in kept]
    return Action([shape(house, each) for each in sorted(wanted.values(), key=in_turn)], news=news)


def add(house: Gateway, row: Row, now: float) -> Action:
    """One more is expected; the same once more is that one, with the place and the note that were said last."""
    visit = visit_of(house, row, now)
    known = house.memory.presence.beside.expected
    there = known.get(visit.id) if row["id"] else _same(known.of(visit.customer), visit)
    if there is not None:
        if row["id"] and there.customer != visit.customer:
            raise Refused(409, "this id is another expected visit's")
        visit = replace(visit, id=there.id, record=there.record)
    return Action(shape(house, visit), 201, news=[told(visit)] if visit != there else [])


def add_all(house: Gateway, rows: Sequence[Row | str], now: float) -> Action:
    """Several more are expected, with an answer for each; one that is not good (or says why) costs no other."""
    answers: list[Shape] = []
    news: dict[str, News] = {}
    made: list[ExpectedVisit] = []
    for number, row in enumerate(rows, start=1):
        try:
            if isinstance(row, str):
                raise Refused(422, row)
            visit = visit_of(house, row, now)
            there = _same(made, visit)
            one = add(house, {**row, "id": there.id} if there is not None and not row["id"] else row, now)
        except Refused as refused:
            answers.append({"row": number, "status": refused.status, "detail": refused.reason, "expected": None})
            continue
        made.append(replace(visit, id=one.answer["id"]))
        if one.news:
            news[one.answer["id"]] = one.news[-1]
        answers.append({"row": number, "status": one.status, "detail": None, "expected": one.answer})
    return Action(answers, news=list(news.values()))


def change(house: Gateway, id_: str, row: Row, now: float) -> Action:
    """One is expected otherwise than before; raises Refused(404)."""
    there = house.memory.presence.beside.expected.get(id_)
    if there is None:
        raise Refused(404, "there is no such expected visit")
    visit = visit_of(house, {**row, "id": id_}, now)
    news = [told(visit)] if visit != there else []
    if visit.customer != there.customer:  # the event of one customer says nothing of another
        visit = replace(visit, id=new_id(now), record=visit.customer)
        news = [told(there, removed=True), told(visit)]
    return Action(shape(house, visit), news=news)


def remove(house: Gateway, id_: str) -> Action:
    """One is expected no more; raises Refused(404)."""
    there = house.memory.presence.beside.expected.get(id_)
    if there is None:
        raise Refused(404, "there is no such expected visit")
    return Action(None, 204, news=[told(there, removed=True)])


def expected(house: Gateway, now: float) -> list[Shape]:
    """Who is still expected, in the order in which they come, and who did not come."""
    known = house.memory.presence.beside.expected.all()
    return [
        shape(house, each) for each in known if (each.missed or each.ends >= now) and house.memory.meet(each.customer)
    ]


def visit_of(house: Gateway, row: Row, now: float) -> ExpectedVisit:
    """The expected visit that a row says; raises Refused(422) for what cannot be."""
    begins, ends, place = row["begins"], row["ends"], row["place"]
    customer = house.memory.family.root(row["customer"])
    if house.memory.meet(customer) is None:
        raise Refused(422, f"expected: there is no customer {customer!r}")
    if place is not None:
        house.memory.seating.place(place)
    first, last = day(house.config.venue.timezone, next((at for at in (begins, ends) if at is not None), now))
    begins, ends = first if begins is None else begins, last if ends is None else ends
    if begins > ends:
        raise Refused(422, f"expected: {customer!r} goes before they come")
    there = house.memory.presence.beside.expected.get(row["id"] or "")
    record = there.record if there is not None and there.customer == customer else customer
    when = round(begins, 3), round(ends, 3)
    return ExpectedVisit(row["id"] or new_id(now), customer, record, *when, place, row["note"])


def in_turn(visit: ExpectedVisit) -> tuple[float, float, str]:
    """By when they come, then as they were said."""
    return visit.begins, visit.ends, visit.id


def shape(house: Gateway, visit: ExpectedVisit) -> Shape:
    """As a list shows them: named where they want to be, and whether they are here."""
    here = house.memory.presence.where(visit.customer) is not None
    return {**shapes.expected(visit, *house.views.booked(visit.customer)), "here": here}


def told(visit: ExpectedVisit, *, removed: bool = False) -> News:
    """The event that says so."""
    data = {
        "id": visit.id, "customer": visit.record, "place": visit.place, "begins": iso(visit.begins),
        "ends": iso(visit.ends), "note": visit.note, "removed": removed,
    }  # fmt: skip
    return News("expected.changed", visit.record, data)


def day(timezone: str, at: float) -> tuple[float, float]:
    """The venue's own day around ``at``, through summer time."""
    zone = ZoneInfo(timezone)
    midnight = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    return midnight.timestamp(), after.timestamp() - 0.001


def _same(known: Sequence[ExpectedVisit], visit: ExpectedVisit) -> ExpectedVisit | None:
    """The visit that was said before for the same customer and time."""
    of_them = (each for each in known if each.customer == visit.customer)
    return next((each for each in of_them if (each.begins, each.ends) == (visit.begins, visit.ends)), None)
