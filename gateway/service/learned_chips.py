"""Words of the venue's own that became common: chips beside those of the catalogue, at most four in a category.

One use by one person makes none. What may tell of somebody, or of somebody's health, is never offered to the next.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from reader_drivers.texts import folded

CUSTOMERS = 3  # of how many customers it was said
WITHIN = 180 * 86_400.0  # seconds
LONGEST = 40  # characters; what is longer is a note and not a chip
MOST = 4  # in a category and language
NEVER = frozenset({"address", "conversation", "gift", "other", "allergy", "accessibility"})
SHORTEST = 3  # letters of a part of a name, where it is written with blanks

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


class Said(NamedTuple):
    """Own words that were recorded of a customer, in their language."""

    category: str
    value: str
    lang: str
    polarity: str
    customer: str


class Chip(NamedTuple):
    """Words to offer, with the polarity that they had each time."""

    value: str
    lang: str
    polarity: str


def chips(said: Iterable[Said], names: Iterable[str]) -> dict[str, list[Chip]]:
    """The chips of each category, those said of most customers first; ``names`` are those of customers and colleagues.

    ``said`` comes newest first: of words said of equally many the newer come first. ``names`` is read only where there
    is something to offer.
    """
    spelt: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    customers: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    polarities: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in said:
        text = " ".join(one.value.split())
        if one.category not in NEVER and text and len(text) <= LONGEST:
            key = one.category, one.lang, folded(text)
            spelt[key][text] += 1
            customers[key].add(one.customer)
            polarities[key].add(one.polarity)
    common = [k for k in spelt if len(customers[k]) >= CUSTOMERS and polarities[k] in ({"do"}, {"avoid"})]
    personal = naming({key[2] for key in common}, names) if common else set()
    found: dict[str, list[Chip]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for key in sorted(common, key=lambda key: -len(customers[key])):
        category, lang, words = key
        if words not in personal and counts[category, lang] < MOST:
            counts[category, lang] += 1
            (polarity,) = polarities[key]
            found.setdefault(category, []).append(Chip(spelt[key].most_common(1)[0][0], lang, polarity))
    return found


def naming(texts: set[str], names: Iterable[str]) -> set[str]:
    """Those of these (folded) texts that hold a name: Chinese names anywhere, parts of others as whole words."""
    words = {text: set(re.findall(r"[^\W_]+", text)) for text in texts}
    found: set[str] = set()
    for name in names:
        plain = folded(name)
        if _HAN.search(plain):
            parts = {plain, plain[1:] if len(plain) == 3 else plain}
            found |= {text for text in texts - found if any(part in text for part in parts if len(part) >= 2)}
        else:
            parts = {part for part in re.findall(r"[^\W_]+", plain) if len(part) >= SHORTEST}
            found |= {text for text in texts - found if not words[text].isdisjoint(parts)}
        if found == texts:
            break
    return found
