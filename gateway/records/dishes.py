"""What speaks against giving a customer a dish: their allergies and avoids against what is declared of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from gateway.records import said
from gateway.records.facts import Fact, reach_of
from gateway.records.values import Catalogue


class Dish(Protocol):
    """What is declared of a dish, by codes of things; ``allergens`` None: nothing is, which is not the same as none."""

    @property
    def allergens(self) -> Sequence[str] | None: ...
    @property
    def may_contain(self) -> Sequence[str]: ...
    @property
    def ingredients(self) -> Sequence[str]: ...


class Warns(NamedTuple):
    """One warning: the fact's id, ``why`` (allergy, may_contain, not_declared, avoid), and the code that touches."""

    fact: str
    why: str
    code: str | None


class Declared(NamedTuple):
    """A dish as it was declared."""

    allergens: Sequence[str] | None = None
    may_contain: Sequence[str] = ()
    ingredients: Sequence[str] = ()


def in_words(catalogue: Catalogue, text: str) -> Declared:
    """A dish ordered in own words: the allergens named in them, as if declared."""
    return Declared(said.mentions(catalogue, text))


def prepared(dish: Dish, without: Collection[str]) -> Declared:
    """A dish from which the kitchen leaves these out: a trace may remain of each."""
    there = {*(dish.allergens or ()), *dish.ingredients}
    left_out = [code for code in without if code in there]
    return Declared(
        None if dish.allergens is None else [code for code in dish.allergens if code not in left_out],
        [*dish.may_contain, *left_out],
        [code for code in dish.ingredients if code not in left_out],
    )


def warnings(dish: Dish, lines: Iterable[Fact], catalogue: Catalogue) -> list[Warns]:
    """At most one a line that holds, in the order of the lines."""
    found = (_warning(dish, line, catalogue) for line in lines if line.polarity in ("allergy", "avoid"))
    return [each for each in found if each is not None]


def _warning(dish: Dish, line: Fact, catalogue: Catalogue) -> Warns | None:
    reach = reach_of(line, catalogue)

    def touched(codes: Iterable[str]) -> str | None:
        return next((code for code in codes if any(catalogue.touch(code, each) for each in reach)), None)

    declared = touched([*(dish.allergens or ()), *dish.ingredients])
    if line.polarity == "avoid":
        code = declared or touched(dish.may_contain)
        return Warns(line.id, "avoid", code) if code else None
    if declared:
        return Warns(line.id, "allergy", declared)
    if code := touched(dish.may_contain):
        return Warns(line.id, "may_contain", code)
    return Warns(line.id, "not_declared", None) if dish.allergens is None else None
