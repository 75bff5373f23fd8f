"""What a card leaves out and what it suggests: three seconds are three facts."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Protocol, TypedDict, TypeVar

from gateway.service.owed import Owed

LIKES_ON_A_CARD = 5

FARTHEST_BIRTHDAY = 183  # days: half a year, to either side

OFFERED = frozenset({"drink", "food", "reading", "gift"})
"""Categories of what is brought to somebody; seats and the rest are made ready."""


class Suggestion(TypedDict):
    """One thing to do, and why: ``kind`` is a word the console translates, ``value`` what about.

    ``fact`` is the preference it is made of, ``code`` the value that this has.
    """

    kind: str
    value: str | None
    basis: str | None
    at: float | None
    code: str | None
    fact: str | None


class Fact(Protocol):
    """What a card needs of a preference."""

    @property
    def id(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def value(self) -> str: ...
    @property
    def polarity(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def at(self) -> float: ...


F = TypeVar("F", bound=Fact)


def best_likes(holding: Sequence[F], needs: Collection[str]) -> list[F]:
    """Of what holds, in its order: every need (by id), then at most five likes."""
    likes = [fact for fact in holding if fact.polarity == "do"]
    needed = [fact for fact in likes if fact.id in needs]
    return needed + [fact for fact in likes if fact.id not in needs][:LIKES_ON_A_CARD]


def what_is_new(
    *, last_visit: float | None, back_after: float, birthday: bool, now: float, elsewhere: bool = False
) -> list[str]:
    """What is not as last time: their first visit, back after ``back_after`` seconds or more, their birthday.

    Who is known ``elsewhere`` in the house is new here alone.
    """
    news = {
        "first_visit": last_visit is None and not elsewhere,
        "first_here": last_visit is None and elsewhere,
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
    *, offer: Fact | None, promises: Sequence[Owed], complaints: Sequence[Owed], last_visit: float | None
) -> Suggestion:
    """The one action that matters most: mend what went wrong, keep what was promised, then ``offer`` what is liked.

    Without any of these they are welcomed: back, where they have been here before.
    """
    if complaints:
        return _because("recover", complaints[0].text, complaints[0].at)
    if promises:
        return _because("keep_promise", promises[0].text, promises[0].due)
    if offer is not None:
        kind = "offer" if offer.category in OFFERED else "have_ready"
        because = _because(kind, offer.value, offer.at)
        return {**because, "basis": offer.basis, "code": offer.code, "fact": offer.id}
    return _because("welcome" if last_visit is None else "welcome_back", None, last_visit)


def _because(kind: str, value: str | None, at: float | None) -> Suggestion:
    return {"kind": kind, "value": value, "basis": None, "at": at, "code": None, "fact": None}
