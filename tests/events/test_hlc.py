"""The hybrid clock: stamps only grow, stay near the wall clock, and a clock far ahead is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events.hlc import AHEAD_MS, ClockAhead, HybridClock, parse, text

NOW = 1_795_000_000.0


@given(st.lists(st.floats(-200, 200), min_size=1, max_size=50))
def test_stamps_grow_whatever_the_clock_does_and_stay_near_it(steps: list[float]) -> None:
    clock, now, before = HybridClock(), NOW, 0
    for step in steps:
        now = max(NOW - 100, min(NOW + 100, now + step))
        stamp = clock.tick(now)
        assert stamp > before
        assert (stamp >> 16) - now * 1000 <= 200_001
        before = stamp


def test_a_clock_that_was_a_year_ahead_and_is_right_again_starts_anew() -> None:
    clock = HybridClock()
    clock.tick(NOW + 365 * 86400)
    assert clock.tick(NOW) >> 16 == int(NOW * 1000)


def test_what_another_clock_says_is_followed_up_to_five_minutes_and_refused_in_words_beyond() -> None:
    clock = HybridClock()
    ahead = int(NOW * 1000) + AHEAD_MS
    assert clock.receive(ahead << 16, NOW) > ahead << 16
    with pytest.raises(ClockAhead, match="301 s ahead of ours; at most 300 s"):
        clock.receive((ahead + 1000) << 16, NOW)
    assert clock.tick(NOW) >> 16 == ahead


@given(st.integers(0, 2**64 - 1))
def test_a_stamp_is_sixteen_digits_and_back(stamp: int) -> None:
    assert (len(text(stamp)), parse(text(stamp))) == (16, stamp)


@pytest.mark.parametrize("wrong", ["", "12", "g" * 16, "0" * 17])
def test_what_is_no_stamp_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(wrong)
