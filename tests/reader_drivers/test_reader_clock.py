"""Readers' clocks: shifted to ours, and what is old stays old."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers.hardened_json import parse_all
from reader_drivers.reader_clock import FRESH, MOST_CLOCKS, Clocks, ReaderClock, instant
from reader_drivers.sighting import Rejected

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("2022-05-06T12:00:00.000Z", 1651838400.0),
        ("2026-01-01T10:00:00Z", 1767261600.0),
        ("2023-02-24T10:14:42.851+0000", 1677233682.851),
        ("2024-11-21T13:20:53.319-0600", 1732216853.319),
        ("2018-06-14T00:15:54.36879Z", 1528935354.36879),
        ("2026-06-14T10:19:52.604Z", 1781432392.604),
        ("2021-05-20 18:12:48", 1621534368.0),
        ("2021-01-01&17:10:16+08", 1609492216.0),
        (1706119203123456, 1706119203.123456),
        (1668563031000, 1668563031.0),
        (1604900604, 1604900604.0),
        ("1653668027", 1653668027.0),
        ("1526617158", 1526617158.0),
        (1604900604.5, 1604900604.5),
        ("1970-01-01T00:00:05Z", 5.0),
        (True, None),
        (None, None),
        ("", None),
        ("noon", None),
        ("2022-13-01T00:00:00Z", None),
        ("2022-W01", None),
        (-1, None),
        ("1960-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+2300", None),
        ([], None),
        (1e30, None),
        ("12", None),
        ("2022-05-06", None),
    ],
)
def test_times_as_devices_write_them(told: object, seconds: float | None) -> None:
    found = instant(told)
    assert found == (None if seconds is None else pytest.approx(seconds, abs=1e-5))


@given(st.text(max_size=40) | st.integers() | st.floats() | st.none() | st.booleans())
def test_no_time_does_harm(told: object) -> None:
    found = instant(told)
    assert found is None or 0 <= found < 1e12


def test_a_clock_that_is_right_needs_no_shift_and_what_is_late_keeps_its_time() -> None:
    clock = ReaderClock()
    assert clock.ours(NOW - 0.2, NOW) == NOW
    assert clock.ours(NOW + 1 - 0.5, NOW + 1) == pytest.approx(NOW + 0.7, abs=0.01)
    assert clock.ours(NOW - 3600, NOW + 2) == pytest.approx(NOW - 3600, abs=0.3)
    assert clock.ours(NOW + 3 - 0.2, NOW + 3) == pytest.approx(NOW + 3, abs=0.01)


def test_the_first_message_may_be_an_old_one() -> None:
    assert ReaderClock().ours(NOW - 3600, NOW) == NOW - 3600


def test_an_hour_sent_again_after_an_outage_stays_an_hour_ago_to_its_end() -> None:
    clock = ReaderClock()
    clock.ours(NOW, NOW)
    for step in range(720):  # an hour of reads, one each five seconds, sent again within a minute
        then, received = NOW + 5 * step, NOW + 3600 + step / 12
        told = clock.ours(then, received)
        assert told == pytest.approx(then, abs=0.2) if received - then > FRESH else told <= received
    assert clock.ours(NOW + 3700, NOW + 3700.1) == pytest.approx(NOW + 3700.1, abs=0.3)


@pytest.mark.parametrize("wrong", [-90.0, -8 * 3600.0, 400.0])
def test_a_clock_that_is_wrong_is_followed_within_half_a_minute(wrong: float) -> None:
    clock = ReaderClock()
    for second in range(40):
        told = clock.ours(NOW + second + wrong, NOW + second)
    assert told == NOW + 39
    late = clock.ours(NOW + 10 + wrong, NOW + 100)
    assert late == pytest.approx(NOW + 10, abs=0.01)


def test_a_clock_that_was_never_set_is_followed_at_once() -> None:
    clock = ReaderClock()
    assert clock.ours(12.0, NOW) == NOW
    assert clock.ours(13.0, NOW + 1.25) == pytest.approx(NOW + 1, abs=0.01)
    assert clock.ours(NOW + 2, NOW + 2) == NOW + 2, "until it is set"
    assert clock.ours(NOW + 3, NOW + 3) == NOW + 3
    assert clock.ours(NOW - 100, NOW + 4) == pytest.approx(NOW - 100, abs=0.01)


def test_one_message_from_the_future_spoils_nothing() -> None:
    clock = ReaderClock()
    clock.ours(NOW, NOW)
    assert clock.ours(NOW + 1e9, NOW + 1) == NOW + 1
    assert clock.ours(NOW + 2, NOW + 2) == NOW + 2


def test_what_is_sent_again_is_the_same_read_at_the_same_time() -> None:
    clock = ReaderClock()
    clock.ours(NOW - 0.2, NOW)
    first = clock.ours(NOW + 5 - 0.3, NOW + 5)
    for seconds in (0.01, 1.0, 4.0, 9.0):
        assert clock.ours(NOW + 5 - 0.3, NOW + 5 + seconds) == first
    assert clock.ours(NOW + 5 - 0.5, NOW + 6) < first
    assert clock.ours(NOW + 20 - 0.2, NOW + 20) == pytest.approx(NOW + 20, abs=0.1), "and it learns on"
    clock.ours(NOW + 1e6, NOW + 21)
    slow = [clock.ours(NOW + at * 0.9999, NOW + at) for at in range(22, 20_000, 60)]
    assert NOW + 19_942 - slow[-1] < 1, "after a word from the future too"


def test_a_clock_that_runs_slow_is_followed_for_days() -> None:
    clock = ReaderClock()
    for hour in range(24 * 20):
        received = NOW + 3600 * hour
        told = clock.ours(received - hour * 0.36, received)  # a hundred parts in a million
        assert received - told < 1


@given(st.lists(st.tuples(st.floats(0, 2e9), st.floats(0, 100)), max_size=40))
def test_nothing_is_heard_after_it_came(steps: list[tuple[float, float]]) -> None:
    clock, received = ReaderClock(), NOW
    for theirs, wait in steps:
        received += wait
        assert clock.ours(theirs, received) <= received


def test_each_device_has_its_clock_and_strange_names_do_not_fill_the_memory() -> None:
    clocks = Clocks()
    assert clocks.at("a", 5.0, NOW) == NOW
    assert clocks.at("b", NOW - 100, NOW) == NOW - 100
    for number in range(2 * MOST_CLOCKS):
        clocks.at(f"x{number}", NOW, NOW)
    assert len(clocks._clocks) == MOST_CLOCKS


def test_without_a_time_that_can_be_read_it_is_the_time_of_receipt_unless_the_broker_kept_it() -> None:
    clocks = Clocks()
    assert clocks.at("a", None, NOW) == NOW
    assert clocks.at("a", "noon", NOW) == NOW
    assert clocks.at("a", None, NOW, retained=True) is None
    assert clocks.at("a", NOW - 500, NOW, retained=True) == NOW - 500
    assert clocks.at("a", NOW + 500, NOW, retained=True) is None, "kept, and from the future"


def test_what_a_broker_kept_teaches_nothing_about_a_clock() -> None:
    clocks = Clocks()
    clocks.at("a", 5.0, NOW, retained=True)
    assert clocks.at("a", datetime.fromtimestamp(NOW - 60, UTC).isoformat(), NOW) == NOW - 60


# --- several values in one payload ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "count", "rejected"),
    [
        (b'{"a":1}', 1, 0),
        (b'[{"a":1},{"a":2}]', 2, 0),
        (b'{"a":1}{"a":2}{"a":3}', 3, 0),
        (b'{"a":1}\n{"a":2}\r\n\n{"a":3}\n', 3, 0),
        (b' [ {"a":1} ] {"a":2} ', 2, 0),
        (b'{"a":1}\n{broken\n{"a":3}', 2, 1),
        (b'{"a":1}{broken', 1, 1),
        (b'{"a":NaN}\n{"a":1}', 1, 1),
        (b'{"a":1,"a":2}\n{"a":1}', 1, 1),
        (b"[]", 0, 0),
        (b'{"a":1}{"b":}{"c":{"d":1}}', 2, 1),
        (b'{"a":1}\nrubbish\n{"a":3}', 2, 1),
        (b'{"a":1}{"b":{"c":1} {"d":2}', 2, 1),
        (b'[\n  {\n    "a": 1\n    "b": [\n      {}\n    ]\n  }\n]', 0, 1),
        (b'[{"a":1},{"a":', 0, 1),
        (b"[" + b'{"a":[1]},' * 300 + b'{"a":[]}]', 301, 0),
    ],
)
def test_values_come_alone_in_a_list_or_one_after_the_other(payload: bytes, count: int, rejected: int) -> None:
    values = parse_all(payload)
    assert sum(isinstance(each, Rejected) for each in values) == rejected
    assert sum(isinstance(each, dict) for each in values) == count


@pytest.mark.parametrize(
    "payload",
    [b"", b" \n", b"\xff\xfe", b"connection lost", b"1 2 3", b'{"a":1}\0', b'{"a":1}rubbish', b'{"a":1}}'],
)
def test_what_holds_nothing_or_ends_in_something_else_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="JSON: "):
        parse_all(payload)


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (b"[" * 60_000, "deep"),
        (b'{"a":' * 60_000, "deep"),
        (b'{"a":' * 64 + b"1" + b"}" * 64, ""),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "deep"),
        (b"[" * 65 + b"]" * 65, "deep"),
        (b'{"a":' + b"9" * 20 + b"}", ""),
        (b'{"a":-' + b"9" * 21 + b"}", "too large"),
        (b'{"a":' + b"9" * 5_000 + b"}", "too large"),
        (b'{"a":[{"b":1e400}]}', "too large"),
        (b'{"a":1,"a":1}', "twice"),
        (b'{"a" :1,"a":1}', "twice"),
        (b'{"a"\t:1,"b":"\\":","a":1}', "twice"),
        (b'{"b":"\\":","a"\n:1}', ""),
        (b'[{"b":[{"c":1,"c":2}]}]', "twice"),
        (b'{"":1,"":1}', "twice"),
        (b'{"a":1,"\\u0061":1}', "twice"),
    ],
)
def test_what_other_programs_would_not_take_is_named(payload: bytes, word: str) -> None:
    (value,) = parse_all(payload)
    assert isinstance(value, Rejected) == bool(word), value
    assert not isinstance(value, Rejected) or word in value.reason


def test_brackets_within_text_nest_nothing() -> None:
    assert parse_all(b'{"name":"' + b"[{" * 200 + b'\\""}')[0]["name"].startswith("[{[{")


@given(st.binary(max_size=200))
def test_no_payload_does_harm(payload: bytes) -> None:
    try:
        assert isinstance(parse_all(payload), list)
    except ValueError:
        return


# --- times of day that name no zone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati", "Asia/Kathmandu"])
def test_a_first_message_that_names_no_zone_is_of_now(zone: str) -> None:
    clocks = Clocks()
    clocks.zone = ZoneInfo(zone)
    told = datetime.fromtimestamp(NOW - 1, ZoneInfo(zone)).replace(tzinfo=None).isoformat()
    assert clocks.at("tasmota", told, NOW) == pytest.approx(NOW, abs=1)


def test_in_the_hour_that_comes_twice_each_time_is_the_one_that_just_was() -> None:
    berlin, clocks = ZoneInfo("Europe/Berlin"), Clocks()
    clocks.zone = berlin
    began = datetime(2026, 10, 24, 23, 30, tzinfo=UTC).timestamp()  # half past one, before the clocks change at three
    for minutes in range(0, 180, 5):
        now = began + 60 * minutes
        told = datetime.fromtimestamp(now, berlin).replace(tzinfo=None).isoformat()
        assert clocks.at("tasmota", told, now) == pytest.approx(now, abs=1)


def test_a_zone_that_is_named_counts_wherever_the_venue_is() -> None:
    clocks = Clocks()
    clocks.zone = ZoneInfo("Asia/Shanghai")
    assert clocks.at("a", "2026-09-21T14:13:20+00:00", NOW) == NOW
