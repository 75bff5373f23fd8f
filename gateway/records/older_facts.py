"""Facts of a program that had no catalogue: what stands on the disk stays, and is read by today's rules.

So the journal that tells of them, and the tables made of it, say the same before and after; and none is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.records import said
from gateway.records.values import CATEGORIES, starter
from reader_drivers.texts import folded

CALLED = {"name": "address"}  # categories that have another name now


def category_of(text: str) -> str:
    """A category as it is called today; one that is none stays as it was written."""
    plain = folded(text)
    return CALLED.get(plain, plain if plain in CATEGORIES else text)


def now(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The members of such a fact as they are today.

    Words become codes of the starter catalogue, an allergy in whatever category it stood; a like that reads as
    something to avoid, or an avoid that names an allergy, is that, and in doubt until somebody has been asked.
    """
    category = category_of(facts["category"])
    polarity, words = facts["polarity"], facts["value"]
    code = said.code_of(starter(), "allergy" if polarity == "allergy" else category, words)
    value = starter().get(code)
    reads = value.polarity if value is not None else said.reads_as(words)
    doubted = (polarity == "do" and reads in ("avoid", "allergy")) or (polarity == "avoid" and reads == "allergy")
    corrects = facts.get("corrects")
    return {
        **facts,
        "category": category if value is None else value.category,
        "code": code,
        "lang": said.language_of(words, None),
        "polarity": reads if doubted else polarity,
        "corrects": [corrects] if isinstance(corrects, str) else corrects or [],
        "retracts": [],
        "replaces": [],
        "reason": None,
        "doubt": "polarity" if doubted else None,
    }
