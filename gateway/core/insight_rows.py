"""What a fold found, cut into rows: one for each customer, one for each cost, and the rest, which names nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from gateway.core import insight_ids
from gateway.events.event import HOUSE
from gateway.insight import rendered
from gateway.insight.facts import INTRODUCTIONS, Gathering, World
from gateway.insight.folding import Fold, Folded
from gateway.insight.money import major, rounded, scale
from gateway.records.insight_file import Run


def run_of(world: World, begins: date | None, run: str, at: float, position: int) -> Run:
    """Folds the world and cuts what was found; ``at`` in seconds since 1970 UTC."""
    house = Fold(world, begins)
    folded = house.folded()
    found = Run(run, at, folded.on.isoformat(), folded.begins.isoformat(), folded.on.isoformat(), position, {})
    found.customers = _customers(world, house, folded)
    shown = set(found.customers)
    for cost in folded.spend.rows:
        told = rendered.cost(cost, folded.currency, shown)
        told.pop("parts")
        told["minor"] = cost.amount
        told["own"] = not cost.parts
        found.costs.append((cost.entry.id, told["customer"] or HOUSE, told))
        for customer, amount in cost.parts.items():
            if customer in shown:
                found.customers[customer]["costs"][cost.entry.id] = amount
    found.house = _house(world, folded)
    codes = list(found.customers)
    found.costs = [(entry, _holder(holder), insight_ids.told(cost, codes)) for entry, holder, cost in found.costs]
    found.customers = {
        insight_ids.ours(code): {**insight_ids.told(row, codes), "place": insight_ids.place_of(code)}
        for code, row in found.customers.items()
    }
    return found


def _holder(code: str) -> str:
    return code if code == HOUSE else insight_ids.ours(code)


def _customers(world: World, house: Fold, folded: Folded) -> dict[str, dict[str, Any]]:
    currency = folded.currency
    worth = {each.customer: each for each in folded.worth}
    risk = {each.customer: rendered.risk_row(each) for each in folded.risk}
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
