"""What a club holds for its guest, as their own page shows it: invitations, one question, points by partner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.core import gatherings as kept_in
from gateway.core.action import Action, Actor
from gateway.core.actions import gatherings, introductions
from gateway.core.actions.statements import agrees
from gateway.core.club_line import Away
from gateway.core.club_points import PURPOSE, Points, ask, last_day, nothing
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events import venue_time
from gateway.events.event import CUSTOMER
from gateway.events.times import iso, seconds
from gateway.records import gatherings as written
from gateway.service.alert import Refused

THEMSELVES = Actor(CUSTOMER)
OPEN = frozenset({"sent", "accepted", "waiting"})
PAST_SHOWN = 5


def invitations(house: Gateway, customer: str, now: float) -> list[Shape]:
    """Those that are open, the next first, then the latest of what has been; of a draft nobody is told."""
    if not house.config.club.gatherings:
        return []
    found = {}
    for record in house.memory.family.all_of(customer):
        for each in written.of_customer(house.store.reader, record):
            kept = _kept(house, each["gathering"])
            if kept is not None and each["standing"] != "listed" and customer in kept.invitations:
                found[kept.facts["id"]] = _invitation(kept, customer, now)
    rows = sorted(found.values(), key=lambda row: str(row["from"]))
    ahead = [row for row in rows if row["open"]]
    return [*ahead, *[row for row in reversed(rows) if not row["open"]][:PAST_SHOWN]]


def _kept(house: Gateway, gathering: str) -> kept_in.Kept | None:
    try:
        return kept_in.read(house, gathering)
    except Refused:
        return None


def _invitation(kept: kept_in.Kept, customer: str, now: float) -> Shape:
    facts, whole, mine = kept.facts, kept.invitations[customer], kept.evening.invitations[customer]
    line = kept.evening.line()
    ahead = facts["state"] in ("open", "closed") and (seconds(facts["begins"]) or 0.0) > now
    return {
        "id": whole["id"], "title": facts["title"], "kind": facts["kind"], "from": facts["begins"],
        "until": facts["ends"], "standing": mine.standing, "companions": mine.companions,
        "reasons": whole["reasons"], "place_in_line": line.index(customer) + 1 if customer in line else None,
        "offered_until": whole["offered_until"],
        "open": ahead and mine.standing in OPEN and (facts["state"] == "open" or mine.standing == "accepted"),
    }  # fmt: skip


def answer(house: Gateway, customer: str, invitation: str, companions: int | None, now: float) -> Action:
    """The guest comes with so many, or (None) does not; raises Refused(404) for another's invitation."""
    found = written.invitation(house.store.reader, invitation)
    if found is None or house.memory.family.root(found["customer"]) != customer or found["standing"] == "listed":
        raise Refused(404, "there is no such invitation")
    if companions is None:
        return gatherings.decline(house, invitation, THEMSELVES, now)
    return gatherings.accept(house, invitation, companions, THEMSELVES, now)


def questions(house: Gateway, customer: str, now: float) -> list[Shape]:
    """What the guest is asked, and what they said; who it is about is told in person and not here."""
    rows = introductions.of_customer(house, customer, now, themselves=True)
    names = ("id", "words", "until", "state", "answer")
    return [{name: row[name] for name in names} for row in rows if row["state"] != "lapsed"]


def say(house: Gateway, customer: str, question: str, said: Any, now: float) -> Action:
    """The guest's own answer; raises Refused."""
    return introductions.answer(house, question, customer, said, THEMSELVES, now)


async def points(house: Gateway, points_here: Points, customer: str) -> Shape:
    """The guest's points, and of each earning what is left: also of a guest whose card shows none of it."""
    if not house.config.club.points or house.club is None:
        return _points(nothing(customer, "off"), [])
    line = await points_here.asked(house, customer, known=not agrees(house, customer, PURPOSE, house.memory.now()))
    if line["state"] != "shown" or line["as_of"] is not None:
        return _points(line, [])
    try:
        found = await ask(house, "GET", f"members/{line['member']}/lots?customer={customer}")
    except Away:
        return _points({**line, "as_of": iso(house.memory.now())}, [])
    rows = found.body.get("lots", []) if found.status < 400 else []
    names = found.body.get("names", {})
    return _points(line, [_lot(each, names) for each in rows if each["open"] or each["reserved"]])


def _points(line: Shape, lots: list[Shape]) -> Shape:
    return {
        "state": line["state"], "club": line["club"], "points": line["points"], "held": line["reserved"],
        "owed": line["owed"], "as_of": line["as_of"], "lots": lots,
    }  # fmt: skip


def _lot(each: Shape, names: Shape) -> Shape:
    ends, issuer = seconds(each["expires_at"]), each["issuer"]
    return {
        "partner": issuer, "name": names.get(issuer) or dict.fromkeys(("zh-CN", "en"), issuer),
        "given": each["points"], "left": each["open"], "held": each["reserved"],
        "on": datetime.fromtimestamp(seconds(each["earned_at"]) or 0.0, venue_time.zone()).date().isoformat(),
        "last_day": None if ends is None else last_day(ends),
    }  # fmt: skip


async def whole(house: Gateway, points_here: Points, customer: str) -> Shape:
    """All of it."""
    now = house.memory.now()
    return {
        "invitations": invitations(house, customer, now), "questions": questions(house, customer, now),
        "points": await points(house, points_here, customer),
    }  # fmt: skip
