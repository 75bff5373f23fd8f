"""What is told of value and cost in the tables' tests."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from gateway.events.event import HOUSE, News
from gateway.events.times import iso
from gateway.records.statements import KINDS

MORE: dict[str, dict[str, Any]] = {
    "visit.imported": {"venue": None, "until": None},
    "gathering.attended": {"gathering": "g1"},
    "customer.lost": {"cause": "moved", "words": ""},
    "wallet.stated": {"low": 100, "high": 200},
    "survey.answered": {"overall": 4.0, "factors": {}},
    "satisfaction.answered": {"layer": "social", "object": "person", "expected": 3, "perceived": 4, "visit": None},
    "potential.noted": {"reason": "grows", "until": None},
    "suggestion.drawn": {
        "act": "wake",
        "quarter": "2026-Q3",
        "duty": False,
        "held": False,
        "run": "r",
        "ground": "",
        "to": None,
        "silent_days": 151,
        "usual_days": 60,
        "last": "2026-03-01",
    },
    "suggestion.shown": {"suggestion": "s", "where": "card"},
    "suggestion.done": {"suggestion": "s", "why": "", "done": True},
    "suggestion.dismissed": {"suggestion": "s", "why": "not now", "done": False},
    "standing.noted": {"sector": "tea", "region": "north", "relation": "company", "company": "Hale", "owes": ""},
    "measures.noted": {"measures": ["greeted by name", "never asked twice"]},
    "evidence.noted": {"measure": "never asked twice", "met": False, "words": "asked twice"},
    "tier.decided": {"tier": "gold", "was": "", "reason": "comes often", "run": None, "shown": None},
}


def entry(id_: str, customer: str | None, **more: Any) -> dict[str, Any]:
    """A line of money."""
    facts: dict[str, Any] = dict.fromkeys(("margin", "minutes", "role", "budget", "line", "expects", "touch"))
    facts |= {"id": id_, "side": "cost", "customer": customer, "gathering": None if customer else "g1"}
    facts |= {"on": "2026-07-31", "amount": 15000, "currency": "CNY", "digits": 2, "source": None, "reference": None}
    facts |= {"way": "gift", "lever": "relational", "reason": "birthday", "approver": None, "by": "lina"}
    return {**facts, "at": iso(1.0), "reversed": None, "result": None, **more}


def of_entry(type_: str, id_: str, customer: str | None, **more: Any) -> News:
    """An event of an entry; of a gathering where there is no customer."""
    if customer is None:
        return News("entry.shared", HOUSE, {"entry": entry(id_, None, **more)})
    return News(type_, customer, {"customer": customer, "entry": entry(id_, customer, **more)})


def said(type_: str, id_: str, customer: str, **more: Any) -> News:
    """Something that is told of a customer beside money."""
    base = {"id": id_, "customer": customer, "on": "2026-07-31", "source": None, "reference": None}
    return News(type_, customer, {**base, "by": "lina", "at": iso(1.0), **MORE.get(type_, {}), **more})


def any_of(r: Random, customer: str) -> Iterator[News]:
    """Something of each kind about this customer, some of it twice and some of it about who is not known."""
    id_ = f"e{r.randrange(3)}-{customer}"
    yield of_entry("entry.recorded", id_, customer)
    yield of_entry(
        "entry.reversed", id_, customer, reversed={"id": "r", "reason": "slip", "by": "lina", "at": iso(2.0)}
    )
    yield of_entry(
        "entry.judged", id_, customer, result={"result": "worked", "words": "", "by": "lina", "at": iso(3.0)}
    )
    yield of_entry("entry.shared", f"g{r.randrange(3)}", None)
    budget = {"budget": "spring", "amount": r.randrange(9), "currency": "CNY", "begins": "2026-03-01"}
    yield News("budget.set", HOUSE, {**budget, "ends": "2026-06-01", "by": "mei"})
    chosen = {"list": f"l{r.randrange(2)}", "sector": None, "region": "north", "relation": None, "by": "mei"}
    yield News("list.kept", HOUSE, chosen)
    yield News("list.dropped", HOUSE, {"list": f"l{r.randrange(2)}", "by": "mei"})
    for type_ in KINDS:
        yield said(type_, f"{type_}-{r.randrange(3)}-{customer}", customer)
    other = {"other": f"c-{r.randrange(4)}"}
    tie = f"t{r.randrange(9)}-{customer}-{other['other']}"
    yield said("tie.recorded", tie, customer, kind="family", **other)
    yield said("tie.ended", tie, customer, **other)
