"""Kinds of moment beside arrival: what is usual where, and what a venue's rows make of it."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service import rules
from gateway.service.rules import Rule, rules_of
from gateway.settings import tables, venue

KINDS = get_args(rules.Kind)
VENUES = get_args(venue.Kind)


def test_what_is_listed_twice_is_the_same() -> None:
    assert get_args(tables.MomentKind) == KINDS
    assert get_args(tables.Addressee) == get_args(rules.Addressee)
    assert set(rules.USUAL) == set(VENUES)
    assert {rule.kind for usual in rules.USUAL.values() for rule in usual} <= set(KINDS)
    assert set(KINDS) >= rules.WITHOUT_DISTURBING


@pytest.mark.parametrize("venue", VENUES)
def test_every_kind_of_venue_has_a_rule_of_a_kind_once(venue: str) -> None:
    kinds = [rule.kind for rule in rules_of(venue, [])]
    assert len(kinds) == len(set(kinds))
    assert {"promise_due", "met", "back_after", "birthday", "keys_left", "verify"} <= set(kinds)
    assert "moved" not in kinds  # only a venue knows which of its zones matter


rows = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(KINDS)},
        optional={
            "zones": st.lists(st.sampled_from(["bar", "lounge"]), unique=True),
            "after_minutes": st.none() | st.floats(0, 60),
            "days": st.none() | st.integers(0, 400),
            "to": st.none() | st.sampled_from(get_args(rules.Addressee)),
            "off": st.booleans(),
        },
    ),
    max_size=6,
)


@given(st.sampled_from(VENUES), rows)
def test_a_row_takes_the_place_of_what_is_usual_and_says_only_what_it_says(
    venue: str, said: list[dict[str, Any]]
) -> None:
    usual = {rule.kind: rule for rule in rules_of(venue, [])}
    made = rules_of(venue, said)
    on = [row for row in said if not row.get("off")]
    own, rest = made[: len(on)], made[len(on) :]
    assert set(rest) == {rule for kind, rule in usual.items() if kind not in {row["kind"] for row in said}}
    for row, rule in zip(on, own, strict=True):
        base = usual.get(row["kind"], Rule(row["kind"], "holder"))
        assert rule.zones == frozenset(row.get("zones") or ())
        for key in ("after_minutes", "days", "to"):
            expected = row.get(key) if row.get(key) is not None else getattr(base, key)
            assert getattr(rule, key) == expected


def test_a_rule_without_zones_holds_everywhere() -> None:
    assert Rule("moved", "zone").holds_in("bar")
    assert Rule("moved", "zone", zones=frozenset({"bar"})).holds_in("bar")
    assert not Rule("moved", "zone", zones=frozenset({"bar"})).holds_in("lounge")
