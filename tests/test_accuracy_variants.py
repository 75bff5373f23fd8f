"""Changes to recordings, and what they say of the numbers: the tools that keep us from fitting the noise."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.accuracy_support import NUMBERS, Trial, changed, difference, left_out
from benchmarks.accuracy_variants import CHANGES, joined, reversed_in_time, variants
from gateway.recognition import belief
from gateway.recognition.recording import Head, Read, Row, Truth

HEAD = Head(
    "x", ["a", "b", "c"], {"a1": "a", "a2": "a", "b1": "b", "c1": "c"}, kind="walking",
    positions_m={"a1": [0.0, 0.0, 2.0], "a2": [2.0, 0.0, 2.0], "b1": [6.0, 0.0, 2.0], "c1": [12.0, 0.0, 2.0]},
)  # fmt: skip


def walk() -> list[Row]:
    rows: list[Row] = [Truth(100.0, "a"), Truth(110.0, None), Truth(112.0, "b"), Truth(120.0, None), Truth(121.0, "c")]
    rows += [Read(100.0 + n / 4, reader, "ble:01", -60.0 - n % 7) for n in range(120) for reader in HEAD.readers]
    return sorted(rows, key=lambda row: row.t)


def truths(rows: list[Row]) -> list[tuple[float, str | None]]:
    return [(round(row.t, 3), row.truth) for row in rows if isinstance(row, Truth)]


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_leaves_a_recording_of_the_same_readers_or_fewer_and_is_the_same_each_time(name: str) -> None:
    once, again = (list(variants([(HEAD, walk())], name)) for _ in range(2))
    assert once == again
    assert len(once) == CHANGES[name][1]
    for head, rows in once:
        assert set(head.readers) <= set(HEAD.readers)
        assert {row.reader for row in rows if isinstance(row, Read)} <= set(head.readers)
        assert {row.truth for row in rows if isinstance(row, Truth)} <= {*head.zones, None}
        assert set(head.readers.values()) == set(head.zones)


def test_the_way_back_goes_through_the_same_places_backwards() -> None:
    end = max(row.t for row in walk())
    _, back = reversed_in_time(HEAD, walk(), Random(1))
    assert [zone for _, zone in truths(list(back))] == ["c", None, "b", None, "a"]
    assert truths(list(back))[1][0] == round(100.0 + end - 121.0, 3)
    _, forth = reversed_in_time(HEAD, back, Random(1))
    assert truths(list(forth)) == truths(walk())


def test_joined_zones_are_neighbours_and_have_no_border_between_them() -> None:
    head, rows = joined(2)(HEAD, walk(), Random(1))
    assert head.zones == ["a", "c"]
    assert truths(list(rows))[:3] == [(100.0, "a"), (110.0, "a"), (112.0, "a")]


def test_about_as_many_reads_are_lost_as_the_name_says() -> None:
    for _, rows in variants([(HEAD, walk())], "70 % of reads lost"):
        assert 100 <= sum(isinstance(row, Read) for row in rows) <= 190  # of 480


def test_a_number_is_back_where_it_was_after_a_trial() -> None:
    before = belief.AHEAD
    with changed([belief], "AHEAD", 7.0):
        assert belief.AHEAD == 7.0
    assert before == belief.AHEAD


def test_what_suits_one_recording_alone_wins_nothing_when_that_one_is_left_out() -> None:
    usual = Trial("n", 1.0, {"a": 80.0, "b": 80.0, "c": 80.0}, True)
    lucky = Trial("n", 2.0, {"a": 95.0, "b": 78.0, "c": 78.0})
    better = Trial("n", 3.0, {"a": 82.0, "b": 82.0, "c": 83.0})
    assert left_out([usual, lucky]) < 0.0
    assert left_out([usual, better]) > 2.0
    middle, low, high = difference(better, usual)
    assert 2.0 <= low <= middle <= high <= 3.0
    assert difference(lucky, usual)[1] < 0.0


def test_every_number_that_is_tried_is_one_of_recognition() -> None:
    assert [name for _, modules, name, _ in NUMBERS if not all(hasattr(module, name) for module in modules)] == []
