from __future__ import annotations

from pathlib import Path

import pytest

from gateway.recognition.moments import Moment
from gateway.recognition.recording import Head, Read, Row, Truth, save
from gateway.recognition.replay import Event, play, replay_files
from gateway.recognition.score import Report, score_files
from gateway.recognition.tally import Tally, tallies

HEAD = Head("x", ["hall", "bar"], {"r1": "hall", "r2": "bar"}, kind="still", customers={"c1": ["irk:01"]})


def said(kind: str, t: float, zone: str | None, by: str = "reads") -> Event:
    moment = Moment(kind, "c1", "v1", zone, t, t, 0.9, "because", {"kind": by})  # type: ignore[arg-type]
    return Event(t, moment)


def tally(truth: list[tuple[float, str | None]], events: list[Event], end: float = 1000.0) -> Tally:
    rows: list[Row] = [Truth(t, where, "c1") for t, where in truth]
    rows.append(Truth(end, truth[-1][1], "c1"))
    (one,) = tallies(HEAD, rows, events)
    return one


def test_time_in_the_right_zone_is_counted_only_where_truth_is_known() -> None:
    one = tally([(0, "hall"), (100, None), (110, "bar")], [said("arrived", 10, "hall"), said("moved", 160, "bar")], 210)
    assert (one.zone_s, one.right_s) == (200, 90 + 50)
    assert one.move_lags == [50]


def test_a_move_that_makes_the_report_right_is_not_false_and_others_are() -> None:
    events = [said("arrived", 0, "bar"), said("moved", 5, "hall"), said("moved", 50, "bar"), said("moved", 60, "hall")]
    assert tally([(0, "hall")], events, 100).false_moves == 2


def test_arriving_early_at_the_border_is_no_lag_and_in_the_street_is_false() -> None:
    truth: list[tuple[float, str | None]] = [(0, "outside"), (10, None), (12, "hall")]
    assert tally(truth, [said("arrived", 11, "hall")], 100).arrival_lags == [0]
    one = tally(truth, [said("arrived", 5, "hall")], 100)
    assert (one.false_arrivals, one.missed) == (1, 1)
    assert tally([(0, "outside")], [said("arrived", 5, "hall")], 100).false_arrivals == 1


def test_departures_too_soon_are_false_and_true_ones_have_a_lag_of_their_kind() -> None:
    truth: list[tuple[float, str | None]] = [(0, "hall"), (100, "outside")]
    early = [said("arrived", 1, "hall"), said("departed", 50, None), said("arrived", 55, "hall")]
    one = tally(truth, [*early, said("departed", 140, None, "silence")], 300)
    assert (one.false_departures, one.duplicates, one.departure_lags) == (1, 1, [40])
    assert tally(truth, [said("arrived", 1, "hall"), said("departed", 105, None, "exit")], 300).exit_lags == [5]


def test_a_departure_is_missed_only_where_the_recording_goes_on() -> None:
    truth: list[tuple[float, str | None]] = [(0, "hall"), (100, "outside")]
    assert tally(truth, [said("arrived", 1, "hall")], 130).departure_lags == []
    assert tally(truth, [said("arrived", 1, "hall")], 300).departure_lags == [float("inf")]


def recording(seconds: float = 120.0) -> tuple[Head, list[Row]]:
    rows: list[Row] = [Truth(1000.0, "hall", "c1")]
    for n in range(int(seconds * 2)):
        for reader, rssi in (("r1", -60.0), ("r2", -75.0)):
            rows.append(Read(1000.0 + n / 2, reader, "irk:01", rssi))
            rows.append(Read(1000.0 + n / 2, reader, "irk:99", rssi))
    return HEAD, rows


def test_replay_tells_events_in_the_published_shape_and_nothing_of_strangers(tmp_path: Path) -> None:
    save(tmp_path / "a.jsonl.gz", *recording())
    events = list(replay_files([tmp_path / "a.jsonl.gz"]))
    assert [e["type"] for e in events if e["type"] != "visit.hinted"] == ["visit.arrived"]
    assert all(set(e) == {"t", "type", "customer", "zone", "confidence", "reason"} for e in events)
    assert {e["customer"] for e in events} == {"c1"}
    assert all(1000.0 <= float(str(e["t"])) <= 1010.0 for e in events)


def test_without_customers_each_identifier_is_one(tmp_path: Path) -> None:
    head, rows = recording()
    head = Head("x", head.zones, head.readers)
    assert {e.moment.customer for e in play(head, rows)} == {"irk:01", "irk:99"}


def test_a_report_has_a_line_per_recording_and_intervals_per_kind(tmp_path: Path) -> None:
    for n in range(3):
        head, rows = recording()
        save(tmp_path / f"{n}.jsonl", Head(f"rec-{n}", head.zones, head.readers, "still", {}, head.customers), rows)
    report = score_files(sorted(tmp_path.glob("*.jsonl")))
    text = report.text()
    assert all(f"rec-{n}" in text for n in range(3))
    right = next(m for m in report.measure("still") if m.name == "right zone")
    assert right.low <= right.value <= right.high
    assert right.value == pytest.approx(100.0, abs=5.0)
    assert str(right) in text


def test_an_empty_report_says_nothing_rather_than_dividing_by_nought() -> None:
    assert Report().measure() == []
    assert "recording" in Report().text()


def test_what_never_happened_in_an_hour_may_still_happen_thrice_in_the_next() -> None:
    quiet = Report([tally([(0, "hall")], [said("arrived", 1, "hall")], 3600.0)])
    false = next(m for m in quiet.measure() if m.name == "false changes per hour")
    assert (false.value, false.low, false.high) == (0.0, 0.0, 3.0)
    missed = next(m for m in quiet.measure() if m.name == "missed arrivals")
    assert (missed.value, missed.high) == (0.0, 100.0)
