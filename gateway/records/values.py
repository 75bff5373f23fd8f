"""The catalogue: what a fact about a customer can say, with a code, so that every tablet says it in its own language.

The starter values are ``catalogue.json`` beside this file; a venue adds its own, renames and hides (``of_venue``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

STARTER = Path(__file__).with_name("catalogue.json")
LANGUAGES = ("zh-CN", "en")
CATEGORIES = (
    "drink", "food", "dislike", "seat", "temperature", "reading", "conversation", "service", "address", "gift",
    "accessibility", "allergy", "other",
)  # fmt: skip
"""In the order of the screen; ``other`` has no values, own words alone."""


@dataclass(slots=True, frozen=True)
class Value:
    """One thing that can be said: ``about`` is the thing, ``contains`` what is in it, of one ``slot`` one holds.

    ``offer``: may be suggested; ``need``: shown before likes; ``wish``: the wish that goes with it; ``sensitive``:
    health; ``hidden``: the venue shows no chip for it.
    """

    code: str
    category: str
    polarity: str
    about: str
    labels: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    slot: str | None = None
    offer: bool = False
    need: bool = False
    sensitive: bool = False
    hidden: bool = False
    wish: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Everything it is called."""
        return (*self.labels.values(), *self.aliases)

    def data(self) -> dict[str, Any]:
        """It as the file holds it: what is empty is left out."""
        whole: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        whole |= {"labels": dict(self.labels), "aliases": list(self.aliases), "contains": list(self.contains)}
        return {name: value for name, value in whole.items() if value}


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Values by code, in the order of the screen, and the tree of families: ``within`` has the parent of a thing."""

    values: Mapping[str, Value]
    within: Mapping[str, str]
    version: int = 1
    _up: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def get(self, code: str | None) -> Value | None:
        """The value with this code; None of none, and of a code that this catalogue does not know."""
        return self.values.get(code) if code is not None else None

    def up(self, thing: str) -> frozenset[str]:
        """The thing and every family that it is of."""
        found = self._up.get(thing)
        if found is None:
            line = [thing]
            while (parent := self.within.get(line[-1])) is not None and parent not in line:
                line.append(parent)
            found = self._up[thing] = frozenset(line)
        return found

    def touch(self, one: str, other: str) -> bool:
        """Whether two things are equal, or one is of the family of the other."""
        return one in self.up(other) or other in self.up(one)

    @cached_property
    def of_category(self) -> Mapping[str, Sequence[Value]]:
        """The values of each category, in their order."""
        found: dict[str, list[Value]] = {}
        for value in self.values.values():
            found.setdefault(value.category, []).append(value)
        return found


def read(document: Mapping[str, Any]) -> Catalogue:
    """A catalogue as its file holds it; raises ValueError for a value that is none, in words."""
    return Catalogue(
        {value.code: value for value in map(value_of, document["values"])},
        dict(document["within"]),
        int(document["version"]),
    )


def value_of(row: Mapping[str, Any]) -> Value:
    """A value as ``Value.data`` writes it."""
    return Value(**{**row, "aliases": tuple(row.get("aliases", ())), "contains": tuple(row.get("contains", ()))})


@cache
def starter() -> Catalogue:
    """The catalogue that every venue begins with."""
    return read(json.loads(STARTER.read_text("utf-8")))


def of_venue(own: Iterable[Value], base: Catalogue | None = None) -> Catalogue:
    """The starter catalogue with a venue's own values: one of a known code takes its place, the others come last."""
    base = starter() if base is None else base
    return Catalogue({**base.values, **{value.code: value for value in own}}, base.within, base.version)
