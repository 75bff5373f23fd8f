"""The facts of a house as insight folds them, read from its records without the right to change them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from gateway.core import insight_ids
from gateway.events import venue_time
from gateway.insight.facts import (
    INSIGHT,
    INTRODUCTIONS,
    Bond,
    Budget,
    Entry,
    Gathering,
    Lost,
    Margins,
    Rules,
    Seed,
    Visit,
    World,
)
from gateway.records import agreeing, aliases, entries, house_documents, promises, statements
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Cut, never
from gateway.settings.insight import Insight

Whose = Callable[[str], str]
YEARS = 730  # days: what is older says little of why somebody stays
USED = {"discount": "offer_used", "points": "points_used"}


def rules_of(settings: Insight) -> Rules:
    """The house's settings as insight reads them."""
    margin, hour = settings.margin, settings.hour
    return Rules(
        settings.currency,
        Margins(*(Fraction(str(each)) for each in (margin.low, margin.mid, margin.high))),
        {role: Fraction(str(getattr(hour, role))) for role in ("floor", "crew", "manager")},
    )


def world_of(reader: SealedDatabase, settings: Insight, on: date, now: float, cut: Cut = never) -> World:
    """Everything that is known before the day ``on``, with the consents of ``now`` (seconds since 1970 UTC).

    Customers are as ``insight_ids`` codes them.
    """
    part_of = agreeing.persons(reader)
    known = [row[0] for row in reader.conn.execute("SELECT id FROM customers")]
    agreed = {purpose: agreeing.agreeing(reader, purpose, now, cut) for purpose in (INSIGHT, INTRODUCTIONS)}
    persons = [each for each in known if each not in part_of]
    codes = insight_ids.in_order({each: aliases.of(reader, each) or each for each in persons})
    whose: Whose = lambda customer: codes.get(found := part_of.get(customer, customer), found)  # noqa: E731
    lines = [_entry(each, whose) for each in entries.select(reader) if each["reversed"] is None]
    said = [{**each, "customer": whose(each["customer"])} for each in statements.select(reader)]
    return World(
        as_of=on,
        customers={
            codes[each]: frozenset(purpose for purpose, who in agreed.items() if each in who) for each in persons
        },
        rules=rules_of(settings),
        visits=tuple(_visits(reader, said, whose)),
        gatherings=_gatherings(said),
        bonds=tuple(_bonds(reader, whose)),
        entries=tuple(lines),
        lost=tuple(Lost(each["customer"], _day(each["on"]), each["cause"], each["id"]) for each in _of(said, "cause")),
        seeds=tuple(_seeds(said)),
        budgets=tuple(
            Budget(each["budget"], each["amount"], _day(each["begins"]), _day(each["ends"]))
            for each in house_documents.budgets(reader)
            if each["currency"] == settings.currency
        ),
        stays_by=stays_by(reader, said, lines, on, whose),
    )


def stays_by(
    reader: SealedDatabase, said: Iterable[dict[str, Any]], lines: Iterable[Entry], on: date, whose: Whose
) -> dict[str, dict[str, int]]:
    """Of each customer how often something happened in the last two years that says by what they stay."""
    oldest, found = on - timedelta(days=YEARS), dict[str, dict[str, int]]()

    def count(customer: str, fact: str) -> None:
        of = found.setdefault(customer, {})
        of[fact] = of.get(fact, 0) + 1

    for each in said:
        if "gathering" in each and oldest <= _day(each["on"]) < on:
            count(each["customer"], "gathering")
    for entry in lines:
        if entry.customer and entry.way in USED and oldest <= entry.on < on:
            count(entry.customer, USED[entry.way])
    begins, ends = (datetime.combine(day, datetime.min.time(), venue_time.zone()).timestamp() for day in (oldest, on))
    for customer in promises.kept(reader, begins, ends):
        count(whose(customer), "arrangement_kept")
    served = "SELECT subject FROM journal WHERE type = 'preference.served' AND time >= ? AND time < ?"
    for (customer,) in reader.conn.execute(served, (begins, ends)):
        count(whose(customer), "fact_acted_on")
    with_others = (
        "SELECT visits.customer FROM visit_facts JOIN visits ON visits.id = visit_facts.visit"
        " WHERE companions > 0 AND opened_at >= ? AND opened_at < ?"
    )
    for (customer,) in reader.conn.execute(with_others, (begins, ends)):
        count(whose(customer), "companion")
    return found


def _visits(reader: SealedDatabase, said: Iterable[dict[str, Any]], whose: Whose) -> Iterator[Visit]:
    zone = venue_time.zone()
    for id_, customer, opened_at in reader.conn.execute("SELECT id, customer, opened_at FROM visits"):
        yield Visit(whose(customer), datetime.fromtimestamp(opened_at, zone).date(), id_)
    for each in said:
        if "venue" in each:
            yield Visit(each["customer"], _day(each["on"]), each["id"])


def _gatherings(said: Iterable[dict[str, Any]]) -> dict[str, Gathering]:
    """By id; the day is the first that is told of it."""
    days: dict[str, str] = {}
    who: dict[str, set[str]] = {}
    for each in said:
        if "gathering" in each:
            id_ = each["gathering"]
            days[id_] = min(days.get(id_, each["on"]), each["on"])
            who.setdefault(id_, set()).add(each["customer"])
    return {id_: Gathering(id_, _day(on), frozenset(who[id_])) for id_, on in days.items()}


def _bonds(reader: SealedDatabase, whose: Whose) -> Iterator[Bond]:
    for id_, one, other, kind, on in statements.ties(reader):
        a, b = sorted((whose(one), whose(other)))
        if a != b:
            yield Bond(a, b, "family" if kind == "family" else "introduced", _day(on), id_)


def _entry(kept: entries.Entry, whose: Whose) -> Entry:
    minutes = kept["minutes"]
    return Entry(
        kept["id"],
        kept["side"],
        _day(kept["on"]),
        whose(kept["customer"]) if kept["customer"] else None,
        kept["gathering"],
        kept["amount"],
        kept["margin"],
        Fraction(str(minutes)) if minutes is not None else None,
        kept["role"],
        kept["way"] or "other",
        kept["lever"],
        **{name: kept[name] or "" for name in ("budget", "line", "reason", "expects", "approver")},
        result=kept["result"]["result"] if kept["result"] else "",
    )


def _seeds(said: Iterable[dict[str, Any]]) -> Iterator[Seed]:
    for each in said:
        if "reason" in each and "tier" not in each:
            yield Seed(each["customer"], _day(each["on"]), _day(each["until"]) if each["until"] else None)


def _of(said: Iterable[dict[str, Any]], member: str) -> Iterator[dict[str, Any]]:
    return (each for each in said if member in each)


def _day(text: str) -> date:
    return date.fromisoformat(text)
