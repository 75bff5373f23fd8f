"""Events leave in the order of their numbers, whatever order they settle in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.events.event import Event
from gateway.events.sequencer import Sequencer


def event(number: int) -> Event:
    return Event(f"id-{number}", "plan.changed", "subject", "*house*", 0.0, {}, "gateway", number)


@st.composite
def settling(draw: st.DrawFn) -> tuple[list[tuple[str, int]], set[int]]:
    """A mix of places taken, in order, and places settled, in any order; and which of them are dropped."""
    count = draw(st.integers(1, 12))
    dropped = draw(st.sets(st.integers(1, count)))
    steps: list[tuple[str, int]] = []
    held: list[int] = []
    following = 1
    while following <= count or held:
        if following <= count and (not held or draw(st.booleans())):
            steps.append(("hold", following))
            held.append(following)
            following += 1
        else:
            steps.append(("settle", held.pop(draw(st.integers(0, len(held) - 1)))))
    return steps, dropped


@given(settling())
def test_nothing_overtakes_and_what_was_not_committed_is_missing(story: tuple[list[tuple[str, int]], set[int]]) -> None:
    steps, dropped = story
    out: list[int] = []
    line = Sequencer(lambda e: out.append(e.sequence))
    settled: set[int] = set()
    for what, number in steps:
        if what == "hold":
            line.hold(event(number))
            continue
        settled.add(number)
        (line.drop if number in dropped else line.release)(event(number))
        ready = 0
        while ready + 1 in settled:
            ready += 1
        assert out == [n for n in range(1, ready + 1) if n not in dropped]  # at once, not later
    assert out == [n for n in range(1, max(settled) + 1) if n not in dropped]
