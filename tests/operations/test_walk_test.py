"""A walk with a test tag: what passes, what does not, and which tag it is."""

from __future__ import annotations

from typing import Any

from gateway.operations.walk_test import CHOOSE_FOR, WalkTest
from gateway.settings.venue import ReaderConfig
from reader_drivers import Sighting

DOOR = ReaderConfig.model_validate(
    {"id": "door", "driver": "thingmagic", "link": "/dev/a", "role": "inner", "antennas": {1: "entrance", 2: "bar"}}
)
TILL = ReaderConfig(id="till", driver="em4100", link="/dev/b", role="tap", zone="bar")
PHONES = ReaderConfig.model_validate(
    {"id": "phones", "driver": "espresense", "link": "espresense", "role": "zone", "rooms": {"foyer": "entrance"}}
)
MINE, THEIRS = "epc:30751FEB705C5904E3D50D70", "epc:E20010710000529B0940B402"


def read(reader: str, tag: str, at: float, rssi: float | None = -50, antenna: int | str | None = None) -> Sighting:
    return Sighting(reader, antenna, tag, rssi, None, at)


def verdicts(found: dict[str, Any]) -> dict[tuple[str, object], str]:
    return {(p["reader"], p["antenna"]): p["verdict"] for p in found["places"]}


def test_every_place_passes_when_it_heard_the_tag_often_enough() -> None:
    walk = WalkTest([DOOR, TILL, PHONES], MINE)
    assert set(verdicts(walk.look()).values()) == {"fail"}
    assert walk.look()["passed"] is False
    for n in range(3):
        walk.hear(read("door", MINE, 100 + n, antenna=1))
        walk.hear(read("door", THEIRS, 100 + n, antenna=2))
        walk.hear(read("phones", MINE, 100 + n, antenna="foyer"))
        walk.hear(read("phones", MINE, 100 + n, antenna="a room that is in no zone"))
    walk.hear(read("till", MINE, 110, None))
    assert verdicts(walk.look()) == {
        ("door", 1): "pass", ("door", 2): "fail", ("till", None): "pass", ("phones", "foyer"): "pass",
    }  # fmt: skip
    assert walk.look()["zones"] == {"entrance": "pass", "bar": "pass"}
    assert walk.look()["passed"] is False
    walk.hear(read("door", MINE, 120, -61, antenna=2))
    (weak,) = [p for p in walk.look()["places"] if p["antenna"] == 2]
    assert (weak["verdict"], weak["reads"], weak["needed"], weak["best_rssi"]) == ("weak", 1, 3, -61)
    for n in range(2):
        walk.hear(read("door", MINE, 121 + n, antenna=2))
    assert walk.look()["passed"] is True


def test_the_tag_held_closest_at_first_is_the_test_tag() -> None:
    walk = WalkTest([DOOR, TILL])
    for n in range(20):
        walk.hear(read("door", THEIRS, 100 + n / 4, -60, antenna=1))
        walk.hear(read("door", MINE, 100 + n / 4, -35, antenna=1))
    walk.hear(read("door", "epc:C0FFEE00", 101, -20, antenna=1))  # once is a stray
    assert walk.look()["tag"] is None
    walk.hear(read("door", THEIRS, 100 + CHOOSE_FOR, -60, antenna=1))
    assert walk.identifier == MINE
    assert walk.look()["tag"] == "epc:…0D70"
    assert str(walk.look()).count("30751FEB") == 0
    for n in range(3):
        walk.hear(read("door", MINE, 110 + n, -60, antenna=1))
    assert verdicts(walk.look())[("door", 1)] == "pass"


def test_a_fob_that_is_tapped_is_chosen_at_once() -> None:
    walk = WalkTest([DOOR, TILL])
    walk.hear(read("door", THEIRS, 99.0, -40, antenna=1))
    walk.hear(read("till", "em:0700ABCDEF", 100.0, None))
    assert walk.identifier == "em:0700ABCDEF"
    assert verdicts(walk.look())[("till", None)] == "pass"


def test_a_zone_that_another_drowns_is_told() -> None:
    walk = WalkTest([DOOR], MINE)
    walk.hear(read("door", MINE, 100.0, -40, antenna=1))
    for n in range(3):
        walk.hear(read("door", MINE, 100.1 + n / 10, -60, antenna=2))
    (bar,) = [p for p in walk.look()["places"] if p["zone"] == "bar"]
    assert (bar["verdict"], bar["louder"]) == ("pass", ["entrance"])
    walk.hear(read("door", MINE, 120.0, -50, antenna=2))
    (bar,) = [p for p in walk.look()["places"] if p["zone"] == "bar"]
    assert bar["louder"] == [], "what was louder a while ago was elsewhere"


def test_tags_without_end_are_not_kept() -> None:
    walk = WalkTest([DOOR])
    for n in range(5000):
        walk.hear(read("door", f"epc:{n:024X}", 100.0, -60, antenna=1))
    assert len(walk._choosing) <= 1000
