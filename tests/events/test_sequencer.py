"""Events leave under numbers that only grow, at once, and nothing waits for what is still being written."""

from __future__ import annotations

from itertools import count
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from gateway.events.event import Event
from gateway.events.sequencer import Sequencer

Step = tuple[Literal["told", "act", "written", "refused"], int]


def event(number: int) -> Event:
    return Event(f"id-{number}", "plan.changed", "subject", "*house*", 0.0, {}, "gateway", number)


steps = st.lists(
    st.tuples(st.sampled_from(["told", "act", "written", "refused"]), st.integers(1, 3)), min_size=1, max_size=30
)


@given(steps)
def test_what_is_told_at_once_waits_for_nothing_and_numbers_only_grow(story: list[Step]) -> None:
    out: list[Event] = []
    numbers = count(1)
    line = Sequencer(out.append, lambda: next(numbers))
    writing: list[list[Event]] = []
    expected: list[str] = []
    marked: set[int] = set()
    moved: dict[int, int] = {}
    for what, many in story:
        some = [event(next(numbers)) for _ in range(many)] if what in ("told", "act") else []
        if what == "told":
            for each in some:
                marked.update(line.hold(each))
            for each in some:
                line.release(each)
        elif what == "act":
            writing.append(some)
            for each in some:
                line.begin(each)
        elif writing and what == "written":  # changes are written in the order in which they were asked for
            some = writing.pop(0)
            late, over = line.settle(some)
            moved |= dict(late)
            marked.update(over)
            for each in some:
                line.release(each)
        elif writing:
            for each in writing.pop(0):
                line.drop(each)
        expected += [each.id for each in some] if what in ("told", "written") else []
        assert [each.id for each in out] == expected  # at once, not later
        assert set(line.flying) == {each.sequence for act in writing for each in act}
    given_out = [each.number for each in out]
    assert given_out == sorted(set(given_out))
    assert {each.sequence: each.number for each in out if each.number != each.sequence} == moved
    assert set(moved) <= marked  # the disk was told, with whatever overtook it, that it is still to come


def test_who_is_told_of_something_late_resumes_behind_it() -> None:
    out: list[tuple[str, int]] = []
    numbers = count(3)
    line = Sequencer(lambda e: out.append((e.id, e.envelope("/venues/test", {})["sequence"])), lambda: next(numbers))
    fact, arrival = event(1), event(2)
    line.begin(fact)
    assert line.hold(arrival) == [1]
    line.release(arrival)
    assert line.settle([fact]) == ([(1, 3)], [])
    line.release(fact)
    assert out == [("id-2", 2), ("id-1", 3)]
