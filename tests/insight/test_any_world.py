"""What holds in every house: parts are the whole, order and repeats change nothing, who did not agree is nowhere."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.insight.folding import fold
from gateway.insight.ledger import in_force
from gateway.insight.spending import costs
from gateway.insight.world_file import parse
from tests.insight.worlds import folded, shuffled, worlds

SOME = settings(max_examples=60)


def cents(amount: float) -> int:
    return int((Decimal(str(amount)) * 100).to_integral_exact())


@SOME
@given(worlds())
def test_parts_of_an_entry_are_the_entry(world: dict[str, Any]) -> None:
    facts = parse(json.dumps(world)).world
    for each in costs(in_force(facts.entries), facts.rules, facts.gatherings):
        if each.parts:
            assert sum(each.parts.values()) == each.amount
            assert max(each.parts.values()) - min(each.parts.values()) <= 1
        else:
            assert each.entry.gathering is not None
            assert not facts.gatherings[each.entry.gathering].attended


@SOME
@given(worlds())
def test_rows_and_others_are_the_total_and_spend_is_every_cost(world: dict[str, Any]) -> None:
    found = folded(world)
    worth = found["worth"]
    lines = [*worth["rows"], *([worth["others"]] if worth["others"] else [])]
    for member in ("amount", "low", "high"):
        assert sum(cents(each["net"][member]) for each in lines) == cents(worth["total"]["net"][member])
    assert sum(cents(each["cost"]) for each in lines) == cents(worth["total"]["cost"])
    assert sum(cents(each["amount"]) for each in found["spend"]["rows"]) == cents(found["spend"]["total"])
    assert sum(cents(each["amount"]) for each in found["spend"]["by_lever"].values()) == cents(found["spend"]["total"])
    assert all(each["net"]["low"] <= each["net"]["amount"] <= each["net"]["high"] for each in worth["rows"])


@SOME
@given(st.data(), worlds())
def test_order_and_repeats_change_nothing(data: st.DataObject, world: dict[str, Any]) -> None:
    assert folded(data.draw(shuffled(world))) == folded(world)


@SOME
@given(worlds())
def test_reversed_is_never_entered(world: dict[str, Any]) -> None:
    taken_back = {each["reverses"] for each in world["entries"] if "reverses" in each}
    without = copy.deepcopy(world)
    without["entries"] = [each for each in world["entries"] if "reverses" not in each and each["id"] not in taken_back]
    assert folded(world) == folded(without)


@SOME
@given(worlds())
def test_who_did_not_agree_is_nowhere_and_nobody_is_tied_alone(world: dict[str, Any]) -> None:
    found = folded(world)
    text = json.dumps(found)
    for each, facts in world["customers"].items():
        if "insight" not in facts["consents"]:
            assert f'"{each}"' not in text
    both = {
        each for each, facts in world["customers"].items() if {"insight", "introductions"} <= set(facts["consents"])
    }
    for tie in found["network"]["ties"]:
        assert {tie["a"], tie["b"]} <= both
        assert 0 < tie["theta"] <= 0.3


@SOME
@given(worlds())
def test_ending_insight_is_as_if_nothing_had_been_known_of_them(world: dict[str, Any]) -> None:
    """What is left says the same whatever the one who left had done, but for the books."""
    world["customers"]["c0"]["consents"] = []
    before = folded(world)
    world["visits"] = [each for each in world["visits"] if each["customer"] != "c0"]
    world["introductions"] = world["introductions"][1:]
    after = folded(world)
    assert before == after


@SOME
@given(worlds())
def test_stages_come_in_order_and_end_where_they_stand(world: dict[str, Any]) -> None:
    facts = parse(json.dumps(world)).world
    for each in fold(facts).stages:
        days = [one.at for one in each.transitions if one.at is not None]
        assert days == sorted(days)
        assert all(day <= facts.as_of for day in days)
        names = [one.stage for one in each.transitions]
        assert all(one != other for one, other in pairwise(names))
        assert (names == ["target"]) == (each.now.at is None)
