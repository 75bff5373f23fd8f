"""Gatherings as the house knows them: of what is kept, of who agrees now, and of who is here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.club.gatherings import Attendance, Guest, Row, Stay
from gateway.club.gatherings import Gathering as Evening
from gateway.club.gatherings import Invitation as Seat
from gateway.club.membership import Membership
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import DAY, iso, seconds
from gateway.insight.shares import share
from gateway.records import agreeing, day, gatherings, visits
from gateway.records.connection import SealedDatabase
from gateway.records.customers import FOR_GOOD
from gateway.records.preferences import Preference
from gateway.service.alert import Refused

SAID = (
    "kind", "title", "zones", "begins", "ends", "seats", "hosts", "every", "offer_hours", "budget_cents", "split",
    "lists",
)  # fmt: skip
"""What somebody plans; the rest is ours."""
INVITATIONS = "invitations"
"""The purpose of consent without which nobody is invited."""
OFTEN = 3  # visits that make somebody one who was here often
UNDISTURBED = frozenset({"do_not_disturb", FOR_GOOD})
BACK_DAYS = 90
HEARD = ("visit.arrived", "visit.moved", "visit.departed")
BEFORE = DAY / 2
"""So long before a gathering somebody may have come who is still here."""


@dataclass(slots=True)
class Kept:
    """A gathering with its invitations: as they are kept, and as the rules go by them."""

    facts: dict[str, Any]
    invitations: dict[str, dict[str, Any]]
    """By the person."""
    evening: Evening


def ms(time: str | None) -> int | None:
    """A time of an event in milliseconds since 1970 UTC."""
    at = seconds(time)
    return None if at is None else round(at * 1000)


def time_of(at: int | None) -> str | None:
    """The other way round."""
    return None if at is None else iso(at / 1000)


def read(house: Gateway, id_: str) -> Kept:
    """A gathering and its invitations; raises Refused(404). Who ended being invited has an invitation no more."""
    facts = gatherings.get(house.store.reader, id_)
    if facts is None:
        raise Refused(404, "there is no such gathering")
    return kept_of(house, facts, agreed(house))


def kept_of(house: Gateway, facts: dict[str, Any], willing: Collection[str]) -> Kept:
    """The same of what was read already; ``willing`` agree to be invited."""
    found: dict[str, dict[str, Any]] = {}
    for each in gatherings.invitations(house.store.reader, facts["id"]):
        person = house.memory.family.root(each["customer"])
        if house.memory.meet(person) is None or (person not in willing and each["standing"] not in PAST):
            continue
        found.setdefault(person, each)
    return _whole(facts, found)


def with_news(house: Gateway, kept: Kept, news: Iterable[News]) -> Kept:
    """The same once these events are written down."""
    facts, found = kept.facts, dict(kept.invitations)
    for each in news:
        if each.type.startswith("invitation."):
            found[house.memory.family.root(each.subject)] = each.data
        elif each.type in ("gathering.opened", "gathering.changed"):
            facts = each.data
    return _whole(facts, found)


def _whole(facts: dict[str, Any], found: dict[str, dict[str, Any]]) -> Kept:
    seats = {person: _seat(person, each) for person, each in found.items()}
    evening = Evening(
        facts["id"], facts["kind"], ms(facts["begins"]) or 0, ms(facts["ends"]) or 0, facts["seats"],
        facts["offer_hours"], facts["state"], seats,
    )  # fmt: skip
    return Kept(facts, found, evening)


PAST = frozenset({"attended", "not_seen"})
"""What has been, and is kept whatever somebody agrees to since."""


def _seat(person: str, kept: Mapping[str, Any]) -> Seat:
    return Seat(
        person, kept["standing"], kept["companions"], ms(kept["answered_at"]), ms(kept["offered_until"])
    )  # fmt: skip


def agreed(house: Gateway) -> set[str]:
    """Who agrees to be invited."""
    return agreeing.agreeing(house.store.reader, INVITATIONS, house.memory.certain(), house.memory.consenting.cut)


# --- who may be invited ----------------------------------------------------------------------------------------------


def rows_of(facts: Mapping[str, Any], named: Iterable[str]) -> list[Row]:
    """The rules of a gathering's list; whom an associate named are in a rule of their own."""
    rows = [Row(each["by"], each["reason"], each["most"], each["days"], each["category"]) for each in facts["lists"]]
    return [*rows, Row("named", "", named=frozenset(named))]


def guests(house: Gateway, facts: Mapping[str, Any], now: float) -> list[Guest]:
    """Everybody who agrees to be invited and is a customer of this house, with what a list may go by."""
    lists, here = facts["lists"], house.memory.people.borrowed
    wanted = {each["by"] for each in lists}
    tiers = {each["category"] for each in lists if each["by"] == "value"}
    found = [_guest(house, each, facts["id"], wanted, tiers, now) for each in sorted(agreed(house))]
    return [each for each in found if each is not None and here.venue(each.id) is None]


def _guest(
    house: Gateway, customer: str, gathering: str, wanted: Collection[str], tiers: Collection[str], now: float
) -> Guest | None:
    person = house.memory.meet(customer)
    if person is None:
        return None
    records = house.memory.family.all_of(customer)
    unanswered, last = _invited_before(house.store.reader, records, gathering)
    return Guest(
        customer,
        agreed=True,
        undisturbed=not UNDISTURBED.isdisjoint(person.wishes),
        unanswered=unanswered,
        last_invited=last,
        complaint=bool(house.memory.dues.of_customer(customer, "complaint")),
        value=bool(person.tier) and ("" in tiers or person.tier in tiers),
        interests=interests(house, customer) if "interest" in wanted else frozenset(),
        meets=frozenset(house.memory.family.root(each) for each in person.meets),
        silent_days=_silent(house, records, now) if "woken" in wanted else None,
        member=has_proof(house, records, now),
    )


