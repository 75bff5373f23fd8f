"""What customers who agree to insight felt and said in a window, read from the records of one house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Any

from gateway.core import insight_ids
from gateway.events import venue_time
from gateway.events.times import DAY, seconds
from gateway.insight import money, surveys, voices
from gateway.insight.facts import INSIGHT, World
from gateway.insight.folding import Folded
from gateway.insight.leaving import TRADE_A_YEAR, leaving
from gateway.insight.rendered import SHARE
from gateway.insight.shares import FEW, Interval, Share, mean, share
from gateway.insight.voices import Answer, Known, Seen
from gateway.records import customers, day, preferences, promises, statements
from gateway.records.connection import SealedDatabase
from gateway.service.greetings import TYPES, Greetings, Guest

Whose = Callable[[str], str]
Row = dict[str, Any]
OURS = frozenset({"greeted", "missed"})
"""How visits ended of which can be said whether we cared."""
LATE = DAY
"""Seconds after which a complaint without a day of its own is late."""
ON_CARD = 5
MOST_WEEKS = 12
PRAISE = 5


@dataclass(slots=True)
class Heard:
    """What the records hold of the window, of those who agree alone; days are of the venue's calendar."""

    seen: list[Seen] = field(default_factory=list)
    praise: list[date] = field(default_factory=list)
    complaints: list[Row] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    surveys: list[tuple[str, Row]] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    wallet: list[tuple[str, int, int]] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    cold: dict[str, list[date]] = field(default_factory=dict)
    """Of each customer the days of visits that showed indifference, in order."""


def heard(reader: SealedDatabase, venue: str, agreed: Collection[str], whose: Whose, begins: date, on: date) -> Heard:
    """Reads all of it; ``whose`` says of a record whose it is."""
    start, end = (datetime.combine(each, datetime.min.time(), venue_time.zone()).timestamp() for each in (begins, on))
    found = Heard()
    owed = [each for customer in sorted(agreed) for each in promises.of_customer(reader, customer)]
    facts = {customer: preferences.facts_of(reader, customer) for customer in agreed}
    likes = {
        customer: min(ON_CARD, len({one.value for one in its if one.polarity == "do" and one.value}))
        for customer, its in facts.items()
    }
    asked, again, served = Counter[str](), Counter[str](), Counter[str]()
    for event in day.events(reader, ("ask.opened", "preference.served", "visit.reviewed"), start, end):
        of = str(event.data.get("visit"))
        if event.type == "ask.opened" and not event.data.get("slip"):
            asked[of] += 1
            again[of] += event.data.get("count", 1) > 1
        elif event.type == "preference.served":
            served[of] += 1
        elif whose(str(event.data.get("customer"))) in agreed and event.data.get("satisfaction") == PRAISE:
            found.praise.append(_day(event.time))
    late = {each["visit"]: each["kind"] for each in owed if each["visit"] and _late(each, end)}
    for guest in _guests(reader, start, end):
        customer = whose(guest.customer)
        if customer in agreed and guest.ended in OURS:
            id_, n = guest.visit, likes[customer]
            seen = Seen(
                venue, guest.zone or "", _day(guest.at), guest.took, bool(again[id_]), late.get(id_) == "promise",
                late.get(id_) == "complaint", None if guest.took is None else guest.took / 60, asked[id_], again[id_],
                n, min(n, served[id_]),
            )  # fmt: skip
            found.seen.append(seen)
            if any(seen.signs()):
                found.cold.setdefault(customer, []).append(seen.on)
    found.complaints = [each for each in owed if each["kind"] == "complaint" and start <= _at(each["at"]) < end]
    _said(found, reader, agreed, whose, begins, on)
    for customer in sorted(agreed):
        person = customers.get_customer(reader, customer)
        if person is not None:
            found.tiers.append(person.tier)
            found.known[customer] = _known(person, facts[customer], owed, on)
    return found


def _said(found: Heard, reader: SealedDatabase, agreed: Collection[str], whose: Whose, begins: date, on: date) -> None:
    tier: dict[str, str] = {}
    for each in statements.select(reader, "kind IN ('satisfaction', 'survey', 'wallet')"):
        customer = whose(each["customer"])
        if customer not in agreed or not begins.isoformat() <= each["on"] < on.isoformat():
            continue
        if "layer" in each:
            found.answers.append(Answer(each["layer"], each["object"], each["expected"], each["perceived"]))
        elif "factors" in each:
            if customer not in tier:
                person = customers.get_customer(reader, customer)
                tier[customer] = person.tier if person else ""
            found.surveys.append((tier[customer], each))
        else:
            found.wallet.append((customer, each["low"], each["high"]))


