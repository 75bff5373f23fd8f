"""A venue on two floors: a reader that hears through the slab takes nobody along, and who climbs the stairs is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median

import pytest

from gateway.recognition.recording import BadRecording, Head, Read, Row, parse, save
from gateway.recognition.replay import Event, play, replay_files

PHONE = "irk:00112233445566778899aabbccddeeff"
LEVEL = {"hall": 0, "bar": 0, "salon": 1, "stairs": 0}
Heard = Callable[[float], dict[str, float]]


def head(*, floors: bool = True, stairs: bool = True) -> Head:
    zones = ["hall", "bar", "salon"] + (["stairs"] if stairs else [])
    return Head(
        "house",
        zones,
        {zone: zone for zone in zones},
        customers={"c": [PHONE], "other": ["irk:ff"]},
        floors={zone: LEVEL[zone] for zone in zones} if floors else {},
        stairs=["stairs"] if stairs and floors else [],
    )


def rows(seed: int, end: float, heard: Heard, readers: list[str], every: float = 0.5) -> Iterator[Row]:
    """What readers hear of a phone; and of another one, which has been everywhere before."""
    rng = Random(seed)
    yield from (Read(n * 0.1, reader, "irk:ff", -60.0) for n, reader in enumerate(readers))
    at = 1.0
    while at < end:
        for reader, level in heard(at).items():
            if reader in readers and rng.random() < 0.85:
                yield Read(at, reader, PHONE, round(level + rng.gauss(0.0, 3.5)))
        at += every * rng.uniform(0.8, 1.2)


def beneath(at: float) -> dict[str, float]:
    """In a corner of the hall for ten minutes, from the middle on right beneath the reader of the salon."""
    leak = -76.0 + 10.5 * max(0.0, min(1.0, (at - 112.0) / 10.0))
    return {"hall": -70.0, "bar": -82.0, "salon": leak, "stairs": -88.0}


def climbs(leaves: float, seconds: float = 12.0) -> Heard:
    """From the hall up the stairs, so many seconds long, into the salon."""

    def heard(at: float) -> dict[str, float]:
        if at < leaves:
            return {"hall": -62.0, "bar": -78.0, "salon": -80.0, "stairs": -80.0}
        up = min(1.0, (at - leaves) / seconds)
        stairs = -58.0 - 30.0 * abs(up - 0.5) if up < 1.0 else -82.0
        return {"hall": -62.0 - 22.0 * up, "bar": -80.0 - 8.0 * up, "salon": -80.0 + 20.0 * up, "stairs": stairs}

    return heard


def told(seed: int, end: float, heard: Heard, venue: Head) -> list[tuple[float, str | None]]:
    events: list[Event] = list(play(venue, rows(seed, end, heard, list(venue.readers))))
    return [(e.t, e.moment.zone) for e in events if e.moment.customer == "c" and e.moment.kind in ("arrived", "moved")]


@pytest.mark.parametrize("stairs", [True, False])
def test_a_reader_upstairs_that_hears_through_the_slab_takes_nobody_along(stairs: bool) -> None:
    taken = {False: 0, True: 0}
    for seed in range(12):
        for floors in taken:
            moves = told(seed, 600.0, beneath, head(floors=floors, stairs=stairs))
            taken[floors] += any(zone == "salon" and at > 60.0 for at, zone in moves)
    assert taken[False] == 12, "the made radio must leak, or the test says nothing"
    assert taken[True] == 0


@pytest.mark.parametrize("stairs", [True, False])
@pytest.mark.parametrize("seconds", [8.0, 15.0])
def test_who_climbs_the_stairs_is_upstairs_within_seconds(stairs: bool, seconds: float) -> None:
    lags = []
    for seed in range(12):
        moves = told(seed, 180.0, climbs(100.0, seconds), head(stairs=stairs))
        assert moves[-1][1] == "salon", f"seed {seed}: {moves}"
        lags.append(moves[-1][0] - (100.0 + seconds))
    assert median(lags) <= 3.0
    assert max(lags) <= 15.0


def test_without_stairs_a_reader_that_hears_plainly_is_believed_all_the_same() -> None:
    """By a ladder, a new door, or because the stairs' reader is deaf: it is evidence and no rule."""

    def heard(at: float) -> dict[str, float]:
        return {"hall": -62.0, "salon": -82.0} if at < 100.0 else {"hall": -88.0, "salon": -58.0}

    for seed in range(6):
        moves = told(seed, 160.0, heard, head())
        assert moves[-1][1] == "salon"
        assert moves[-1][0] <= 115.0


def test_a_recording_s_floors_are_those_that_replay_goes_by(tmp_path: Path) -> None:
    path = tmp_path / "house.jsonl"
    venue = head()
    save(path, venue, rows(1, 600.0, beneath, list(venue.readers)))
    zones = [event["zone"] for event in replay_files([path]) if event["customer"] == "c"]
    assert "salon" not in zones
    first = json.loads(path.read_text("utf-8").splitlines()[0])
    assert (first["floors"]["salon"], first["stairs"]) == (1, ["stairs"])
    assert next(parse(path.read_text("utf-8").splitlines(), "x")) == venue


@pytest.mark.parametrize(
    "wrong",
    [
        {"floors": {"salon": "first"}},
        {"floors": {"attic": 1}},
        {"floors": [1]},
        {"stairs": ["attic"]},
        {"stairs": "salon"},
    ],
)
def test_floors_that_are_none_are_refused_in_words(wrong: dict[str, object]) -> None:
    fields = {"recording": "x", "zones": ["salon"], "readers": {"r": "salon"}, **wrong}
    with pytest.raises(BadRecording, match=next(iter(wrong))):
        list(parse([json.dumps(fields)], "x"))
