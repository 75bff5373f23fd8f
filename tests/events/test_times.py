"""Times as text, and ids: what they cost was cut, what they say must not change."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events.times import born, iso, new_id, seconds


@given(st.floats(-1e9, 4e9))
def test_a_time_is_written_as_the_calendar_has_it(at: float) -> None:
    told = datetime.fromtimestamp(round(at, 3), UTC).isoformat(timespec="milliseconds")
    assert iso(at) == told.replace("+00:00", "Z")
    assert seconds(iso(at)) == pytest.approx(at, abs=0.001)


def test_no_two_ids_are_alike_and_each_says_when_it_was_made() -> None:
    ids = [new_id(1_700_000_000.25) for _ in range(1_000)]
    assert len(set(ids)) == len(ids)
    assert {born(id_) for id_ in ids} == {1_700_000_000.25}
    assert len({id_[15:] for id_ in ids}) == len(ids)  # also in what is not the time


def test_a_child_process_makes_ids_of_its_own() -> None:
    new_id()  # what is left of the noise asked for is in memory now
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_id(0.0).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert told.read() != new_id(0.0)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e18, max_value=1e18))
def test_a_time_beyond_the_calendar_is_written_all_the_same(at: float) -> None:
    assert seconds(iso(at)) is not None
