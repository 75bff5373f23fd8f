"""Two customers who may like to meet: unknown to each other until both have said yes, each asked by itself.

Pure: no clock, no store. Whatever one of the two, whoever looks after them, or whoever opened it is shown before both
are yes is made of the opening, the calendar and their own answer alone: what the other said is not among it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Answer = Literal["yes", "no", "later"]
State = Literal["open", "made", "lapsed"]
ANSWERS: tuple[Answer, ...] = ("yes", "no", "later")
DAY_MS = 86_400_000
OPEN_DAYS = 30
"""An introduction lapses on this day after it was opened, whatever was answered: an early end would tell a no."""
AGAIN_DAYS = 365
RAREST = 20
"""What not at least one in so many members shares says who it is: it is no reason that may be told."""


class Refused(Exception):
    """An introduction that is not opened, or an answer that is not taken; ``code`` names why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a customer that an introduction may ask for."""

    id: str
    agreed_since: int | None = None
    """Since when they agree to be introduced at all; None: they do not."""
    undisturbed: bool = False
    interests: frozenset[str] = frozenset()
    """As they said it themselves."""
    associate: str = ""


@dataclass(frozen=True, slots=True)
class Introduction:
    """Two who are asked; ``one`` sorts before ``other``, so that the order tells nothing."""

    id: str
    one: str
    other: str
    why: str
    opened_at: int
    by: str
    lapses_at: int
    answers: Mapping[str, Answer] = field(default_factory=dict)
    made_at: int | None = None
    stopped_at: int | None = None

    @property
    def both(self) -> tuple[str, str]:
        """Whom it is about."""
        return self.one, self.other

    def state(self, now: int) -> State:
        """What anybody but the two may know of it."""
        if self.made_at is not None and self.made_at <= now:
            return "made"
        return "lapsed" if now >= self.lapses_at else "open"


def is_common(interest: str, members: Collection[Person]) -> bool:
    """Whether enough members share an interest that naming it names nobody."""
    return sum(interest in each.interests for each in members) * RAREST >= len(members) > 0


def begin(
    id_: str, one: Person, other: Person, why: str, by: str, now: int, before: Iterable[Introduction],
    members: Collection[Person],
) -> Introduction:  # fmt: skip
    """A new introduction; raises Refused ``same``, ``no-consent``, ``undisturbed``, ``too-rare`` or ``too-soon``."""
    if one.id == other.id:
        raise Refused("same")
    if any(each.agreed_since is None or each.agreed_since > now for each in (one, other)):
        raise Refused("no-consent")
    if one.undisturbed or other.undisturbed:
        raise Refused("undisturbed")
    if not is_common(why, members) or not all(why in each.interests for each in (one, other)):
        raise Refused("too-rare")
    pair = sorted((one.id, other.id))
    if any(list(each.both) == pair and now < each.opened_at + AGAIN_DAYS * DAY_MS for each in before):
        raise Refused("too-soon")
    return Introduction(id_, pair[0], pair[1], why, now, by, now + OPEN_DAYS * DAY_MS)


def answered(found: Introduction, customer: str, answer: Answer, now: int) -> Introduction:
    """With an answer of one of the two; a yes may be taken back until both are. Raises Refused ``over``."""
    if customer not in found.both or answer not in ANSWERS:
        raise Refused("not-theirs")
    if found.stopped_at is not None or found.state(now) != "open":
        raise Refused("over")
    answers = {**found.answers, customer: answer}
    made = now if all(answers.get(each) == "yes" for each in found.both) else None
    return replace(found, answers=answers, made_at=made)


def stopped(found: Introduction, customer: str, now: int) -> Introduction:
    """Either says stop once they know each other: it is gone from both, without a word."""
    if customer not in found.both:
        raise Refused("not-theirs")
    return replace(found, stopped_at=now) if found.stopped_at is None else found


# --- what is shown ----------------------------------------------------------------------------------------------------


def question(found: Introduction) -> dict[str, str]:
    """What an associate asks: no name, no firm, nothing that few share."""
    return {
        "zh-CN": f"您愿意认识一位同样喜欢{found.why}的客人吗？只有对方也愿意，我才会告诉对方。",
        "en": f"Would you like to meet a guest who also likes {found.why}? I would only say so if they wish it too.",
    }


def to_one(found: Introduction, customer: str, now: int) -> dict[str, Any] | None:
    """What one of the two sees on their page, and who looks after them on a card; None: nothing is there."""
    if customer not in found.both or found.stopped_at is not None or now < found.opened_at:
        return None
    state = found.state(now)
    shown: dict[str, Any] = {
        "introduction": found.id, "asked_at": found.opened_at, "until": found.lapses_at,
        "words": question(found), "state": state, "answer": found.answers.get(customer),
    }  # fmt: skip
    if state == "made":
        shown |= {"with": found.other if customer == found.one else found.one, "made_at": found.made_at}
    return shown


def to_opener(found: Introduction, now: int) -> dict[str, Any]:
    """What who opened it sees: that it is open, made or lapsed, and no answer of anybody."""
    shown: dict[str, Any] = {
        "introduction": found.id, "customers": list(found.both), "why": found.why, "opened_at": found.opened_at,
        "until": found.lapses_at, "state": found.state(now),
    }  # fmt: skip
    return shown | ({"made_at": found.made_at} if shown["state"] == "made" else {})


def meets(introductions: Iterable[Introduction], customer: str, now: int) -> list[str]:
    """Whom a customer has agreed to meet who agreed too: what the moment ``met`` goes by."""
    return sorted(
        each.other if customer == each.one else each.one
        for each in introductions
        if customer in each.both and each.stopped_at is None and each.state(now) == "made"
    )


def suggestions(
    members: Collection[Person], before: Collection[Introduction], now: int
) -> list[tuple[str, str, str]]:  # fmt: skip
    """Pairs who may be asked, and why: by stated interest and consent, and by nothing that anybody answered."""
    soon = now - AGAIN_DAYS * DAY_MS
    recent = {each.both for each in before if each.opened_at > soon}
    willing = sorted(
        (each for each in members if each.agreed_since is not None and not each.undisturbed), key=lambda each: each.id
    )
    common = {word for each in willing for word in each.interests if is_common(word, members)}
    found = []
    for at, one in enumerate(willing):
        for other in willing[at + 1 :]:
            shared = sorted(one.interests & other.interests & common)
            if shared and (one.id, other.id) not in recent:
                found.append((one.id, other.id, shared[0]))
    return found
