"""The quality ladder in the README: what each driver offers its user, as its device shows it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

import reader_drivers
from reader_drivers import DRIVERS
from tests.reader_drivers.contract import READER, decode, offers, sightings

README = Path(reader_drivers.__file__).with_name("README.md").read_text("utf-8")
CRITERIA = ("silence", "firmware", "strength", "place", "clock", "power")
LEVELS = {"bronze", "silver", "gold"}

SOME: dict[tuple[str, str], tuple[dict[str, Any], str, str | bytes]] = {
    ("uhfreader18", "place"): ({"dialect": "288"}, "in", "1500010301010c3039606303c74380001a055940f93e"),
    ("theengs", "firmware"): ({}, "home/omg/SYStoMQTT", '{"version":"v1.8.1"}'),
    ("ble_gateway", "firmware"): ({}, "gw/a", '{"v":"1.5.0","mac":"112233445566","devices":[]}'),
}
"""What only some models of a kind offer, and what one of them sends: settings, where, what."""


def ladder() -> dict[str, dict[str, str]]:
    """The table of the README: of each driver the level, and what is said of each criterion."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", README, re.MULTILINE)
    return {
        name: {"level": level, **dict(zip(CRITERIA, [cell.strip() for cell in cells.split("|")], strict=True))}
        for name, level, cells in rows
        if level in LEVELS
    }


def level(cells: dict[str, str]) -> str:
    """The rule, as the README has it."""
    silver = cells["silence"] in ("yes", "some") and all(cells[each] != "no" for each in ("firmware", "power"))
    gold = silver and all(cells[each] in ("yes", "some") for each in ("strength", "place")) and cells["clock"] != "no"
    return "gold" if gold else "silver" if silver else "bronze"


def test_the_ladder_has_every_driver_and_each_level_follows_from_its_row() -> None:
    table = ladder()
    assert list(table) == list(DRIVERS)
    for name, cells in table.items():
        assert {cells[each] for each in CRITERIA} <= {"yes", "some", "no", "–"}, name
        assert cells["level"] == level(cells), name
    assert {cells["level"] for cells in table.values()} == LEVELS


@pytest.mark.parametrize("name", DRIVERS)
async def test_the_ladder_says_of_a_driver_what_its_device_shows(name: str, tmp_path: Path) -> None:
    seen, said = await offers(name, tmp_path), ladder()[name]
    for each in CRITERIA:
        if said[each] == "some":
            assert (name, each) in SOME
        else:
            assert (said[each] == "yes") is seen[each], (each, seen[each])


@pytest.mark.parametrize(("name", "criterion"), SOME)
def test_what_some_models_offer_is_shown_by_what_one_sends(name: str, criterion: str) -> None:
    settings, where, sent = SOME[name, criterion]
    assert ladder()[name][criterion] == "some"
    made: Any = DRIVERS[name]
    pure = made.decoder(READER, made.settings.model_validate(settings))
    data = bytes.fromhex(str(sent)) if where == "in" else str(sent).encode()
    found = decode(pure, where, data, time.time())
    if criterion == "firmware":
        assert pure.firmware
    else:
        assert any(each.antenna is not None for each in sightings(found)), found
