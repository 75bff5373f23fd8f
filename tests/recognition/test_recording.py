from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recognition.recording import BadRecording, Head, Read, Row, Truth, dump, load, parse, save

HEAD = '{"recording":"x","zones":["hall","bar"],"readers":{"r1":"hall","r2":null},"roles":{"r2":"outer"}}'

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
times = st.floats(0, 2e9, allow_nan=False)
reads = st.builds(
    Read,
    t=times,
    reader=st.sampled_from(["r1", "r2"]),
    id=texts,
    rssi=st.none() | st.floats(-120, 0),
    antenna=st.none() | st.integers(0, 255) | texts,
    tid=st.none() | texts,
)
truths = st.builds(Truth, t=times, truth=st.sampled_from(["hall", "outside", None]), customer=st.none() | texts)


@given(st.lists(reads | truths, max_size=20))
def test_what_is_written_is_read_again(rows: list[Row]) -> None:
    head = Head("name", ["hall", "bar"], {"r1": "hall", "r2": None}, roles={"r2": "outer"}, customers={"c": ["epc:01"]})
    again, *rest = parse(dump(head, rows), "x")
    assert again == head
    assert rest == rows


def test_files_plain_and_gzipped_hold_the_same_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    head = Head("x", ["hall"], {"r1": "hall"})
    rows: list[Row] = [Read(1.0, "r1", "epc:01", -60.0), Truth(1.0, None)]
    for name in ("a.jsonl", "a.jsonl.gz"):
        save(tmp_path / name, head, rows)
        assert load(tmp_path / name) == (head, rows)
    first = (tmp_path / "a.jsonl.gz").read_bytes()
    save(tmp_path / "a.jsonl.gz", head, rows)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == first


def test_an_unheard_of_field_does_no_harm() -> None:
    assert list(parse([HEAD, '{"t":1,"reader":"r1","id":"epc:01","phase":3}'], "x"))[1] == Read(1, "r1", "epc:01")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2"),
        ("[1]", "object"),
        ('{"reader":"r1","id":"epc:01"}', '"t"'),
        ('{"t":true,"reader":"r1","id":"epc:01"}', '"t"'),
        ('{"t":1,"reader":"r9","id":"epc:01"}', "r9"),
        ('{"t":1,"reader":"r1"}', '"id"'),
        ('{"t":1,"reader":"r1","id":"epc:01","rssi":"loud"}', '"rssi"'),
        ('{"t":1,"truth":"kitchen"}', "kitchen"),
    ],
)
def test_a_bad_line_is_named_by_number_and_reason(line: str, says: str) -> None:
    with pytest.raises(BadRecording) as caught:
        list(parse([HEAD, line], "file.jsonl"))
    assert "file.jsonl, line 2" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('{"t":1}', "head"),
        ('{"recording":"x","zones":[],"readers":{}}', "zones"),
        ('{"recording":"x","zones":["a"],"readers":{"r":"b"}}', '"b"'),
        ('{"recording":"x","zones":["a"],"readers":{"r":"a"},"roles":{"r":"door"}}', "door"),
        ('{"recording":"x","zones":["a"]}', "readers"),
    ],
)
def test_a_bad_head_is_named(head: str, says: str) -> None:
    with pytest.raises(BadRecording, match="line 1") as caught:
        list(parse([head], "x"))
    assert says in str(caught.value)


def test_an_empty_file_and_a_broken_archive_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "broken.jsonl.gz").write_bytes(b"not gzip")
    for name, says in [("empty.jsonl", "head"), ("broken.jsonl.gz", "broken.jsonl.gz")]:
        with pytest.raises(BadRecording, match=says):
            load(tmp_path / name)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_nothing_but_a_bad_recording_is_raised_on_nonsense(lines: list[str]) -> None:
    with contextlib.suppress(BadRecording):
        head, *_ = parse(lines, "x")
        assert isinstance(head, Head)
