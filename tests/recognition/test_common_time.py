"""Readers of one recording whose clocks differ: who stays in the street stays there."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from gateway.recognition.common_time import corrected, shifts
from gateway.recognition.recording import Read, Row
from gateway.recognition.replay import play
from gateway.recognition.simulator.scenario import read_scenario
from gateway.recognition.simulator.simulate import record

SCENARIOS = Path(__file__).parents[2] / "benchmarks" / "accuracy_scenarios"
PHONE, KEYCHAIN, TAG = "irk:01", "ibeacon:5349-1-1", "epc:5349"


def words(identifier: str, seconds: float, every: float, random_s: float, clocks: dict[str, float]) -> list[Row]:
    """What readers write down of something that announces itself; each of them misses a third."""
    rng, rows, t = Random(identifier), list[Row](), 100.0
    while t < 100.0 + seconds:
        for reader, clock in clocks.items():
            if rng.random() > 0.33:
                rows.append(Read(round(t + clock + rng.uniform(0.0, 0.004), 3), reader, identifier, -60.0))
        t += every + rng.uniform(0.0, random_s)
    return sorted(rows, key=lambda row: row.t)


def found_in(rows: list[Row]) -> dict[str, float]:
    return shifts(row for row in rows if isinstance(row, Read))


@pytest.mark.parametrize(("identifier", "every", "random_s"), [(PHONE, 0.45, 0.01), (KEYCHAIN, 0.8, 0.1)])
@pytest.mark.parametrize("off", [-40.0, -2.3, 0.4, 1.0, 40.0])
def test_a_reader_whose_clock_is_off_is_set_right_to_hundredths(
    identifier: str, every: float, random_s: float, off: float
) -> None:
    found = found_in(words(identifier, 180.0, every, random_s, {"a": 0.0, "b": 0.0, "c": off}))
    assert found == {"c": pytest.approx(-off, abs=0.02)}


def test_readers_whose_clocks_agree_are_left_alone() -> None:
    rows = words(PHONE, 180.0, 0.45, 0.01, {"a": 0.0, "b": 0.03, "c": -0.02})
    assert list(corrected(rows)) == rows


@pytest.mark.parametrize("off", [-40.0, -2.3, 2.3, 40.0])
def test_a_row_is_set_right_by_what_came_before_it_and_never_by_what_comes_later(off: float) -> None:
    rows = words(PHONE, 180.0, 0.45, 0.01, {"a": 0.0, "b": 0.0, "c": off})
    whole = list(corrected(rows))
    assert len(whole) == len(rows)
    late = [row.t for row in whole[-len(whole) // 5 :]]
    assert late == sorted(late)
    c, a = ([row.t for row in whole if isinstance(row, Read) and row.reader == r and row.t > 200.0] for r in "ca")
    assert abs(c[-1] - a[-1]) < 5.0
    for share in (0.2, 0.5, 0.9):
        assert all(row in whole for row in corrected(rows[: int(share * len(rows))]))


def test_where_nothing_tells_nothing_is_changed() -> None:
    like_clockwork = words(PHONE, 180.0, 0.5, 0.0, {"a": 0.0, "b": 1.0})  # each word might be any
    tags = words(TAG, 180.0, 0.06, 0.01, {"a": 0.0, "b": 1.0})  # antennas take turns: no read is another's
    few = words(KEYCHAIN, 5.0, 0.8, 0.1, {"a": 0.0, "b": 1.0})
    for rows in (like_clockwork, tags, few, []):
        assert found_in(rows) == {}


@pytest.mark.parametrize("random_s", [0.0, 0.001, 0.01, 0.1])
@pytest.mark.parametrize("way_s", [0.5, 1.0, 7.0, 33.0])
def test_who_walks_from_one_reader_to_the_next_tells_nothing_of_their_clocks(random_s: float, way_s: float) -> None:
    for every in (0.25, 0.5, 1.0):
        for n in range(5):
            start = words(f"irk:{n}", 40.0, every, random_s, {"a": 0.0})
            end = words(f"irk:{n}/later", 40.0, every, random_s, {"b": 0.0})
            later = [replace(row, t=row.t + 40.0 + way_s, id=f"irk:{n}") for row in end if isinstance(row, Read)]
            assert found_in([*start, *later]) == {}


@pytest.mark.parametrize("step", [0.25, 0.5, 1.0])
def test_times_in_steps_of_a_clock_tell_nothing(step: float) -> None:
    exact = words(PHONE, 600.0, 0.45, 0.01, {"a": 0.0, "b": 0.0, "c": 0.0})
    assert found_in([replace(row, t=round(row.t / step) * step) for row in exact]) == {}


def test_readers_that_hear_a_thing_one_after_the_other_are_not_laid_upon_each_other() -> None:
    first = [Read(100.0 + n / 4, "a", PHONE, -60.0) for n in range(160)]
    then = [Read(141.0 + n / 4, "b", PHONE, -60.0) for n in range(160)]
    assert found_in([*first, *then]) == {}


def test_a_reader_that_hears_nothing_of_the_others_keeps_its_time() -> None:
    rows = words(PHONE, 180.0, 0.45, 0.01, {"a": 0.0, "b": 1.5}) + words("irk:02", 180.0, 0.45, 0.01, {"far": 9.0})
    assert set(found_in(rows)) == {"a"} or set(found_in(rows)) == {"b"}


def test_who_waits_in_the_street_does_not_come_in_because_a_clock_is_two_seconds_off() -> None:
    scenario = read_scenario(tomllib.loads((SCENARIOS / "door-beacon-outside.toml").read_text("utf-8")))
    groups = tuple(replace(group, count=15) for group in scenario.groups)

    def arrived(**clocks: float) -> list[str]:
        antennas = tuple(replace(a, clock_s=clocks.get(a.id, 0.0)) for a in scenario.antennas)
        head, rows = record(replace(scenario, antennas=antennas, groups=groups), 11)
        events = play(head, sorted(rows, key=lambda row: row.t))
        return [event.moment.customer for event in events if event.moment.kind == "arrived"]

    assert len(arrived(outer=1.5, inner=-1.5)) <= len(arrived()) + 1  # and not ten of thirty
