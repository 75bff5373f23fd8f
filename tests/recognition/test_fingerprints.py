"""Prints of a large house: spots are chosen by their loudest antennas; what nobody hears makes no two rooms alike."""

from __future__ import annotations

import time
from math import hypot, log10
from random import Random

import pytest

from gateway.recognition import fingerprints
from gateway.recognition.fingerprints import Antenna, Fingerprints

FLOOR = -100.0
WIDE, TALL = 8, 5
ROOMS = [(7.0 * (n % WIDE), 7.0 * (n // WIDE)) for n in range(WIDE * TALL)]
"""Forty rooms of seven metres with one reader each, in the middle."""


def heard(room: int, rng: Random) -> dict[Antenna, float]:
    """What all readers hear of somebody somewhere in this room."""
    x, y = (middle + rng.uniform(-2.5, 2.5) for middle in ROOMS[room])
    levels: dict[Antenna, float] = {}
    for n, (a, b) in enumerate(ROOMS):
        metres = max(1.0, hypot(a - x, b - y))
        level = -50.0 - 28.0 * log10(metres) - 6.0 * (n != room) + rng.gauss(0.0, 4.0)
        levels[f"r{n}", None] = level if level > FLOOR + 4.0 else FLOOR
    return levels


@pytest.fixture(scope="module")
def house() -> Fingerprints:
    rng = Random(1)
    learnt = Fingerprints(len(ROOMS), FLOOR)
    for _ in range(8):
        for room in range(len(ROOMS)):
            learnt.learn(room, heard(room, rng))
    return learnt


def best(house: Fingerprints, levels: dict[Antenna, float]) -> int:
    nats = house.nats(levels, [0.0] * len(ROOMS))
    return nats.index(max(nats))


def test_spots_that_are_left_out_would_have_changed_nothing(
    house: Fingerprints, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(2)
    prints = [(room, heard(room, rng)) for room in range(len(ROOMS)) for _ in range(5)]
    chosen = [best(house, levels) for _, levels in prints]
    monkeypatch.setattr(fingerprints, "DENSE", 1000)
    compared = [best(house, levels) for _, levels in prints]
    assert sum(a == b for a, b in zip(chosen, compared, strict=True)) >= 0.98 * len(prints)
    assert sum(a == room for a, (room, _) in zip(chosen, prints, strict=True)) >= 0.8 * len(prints)


def test_a_comparison_in_a_large_house_takes_less_than_half_of_comparing_all(
    house: Fingerprints, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(3)
    prints = [heard(room, rng) for room in range(len(ROOMS))]

    def taken() -> float:
        rounds = []
        for _ in range(3):
            began = time.thread_time()
            for levels in prints:
                best(house, levels)
            rounds.append(time.thread_time() - began)
        return min(rounds)

    chosen = taken()
    monkeypatch.setattr(fingerprints, "DENSE", 1000)
    assert chosen < taken() / 2.0


def test_rooms_at_both_ends_of_a_large_house_are_not_alike_for_all_that_neither_hears(house: Fingerprints) -> None:
    for spots in house.spots:
        assert spots
        for spot in spots:
            assert spot.trust > 0.2, "others were said to be in another room where this was heard: they were not"


def test_a_reader_that_hears_otherwise_says_nothing_in_a_large_house_either() -> None:
    rng = Random(4)
    learnt = Fingerprints(len(ROOMS), FLOOR)
    for room in range(len(ROOMS)):
        learnt.learn(room, heard(room, rng))
    silent = ("r20", None)
    before = [best(learnt, heard(20, Random(seed))) == 20 for seed in range(20)]
    learnt.forget(silent)
    after = [best(learnt, heard(20, Random(seed)) | {silent: -40.0}) == 20 for seed in range(20)]
    assert sum(before) - sum(after) <= 6, "the readers around it still tell the room"
    elsewhere = [best(learnt, heard(2, Random(seed)) | {silent: -40.0}) != 20 for seed in range(20)]
    assert sum(elsewhere) >= 19
