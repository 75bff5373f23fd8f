"""In which order customers stand where a rule says "by id": that of the ids that clients know, and not of ours.

Within a fold a customer is their place in that order and their id of ours; both leave it apart again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DIGITS = 9
"""Of a place: a milliard of customers are in order."""


def coded(place: int, customer: str) -> str:
    """The customer as a fold knows them."""
    return f"{place:0{DIGITS}d} {customer}"


def ours(code: str) -> str:
    """The id of ours of whom a fold knows so."""
    return code[DIGITS + 1 :]


def place_of(code: str) -> int:
    """Their place."""
    return int(code[:DIGITS])


def in_order(called: Mapping[str, str]) -> dict[str, str]:
    """Of each customer what a fold knows them as, by what clients call them."""
    ordered = sorted(called, key=lambda customer: (called[customer], customer))
    return {customer: coded(place, customer) for place, customer in enumerate(ordered)}


def told(value: Any, codes: Iterable[str]) -> Any:
    """The same value with ids of ours in place of these codes, in members and their names."""
    return _told(value, {code: ours(code) for code in codes})


def _told(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return known.get(value, value)
    if isinstance(value, Mapping):
        return {known.get(name, name): _told(each, known) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_told(each, known) for each in value]
    return value
