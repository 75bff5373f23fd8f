"""What the settings of each driver are, for a screen: a name, what it takes, and the driver's own words about it."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args, get_origin

from reader_drivers import DRIVERS

Kind = Literal["yes", "number", "whole", "choice", "text", "other"]
_KINDS: dict[type, Kind] = {bool: "yes", int: "whole", float: "number", str: "text"}


def drivers() -> list[dict[str, Any]]:
    """Every driver with what it is reached over, and its settings; ``other`` are those that a file says better."""
    return [
        {"name": name, "over": DRIVERS[name].over, "settings": [_field(key, each) for key, each in _fields(name)]}
        for name in sorted(DRIVERS)
    ]


def _fields(driver: str) -> list[tuple[str, Any]]:
    made: Any = DRIVERS[driver]
    return [(field.alias or key, field) for key, field in made.settings.model_fields.items()]


def _field(name: str, field: Any) -> dict[str, Any]:
    kind, options = _kind(field.annotation)
    default = field.default if isinstance(field.default, bool | int | float | str) else None
    return {"name": name, "kind": kind, "options": options, "default": default, "about": field.description or name}


def _kind(annotation: Any) -> tuple[Kind, list[str | int | float]]:
    """What a value is to be, and of which there is a choice."""
    if get_origin(annotation) is Literal:
        return "choice", list(get_args(annotation))
    if annotation in _KINDS:
        return _KINDS[annotation], []
    if hasattr(annotation, "__metadata__"):
        return _kind(get_args(annotation)[0])
    parts = [part for part in get_args(annotation) if part is not NoneType]
    return _kind(parts[0]) if len(parts) == 1 and get_origin(annotation) is not tuple else ("other", [])
