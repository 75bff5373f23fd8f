"""``venue.toml`` for a story: which readers there are, and what is not as usual."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

ZONES = ("entrance", "bar", "lounge")


@dataclass(slots=True)
class Place:
    """One reader of the venue; ``link`` is filled in once its simulated device is there."""

    id: str
    driver: str
    role: str
    zone: str | None = "entrance"
    rooms: dict[str, str] = field(default_factory=dict)
    link: str = ""


DOOR = Place("door", "m100", "inner")
WAY_OUT = Place("way-out", "m100", "exit")
COUNTER = Place("counter", "em4100", "tap", "bar")
PHONES = Place("phones", "espresense", "zone", None, {"lounge": "lounge", "bar": "bar"}, "espresense")

APPS = Place("apps", "owntracks", "zone", None, {"Story": "lounge", "Story bar": "bar"}, "owntracks")


def venue_toml(
    places: Iterable[Place],
    *,
    mqtt: str | None = None,
    escalate_after_s: tuple[float, float] = (60, 120),
    port: int = 0,
) -> str:
    """The settings as TOML; the console takes a free port where none is given."""
    lines = ["[venue]", 'id = "story"', _name("Story"), 'timezone = "Asia/Shanghai"']
    lines += [
        "[console]",
        f'listen = "127.0.0.1:{port}"',
        "paired_tablets = false",
        "[alerts]",
        f"escalate_after_s = {list(escalate_after_s)}",
    ]
    if mqtt:
        lines += ["[mqtt]", f"url = {_value(mqtt)}"]
    for zone in ZONES:
        lines += ["[[zones]]", f"id = {_value(zone)}", _name(zone.capitalize())]
    for place in places:
        lines += ["[[readers]]", *(f"{k} = {_value(getattr(place, k))}" for k in ("id", "driver", "link", "role"))]
        if place.zone:
            lines.append(f"zone = {_value(place.zone)}")
        if place.rooms:
            lines.append(f"rooms = {{ {', '.join(f'{_value(k)} = {_value(v)}' for k, v in place.rooms.items())} }}")
    return "\n".join([*lines, ""])


def _name(en: str) -> str:
    return f'name = {{ zh-CN = "{en}", en = "{en}" }}'


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
