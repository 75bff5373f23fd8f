"""Two customers who are one person, and two again."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import Any

from gateway.core import facts
from gateway.core.action import Action
from gateway.core.actions.asks import became
from gateway.core.actions.customers import known, ours
from gateway.core.gateway import Gateway
from gateway.core.table import freed, seated
from gateway.events.event import GATEWAY, Event, News
from gateway.events.times import iso, new_id
from gateway.recognition.moments import Here, Moment
from gateway.records import merges
from gateway.records.lent_merges import Settled
from gateway.service import merging
from gateway.service.alert import Refused
from gateway.service.seating import Seat

RECORDED = frozenset({
    "preference.recorded", "promise.made", "complaint.opened", "consent.granted", "consent.refused", "consent.revoked",
    "credential.given", "customer.changed", "wish.changed", "visit.arrived", "visit.reviewed",
})  # fmt: skip
"""What a merge leaves with the one under whose name it was recorded."""
MOST_SINCE = 1_000  # events that are looked through for it
HISTORY = 200  # newest events that a page shows


def merge(house: Gateway, customer: str, other: str, now: float) -> Action:
    """All of ``other`` counts for ``customer`` from now on: facts, things, consents, wishes, visits, what is owed.

    Raises Refused: 404 where one of them is not known, 409 where they are one already.
    """
    kept, theirs = ours(house, customer).id, ours(house, other).id
    if kept == theirs:
        raise Refused(409, "these are one customer already")
    id_ = new_id(now)
    news, visit = _as_one(house, kept, theirs, now)
    data = {"customer": kept, "merge": id_, "other": theirs, "visit": visit}
    answer = {"merge": id_, "customer": kept, "other": theirs}
    merged = News("customer.merged", kept, data)  # last: the whole state is told with it
    return Action(answer, 201, news=[*news, merged], rests_on=frozenset({theirs}))


def _as_one(house: Gateway, kept: str, other: str, now: float) -> tuple[list[News], str | None]:
    """What becomes of cards and visits, and the visit that the kept one begins, where only the other was here."""
    presence = house.memory.presence
    here, there = presence.where(kept), presence.where(other)
    visit = new_id(now) if there is not None and here is None else None
    news = _cards(house, kept, other, here, there, visit, now)
    if there is not None:
        news += _goes_on(house, kept, there, here.visit if here else visit, now, begins=visit is not None)
    return news, visit


def settled(house: Gateway, change: Settled) -> None:
    """Memory follows what the table of merges has by the word of others; the day of who is here follows it."""
    memory, now = house.memory, house.memory.now()
    kept, other = memory.family.root(change.kept), change.other
    data: dict[str, Any] = {"customer": kept, "merge": change.id, "other": other, "visit": None}
    if not change.undone and memory.family.root(other) != kept:
        news, data["visit"] = _as_one(house, kept, other, now)
        house.note(news)
    type_ = "customer.unmerged" if change.undone else "customer.merged"
    memory.apply(Event("", type_, kept, kept, now, data, GATEWAY, house.journal.sequence))
    memory.family.renew((each.kept, each.other, each.at) for each in merges.live(house.store.reader))


def unmerge(house: Gateway, customer: str, merge: str, now: float) -> Action:
    """It is as if the merge had not been; the answer says what was recorded since, which stays where it is.

    Raises Refused(404) where there is no such merge.
    """
    person = ours(house, customer).id
    found = merges.get(house.store.reader, merge)
    if found is None or house.memory.family.root(found.other) != person:
        raise Refused(404, "there is no such merge")
    since = takewhile(
        lambda e: e.type != "customer.merged" or e.data.get("merge") != merge,
        house.journal.of_customer(found.kept, MOST_SINCE),
    )
    recorded = [
        {"type": e.type, "time": iso(e.time), "by": e.actor, "by_name": house.memory.floor.name_of(e.actor)}
        for e in since
        if e.type in RECORDED and e.data
    ]
    answer = {"merge": merge, "customer": found.kept, "other": found.other, "since": recorded}
    data = {"customer": found.kept, "merge": merge, "other": found.other}
    apart = merges_apart(house, found.kept, found.other)
    return Action(
        answer, news=[*apart, News("customer.unmerged", found.kept, data)], rests_on=frozenset({found.other, person})
    )


def merges_apart(house: Gateway, one: str, other: str) -> list[News]:
    """The event that says that two are two: they are proposed no more."""
    if frozenset((one, other)) in merges.apart(house.store.reader):
        return []
    return [News("customer.told_apart", one, {"customer": one, "other": other})]


def tell_apart(house: Gateway, customer: str, other: str) -> Action:
    """Two who look like one are not. Raises Refused: 404 where one is not known, 409 where they are one."""
    one, two = known(house, customer).id, known(house, other).id
    if one == two:
        raise Refused(409, "these are one customer already")
    return Action(None, 204, news=merges_apart(house, one, two), rests_on=frozenset({two}))


def history(house: Gateway, customer: str, limit: int = HISTORY) -> list[Event]:
    """What happened with a person, by all of their records, and when they became one: the newest first."""
    records = house.memory.family.all_of(customer)
    found = [e for record in records for e in house.journal.of_customer(record, limit)]
    ids = set(merges.ever(house.store.reader, customer))
    into = {kept for id_ in ids if (kept := merges.into(house.store.reader, id_)) is not None and kept not in records}
    for kept in into:  # a merge that is undone stands with the one who was kept
        every = [*house.journal.of_customer(kept, type="customer.merged"),
                 *house.journal.of_customer(kept, type="customer.unmerged")]  # fmt: skip
        found += [e for e in every if e.data.get("merge") in ids]
    return sorted(found, key=lambda e: -e.sequence)[:limit]


def parts(house: Gateway, customer: str) -> list[dict[str, Any]]:
    """The merges that a person is made of, by whose records, the newest first."""
    found = []
    for record in house.memory.family.all_of(customer):
        for each in merges.of(house.store.reader, record):
            own = merges.own(house.store.reader, each.other)
            found.append({"merge": each.id, "other": each.other, "name": own.name if own else None, "at": iso(each.at)})
    return sorted(found, key=lambda row: str(row["at"]), reverse=True)


# --- who is here -----------------------------------------------------------------------------------------------------


def _cards(
    house: Gateway, kept: str, other: str, here: Here | None, there: Here | None, visit: str | None, now: float
) -> list[News]:
    """What becomes of cards: those of the other end, and whoever has them has the one who is kept."""
    desk = house.memory.desk
    theirs = desk.of_visit(there.visit) if there is not None else None
    ended = merging.over(desk.of_customer(other), now)
    if here is not None:
        ended += merging.taken_over(theirs, desk.of_visit(here.visit), now)
    elif visit is not None:
        ended += merging.carried_on(theirs, kept, visit, lambda: new_id(now), now)
    return [facts.alert(n) for n in ended]


def _goes_on(house: Gateway, kept: str, there: Here, visit: str | None, now: float, *, begins: bool) -> list[News]:
    """The other's visit ends; what was asked in it, and where nobody else was here the visit itself, is the kept's."""
    memory = house.memory
    moment = memory.presence.ending(there.customer, now, "merged")
    stay = memory.stays.of(there.visit)
    news = [News("visit.departed", there.customer, facts.visit(moment, None, "merged"))] if moment is not None else []
    if begins and stay is not None and visit is not None:
        arrived = Moment(
            "arrived", kept, visit, there.zone, now, there.since, there.confidence, there.reason, there.evidence
        )
        news.append(News("visit.arrived", kept, facts.visit(arrived, replace(stay, customer=kept, visit=visit))))
    for ask in memory.asks.of_visit(there.visit):
        again = replace(ask, id=new_id(now), customer=kept, visit=visit or "")
        if ask.round is not None:  # one dish, and not two
            news.insert(0, became(ask, replace(ask, round=None)))
        news.append(replace(became(again, again), actor=ask.by))
    seat = memory.seating.place_of(there.visit)
    news[:0] = freed(memory, there.visit, now)
    if seat is not None and visit is not None and memory.seating.place_of(visit) is None:
        news += seated(memory, [Seat(visit, kept, seat, now, "staff")], GATEWAY)
    return news
