"""What a card leaves out and what it suggests: three seconds are three facts."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol, TypedDict, TypeVar

from gateway.service.owed import Owed

LIKES_ON_A_CARD = 5

FARTHEST_BIRTHDAY = 183  # days: half a year, to either side

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


def what_is_new(*, last_visit: float | None, back_after: float, birthday: bool, now: float) -> list[str]:
    """What is not as last time: their first visit, back after ``back_after`` seconds or more, their birthday."""
    news = {
        "first_visit": last_visit is None,
        "back_after": last_visit is not None and now - last_visit >= back_after,
        "birthday": birthday,
    }
    return [kind for kind, holds in news.items() if holds]


def near_birthday(birthday: str | None, today: date, days: int) -> bool:
    """Whether ``MM-DD`` is at most so many days from today; who was born on a leap day celebrates on 1 March too."""
    return days_to(birthday, today, within=days) is not None


def days_to(birthday: str | None, today: date, within: int = FARTHEST_BIRTHDAY) -> int | None:
    """In how many days ``MM-DD`` is, negative: ago, the nearest; None where it is not ``within`` so many days."""
    if birthday is None:
        return None
    month, day = (int(part) for part in birthday.split("-"))
    for offset in sorted(range(-within, within + 1), key=abs):
        near = today + timedelta(days=offset)
        if (near.month, near.day) == (month, day) or _leapling(near, month, day):
            return offset
    return None


def _leapling(today: date, month: int, day: int) -> bool:
    return (month, day) == (2, 29) and (today.month, today.day) == (3, 1) and not isleap(today.year)


def suggest(
    *, likes: Sequence[Fact], promises: Sequence[Owed], complaints: Sequence[Owed], last_visit: float | None
) -> Suggestion:
    """The one action that matters most: mend what went wrong, keep what was promised, then offer what is liked.

    Without any of these they are welcomed: back, where they have been here before.
    """
    if complaints:
        return _because("recover", complaints[0].text, None, complaints[0].at)
    if promises:
        return _because("keep_promise", promises[0].text, None, promises[0].due)
    offers = [p for p in likes if p.category in ("drink", "food", "seat", "reading", "service")]
    if offers:
        return _because("offer", offers[0].value, offers[0].basis, offers[0].at)
    return _because("welcome" if last_visit is None else "welcome_back", None, None, last_visit)


def _because(kind: str, value: str | None, basis: str | None, at: float | None) -> Suggestion:
    return {"kind": kind, "value": value, "basis": basis, "at": at}
