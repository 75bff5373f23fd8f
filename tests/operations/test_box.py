"""A box of keychains, one after the other: each once, twice said, and nobody who only passes by."""

from __future__ import annotations

from gateway.operations.box import MOST, Box
from reader_drivers import Sighting


def box(*owned: str) -> Box:
    """An empty list at the desk."""
    return Box("desk", lambda identifier: identifier in owned, 0.0)


def read(identifier: str, at: float, rssi: float | None = None, reader: str = "desk") -> Sighting:
    """One read."""
    return Sighting(reader, None, identifier, rssi, None, at)


def numbers(of: Box, now: float) -> list[tuple[int, str]]:
    """The list as it was held."""
    return [(row["number"], row["shown"]) for row in reversed(of.look(now)["rows"])]


def test_a_hundred_that_are_held_one_after_the_other_are_a_hundred() -> None:
    held = box()
    for n in range(100):
        for part in (0.0, 0.2, 0.4):
            held.hear(read(f"epc:30751FEB705C5904E3D5{n:04X}", 2.0 * n + part, -40.0))
    look = held.look(200.0)
    assert [row["number"] for row in look["rows"]] == list(range(100, 0, -1))
    assert (look["again"], look["crowded"], look["full"]) == (None, False, False)
    assert "30751FEB705C5904E3D5" not in str(look)


def test_one_that_is_held_twice_is_said_and_stays_one() -> None:
    held = box()
    held.hear(read("epc:AA01", 0.0, -40.0))
    held.hear(read("epc:AA01", 1.0, -40.0))  # it is held still
    assert held.look(1.0)["again"] is None
    held.hear(read("epc:AA02", 5.0, -40.0))
    held.hear(read("epc:AA01", 10.0, -40.0))
    look = held.look(10.0)
    assert (look["again"], [row["again"] for row in look["rows"]]) == (1, [0, 1])
    held.hear(read("epc:AA03", 15.0, -40.0))
    assert held.look(15.0)["again"] is None


def test_one_that_comes_back_while_the_last_is_heard_still_is_said_all_the_same() -> None:
    held = box()
    for at, nfc in ((0.0, "01"), (10.0, "02"), (10.5, "01"), (11.0, "01"), (13.0, "01"), (14.0, "01")):
        held.hear(read(f"nfc:04A1B2C3D4E5{nfc}", at))
    look = held.look(14.0)
    assert (look["again"], [row["again"] for row in look["rows"]]) == (1, [0, 1])


def test_what_is_heard_beside_it_is_on_no_list() -> None:
    held = box()
    held.hear(read("epc:AA01", 0.0, -60.0))  # a pile that is heard from afar …
    assert numbers(held, 0.0) == [(1, "epc:…AA01")]
    held = box()
    for at in (0.0, 0.5, 1.0):
        held.hear(read("epc:AA01", at, -40.0))
        held.hear(read("epc:BB01", at, -52.0))
        held.hear(read("epc:BB02", at, -55.0))
    assert numbers(held, 1.0) == [(1, "epc:…AA01")]
    assert held.look(1.0)["crowded"] is True
    held.hear(read("epc:CC01", 1.2, -42.0))  # beside one that is as near nobody knows which is held
    assert len(numbers(held, 1.2)) == 1


def test_readers_without_strength_take_one_alone() -> None:
    held = box()
    held.hear(read("nfc:04A1B2C3D4E580", 0.0))
    held.hear(read("nfc:04A1B2C3D4E581", 0.1))
    assert len(numbers(held, 0.1)) == 1
    held.hear(read("nfc:04A1B2C3D4E581", 4.0))
    assert len(numbers(held, 4.0)) == 2


def test_a_fob_that_may_be_a_ghost_is_read_twice() -> None:
    held = box()
    held.hear(read("em:0700ABCDEF", 0.0))
    assert numbers(held, 0.0) == []
    held.hear(read("em:0700ABCDEE", 2.0))
    held.hear(read("em:0700ABCDEF", 4.0))
    assert numbers(held, 4.0) == []
    held.hear(read("em:0700ABCDEF", 4.2))
    (row,) = held.look(4.2)["rows"]
    assert row["printed"] == ["…59375", "…52719"]


def test_other_readers_phones_and_more_than_a_list_holds_are_not_heard() -> None:
    held = box("epc:AA01")
    held.hear(read("epc:AA01", 0.0, -40.0))
    held.hear(read("epc:AA02", 5.0, -40.0, reader="door"))
    held.hear(read("ibeacon:b9407f30-f5f8-466e-aff9-25556b57fe6d-1-7", 10.0, -40.0))
    (row,) = held.look(10.0)["rows"]
    assert row["taken"] is True
    for n in range(MOST + 5):
        held.hear(read(f"epc:{n:08X}", 20.0 + 5 * n, -40.0))
    look = held.look(20.0 + 5 * MOST)
    assert (len(look["rows"]), look["full"]) == (MOST, True)
    assert (held.over(look_at := 20.0 + 5 * MOST), held.over(look_at + 301)) == (False, True)
