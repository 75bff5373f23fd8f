"""The words a venue uses most, so that the common ones are a tap and no keyboard."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from reader_drivers.texts import folded

MOST = 12
LONGEST = 40  # characters; what is longer is a note and not a chip

Said = tuple[str, str]  # what it is about (a question), and the words

Words = dict[str, list[str]]


def common(said: Iterable[Said]) -> Words:
    """The words used most about each thing, the most used first, spelt as they are spelt most often.

    ``said`` newest first: of words used equally often the newer come first.
    """
    spelt: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for about, words in said:
        text = " ".join(words.split())
        if text and len(text) <= LONGEST:
            spelt[about, _same(text)][text] += 1
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for (about, _), spellings in spelt.items():
        found[about].append((spellings.total(), spellings.most_common(1)[0][0]))
    return {
        about: [text for _, text in sorted(words, key=lambda counted: -counted[0])[:MOST]]
        for about, words in found.items()
    }


def _same(text: str) -> str:
    return folded(text)
