"""What a scenario may be made of: walls, floors, bodies, silences, parties; each heard in the recording it makes."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from itertools import pairwise
from math import nan
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

import pytest

from gateway.recognition.recording import Head, Read, Row, Truth
from gateway.recognition.simulator import BadScenario, read_scenario
from gateway.recognition.simulator.checks import check_values
from gateway.recognition.simulator.scenario import KEYS
from gateway.recognition.simulator.simulate import record

SCENARIOS = Path(__file__).parents[2] / "benchmarks" / "accuracy_scenarios"
QUIET = {"slow_db": 0.0, "fast_db": 0.0}

Table = dict[str, Any]


def venue(**changes: Any) -> Table:
    """Two rooms side by side with a reader each, and a beacon that lies in the first for a minute; nothing fades."""
    usual: Table = {
        "rooms": [{"id": "a", "box": [0, 0, 6, 6]}, {"id": "b", "box": [6, 0, 12, 6]}],
        "readers": [{"id": "ra", "zone": "a", "at": [1, 3, 1.1]}, {"id": "rb", "zone": "b", "at": [11, 3, 1.1]}],
        "people": [person()],
        "border_db": 0.0,
        "radio": QUIET,
        "things": {"button": {"every_s": 0.5, "jitter_s": 0.0}},
    }
    return usual | changes


def person(*path: Table, **changes: Any) -> Table:
    usual: Table = {"count": 1, "carries": ["button"], "where": ["table"], "turn_every_s": 0}
    return usual | {"path": list(path) or [{"to": [3, 3], "jitter": 0, "stay": [60, 60]}]} | changes


def played(table: Table, seed: int = 1) -> tuple[Head, list[Row]]:
    head, rows = record(read_scenario(table), seed)
    return head, list(rows)


def levels(table: Table, seed: int = 1) -> dict[str, list[float]]:
    heard: dict[str, list[float]] = defaultdict(list)
    for row in played(table, seed)[1]:
        if isinstance(row, Read):
            heard[row.reader].append(row.rssi or nan)
    return heard


def loudness(table: Table) -> dict[str, float]:
    return {reader: mean(each) for reader, each in levels(table).items()}


def times(rows: list[Row]) -> list[float]:
    return sorted({row.t for row in rows if isinstance(row, Read)})


def wall(x: float, db: float, **more: Any) -> Table:
    return {"from": [x, -1], "to": [x, 7], "db": db, **more}


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"walls": [wall(6, 7)]}, 7),
        ({"walls": [wall(6, 7), wall(8, 4)]}, 11),
        ({"walls": [wall(6, 7), wall(2, 4)]}, 7),
        ({"walls": [wall(6, 7, floor=1)]}, 0),
        ({"walls": [wall(6, 7)], "openings": [{"at": [6, 3], "width": 1}]}, 0),
        ({"walls": [wall(6, 7)], "openings": [{"at": [6, 3], "width": 1, "db": 2}]}, 2),
        ({"walls": [wall(6, 7)], "openings": [{"at": [6, 5], "width": 1}]}, 7),
        ({"border_db": 5}, 5),
        ({"border_db": 5, "walls": [wall(8, 4)]}, 9),
        ({"border_db": 5, "rooms": [{"id": "a", "box": [0, 0, 5, 6]}, {"id": "b", "box": [7, 0, 12, 6]}]}, 10),
    ],
)
def test_each_wall_and_border_between_takes_its_own(change: Table, lost: float) -> None:
    open_space, walled = loudness(venue()), loudness(venue(**change))
    assert open_space["rb"] - walled["rb"] == pytest.approx(lost, abs=0.6)
    if change.get("walls") != [wall(6, 7), wall(2, 4)]:
        assert walled["ra"] == pytest.approx(open_space["ra"], abs=0.6)


def house(slab_db: float, **changes: Any) -> Table:
    rooms = [{"id": "a", "box": [0, 0, 6, 6]}, {"id": "b", "box": [0, 0, 6, 6], "floor": 1}]
    readers = [{"id": "ra", "zone": "a", "at": [3, 3, 2]}, {"id": "rb", "zone": "b", "at": [3, 3, 2], "floor": 1}]
    return venue(rooms=rooms, readers=readers, slab_db=slab_db, **changes)


def test_a_ceiling_takes_its_own_and_a_reader_upstairs_is_a_storey_farther() -> None:
    thin, thick = loudness(house(0.0)), loudness(house(12.0))
    assert thin["rb"] - thick["rb"] == pytest.approx(12.0, abs=0.6)
    assert thin["ra"] - thin["rb"] > 8.0
    assert played(house(0.0))[0].positions_m["rb"] == [3.0, 3.0, 5.0]


def test_who_goes_upstairs_goes_by_the_stairs_and_is_nowhere_meanwhile() -> None:
    stairs = [{"foot": [5, 5], "head": [1, 5], "seconds": 10}]
    up = person({"to": [2, 2], "jitter": 0, "stay": [5, 5]}, {"to": [2, 3], "jitter": 0, "floor": 1, "stay": [9, 9]})
    rows = played(house(12.0, stairs=stairs, people=[up]))[1]
    truths = [row for row in rows if isinstance(row, Truth)][:-1]
    told = [row.truth for row in truths]
    assert [here for here, after in pairwise([*told, ""]) if here != after] == ["a", None, "b"]
    assert 9 <= told.count(None) <= 11
    before = next(row for row, after in pairwise(truths) if after.truth is None)
    assert (before.x, before.y) == pytest.approx((5.0, 5.0), abs=1.5)


def test_bodies_of_others_fade_what_lies_still_slowly_and_near_the_thing_alike_for_all_readers() -> None:
    still = venue(people=[person({"to": [3, 3], "jitter": 0, "stay": [600, 600]})])
    quiet, busy, near = (
        levels(still | {"bodies": {"near_db": n, "between_db": b, "seconds": 6}}) for n, b in ((0, 0), (0, 5), (5, 0))
    )
    assert pstdev(quiet["ra"]) < 1.0
    assert 3.5 < pstdev(busy["ra"]) < 6.5
    for heard, apart in ((busy, True), (near, False)):
        difference = pstdev([a - b for a, b in zip(heard["ra"], heard["rb"], strict=True)])
        assert (difference > 5.0) == apart
    steps = [abs(after - before) for before, after in pairwise(busy["ra"])]
    assert mean(steps) < 0.5 * pstdev(busy["ra"])


def test_a_wristband_fades_though_its_owner_sits_and_a_thing_round_the_neck_does_not() -> None:
    spread = {
        where: pstdev(levels(venue(radio={"slow_db": 3.0}, people=[person(where=[where])]), 5)["ra"])
        for where in ("neck", "wrist")
    }
    assert spread["wrist"] > spread["neck"] + 2.0


def test_a_spot_of_a_furnished_place_sounds_the_same_whoever_is_there_and_another_spot_otherwise() -> None:
    furnished = venue(radio={**QUIET, "place_db": 6.0})
    spots = [person({"to": [x, 3], "jitter": 0, "stay": [60, 60]}) for x in (1, 2, 3, 4, 5)]
    here = [loudness(furnished | {"people": [spot], "name": "there"})["rb"] for spot in spots]
    again = [mean(levels(furnished | {"people": [spot], "name": "there"}, 9)["rb"]) for spot in spots]
    elsewhere = [loudness(furnished | {"people": [spot], "name": "elsewhere"})["rb"] for spot in spots]
    assert here == pytest.approx(again, abs=0.3)
    assert max(abs(a - b) for a, b in zip(here, elsewhere, strict=True)) > 3.0


def gaps(thing: Table, stay: float = 600) -> list[float]:
    table = venue(things={"button": thing}, people=[person({"to": [3, 3], "jitter": 0, "stay": [stay, stay]})])
    heard = [row.t for row in played(table)[1] if isinstance(row, Read) and row.reader == "ra"]
    return [after - before for before, after in pairwise(heard)]


def test_a_sparse_thing_speaks_as_seldom_as_it_says() -> None:
    assert gaps({"every_s": 10, "jitter_s": 0.2}) == pytest.approx([10.1] * 59, abs=0.2)


def test_a_bursty_thing_speaks_a_few_times_and_pauses() -> None:
    short, long = 0, 0
    for gap in gaps({"every_s": 5, "jitter_s": 0, "burst": 3, "burst_gap_s": 0.2}):
        short, long = short + (gap < 0.5), long + (4.9 < gap < 5.1)
    assert 1.9 < short / long < 2.1


def test_a_thing_that_falls_silent_inside_is_silent_there_and_nowhere_else() -> None:
    mute = {"speaks_s": [60, 60], "for_s": [30, 30], "only_in": ["a"]}
    inside = gaps({"every_s": 1, "jitter_s": 0, "mute": mute}, 900)
    assert sorted(round(gap) for gap in inside if gap > 1.5) == [31] * 9
    elsewhere = gaps({"every_s": 1, "jitter_s": 0, "mute": {**mute, "only_in": ["b"]}}, 900)
    assert max(elsewhere) < 1.5


def test_what_is_left_behind_stays_and_its_owner_goes_on() -> None:
    path = [
        {"to": [2, 3], "jitter": 0, "stay": [5, 5], "leaves": ["coat"]},
        {"to": [10, 3], "jitter": 0, "stay": [60, 60]},
        {"to": [2, 3], "jitter": 0, "takes": ["coat"]},
        {"to": [10, 3], "jitter": 0, "stay": [60, 60]},
    ]
    things = {"coat": {"every_s": 1}, "button": {"every_s": 1}}
    head, rows = played(venue(things=things, people=[person(*path, carries=["button", "coat"], speed=[1, 1])]))
    (identifiers,) = head.customers.values()
    assert len(set(identifiers)) == 2
    for start, end, coat_in in ((30, 60, "ra"), (110, 140, "rb")):
        heard: dict[tuple[str, str], list[float]] = defaultdict(list)
        for row in rows:
            if isinstance(row, Read) and start < row.t < end:
                heard[row.id, row.reader].append(row.rssi or nan)
        for identifier, louder in zip(identifiers, ("rb", coat_in), strict=True):
            fainter = "ra" if louder == "rb" else "rb"
            assert min(heard[identifier, louder]) > max(heard[identifier, fainter])


def test_a_party_comes_together_and_the_next_one_later() -> None:
    people = [person(count=6, party=3, every_s=100, apart_s=2)]
    began: dict[str | None, float] = {}
    for row in played(venue(people=people))[1]:
        if isinstance(row, Truth):
            began.setdefault(row.customer, row.t)
    starts = sorted(began.values())
    assert [round(after - before) for before, after in pairwise(starts)] == pytest.approx([2, 2, 96, 2, 2], abs=1)


def test_a_soft_floor_lets_some_of_the_faint_through_and_a_reader_may_have_its_own() -> None:
    faint = {**QUIET, "at_1m_dbm": -90.0}
    hard, soft = (Counter({r: len(v) for r, v in levels(venue(radio={**faint, **more})).items()}) for more in (
        {"floor_dbm": -104.5}, {"floor_dbm": -104.5, "floor_soft_db": 2.0},
    ))  # fmt: skip
    assert hard["ra"] > 115
    assert hard["rb"] == 0
    assert 15 < soft["rb"] < 70 < 115 < soft["ra"]
    nearly_hard = levels(venue(radio={**faint, "floor_dbm": -104.5, "floor_soft_db": 0.001}))
    assert {r: len(v) for r, v in nearly_hard.items()} == hard
    readers = [{"id": "ra", "zone": "a", "at": [1, 3, 1.1], "floor_dbm": -80}, venue()["readers"][1]]
    assert set(levels(venue(readers=readers, radio={**faint, "floor_dbm": -120.0}))) == {"rb"}


def test_a_reader_that_scans_hears_one_channel_for_a_while_and_may_be_deaf_to_one() -> None:
    table = venue(radio={"slow_db": 0, "fast_db": 8.0, "scan_s": 2.0}, things={"button": {"every_s": 0.2}})
    series = levels(table, 2)["ra"]
    same = mean(abs(after - before) < 3.0 for before, after in pairwise(series))
    assert same > 0.8
    assert pstdev(series) > 3.0
    half = {f"r{n}": len(v) for n, v in enumerate(levels(venue(radio={**QUIET, "deaf_links": 0.99})).values())}
    assert all(60 < count < 100 for count in half.values())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("hall-still", 5), ("flat-robot", None), ("door-lying", None)])
def test_each_real_place_sounds_as_it_did(name: str, count: int | None) -> None:
    table = tomllib.loads((SCENARIOS / f"{name}.toml").read_text(encoding="utf-8"))
    for group in table["people"]:
        group["count"] = count or group["count"]
    checks = check_values(*played(table, 2))
    assert len(checks) >= 7
    assert [str(check) for check in checks if not check.good] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"walls": [{"from": [0, 0]}]}, "to"),
        ({"walls": [{"from": [0, 0], "to": [1, 0], "thick": 2}]}, "thick"),
        ({"walls": [{"from": [0, 0], "to": [1, 0], "db": -3}]}, "db"),
        ({"openings": [{"at": [1]}]}, "at"),
        ({"stairs": [{"foot": [0, 0]}]}, "head"),
        ({"rooms": [{"id": "a", "box": [0, 0, 6, 6], "floor": 0.5}]}, "floor"),
        ({"people": [person({"to": [0, 0]}, {"to": [0, 0], "floor": 1})]}, "stairs"),
        ({"people": [person({"to": [0, 0], "leaves": ["phone"]})]}, "leaves"),
        ({"people": [person(party=0)]}, "party"),
        ({"people": [person(where=["hat"])]}, "hat"),
        ({"people": [person(carries="button")]}, "carries"),
        ({"people": [person({"to": [0, 0], "stay": [9, 3]})]}, "stay"),
        ({"radio": {"exponent": "steep"}}, "exponent"),
        ({"radio": {"colour": 1}}, "colour"),
        ({"radio": {"deaf_links": 1.5}}, "deaf_links"),
        ({"radio": 3}, "radio"),
        ({"bodies": {"near_db": -1}}, "near_db"),
        ({"things": {"button": {"every_s": 0}}}, "every_s"),
        ({"things": {"button": {"scheme": "smoke"}}}, "smoke"),
        ({"things": {"button": {"burst": 1.5}}}, "burst"),
        ({"things": {"button": {"mute": {"speaks_s": [1, 2]}}}}, "for_s"),
        ({"things": {"button": {"mute": {"speaks_s": [1, 2], "for_s": [1, 2], "only_in": ["attic"]}}}}, "attic"),
        ({"loss": 1.5}, "loss"),
        ({"border_db": nan}, "border_db"),
    ],
)
def test_a_mistake_is_named_by_its_key(change: Table, says: str) -> None:
    with pytest.raises(BadScenario, match=says):
        read_scenario(venue(**change))


def test_every_key_is_explained_and_nothing_else_is() -> None:
    told: dict[str, set[str]] = defaultdict(set)
    table = ""
    for line in (SCENARIOS / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and cells[0] not in ("Table", "---"):
            table = cells[0].strip("`[](").partition(".")[0].replace("top)", "scenario") or table
            keys = re.sub(r"\[[^]]*\]", "", cells[1])
            told[table] |= set(re.findall(r"`([a-z0-9_]+)`", keys))
    assert told == {name: set(keys) for name, keys in KEYS.items()}
