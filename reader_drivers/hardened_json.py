"""JSON from strangers: what it says, or a reason that repeats nothing of it."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic_core import from_json

from reader_drivers.sighting import Rejected
from reader_drivers.texts import Unfit, one_line

DEEPEST = 64  # brackets open at once; a sighting has 3
LONGEST_TEXT = 256  # characters of an identifier or a name
LARGEST = 1e20  # of numbers: more than nanoseconds since 1970; a float, which floats are compared with fast
NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)  # as text; no exponent, no NaN
BLANKS = " \t\r\n"
SPACE = re.compile(r"[ \t\r\n]*")
# Within a value a comma, a colon or a bracket stands before each that opens: where none does, a new value begins.
NEXT = re.compile(r"[}\]][ \t\r\n]*(?=[{\[])|[^\s,:{\[][ \t\r]*\n\s*(?=[{\[])")


def parse(payload: bytes) -> dict[str, Any]:
    """The object in ``payload``; what the standard library lets through and no other program would is refused."""
    plain = _plain(payload)
    if plain is not None:
        return plain
    text = _text(payload)
    start = SPACE.match(text, 0).end()  # type: ignore[union-attr]  # matches anywhere
    try:
        value, end = _value(text, start)
        if text[end:].strip(BLANKS):
            raise ValueError(f"JSON: extra data at character {end}")
    except json.JSONDecodeError as fault:
        raise ValueError(_where(fault, 0)[0]) from None
    return as_object(value, "JSON")


def _plain(payload: bytes) -> dict[str, Any] | None:
    """The flat object in ``payload``, of which nothing can be wrong, in a third of the time; None: look more closely.

    Without an escape no quote stands within a text, so that a colon behind a quote is behind a key: as many members as
    there are such pairs, and no key is there twice.
    """
    if b"\\" in payload or b"[" in payload:
        return None
    try:
        value = from_json(payload, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    if type(value) is not dict or len(value) != payload.count(b'":'):
        return None
    if payload.count(b"{") != 1:  # an object within, or a bracket in a text
        return None
    for inner in value.values():
        if type(inner) is not str and inner is not None and not -LARGEST < inner < LARGEST:
            return None
    return value


def parse_all(payload: bytes) -> list[Any]:
    """The values in ``payload``: one object, an array's, or several one after the other; a broken one is a Rejected.

    Lines may stand between the values, or nothing at all; after a broken value the next one is looked for, where a new
    one can only begin. ValueError where nothing is in the payload, or something that is no JSON ends it.
    """
    text = _text(payload)
    values: list[Any] = []
    start = SPACE.match(text, 0).end()  # type: ignore[union-attr]  # matches anywhere
    while start < len(text):
        try:
            value, end = _value(text, start)
            if not isinstance(value, dict | list):
                raise ValueError("JSON: not an object")
            values += value if isinstance(value, list) else [value]
        except ValueError as fault:
            reason, at = _where(fault, start)
            values.append(Rejected(reason))
            while at > start and text[at - 1] in BLANKS:
                at -= 1
            again = NEXT.search(text, max(start, at - 1))
            if again is None and text[start] not in "{[":
                raise ValueError(f"JSON: extra data at character {start}" if len(values) > 1 else reason) from None
            end = again.end() if again else len(text)
        start = SPACE.match(text, end).end()  # type: ignore[union-attr]  # matches anywhere
    if not values and not text.strip():
        raise ValueError("JSON: nothing in it")
    return values


def as_object(value: object, what: str) -> dict[str, Any]:
    """``value`` where it is an object; else ValueError, which calls it ``what``."""
    if not isinstance(value, dict):
        raise ValueError(f"{what}: not an object")
    return value


def number(value: dict[str, Any], key: str, least: float, most: float, *, text: bool = False) -> float | None:
    """The number under ``key``, None where there is none; 0 is what a device writes that knows none.

    With ``text`` a number may also be written as text.
    """
    if key not in value:
        return None
    given = value[key]
    if type(given) is float and least <= given <= most:  # as nearly all are
        return given or None
    if text and isinstance(given, str) and NUMBER.fullmatch(given.strip()):
        given = float(given)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(f"{key}: {_kind(given)} where a number belongs")
    if not least <= given <= most:
        raise ValueError(f"{key}: not between {least} and {most}")
    return float(given) or None


def whole(value: dict[str, Any], key: str, least: int, most: int, *, text: bool = False) -> int | None:
    """The whole number under ``key``, None where there is none; 0 is a number here."""
    if key not in value:
        return None
    given = value[key]
    if text and isinstance(given, str) and NUMBER.fullmatch(given.strip()):
        given = float(given)
    if isinstance(given, bool) or not isinstance(given, int | float) or given != int(given):
        raise ValueError(f"{key}: {_kind(given)} where a whole number belongs")
    if not least <= given <= most:
        raise ValueError(f"{key}: not between {least} and {most}")
    return int(given)


def words(value: dict[str, Any], key: str, longest: int = LONGEST_TEXT) -> str | None:
    """The text under ``key`` as it is kept, None where there is none or it is empty; at most ``longest`` characters."""
    given = value.get(key)
    if given is None or given == "":
        return None
    if not isinstance(given, str):
        raise ValueError(f"{key}: {_kind(given)} where text belongs")
    return fitting(key, given, longest)


def fitting(key: str, given: str, longest: int) -> str:
    """``given`` as it is kept on one line, of 1 to ``longest`` characters that can be seen; else ValueError."""
    try:
        kept = one_line(given)
    except Unfit as unfit:
        raise ValueError(f"{key}: {unfit}") from None
    if not 0 < len(kept) <= longest:
        raise ValueError(f"{key}: not 1 to {longest} characters that can be seen")
    return kept


def _where(fault: ValueError, start: int) -> tuple[str, int]:
    """What is wrong with the value at ``start``, and from where on to look for the next one."""
    if isinstance(fault, json.JSONDecodeError):
        return f"JSON: {fault.msg} at character {fault.pos}", fault.pos
    return str(fault), start


def _text(payload: bytes) -> str:
    try:
        return payload.decode("utf-8-sig")  # a byte-order mark before it is none of it
    except UnicodeDecodeError:
        raise ValueError("JSON: not UTF-8") from None


def _value(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at ``start``, and where it ends."""
    try:
        value, end = _quick.raw_decode(text, start)
        if isinstance(value, dict | list):
            # A colon follows the quote of each key. As many members as there are such pairs: no key is there twice.
            spaced = " :" in text or "\n:" in text or "\r:" in text or "\t:" in text
            if spaced or text.count('":', start, end) != _members(value):
                _careful.raw_decode(text, start)
    except RecursionError:
        raise ValueError("JSON: nested too deeply") from None
    except ValueError as fault:
        if isinstance(fault, json.JSONDecodeError) or str(fault).startswith("JSON"):
            raise
        raise ValueError("JSON: a number too large") from None  # Python itself reads no integer of 4,300 digits
    if "\\u" in text and not _is_text(value):
        raise ValueError("JSON: half a surrogate pair")
    return value, end


def _members(value: Any) -> int:
    """How many members the objects in ``value`` have together; ValueError: too deep, too large a number."""
    count = depth = 0
    level = [value]
    while level:
        depth += 1
        if depth > DEEPEST:
            raise ValueError("JSON: nested too deeply")
        below = []
        for each in level:
            if type(each) is dict:
                count += len(each)
                each = each.values()
            for inner in each:
                kind = type(inner)
                if kind is dict or kind is list:
                    below.append(inner)
                elif (kind is int or kind is float) and not -LARGEST < inner < LARGEST:
                    raise ValueError("JSON: a number too large")
        level = below
    return count


def _kind(value: object) -> str:
    kinds = {bool: "true or false", str: "text", list: "a list", dict: "an object", int: "a number", float: "a number"}
    return kinds.get(type(value), "null")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("JSON: the same key twice")
    return value


def _no_constant(name: str) -> float:
    raise ValueError("JSON: NaN and Infinity are no numbers")


def _is_text(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_quick = json.JSONDecoder(parse_constant=_no_constant)  # whose scanner is in C, and calls nothing for a member
_careful = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_unique)
