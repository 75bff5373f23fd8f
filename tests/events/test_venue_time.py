"""The venue's days: consents last to the end of their last day there, through every change of clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import venue_time
from gateway.events.times import END_OF_TIME

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


@given(zones, st.floats(0.001, END_OF_TIME - 1))
def test_what_was_written_is_written_the_same_again(zone: str, end: float) -> None:
    venue_time.use(zone)
    written = venue_time.ending_text(end)
    assert venue_time.ending_text(venue_time.ending(written)) == written


def test_the_last_day_of_all_is_one_everywhere() -> None:
    for zone in ZONES:
        venue_time.use(zone)
        assert venue_time.ending_text(venue_time.ending("2199-12-31")) == "2199-12-31"
        with pytest.raises(ValueError, match="1970 to 2199"):
            venue_time.ending("2200-01-01")


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01T00:00", "soon", "2026-02-30", "tomorrowT"])
def test_what_is_no_day_is_refused(text: str) -> None:
    venue_time.use("Pacific/Kiritimati")
    with pytest.raises(ValueError, match=r".+"):
        venue_time.ending(text)


@given(
    zones,
    st.text() | st.datetimes().map(str) | st.sampled_from(["9999-12-31", "0001-01-01T00:00:00+14:00", "9" * 10_000]),
)
def test_a_time_from_outside_is_of_our_days_or_refused(zone: str, text: str) -> None:
    venue_time.use(zone)
    try:
        at = venue_time.moment(text)
    except ValueError as refused:
        assert len(str(refused)) < 200  # noqa: PT017 - both ways are good
        return
    assert 0 <= at < END_OF_TIME
