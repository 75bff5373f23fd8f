"""A venue's own part of the catalogue: values that it adds, renames or hides, as one document of the house.

A code that was used says for ever what it said, and one that was taken out is not given out again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from gateway.records import said
from gateway.records.values import CATEGORIES, LANGUAGES, Catalogue, Value, of_venue, starter, value_of

NOTHING: Mapping[str, Any] = {"version": 0, "values": [], "retired": []}
CODE = re.compile(r"[a-z]+\.[a-z0-9_]{1,60}")
FIXED = ("category", "polarity", "about", "contains", "slot")
"""What of a used value does not change: facts that name it would say something else."""
POLARITY_OF = {"dislike": "avoid", "allergy": "allergy"}
"""Categories whose values have one polarity, which own words in them have, too, until somebody says otherwise."""


class BadValue(ValueError):
    """A value that the catalogue does not take; the text says why."""


def catalogue_of(document: Mapping[str, Any] | None) -> Catalogue:
    """The catalogue of a venue with this document; the starter one without."""
    rows = (document or NOTHING)["values"]
    return of_venue(map(value_of, rows)) if rows else starter()


def put(document: Mapping[str, Any] | None, value: Value, used: Collection[str]) -> dict[str, Any]:
    """The document with ``value`` added or changed; ``used`` are the codes that facts have. Raises BadValue."""
    before = document or NOTHING
    if value.code in before["retired"]:
        raise BadValue(f"the code {value.code} was taken out and is not given out again")
    known = catalogue_of(before)
    for why in wrong_with(value, known, used):
        raise BadValue(why)
    others = [row for row in before["values"] if row["code"] != value.code]
    return {**before, "version": before["version"] + 1, "values": [*others, value.data()]}


def remove(document: Mapping[str, Any] | None, code: str, used: Collection[str]) -> dict[str, Any] | None:
    """The document without this value; one of the starter or a used one is hidden. None where there is no such value.

    ``used`` are the codes that facts have.
    """
    before = document or NOTHING
    value = catalogue_of(before).get(code)
    if value is None:
        return None
    others = [row for row in before["values"] if row["code"] != code]
    version = before["version"] + 1
    if code in starter().values or code in used:
        return {**before, "version": version, "values": [*others, {**value.data(), "hidden": True}]}
    return {"version": version, "values": others, "retired": sorted({*before["retired"], code})}


def wrong_with(value: Value, known: Catalogue, used: Collection[str]) -> Iterator[str]:
    """What speaks against this value in this catalogue, a sentence each."""
    code, before = value.code, known.get(value.code)
    if CODE.fullmatch(code) is None or code.partition(".")[0] != value.category or value.category not in CATEGORIES:
        yield f"code: expected a category and a word, like drink.latte, not {code!r}"
    if value.category == "other":
        yield "category: other has no values, own words alone"
    if (only := POLARITY_OF.get(value.category, value.polarity)) != value.polarity or (
        value.polarity == "allergy" and value.category != "allergy"
    ):
        yield f"polarity: a value of {value.category} is {only}, not {value.polarity}"
    if missing := [language for language in LANGUAGES if not value.labels.get(language, "").strip()]:
        yield f"labels: {code} has none in {' and '.join(missing)}"
    if before is not None and (code in used or code in starter().values):
        changed = [name for name in FIXED if getattr(value, name) != getattr(before, name)]
        if changed:
            yield f"{', '.join(changed)} of {code} cannot change, since facts have it: make a new value"
    yield from _twice(value, known)


def _twice(value: Value, known: Catalogue) -> Iterator[str]:
    """Words that name another value of the category already."""
    others = {
        said.plain(word): other.code
        for other in known.of_category.get(value.category, ())
        if other.code != value.code
        for word in other.words
    }
    for word in value.words:
        if (other := others.get(said.plain(word))) is not None:
            yield f"{word!r} names {other} already"


def problems(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with a file of values, a sentence each; each is held against the starter and those before it."""
    document: Mapping[str, Any] = NOTHING
    codes = set()
    for number, row in enumerate(rows, 1):
        try:
            value = value_of(row)
        except TypeError as wrong:
            yield f"value {number}: {wrong}"
            continue
        if value.code in codes:
            yield f"value {number}: {value.code} is there twice"
        codes.add(value.code)
        yield from (f"value {number}: {why}" for why in wrong_with(value, catalogue_of(document), ()))
        document = {**document, "values": [*document["values"], row]}
