"""What a sheet shows of the facts of one customer: lines that hold, then what is put aside, with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from gateway.records.facts import Aside, Merged
from gateway.records.preferences import Preference

HOLDS = "holds"


class Line(NamedTuple):
    """A fact with its ``state``, the fact that put it aside, how often it was told, and whether it is doubted.

    ``told`` counts the fact and those that are folded into it.
    """

    fact: Preference
    state: str
    against: str | None
    told: int
    doubted: bool


def lines(facts: Iterable[Preference], merged: Merged, *, slips_too: bool = False) -> list[Line]:
    """Every fact once, without slips unless ``slips_too``: what holds in its order, then the others, newest first."""
    known = {fact.id: fact for fact in facts}
    folded = Counter(why.by for why in merged.aside.values() if why.state == "folded")
    hidden = set() if slips_too else slips(known.values(), merged)
    aside = sorted(
        (known[id_] for id_ in merged.aside if id_ not in hidden), key=lambda fact: (fact.at, fact.id), reverse=True
    )
    doubted = set(merged.doubted)
    return [
        Line(fact, why.state, why.by, 1 + folded[fact.id], fact.id in doubted)
        for fact in [*(known[id_] for id_ in merged.holds), *aside]
        for why in (merged.aside.get(fact.id, Aside(HOLDS)),)
    ]


def slips(facts: Iterable[Preference], merged: Merged) -> set[str]:
    """Ids of what was taken back as a slip of the finger, and of what only took it back."""
    hidden = set()
    known = {fact.id: fact for fact in facts}
    for fact in known.values():
        if fact.reason != "slip" or fact.value.strip():
            continue
        gone = {id_ for id_ in fact.retracts if merged.aside.get(id_) == ("retracted", fact.id)}
        hidden |= gone
        if gone and all(id_ in gone or id_ not in known for id_ in (*fact.retracts, *fact.corrects)):
            hidden.add(fact.id)
    return hidden
