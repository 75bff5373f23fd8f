from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recognition.parties import CHAIN_S, LARGEST, Parties


def test_two_who_come_in_together_are_one_party_in_the_order_they_came() -> None:
    parties = Parties()
    assert parties.arrived("c1", "entrance", 100.0).customers == ["c1"]
    assert parties.arrived("c2", "entrance", 102.5).customers == ["c1", "c2"]
    assert parties.arrived("c3", "entrance", 107.0).customers == ["c1", "c2", "c3"]


def test_another_zone_or_a_later_time_is_another_party() -> None:
    parties = Parties()
    parties.arrived("c1", "entrance", 100.0)
    assert parties.arrived("c2", "garage", 101.0).customers == ["c2"]
    assert parties.arrived("c3", "entrance", 107.0).customers == ["c3"]


def test_a_procession_is_not_one_party() -> None:
    parties = Parties()
    sizes = [len(parties.arrived(f"c{n}", "entrance", 100.0 + 5.0 * n).customers) for n in range(20)]
    assert max(sizes) <= CHAIN_S / 5.0 + 1


@pytest.mark.parametrize("size", [10, 20])
def test_a_party_of_ten_or_twenty_who_come_through_one_door_is_one(size: int) -> None:
    parties = Parties()
    told = [parties.arrived(f"c{n}", "entrance", 100.0 + 1.5 * n) for n in range(size)]
    assert all(party is told[0] for party in told)
    assert len(told[0].customers) == size


def test_coming_twice_does_not_double_anybody() -> None:
    parties = Parties()
    parties.arrived("c1", "entrance", 100.0)
    assert parties.arrived("c1", "entrance", 101.0).customers == ["c1"]


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["a", "b"]), st.floats(0, 60)), max_size=60))
def test_every_arrival_is_in_its_party_which_is_of_one_zone_and_no_crowd(
    arrivals: list[tuple[int, str, float]],
) -> None:
    parties = Parties()
    for customer, zone, at in arrivals:
        party = parties.arrived(f"c{customer}", zone, at)
        assert f"c{customer}" in party.customers
        assert party.zone == zone
        assert party.last_at - party.first_at <= CHAIN_S
        assert len(party.customers) == len(set(party.customers)) <= LARGEST


def test_ten_who_come_together_are_one_party_also_with_a_couple_and_two_associates_among_them() -> None:
    pairs = {frozenset({"g3", "g4"}): True, frozenset({"g1", "g7"}): False}
    parties, tie = Parties(), lambda one, other: pairs.get(frozenset({one, other}))
    for n in range(10):
        party = parties.arrived(f"g{n}", "entrance", 100.0 + 1.5 * n, tie)
    assert party.customers == [f"g{n}" for n in range(10)]
