"""What a fold found, cut into rows: one for each customer, one for each cost, and the rest, which names nobody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from gateway.core import insight_ids
from gateway.events.event import HOUSE
from gateway.insight import rendered
from gateway.insight.facts import INTRODUCTIONS, Gathering, World
from gateway.insight.folding import Fold, Folded
from gateway.insight.levers import counted, lever_type
from gateway.insight.money import major, rounded, scale
from gateway.insight.words import Reason
from gateway.records.insight_file import Run


class Foretold(Protocol):
    """What models say of the customers of a fold, by its ids; see ``gateway.insight.models.foretelling``."""

    @property
    def ordered_by(self) -> str: ...
    @property
    def order(self) -> Mapping[str, float]: ...
    def model(self, customer: str) -> dict[str, Any] | None: ...
    def reasons(self, customer: str) -> Sequence[Reason]: ...
    def value(self, customer: str) -> dict[str, Any] | None: ...
    def house(self) -> dict[str, Any]: ...


Foretell = Callable[[World, Folded], Foretold | None]
Voices = Callable[[World, Folded], dict[str, Any] | None]
MODEL = "model"


def nobody(world: World, folded: Folded) -> None:
    """Where there are no models the plain rules stand alone."""


def silent(world: World, folded: Folded) -> None:
    """A fold of a file has heard nobody."""


def run_of(
    world: World, begins: date | None, run: str, at: float, position: int, foretell: Foretell = nobody,
    voices: Voices = silent,
) -> Run:  # fmt: skip
    """Folds the world and cuts what was found; ``at`` in seconds since 1970 UTC."""
    house = Fold(world, begins)
    folded = house.folded()
    told = foretell(world, folded)
    found = Run(run, at, folded.on.isoformat(), folded.begins.isoformat(), folded.on.isoformat(), position, {})
    found.customers = _customers(world, house, folded)
    if told is not None:
        _add(found.customers, told)
    shown = set(found.customers)
    for cost in folded.spend.rows:
        row = rendered.cost(cost, folded.currency, shown)
        row.pop("parts")
        row["minor"] = cost.amount
        row["own"] = not cost.parts
        found.costs.append((cost.entry.id, row["customer"] or HOUSE, row))
        for customer, amount in cost.parts.items():
            if customer in shown:
                found.customers[customer]["costs"][cost.entry.id] = amount
    found.house = _house(world, folded) | {
        "models": None if told is None else told.house(),
        "voices": voices(world, folded),
    }
    codes = list(found.customers)
    found.costs = [(entry, _holder(holder), insight_ids.told(cost, codes)) for entry, holder, cost in found.costs]
    found.customers = {
        insight_ids.ours(code): {**insight_ids.told(row, codes), "place": insight_ids.place_of(code)}
        for code, row in found.customers.items()
    }
    return found


def _add(customers: dict[str, dict[str, Any]], told: Foretold) -> None:
    """What models say beside the plain rules: a chance only where the house's own past found none of those as good."""
    for each, row in customers.items():
        year = told.value(each)
        row["worth"]["future"] = None if year is None or year["low"] is None else year  # without bounds: too few to say
        row["order"] = told.order.get(each)
        if row["risk"] is not None and told.ordered_by == MODEL and (found := told.model(each)) is not None:
            row["risk"]["model"] = found
            row["risk"]["reasons"] += [rendered.reason(why) for why in told.reasons(each)]


def _holder(code: str) -> str:
    return code if code == HOUSE else insight_ids.ours(code)


def _customers(world: World, house: Fold, folded: Folded) -> dict[str, dict[str, Any]]:
    currency = folded.currency
    worth = {each.customer: each for each in folded.worth}
    risk = {
        each.customer: rendered.risk_row(each)
        | {"lever": lever_type(counted(world.stays_by.get(each.customer, {}))).named}
        for each in folded.risk
    }
    stages = {each.customer: rendered.stage_row(each) for each in folded.stages}
    agreed = set(world.agreed(INTRODUCTIONS))
    return {
        each: {
            "worth": rendered.worth_row(row, currency) | {"entries": list(row.entries)},
            "revenue": row.revenue,
            "net": row.net.amount,
            "risk": risk.get(each),
            "stage": stages.get(each),
            "own": str(house.own[each]),
            "days": [date.fromordinal(day).isoformat() for day in house.days[each]],
            "introductions": each in agreed,
            "gatherings": _gatherings(world.gatherings, each) if each in agreed else {},
            "bonds": _bonds(world, each, agreed) if each in agreed else [],
            "costs": {},
        }
        for each, row in worth.items()
    }


def _gatherings(every: Mapping[str, Gathering], customer: str) -> dict[str, str]:
    return {id_: each.on.isoformat() for id_, each in sorted(every.items()) if customer in each.attended}


def _bonds(world: World, customer: str, agreed: Collection[str]) -> list[list[str | None]]:
    """The pairs that begin with this customer, so that each stands once, of two who both agreed."""
    return [
        [each.b, each.kind, each.on.isoformat() if each.on else None, each.event]
        for each in world.bonds
        if each.a == customer and each.b in agreed
    ]


def _house(world: World, folded: Folded) -> dict[str, Any]:
    """What names nobody. ``others`` and ``cohorts`` are of many, and stay as they were."""
    currency = folded.currency
    spend = rendered.spend(folded.spend, currency, ())
    return {
        "currency": currency,
        "scale": scale(currency),
        "house_gap_days": rounded(Fraction(folded.twice_house_gap, 2), rendered.RHYTHM),
        "others": None if folded.others is None else rendered.others(folded.others, currency),
        "cohorts": [rendered.cohort(each) for each in folded.cohorts],
        "spend": {name: spend[name] for name in ("total", "by_lever", "no_reason", "budgets")},
        "customers": len(world.customers),
        "unit": major(1, currency),
    }
