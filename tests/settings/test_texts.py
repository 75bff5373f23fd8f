"""What is named in venue.toml is one name, however it is written there and by what is heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.state import plan_of
from gateway.settings.venue import BadConfig, load
from tests.settings.test_venue import VENUE

CAFE = "Cafe\u0301"  # two signs; Café is one


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The good file with some texts replaced."""
    text = VENUE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "venue.toml"
    file.write_text(text, "utf-8")
    return file


def test_names_are_kept_as_at_every_door(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        ('zh-CN = "入口"', 'zh-CN = "\u3000入口\u200b"'),
        ('en = "Entrance"', f'en = " {CAFE} "'),
        ('id = "counter"', f'id = "{CAFE}"'),
        ('2 = "counter"', '2 = "Café"'),
        ("foyer =", f'"{CAFE}" ='),
        ("[alerts]", f'[alerts]\ntiers = ["{CAFE}", "gold"]'),
    )
    config = load(file)
    assert config.zones[0].name.by_language() == {"zh-CN": "入口", "en": "Café"}
    assert config.zones[1].id == "Café"
    assert config.readers[0].places == {1: "entrance", 2: "Café"}
    assert config.alerts.tiers == ("Café", "gold")


@pytest.mark.parametrize("heard", ["Café", "CAFÉ", "café"])
def test_a_room_is_where_the_file_says_however_it_is_spelt(tmp_path: Path, heard: str) -> None:
    plan = plan_of(load(written(tmp_path, ("foyer =", f'"{CAFE}" ='))))
    assert plan.zone_of("phones", heard) == "entrance"
    assert plan.zone_of("phones", "Cafe") is None


@pytest.mark.parametrize("name", ["\u200b", " ", "Caf\ufffd", "\u3164"])
@pytest.mark.parametrize("place", ['en = "Entrance"', 'id = "counter"'])
def test_a_name_of_which_nothing_can_be_seen_is_refused_by_its_key(tmp_path: Path, place: str, name: str) -> None:
    key = place.partition(" ")[0]
    with pytest.raises(BadConfig) as bad:
        load(written(tmp_path, (place, f'{key} = "{name}"')))
    assert f".{key}" in str(bad.value)