def _guests(reader: SealedDatabase, start: float, end: float) -> list[Guest]:
    folded = Greetings(end)
    for event in day.events(reader, TYPES, start, end + DAY):
        folded.take(event)
    return folded.guests()


def _known(person: customers.Customer, facts: Sequence[Any], owed: Iterable[Row], on: date) -> Known:
    """What is known of somebody; whether they may be written to is asked nowhere, so nobody has all nine."""
    kept = any(
        each["customer"] == person.id and each["kind"] == "promise" and each["state"] == "closed" for each in owed
    )
    recent = any(one.basis == "stated" and (on - _day(one.at)).days <= 365 for one in facts)
    occasion = person.birthday is not None or any(one.category == "occasion" for one in facts)
    return Known(
        bool(person.address_as), bool(person.language), bool(person.associate), bool(person.deputy), len(facts) >= 3,
        recent, occasion, kept, contact_agreed=False,
    )  # fmt: skip


def _late(owed: Row, now: float) -> bool:
    due = (
        _at(owed["due"]) if owed["due"] is not None else _at(owed["at"]) + LATE if owed["kind"] == "complaint" else None
    )
    return due is not None and (_at(owed["closed_at"]) if owed["closed_at"] is not None else now) > due


def _at(time: Any) -> float:
    return float(time) if isinstance(time, int | float) else seconds(time) or 0.0


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, venue_time.zone()).date()


# --- what it comes to ------------------------------------------------------------------------------------------------


def told(of: Heard, world: World, folded: Folded) -> Row:
    """Every part of the page, as JSON has it."""
    scale = money.scale(folded.currency)
    nets = {insight_ids.ours(each.customer): each.net.amount for each in folded.worth}
    agreed = set(world.agreed(INSIGHT))
    causes = [each.cause for each in world.lost if each.customer in agreed and folded.begins <= each.on < folded.on]
    began = [days for days in folded.contact_days.values() if days and days[0] < folded.begins.toordinal()]
    visits = [each.on for each in of.seen]
    complained = [_day(_at(each["at"])) for each in of.complaints]
    left = leaving(causes, len(began))
    bands = [each.band for each in folded.risk]
    loyal = voices.loyalty(bands)
    return {
        "indifference": _indifference(of.seen),
        "lost": {
            "causes": [
                {"cause": each.cause, "voluntary": each.voluntary, **_share(each.share), "trade": each.trade}
                for each in left.causes
            ],
            "voluntary": left.voluntary, "involuntary": left.involuntary, "unknown": left.unknown,
            "year": {**_share(left.lost), "trade": TRADE_A_YEAR},
        },
        "loyalty": {"enrolled": loyal.enrolled, "active": _share(loyal.active)},
        "word_of_mouth": {
            "praise": _mouth(voices.word_of_mouth(of.praise, visits, folded.on)),
            "complaints": _mouth(voices.word_of_mouth(complained, visits, folded.on)),
        },
        "recovery": _recovery(of.complaints, folded, scale),
        "satisfaction": [
            {"layer": each.layer, "object": each.of, "answers": each.answers, "gap": _interval(each.gap)}
            for each in voices.satisfaction(of.answers)
        ],
        "burden": _burden(of.seen),
        "hits": {name: _share(each) for name, each in _two(voices.hits(of.seen)).items()},
        "wallet": _wallet(of, folded),
        "completeness": _completeness(of, nets, scale),
        "survey": _survey(of),
    }  # fmt: skip


def _two(hits: voices.Hits) -> dict[str, Share]:
    """Its two shares by name."""
    return {"preferences": hits.preferences, "visits": hits.visits}


