"""JSON without blanks, as it is sealed, hashed and sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder


def _unfit(value: object) -> object:
    raise TypeError(f"{type(value).__name__} is no JSON")


def _hex(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else _unfit(value)


def _made_once(default: Callable[[object], object], *, in_order: bool) -> Callable[[object], str]:
    """The standard library's encoder in C; ``json`` makes it anew at each call, half of what so small a value costs."""
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        separators = (",", ":")
        return json.JSONEncoder(ensure_ascii=False, separators=separators, sort_keys=in_order, default=default).encode
    chunks = make(None, default, encoder.encode_basestring, None, ":", ",", in_order, False, True)
    return lambda value: "".join(chunks(value, 0))


_as_it_comes = _made_once(_unfit, in_order=False)
_in_order = _made_once(_hex, in_order=True)


def compact(value: object) -> str:
    """``value`` as JSON, in letters as they are."""
    return _as_it_comes(value)


def comparable(value: object) -> str:
    """The same with members by name, and bytes as hex digits: one text for what is equal."""
    return _in_order(value)
