"""What words say: which value of the catalogue they name, whether they read as avoid, and what they mention.

The tablets read words by the same rules (``staff_console/src/lib``): what is typed there is a code before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from gateway.records.values import Catalogue, Value
from reader_drivers.texts import folded

HAN = "\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
EATEN = frozenset({"drink", "food", "dislike", "allergy"})
"""Categories whose own words are of one kind: a thing liked as food may be avoided as drink."""
MENTIONING = EATEN | {"gift"}
"""Categories in whose own words the allergens named count as contained."""

_HAN = re.compile(f"[{HAN}]")
_AROUND = re.compile(r"^(?:allergic to |an allergy to |对)\s*|\s*(?:(?<![^ ])(?:allergy|allergies)|过敏)$")
_LETTER = f"(?:(?![{HAN}])[^\\W_])"  # a letter or digit of a script that writes blanks between words
_AVOIDS = re.compile(
    "[不别勿忌无免]|请勿|讨厌|拒绝"
    "|(?:no|not|never|without|avoids?|hates?|dislikes?|don't|do not|doesn't|does not|can't|cannot)"
    f"(?!{_LETTER})"
)
NOTHING = "(?!)"
_Finds = Callable[[str], re.Match[str] | None]
_ALLERGIC = re.compile("过敏|allerg")


def language_of(text: str, tablet: str | None) -> str | None:
    """The language of own words: Chinese where they hold Han characters, else that of the tablet."""
    return "zh-CN" if _HAN.search(text) else tablet


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Words as they compare: folded, without a final stop."""
    found = folded(text)
    return found[:-1].rstrip() if found.endswith((".", "。")) else found


def code_of(catalogue: Catalogue, category: str, text: str) -> str | None:
    """The code of the one value that these words name in this category; None for own words."""
    values, words = _values(catalogue), plain(text)
    bare = _AROUND.sub("", words)
    found = values.get(("allergy", bare)) if bare != words else None
    found = found or values.get((category, words))
    if found is None and category in ("drink", "food"):
        found = values.get(("dislike", words))
    return found.code if found else None


def reads(catalogue: Catalogue, category: str, text: str) -> str | None:
    """The polarity that these words have by themselves; None where somebody must say."""
    value = catalogue.get(code_of(catalogue, category, text))
    return value.polarity if value else reads_as(text)


def reads_as(text: str) -> str | None:
    """The polarity of words without a code: allergy before avoid, never a like; None where somebody must say."""
    words = plain(text)
    return "allergy" if _ALLERGIC.search(words) else "avoid" if _AVOIDS.match(words) else None


def mentions(catalogue: Catalogue, text: str) -> tuple[str, ...]:
    """The allergens named in these words, in the order of the catalogue: Han anywhere, others as whole words."""
    return _mentions(catalogue, plain(text))


@lru_cache(maxsize=8192)
def _mentions(catalogue: Catalogue, words: str) -> tuple[str, ...]:
    apart = _HAN.sub("\0", words)  # no letter: a pattern that knew Han characters would take milliseconds to make
    return tuple(a for a, anywhere, whole in _allergens(catalogue) if anywhere(words) or whole(apart))


@lru_cache(maxsize=8)
def _values(catalogue: Catalogue) -> dict[tuple[str, str], Value]:
    """Values by category and each of their words; of two with one word the first."""
    found: dict[tuple[str, str], Value] = {}
    for value in catalogue.values.values():
        for name in value.words:
            found.setdefault((value.category, plain(name)), value)
    return found


@lru_cache(maxsize=8)
def _allergens(catalogue: Catalogue) -> list[tuple[str, _Finds, _Finds]]:
    """What an allergy can be about, what finds its names anywhere, and what finds those that are whole words."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for value in catalogue.of_category.get("allergy", ()):
        anywhere, whole = found.setdefault(value.about, ([], []))
        for name in value.words:
            (anywhere if _HAN.search(name) else whole).append(re.escape(plain(name)))
    return [(about, _any_of(anywhere), _any_of(whole, "[^\\W_]")) for about, (anywhere, whole) in found.items()]


def _any_of(names: list[str], apart: str = "") -> _Finds:
    """What finds one of these, where none of ``apart`` stands beside it."""
    either = "|".join(names) if names else NOTHING
    return re.compile(f"(?<!{apart})(?:{either})(?!{apart})" if apart else either).search
