"""How what somebody sends becomes a fact: words become codes, and what reads as avoid is not kept as a like."""

from __future__ import annotations

from typing import NamedTuple

from gateway.records import said
from gateway.records.older_facts import category_of
from gateway.records.values import Catalogue, Value
from gateway.records.venue_values import POLARITY_OF


class Unlike(ValueError):
    """Words, code and polarity that do not go together; the text says why."""


class Read(NamedTuple):
    """What was sent, as it is kept; ``recoded``: its polarity is otherwise than it was sent."""

    category: str
    code: str | None
    value: str
    lang: str | None
    polarity: str
    recoded: bool


def read(
    catalogue: Catalogue, category: str, words: str, *, code: str | None = None, polarity: str | None = None,
    lang: str | None = None, asked: bool = False,
) -> Read:  # fmt: skip
    """What these words, or this code, say.

    ``asked``: whoever sends it has asked which polarity own words have, so it is kept as sent. A code that the
    catalogue does not know is left out where there are words. Raises Unlike.
    """
    value = catalogue.get(code)
    if code is not None and value is None and not words:
        raise Unlike(f"there is no value {code}")
    if value is not None:
        named = said.code_of(catalogue, value.category, words) if words else None
        if named not in (None, code):
            raise Unlike(f"these words are {named}, not {code}")
        if polarity not in (None, value.polarity) and (value.polarity, polarity) != ("do", "avoid"):
            raise Unlike(f"{code} is {value.polarity}, not {polarity}")
        return _coded(value, words, lang, polarity or value.polarity, recoded=False)
    if not words:
        return Read(category_of(category), None, "", lang, "do", False)
    category = category_of(category)
    value = catalogue.get(said.code_of(catalogue, "allergy" if polarity == "allergy" else category, words))
    sent = polarity or POLARITY_OF.get(category, "do")
    if value is not None:
        kept = sent if (value.polarity, sent) == ("do", "avoid") else value.polarity
        return _coded(value, words, lang, kept, recoded=kept != sent)
    reads = None if asked else said.reads_as(words) or POLARITY_OF.get(category)
    kept = reads if reads is not None and (sent, reads) in TIGHTENS else sent
    return Read(category, None, words, said.language_of(words, lang), kept, kept != sent)


TIGHTENS = frozenset({("do", "avoid"), ("do", "allergy"), ("avoid", "allergy")})


def _coded(value: Value, words: str, lang: str | None, polarity: str, *, recoded: bool) -> Read:
    text = words or value.labels.get(lang or "", value.labels["zh-CN"])
    return Read(value.category, value.code, text, said.language_of(text, lang), polarity, recoded)
