"""Canonical JSON (RFC 8785) of values without fractions: one text for what is equal, whoever writes it."""

from __future__ import annotations

import json
from typing import Any

LARGEST = 2**53 - 1
"""Whole numbers beyond it are not the same in every reader of JSON (I-JSON, RFC 7493)."""


class NotCanonical(ValueError):
    """A value that has no canonical form: a fraction, too large a number, a name twice, half a character."""


def canonical(value: object) -> bytes:
    """``value`` as RFC 8785 writes it, in UTF-8; raises NotCanonical."""
    try:
        return _written(value).encode()
    except UnicodeEncodeError:
        raise NotCanonical("a text holds half a character (a lone surrogate)") from None
    except RecursionError:
        raise NotCanonical("it is nested too deeply") from None


def parse(text: str | bytes) -> Any:
    """The value in a JSON text; raises NotCanonical for what is no JSON, has a fraction, or a member twice."""
    try:
        return json.loads(text, object_pairs_hook=_members, parse_float=_no_fraction, parse_constant=_no_fraction)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"this is no JSON: {error}") from None


def _written(value: object) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(f"the number {value} is too large")
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, dict):
        names = sorted(value, key=_utf16)
        return f"{{{','.join(f'{_written(name)}:{_written(value[name])}' for name in names)}}}"
    raise NotCanonical(f"{type(value).__name__} has no canonical form here")


def _utf16(name: object) -> bytes:
    """How RFC 8785 sorts members: by UTF-16 code units."""
    if not isinstance(name, str):
        raise NotCanonical("a member's name is no text")
    return name.encode("utf-16-be", "surrogatepass")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise NotCanonical(f"the member {twice!r} stands there twice")
    return found


def _no_fraction(text: str) -> Any:
    raise NotCanonical(f"{text} is no whole number")
