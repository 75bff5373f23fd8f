"""The venue's days: consents last to the end of their last day there, through every change of clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import venue_time

ZONES = ["UTC", "Asia/Shanghai", "Pacific/Kiritimati", "America/New_York", "Europe/Berlin", "America/Santiago",
         "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Pago_Pago", "Asia/Kathmandu"]  # fmt: skip
zones = st.sampled_from(ZONES)
days = st.dates(date(2000, 1, 1), date(2037, 12, 30))


@given(zones, days)
def test_a_last_day_is_written_as_it_was_said(zone: str, day: date) -> None:
    venue_time.use(zone)
    assert venue_time.ending_text(venue_time.ending(day.isoformat())) == day.isoformat()


@given(zones, days)
def test_a_day_ends_when_the_next_begins_there(zone: str, day: date) -> None:
    venue_time.use(zone)
    end = venue_time.ending(day.isoformat())
    there = [datetime.fromtimestamp(end + by, venue_time.zone()).date() for by in (-1, 0)]
    assert there == [day, day + timedelta(days=1)]


@given(zones, st.integers(1_000_000_000, 2_100_000_000))
def test_a_time_is_written_so_that_it_is_the_same_time(zone: str, end: int) -> None:
    venue_time.use(zone)
    assert venue_time.ending(venue_time.ending_text(end)) == end


def test_a_time_without_a_zone_is_the_venues() -> None:
    venue_time.use("America/New_York")
    assert venue_time.moment("2026-11-28T14:00") == venue_time.moment("2026-11-28T19:00Z")
    assert venue_time.moment("2026-07-28T14:00") == venue_time.moment("2026-07-28T18:00Z")


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01T00:00", "soon", "2026-02-30", "tomorrowT"])
def test_what_is_no_day_is_refused(text: str) -> None:
    venue_time.use("Pacific/Kiritimati")
    with pytest.raises(ValueError, match=r".+"):
        venue_time.ending(text)