def _indifference(seen: Sequence[Seen]) -> Row:
    whole = share(sum(any(each.signs()) for each in seen), len(seen))
    signs = [sum(column) for column in zip(*(each.signs() for each in seen), strict=True)] or [0] * len(voices.SIGNS)
    rows = voices.indifference(seen)
    kept = sorted({each.week for each in rows})[-MOST_WEEKS:]
    return {
        **_share(whole),
        "signs": dict(zip(voices.SIGNS, signs, strict=True)),
        "weeks": [
            {"week": each.week, "team": each.team, **_share(each.index), "rank": each.rank,
             "signs": dict(zip(voices.SIGNS, each.signs, strict=True))}
            for each in rows if each.week in kept
        ],
    }  # fmt: skip


def _recovery(complaints: Sequence[Row], folded: Folded, scale: int) -> Row:
    closed = [each for each in complaints if each["closed_at"] is not None]
    hours = [(_at(each["closed_at"]) - _at(each["at"])) / 3600 for each in closed]
    spent = sum(cost.amount for cost in folded.spend.rows if cost.entry.way == "recovery")
    return {
        "opened": len(complaints), "closed": len(closed), "open": len(complaints) - len(closed),
        "median_hours": round(median(hours), 1) if hours else None, "cost": spent / scale,
        "in_a_day": _share(share(sum(each <= DAY / 3600 for each in hours), len(closed))),
    }  # fmt: skip


def _burden(seen: Sequence[Seen]) -> Row:
    of = voices.burden(seen)
    parts = ("minutes_waited", "times_asked", "times_repeated")
    return {"visits": of.visits, **{name: _interval(getattr(of, name)) for name in parts}}


def _wallet(of: Heard, folded: Folded) -> Row:
    revenue = {insight_ids.ours(each.customer): each.revenue for each in folded.worth}
    newest = {customer: (low, high) for customer, low, high in of.wallet if high}
    found = [voices.wallet(revenue.get(each, 0), low, high) for each, (low, high) in newest.items()]
    return {
        "customers": len(found),
        "low": round(median(each[0] for each in found), SHARE) if found else None,
        "high": round(median(each[1] if each[1] is not None else 1.0 for each in found), SHARE) if found else None,
    }


def _completeness(of: Heard, nets: Mapping[str, int], scale: int) -> Row:
    parts = {name: sum(bool(getattr(each, name)) for each in of.known.values()) for name in Known.__slots__}
    whole = {customer: voices.completeness(each) for customer, each in of.known.items()}
    leaves = voices.goes_with_a_leaver((nets.get(customer, 0), known) for customer, known in whole.items())
    average = float(sum(whole.values())) / len(whole) if whole else None
    return {
        "customers": len(whole), "mean": None if average is None else round(average, SHARE), "known": parts,
        "leaves": round(float(leaves)) / scale,
    }  # fmt: skip


def _survey(of: Heard) -> Row:
    answers = [(tier, each) for tier, each in of.surveys if each["overall"] is not None and each["factors"]]
    names = sorted(set.intersection(*(set(each["factors"]) for _, each in answers))) if answers else []
    found: Row = {"answers": len(of.surveys), "effective": None, "trimmed": 0, "factors": [], "overall": None}
    if len(answers) < FEW or not names:
        return found
    tiers = Counter(of.tiers)
    raked = surveys.rake([(tier,) for tier, _ in answers], [{tier: float(times) for tier, times in tiers.items()}])
    overall = [float(each["overall"]) for _, each in answers]
    weighed = surveys.importance(
        [[float(each["factors"][name]) for name in names] for _, each in answers], overall, raked.weights
    )
    rows = (
        []
        if weighed is None
        else [{"factor": name, **_rounded(asdict(each))} for name, each in zip(names, weighed, strict=True)]
    )
    more = {"effective": round(raked.effective, 2), "trimmed": raked.trimmed, "factors": rows}
    return found | more | {"overall": _interval(mean(overall))}


def _rounded(of: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, SHARE) for name, value in of.items()}


def _mouth(said: voices.Said) -> Row:
    per = None if said.per_100 is None else round(said.per_100, 1)
    doubles = None if said.doubles_every is None else round(said.doubles_every, 1)
    return {"now": said.now, "before": said.before, "per_100": per, "ratio": _interval(said.ratio), "doubles": doubles}


def _share(of: Share) -> Row:
    return {"count": of.count, "of": of.of, "interval": _interval(of.interval)}


def _interval(of: Interval | None) -> list[float] | None:
    return None if of is None else [round(each, SHARE) for each in (of.value, of.low, of.high)]
