"""What a card leaves out and what it suggests: three seconds are three facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypedDict, TypeVar

from gateway.service.owed import Owed

LIKES_ON_A_CARD = 5
LONG_AWAY = 90 * 86400.0  # a season: long enough that being welcomed back is news

BASIS_ORDER = {"stated": 0, "observed": 1, "inferred": 2}


class Suggestion(TypedDict):
    """One thing to do, and why: ``kind`` is a word the console translates, ``value`` what about."""

    kind: str
    value: str | None
    basis: str | None
    at: float | None


class Fact(Protocol):
    """What a card needs of a preference."""

    @property
    def category(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def polarity(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def at(self) -> float: ...


F = TypeVar("F", bound=Fact)


def avoid_first(preferences: Sequence[F]) -> list[F]:
    """Allergies before things to avoid, the newest first in each."""
    avoid = [p for p in preferences if p.polarity in ("allergy", "avoid")]
    return sorted(avoid, key=lambda p: (p.polarity != "allergy", -p.at))


def best_likes(preferences: Sequence[F]) -> list[F]:
    """At most five things to do, best evidence first: this visit's wishes, then how we know, then how lately."""
    likes = [p for p in preferences if p.polarity == "do"]
    likes.sort(key=lambda p: (p.scope != "one_off", BASIS_ORDER.get(p.basis, 3), -p.at))
    return likes[:LIKES_ON_A_CARD]


def suggest(
    *, likes: Sequence[Fact], promises: Sequence[Owed], complaints: Sequence[Owed], last_visit: float | None, now: float
) -> Suggestion:
    """The one action that matters most: mend what went wrong, keep what was promised, then offer what is liked."""
    if complaints:
        return _because("recover", complaints[0].text, None, complaints[0].at)
    if promises:
        return _because("keep_promise", promises[0].text, None, promises[0].due)
    offers = [p for p in likes if p.category in ("drink", "food", "seat", "reading", "service")]
    if offers:
        return _because("offer", offers[0].value, offers[0].basis, offers[0].at)
    if last_visit is not None and now - last_visit > LONG_AWAY:
        return _because("welcome_back", None, None, last_visit)
    return _because("welcome", None, None, last_visit)


def _because(kind: str, value: str | None, basis: str | None, at: float | None) -> Suggestion:
    return {"kind": kind, "value": value, "basis": basis, "at": at}
