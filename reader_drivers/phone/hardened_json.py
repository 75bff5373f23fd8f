"""JSON from strangers: one object, or ValueError with a reason that repeats nothing of it."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

DEEPEST = 64  # opening brackets in one payload; a sighting has 1


def parse(payload: bytes) -> dict[str, Any]:
    """The object in ``payload``; what the standard library lets through and no other program would is refused."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("JSON: not UTF-8") from None
    if text.count("{") + text.count("[") > DEEPEST:
        raise ValueError("JSON: nested too deeply")
    try:
        value = _decode(text)
    except json.JSONDecodeError as fault:
        raise ValueError(f"JSON: {fault.msg} at character {fault.pos}") from None
    except RecursionError:
        raise ValueError("JSON: nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("JSON: not an object")
    if "\\u" in text and not _is_text(value):
        raise ValueError("JSON: half a surrogate pair")
    return value


def number(value: dict[str, Any], key: str, least: float, most: float) -> float | None:
    """The number under ``key``, None where there is none; 0 is what a device writes that knows none."""
    if key not in value:
        return None
    given = value[key]
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(f"{key}: {_kind(given)} where a number belongs")
    if not least <= given <= most:
        raise ValueError(f"{key}: not between {least} and {most}")
    return float(given) or None


def _kind(value: object) -> str:
    return {bool: "true or false", str: "text", list: "a list", dict: "an object"}.get(type(value), "null")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("JSON: the same key twice")
    return value


def _no_constant(name: str) -> float:
    raise ValueError("JSON: NaN and Infinity are no numbers")


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError("JSON: a number too large")
    return value


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("JSON: a number too large")
    return int(digits)


def _is_text(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_decode = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer
).decode
