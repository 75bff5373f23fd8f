"""Who never both said yes never learns of the other: by every answer, at every time, to whoever looks."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.club import introductions
from gateway.club.introductions import ANSWERS, DAY_MS, Introduction, Person, Refused, answered, begin, stopped

PAIRS = 10_000
SAILORS = [Person(f"c-{n:02d}", 0, interests=frozenset({"sailing"}), associate=f"s-{n}") for n in range(10)]
WHY = "sailing"


def opened(at: int = 0, before: list[Introduction] | None = None) -> Introduction:
    return begin("i", SAILORS[3], SAILORS[1], WHY, "mei", at, before or [], SAILORS)


def everything_a_sees(found: Introduction, a: str, now: int) -> str:
    """All that A, A's associate, the opener and lists are shown, as text."""
    return json.dumps(
        [
            introductions.to_one(found, a, now), introductions.to_opener(found, now),
            introductions.meets([found], a, now), introductions.suggestions(SAILORS, [found], now),
        ],
        sort_keys=True, ensure_ascii=False,
    )  # fmt: skip


def told(found: Introduction, by: str, answer: Any, now: int) -> tuple[Introduction, str]:
    """With an answer, and what whoever gave it is told of it."""
    try:
        return answered(found, by, answer, now), "noted"
    except Refused as refused:
        return found, refused.code


def transcript(acts: Sequence[tuple[int, str, str]], looks: list[int], a: str, b: str) -> tuple[list[str], int | None]:
    """What A's side is shown, look by look, until both are yes; and when that was."""
    found, lines, todo = opened(), [], sorted(acts)
    for now in looks:
        while todo and todo[0][0] <= now:
            at, who, answer = todo.pop(0)
            found, said = told(found, who, answer, at)
            if who == a and found.made_at is None:
                lines.append(said)
        if found.made_at is not None:
            return lines, found.made_at
        lines.append(everything_a_sees(found, a, now))
    return lines, None


def test_two_worlds_that_differ_in_the_others_answer_alone_look_the_same_until_both_are_yes() -> None:
    r = random.Random(17)
    made = 0
    for _ in range(PAIRS):
        a, b = r.sample(["c-01", "c-03"], 2)
        mine = [(r.randrange(40) * DAY_MS, a, r.choice(ANSWERS)) for _ in range(r.randrange(4))]
        looks = sorted(r.sample(range(45 * 24), 6))
        worlds = []
        for _ in range(2):
            theirs = [(r.randrange(40) * DAY_MS + 1, b, r.choice(ANSWERS)) for _ in range(r.randrange(4))]
            worlds.append(transcript(mine + theirs, [hour * 3_600_000 for hour in looks], a, b))
        (one, first), (other, second) = worlds
        made += first is not None
        until = min(len(one), len(other))
        assert one[:until] == other[:until]
        if first is None and second is None:
            assert one == other
    assert 200 < made < PAIRS / 2, "both ends are tried"


def test_it_is_made_by_two_yes_alone_and_then_both_know() -> None:
    found = answered(opened(), "c-03", "yes", 5)
    assert found.state(6) == "open"
    found = answered(found, "c-01", "later", 6)
    assert introductions.meets([found], "c-01", 7) == []
    found = answered(found, "c-01", "yes", 8)
    assert (found.state(8), found.made_at) == ("made", 8)
    shown = introductions.to_one(found, "c-01", 9)
    assert shown is not None
    assert (shown["with"], shown["answer"]) == ("c-03", "yes")
    assert introductions.meets([found], "c-03", 9) == ["c-01"]
    with pytest.raises(Refused, match="over"):
        answered(found, "c-01", "no", 10)
    gone = stopped(found, "c-03", 11)
    assert introductions.to_one(gone, "c-01", 12) is introductions.to_one(gone, "c-03", 12) is None
    assert introductions.meets([gone], "c-01", 12) == []


def test_a_yes_is_taken_back_until_then() -> None:
    found = answered(answered(opened(), "c-03", "yes", 5), "c-03", "no", 6)
    assert answered(found, "c-01", "yes", 7).made_at is None


@given(st.lists(st.sampled_from(ANSWERS), max_size=3), st.integers(0, 60))
def test_it_ends_by_the_calendar_whatever_was_said(answers: list[Any], day: int) -> None:
    found = opened()
    for at, answer in enumerate(answers):
        found = answered(found, "c-01", answer, at)
    assert found.state(day * DAY_MS) == ("open" if day < 30 else "lapsed")


def test_who_may_be_asked() -> None:
    a, b = SAILORS[0], SAILORS[1]

    def refused(one: Person, other: Person, why: str = WHY, members: list[Person] = SAILORS, now: int = 10) -> str:
        with pytest.raises(Refused) as found:
            begin("i", one, other, why, "mei", now, [], members)
        return found.value.code

    assert refused(a, a) == "same"
    assert refused(a, Person("x", None, interests=a.interests)) == "no-consent"
    assert refused(a, Person("x", 11, interests=a.interests)) == "no-consent", "given before it is opened"
    assert refused(a, Person("x", 0, True, a.interests)) == "undisturbed"
    many = [*SAILORS[:2], *(Person(f"d-{n}", 0) for n in range(39))]
    assert refused(a, b, members=many) == "too-rare", "two of forty-one"
    assert refused(a, b, "opera") == "too-rare"
    earlier = opened()
    for day, soon in ((364, True), (365, False)):
        try:
            opened(day * DAY_MS, [earlier])
            again = False
        except Refused as no:
            again = no.code == "too-soon"
        assert again is soon


def test_no_name_and_nothing_rare_is_in_the_question() -> None:
    words = introductions.question(opened())
    assert "sail" in words["en"]
    assert not any(each.id in text or each.associate in text for each in SAILORS[1:4] for text in words.values())
