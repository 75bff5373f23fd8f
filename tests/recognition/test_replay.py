"""Recordings that are valid and strange: what ``moments replay`` makes of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.recognition.recording import Head, Read, Row, Sensing, Truth, save
from gateway.recognition.replay import SETTLE_S, Event, play, replay_files
from gateway.recognition.score import score
from tests.program import run

HEAD = Head("x", ["hall", "bar"], {"r1": "hall", "r2": "bar"})
DOOR = Head(
    "door",
    ["hall"],
    {"out": None, "in": "hall", "way-out": None},
    roles={"out": "outer", "in": "inner", "way-out": "exit"},
)


def reads(reader: str, start: float, end: float, rssi: float | None = -60.0, of: str = "irk:01") -> list[Row]:
    return [Read(start + n / 4, reader, of, rssi) for n in range(int((end - start) * 4))]


def said(events: list[Event], *but: str) -> list[tuple[str, str | None]]:
    return [(e.moment.kind, e.moment.zone) for e in events if e.moment.kind not in ("hinted", *but)]


def test_reads_of_a_reader_that_the_head_does_not_name_are_left_out_and_told(tmp_path: Path) -> None:
    save(tmp_path / "x.jsonl", HEAD, reads("r1", 0, 20) + reads("r9", 0, 20, -30.0))
    notes: list[str] = []
    events = list(replay_files([tmp_path / "x.jsonl"], notes.append))
    assert {e["zone"] for e in events if e["type"] == "visit.arrived"} == {"hall"}
    assert len(notes) == 1
    assert "80 reads left out" in notes[0]
    assert "r9" in notes[0]


def test_the_command_prints_the_shape_and_notes_beside_it(tmp_path: Path) -> None:
    save(tmp_path / "x.jsonl.gz", HEAD, reads("r1", 0, 20) + reads("r9", 0, 1))
    ended = run("replay", str(tmp_path / "x.jsonl.gz"))
    assert ended.code == 0
    assert '"type": "visit.arrived", "customer": "irk:01", "zone": "hall", "confidence": 0.' in ended.out
    assert "r9" in ended.err
    (tmp_path / "bad.jsonl").write_text('{"recording":"x","zones":["hall"],"readers":{"r1":"hall"}}\n\n{"t":"noon"}\n')
    ended = run("replay", str(tmp_path / "bad.jsonl"))
    assert ended.code == 1
    assert 'bad.jsonl, line 3: "t" is missing or not a number' in ended.err


def test_several_customers_antennas_and_reads_without_a_level() -> None:
    head = Head(
        "x", ["hall", "bar"], {"r1": "hall", "r2": "bar"}, customers={"c1": ["irk:01", "epc:01"], "c2": ["irk:02"]}
    )
    rows: list[Row] = []
    for n in range(80):
        rows += [Read(n / 4, "r1", "irk:01", -60.0, "foyer"), Read(n / 4, "r1", "epc:01", None, n % 2)]
        rows += [Read(n / 4, "r2", "irk:02", None), Read(n / 4, "r2", "irk:99", -50.0)]
    told = {(e.moment.customer, e.moment.zone) for e in play(head, rows) if e.moment.kind == "arrived"}
    assert told == {("c1", "hall"), ("c2", "bar")}


def test_reads_a_little_out_of_order_change_nothing_that_is_told() -> None:
    rows = reads("r1", 0, 40) + reads("r2", 41, 80)
    chance = Random(1)
    jumbled = sorted(rows, key=lambda row: row.t + chance.uniform(0.0, 1.0))
    assert said(list(play(HEAD, jumbled))) == said(list(play(HEAD, rows))) == [("arrived", "hall"), ("moved", "bar")]
    times = [e.t for e in play(HEAD, jumbled)]
    assert times == sorted(times)


def test_what_the_last_reads_have_begun_is_told_and_silence_after_the_end_is_no_departure() -> None:
    passing = reads("out", 0, 3, -55.0, "epc:01") + reads("in", 3.5, 4.5, -58.0, "epc:01")
    assert said(list(play(DOOR, passing))) == [("arrived", "hall")]
    staying = list(play(HEAD, reads("r1", 0, 60)))
    assert said(staying) == [("arrived", "hall")]
    assert all(e.t <= 60.0 + SETTLE_S for e in staying)
    leaving = [*reads("in", 0, 30, -55.0, "epc:01"), *reads("way-out", 30, 31, -50.0, "epc:01")]
    assert said(list(play(DOOR, leaving))) == [("arrived", "hall"), ("departed", "hall")]


def test_an_arrival_told_just_after_the_end_counts_as_one() -> None:
    rows: list[Row] = [Truth(0.0, "outside", "c"), *reads("out", 0, 3, -55.0, "epc:01"), Truth(3.2, "hall", "c")]
    rows += [*reads("in", 3.5, 4.5, -58.0, "epc:01"), Truth(6.3, "hall", "c")]
    head = Head("door", ["hall"], DOOR.readers, roles=DOOR.roles, customers={"c": ["epc:01"]})
    (one,) = score(head, rows)
    assert (one.visits, one.missed, one.false_arrivals) == (1, 0, 0)


def test_a_pause_of_ten_years_costs_nothing_and_ends_the_visit() -> None:
    years = 10 * 365.0 * 86400.0
    events = list(play(HEAD, reads("r1", 0, 60) + reads("r2", years, years + 60)))
    assert said(events) == [("arrived", "hall"), ("departed", "hall"), ("arrived", "bar")]


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            Read,
            t=st.floats(-1e11, 1e11) | st.floats(0, 100),
            reader=st.sampled_from(["r1", "r2", "out", "in", "way-out", "desk", "nowhere"]),
            id=st.sampled_from(["epc:01", "irk:01", "no scheme", ""]),
            rssi=st.none() | st.floats(-1e300, 1e300) | st.floats(-95, -30),
            antenna=st.none() | st.integers() | st.text(max_size=2),
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_any_row_that_is_valid_is_survived_and_news_are_in_order(rows: list[Read], sort: bool) -> None:
    head = Head(
        "x", ["hall", "bar"], {"r1": "hall", "r2": "bar", "out": None, "in": "hall", "way-out": None, "desk": None},
        roles={"out": "outer", "in": "inner", "way-out": "exit", "desk": "tap"},
        customers={"c1": ["epc:01", ""], "c2": ["irk:01"]},
    )  # fmt: skip
    news = list(play(head, sorted(rows, key=lambda row: row.t) if sort else rows))
    assert [e.t for e in news] == sorted(e.t for e in news)
    here: set[str] = set()
    for event in news:
        moment = event.moment
        assert 0.0 <= moment.confidence <= 1.0
        assert moment.zone in ("hall", "bar") or (moment.kind == "hinted" and moment.zone is None)
        goes_on = moment.kind == "moved" and moment.resumed  # was believed gone, and was not: announced to nobody
        assert (moment.customer in here) == (moment.kind in ("moved", "departed") and not goes_on)
        if moment.kind == "arrived" or goes_on:
            here.add(moment.customer)
        if moment.kind == "departed":
            here.discard(moment.customer)


@pytest.mark.parametrize("identifier", ["irk:01", "epc:01"])
def test_a_recording_without_customers_names_each_identifier(identifier: str) -> None:
    events = list(play(HEAD, reads("r1", 0, 20, of=identifier)))
    assert {e.moment.customer for e in events} == {identifier}


def test_a_door_that_stays_shut_and_motion_in_a_room_are_played_as_the_gateway_has_them() -> None:
    """Somebody leans at the window, heard inside as loud as outside: a contact knows that nobody came in."""
    head = Head(
        "x", ["hall"], {"out": "outside", "in": "hall"}, roles={"out": "outer", "in": "inner"}, sensors={"door": "hall"}
    )
    rows: list[Row] = []
    for n in range(60):
        rows += [Read(400.0 + n / 2, "out", "irk:01", -70.0), Read(400.01 + n / 2, "in", "irk:01", -63.0)]
    shut: list[Row] = [Sensing(0.0, "door", "contact", True), Sensing(3.0, "door", "contact", False)]
    assert ("arrived", "hall") in said(list(play(head, rows))), "the made radio must deceive, or the test says nothing"
    assert said(list(play(head, shut + rows))) == []
    opened = Sensing(401.0, "door", "contact", True)
    assert ("arrived", "hall") in said(list(play(head, sorted([*shut, *rows, opened], key=lambda row: row.t))))
