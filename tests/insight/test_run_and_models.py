"""What models say in the rows of a run: a year to come for everybody, a chance only where no plain rule is as good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.insight_book import SILENT, Book
from gateway.core.insight_ids import coded
from gateway.core.insight_rows import nobody, run_of
from gateway.insight.facts import Rules, World
from gateway.insight.folding import Folded
from gateway.insight.models.foretelling import foretold
from gateway.insight.words import Reason
from gateway.records.insight_file import Run
from tests.insight.test_foretelling import world as house


def world(people: int = 300) -> World:
    """The same house with its customers called as a run calls them."""
    of = house(people)
    known = {name: coded(place, name) for place, name in enumerate(of.customers)}
    return replace(
        of, customers={known[name]: consents for name, consents in of.customers.items()},
        came={known[name]: days for name, days in of.came.items()},
        entries=tuple(replace(each, customer=known[str(each.customer)]) for each in of.entries),
    )  # fmt: skip


def book(run: Run) -> Book:
    """A run in which everybody still agrees."""
    return Book(run, set(run.customers), (), Rules())


class Sure:
    """Models that found the chance best, and say one thing of everybody."""

    ordered_by = "model"

    def __init__(self, order: Mapping[str, float]) -> None:
        self.order = order

    def model(self, customer: str) -> dict[str, Any] | None:
        return {"of_ten": 6, "low": 5, "high": 7, "cases": 212}

    def reasons(self, customer: str) -> Sequence[Reason]:
        return [Reason("silent", "久未到访", "silent")]

    def value(self, customer: str) -> dict[str, Any] | None:
        return None

    def house(self) -> dict[str, Any]:
        return {"ordered_by": self.ordered_by}


@pytest.fixture(scope="module")
def of() -> World:
    return world()


def test_a_run_has_the_year_to_come_and_the_order_that_the_past_found_best(of: World) -> None:
    found = book(run_of(of, None, "r", 0.0, 1, foretold))
    rows = found.worth["rows"]
    assert len(rows) == 300
    years = [row["future"] for row in rows if row["future"] is not None]
    assert len(years) > 250
    assert all(year["low"] <= year["high"] for year in years)
    told = found.run.house["models"]
    assert found.ordered_by == told["ordered_by"]
    best = [found.rows[row["customer"]]["order"] or 0.0 for row in found.risk["rows"]]
    if found.ordered_by == SILENT:
        best = [row["silent_days"] for row in found.risk["rows"]]
    assert best == sorted(best, reverse=True)
    if found.ordered_by != "model":
        assert all(row["model"] is None for row in found.risk["rows"]), "the plain rule is as good: it stands alone"


def test_where_the_chance_is_best_it_is_told_with_its_reasons_and_orders(of: World) -> None:
    order = {name: float(place % 7) for place, name in enumerate(of.customers)}

    def sure(world: World, folded: Folded) -> Sure:
        return Sure(order)

    found = book(run_of(of, None, "r", 0.0, 1, sure))
    rows = found.risk["rows"]
    assert all(row["model"] == {"of_ten": 6, "low": 5, "high": 7, "cases": 212} for row in rows)
    assert all(row["reasons"][-1]["words"] == {"zh-CN": "久未到访", "en": "silent"} for row in rows)
    keys = [(-found.rows[row["customer"]]["order"], -row["silent_days"]) for row in rows]
    assert keys == sorted(keys)


def test_a_year_without_bounds_is_not_told(of: World) -> None:
    class Young(Sure):
        def value(self, customer: str) -> dict[str, Any] | None:
            return {"amount": 10.0, "low": None, "high": None, "assumed": []}

    found = book(run_of(of, None, "r", 0.0, 1, lambda world, folded: Young({})))
    assert all(row["future"] is None for row in found.worth["rows"])


def test_without_models_the_plain_rules_stand_alone(of: World) -> None:
    found = book(run_of(of, None, "r", 0.0, 1, nobody))
    assert found.ordered_by == SILENT
    assert all(row["future"] is None for row in found.worth["rows"])
    days = [row["silent_days"] for row in found.risk["rows"]]
    assert days == sorted(days, reverse=True)
