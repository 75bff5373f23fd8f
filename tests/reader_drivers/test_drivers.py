"""What holds for every driver."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

import reader_drivers
from reader_drivers import DRIVERS, Ignored, Rejected, Settings, Sighting, Status
from reader_drivers.driver import Driver

REQUIRED: dict[str, dict[str, Any]] = {"uhfreader18": {"dialect": "288"}}
"""What a driver cannot do without: what nobody but its owner can know."""

README = Path(reader_drivers.__file__).with_name("README.md").read_text("utf-8")


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_has_what_the_house_asks_of_it(name: str) -> None:
    driver = DRIVERS[name]
    assert driver.over in ("serial", "mqtt", "tcp")
    assert issubclass(driver.settings, Settings)
    made: Any = driver
    extra = (None,) if driver.over == "mqtt" else ()
    settings = driver.settings.model_validate(REQUIRED.get(name, {}))
    one: Driver = made("door", "link", settings, *extra)
    assert isinstance(one.status, Status)
    assert hasattr(one.listen(), "aclose"), "closing it stops the reader"
    decoder = driver.decoder("door", settings)
    assert hasattr(decoder, "message" if driver.over == "mqtt" else "feed")


@pytest.mark.parametrize("name", DRIVERS)
def test_unknown_settings_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="bauds"):
        DRIVERS[name].settings.model_validate({"bauds": 9600})


def test_the_readme_lists_every_driver_with_its_link_and_settings() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (serial|mqtt|tcp) \| ([^|]*) \|", README, re.MULTILINE)
    assert {name: (over, settings(text)) for name, over, text in rows} == {
        name: (driver.over, settings_of(driver)) for name, driver in DRIVERS.items()
    }


def settings(text: str) -> dict[str, str]:
    return dict(re.findall(r"`(\w+)` \(([^)]*)\)", text))


def settings_of(driver: type[Driver]) -> dict[str, str]:
    return {name: said(field.default) for name, field in driver.settings.model_fields.items()}


def said(default: object) -> str:
    if default is PydanticUndefined:
        return "required"
    return "none" if default is None or default == () else str(default)


def test_how_to_write_one_fits_on_a_page() -> None:
    _, found, how = README.partition("## Writing one\n")
    assert found
    assert len(how.splitlines()) <= 60


def test_a_status_counts_what_was_found_and_gives_back_the_sightings() -> None:
    status = Status()
    seen = Sighting("door", None, "epc:3034", -50.0, None, 5.0)
    assert status.tally([Rejected("checksum: 01 where the sum is 02"), Ignored("x"), seen], 5.0) == [seen]
    assert (status.frames, status.sightings, status.heard_at) == (2, 1, 5.0)
    assert status.rejected == {"checksum": 1}
    assert status.tally([Rejected("checksum: 03 where the sum is 04")], 9.0) == []
    assert status.heard_at == 5.0, "garbage is no sign of life"
    assert status.rejected == {"checksum": 2}