def _invited_before(reader: SealedDatabase, records: Iterable[str], besides: str) -> tuple[int, int | None]:
    """How many invitations in a row they did not answer, and when the last was sent."""
    sent = [
        each
        for record in records
        for each in gatherings.of_customer(reader, record)
        if each["sent_at"] is not None and each["gathering"] != besides
    ]
    sent.sort(key=lambda each: each["sent_at"], reverse=True)
    in_a_row = 0
    for each in sent:
        if each["standing"] != "lapsed" or each["answered_at"] is not None:
            break
        in_a_row += 1
    return in_a_row, ms(sent[0]["sent_at"]) if sent else None


def interests(house: Gateway, customer: str) -> frozenset[str]:
    """What they said they like: the category, their own words, and the word of the catalogue."""
    liked = _liked(house, customer)
    return frozenset(_plain(word) for each in liked for word in (each.category, each.value, each.code) if word)


def shared_words(house: Gateway, customer: str) -> frozenset[str]:
    """What they said they like, in their own words alone: what another may be said to like, too."""
    return frozenset(_plain(each.value) for each in _liked(house, customer) if each.value)


def _plain(word: str) -> str:
    return word.strip().casefold()


def _liked(house: Gateway, customer: str) -> list[Preference]:
    known = house.memory.known.of(customer)
    if house.memory.certain() >= known.agreed_until:
        return []
    holds = known.merged.holds
    return [each for each in known.facts if each.id in holds and each.basis == "stated" and each.polarity == "do"]


def _silent(house: Gateway, records: Collection[str], now: float) -> int | None:
    """How many days somebody was not here who was here often; None of anybody else, and of who is here."""
    reader = house.store.reader
    if visits.count(reader, *records) < OFTEN:
        return None
    last = visits.last_visit(reader, *records)
    if last is None or last.closed_at is None:
        return None
    return int((now - last.closed_at) // DAY)


def has_proof(house: Gateway, records: Iterable[str], now: float) -> bool:
    """Whether somebody has a proof of ownership that is alive today."""
    today = datetime.fromtimestamp(now, venue_time.zone()).date().isoformat()
    return any(
        Membership(**each).is_live(today)
        for record in records
        for each in gatherings.memberships(house.store.reader, record)
    )


# --- who is there ----------------------------------------------------------------------------------------------------


def stays(house: Gateway, kept: Kept, now: float) -> list[Stay]:
    """When the invited were heard in the zones of a gathering, as the journal tells it, until ``now``."""
    zones = frozenset(kept.facts["zones"]) or {each.id for each in house.config.zones}
    root, begins = house.memory.family.root, kept.evening.begins / 1000
    since: dict[str, int] = {}
    found: list[Stay] = []
    for each in day.events(house.store.reader, HEARD, begins - BEFORE, kept.evening.ends / 1000 + 1):
        person = root(each.data.get("customer", ""))
        if person not in kept.invitations:
            continue
        at = ms(each.data["at"]) or round(each.time * 1000)
        inside = each.type != "visit.departed" and each.data["zone"] in zones
        if inside:
            since.setdefault(person, at)
        elif person in since:
            found.append(Stay(person, since.pop(person), at))
    return found + [Stay(person, at, round(now * 1000)) for person, at in since.items()]


def recognised(house: Gateway, people: Iterable[str]) -> set[str]:
    """Who of these agreed to be recognised."""
    return {each for each in people if house.memory.roster.admits(each)}


def attended(kept: Kept) -> list[str]:
    """Who was there."""
    return sorted(each.customer for each in kept.evening.invitations.values() if each.standing == "attended")


def seen(invitation: Mapping[str, Any], there: Attendance) -> dict[str, Any]:
    """An invitation of somebody who was there, with when they came and went."""
    return {**invitation, "standing": "attended", "came": time_of(there.came), "went": time_of(there.went)}


# --- what came of it -------------------------------------------------------------------------------------------------


def returns(house: Gateway, kept: Kept, now: float) -> list[Shape] | None:
    """How many came again within 90 days: of who was there, who was invited and not there, and who was not drawn.

    None before the 90 days are over. Of a group smaller than 30 nothing is said but its size.
    """
    ends = kept.evening.ends / 1000
    if now < ends + BACK_DAYS * DAY:
        return None
    groups: dict[str, list[str]] = {"attended": [], "invited": [], "not_drawn": []}
    for person, each in kept.invitations.items():
        there = "attended" if each["standing"] == "attended" else "invited" if each["sent_at"] else "not_drawn"
        groups[there].append(person)
    return [_returned(house, name, people, ends) for name, people in groups.items()]


def _returned(house: Gateway, group: str, people: Collection[str], ends: float) -> Shape:
    reader = house.store.reader
    back = sum(
        any(
            ends + DAY / 2 < visit.opened_at <= ends + BACK_DAYS * DAY
            for record in house.memory.family.all_of(person)
            for visit in visits.of_customer(reader, record)
        )
        for person in people
    )
    found = share(back, len(people))
    if found.interval is None:
        return {"group": group, "of": found.of, "returned": None, "low": None, "high": None}
    low, high = round(found.interval.low, 3), round(found.interval.high, 3)
    return {"group": group, "of": found.of, "returned": found.count, "low": low, "high": high}
