"""Honest tags are not taken for copies, and copies are found: a few visits of what ``benchmarks.clones`` measures."""

from __future__ import annotations

import pytest

from benchmarks.clones import HONEST, copies, honest

SEED = 7

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("case", [name for name in HONEST if "between" not in name])
def test_who_is_honest_is_not_doubted(case: str) -> None:
    venues, conditions = HONEST[case]
    told = honest(venues()[:1], conditions, 100, SEED)
    assert (told.visits, told.doubted) == (100, 0)


def test_a_copy_far_away_is_found_within_ten_seconds_once_people_have_shown_that_it_is_far() -> None:
    told = copies(["ear"], 30, 0.0, 12, SEED)
    assert told.visits >= 10
    assert max(told.delays) <= 10.0
