"""Devices that pass over in silence what they do not know: clones, old firmware, somebody's own. Tags are heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reader_drivers import DRIVERS
from reader_drivers.simulated import SimulatedM100
from reader_drivers.simulated_llrp import SimulatedLlrp
from reader_drivers.simulated_pn532 import SimulatedPn532
from reader_drivers.simulated_thingmagic import SimulatedThingmagic
from reader_drivers.simulated_uhf_prime import SimulatedUhfPrime
from reader_drivers.simulated_uhfreader18 import SimulatedUhfreader18
from tests.reader_drivers.readers import Heard, until

EPC, UID = "epc:E200322FE20DF9311328B7E3", "nfc:24D34F59"


def dialect_288(link: Path) -> SimulatedUhfreader18:
    return SimulatedUhfreader18(link, dialect="288")


# Driver, settings, device, where a command's code stands, what the device knows, what is in its field.
SPARSE: list[tuple[str, dict[str, Any], Callable[[Path], Any], Callable[[bytes], int], set[int], str]] = [
    ("uhfreader18", {"dialect": "18"}, SimulatedUhfreader18, lambda c: c[2], {0x01, 0x21}, EPC),
    ("uhfreader18", {"dialect": "288"}, dialect_288, lambda c: c[2], {0x01, 0x21}, EPC),
    ("uhf_prime", {}, SimulatedUhfPrime, lambda c: c[3], {0x01, 0x70}, EPC),
    ("thingmagic", {}, SimulatedThingmagic, lambda c: c[2], {0x03, 0x97, 0x2F}, EPC),
    ("pn532", {}, SimulatedPn532, lambda c: c[c.index(0xD4) + 1], {0x14, 0x4A}, UID),
]  # fmt: skip


@pytest.mark.parametrize(("name", "settings", "make", "code", "knows", "thing"), SPARSE)
async def test_what_a_device_does_not_know_costs_no_tag(
    name: str, settings: dict[str, Any], make: Any, code: Any, knows: set[int], thing: str, tmp_path: Path
) -> None:
    made: Any = DRIVERS[name]
    async with make(tmp_path / "reader") as device:
        obey = device._obey
        device._obey = lambda command: obey(command) if code(command) in knows else None
        if name == "thingmagic":
            device.region = 8  # as somebody left it
        device.present(thing)
        async with Heard(made("door", device.link, made.settings.model_validate(settings))) as heard:
            await until(lambda: len(heard.sightings) >= 5 or heard.lost, within=25)
        assert heard.lost is None
        assert {each.identifier for each in heard.sightings} == {thing}


@pytest.mark.parametrize("dialect", ["BB", "AA"])
async def test_an_m100_that_answers_no_stop_is_heard(dialect: Any, tmp_path: Path) -> None:
    made: Any = DRIVERS["m100"]
    async with SimulatedM100(tmp_path / "reader", dialect=dialect) as device:
        obey = device._obey
        device._obey = lambda command: obey(command) if command[2] in (0x03, 0x27) else None  # type: ignore[method-assign]
        device.present(EPC)
        async with Heard(made("door", device.link, made.settings())) as heard:
            await until(lambda: len(heard.sightings) >= 5 or heard.lost, within=25)
        assert heard.lost is None
        assert {each.identifier for each in heard.sightings} == {EPC}


async def test_an_llrp_reader_that_does_not_tell_its_antennas_is_heard_at_once() -> None:
    made: Any = DRIVERS["llrp"]
    async with SimulatedLlrp(round_s=0.01) as device:
        obey = device._obey
        device._obey = lambda kind, body, number: obey(kind, body, number) if kind != 2 else None  # type: ignore[method-assign]
        device.present(EPC)
        async with Heard(made("door", device.link, made.settings())) as heard:
            await until(lambda: len(heard.sightings) >= 5, within=40)
        assert heard.lost is None
