from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recognition.recording import (
    BadRecording,
    Head,
    Read,
    Row,
    Sensing,
    Truth,
    create,
    dump,
    load,
    parse,
    save,
)

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
sensings = st.builds(Sensing, t=times, sensor=texts, kind=st.sampled_from(["contact", "motion"]), on=st.booleans())


@given(st.lists(reads | truths | sensings, max_size=20))
def test_what_is_written_is_read_again(rows: list[Row]) -> None:
    head = Head("name", ["hall", "bar"], {"r1": "hall", "r2": None}, roles={"r2": "outer"}, customers={"c": ["epc:01"]})
    head.sensors, head.roles["motion"] = {"contact": "hall", "motion": "bar"}, "zone"
    again, *rest = parse(dump(head, rows), "x")
    assert again == head
    assert rest == rows


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_where_people_went_is_for_the_owner_of_the_file_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.jsonl").touch(0o666)
    before = os.umask(0)
    try:
        for path in (tmp_path / name, tmp_path / "there.jsonl"):
            with create(path) as file:
                assert path.stat().st_mode & 0o777 == 0o600
                file.write("x")
    finally:
        os.umask(before)


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
        ('{"t":1,"sensor":"door","kind":"contact"}', '"on"'),
        ('{"t":1,"sensor":"door","kind":"smoke","on":true}', '"motion"'),
        ('{"t":1,"sensor":7,"kind":"contact","on":true}', '"sensor"'),
        ('{"reader":"r1","id":"epc:01"}', '"t"'),
        ('{"t":true,"reader":"r1","id":"epc:01"}', '"t"'),
        ('{"t":NaN,"reader":"r1","id":"epc:01"}', '"t"'),
        ('{"t":1581249601409,"reader":"r1","id":"epc:01"}', "seconds"),
        ('{"t":1,"reader":"r1","id":"epc:01","rssi":-Infinity}', '"rssi"'),
        ('{"t":1,"reader":"r1","id":"epc:01","rssi":-1' + "0" * 400 + "}", '"rssi"'),
        ('{"t":1,"reader":"r1","id":"epc:01","antenna":[1]}', '"antenna"'),
        ('{"t":1,"reader":"r1","id":"epc:01","tid":7}', '"tid"'),
        ('{"t":1,"truth":"hall","customer":7}', '"customer"'),
        ('{"t":1,"truth":"hall","x":"left"}', '"x"'),
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
        ('{"recording":"x","zones":["outside"],"readers":{}}', "zones"),
        ('{"recording":"x","zones":[1],"readers":{}}', "zones"),
        ('{"recording":"x","zones":["a"],"readers":{"r":["a"]}}', "among the zones"),
        ('{"recording":"x","zones":["a"],"readers":{},"roles":["inner"]}', "roles"),
        ('{"recording":"x","zones":["a"],"readers":{},"customers":["c"]}', "customers"),
        ('{"recording":"x","zones":["a"],"readers":{},"customers":{"c":"epc:01"}}', '"c"'),
    ],
)
def test_a_bad_head_is_named(head: str, says: str) -> None:
    with pytest.raises(BadRecording, match="line 1") as caught:
        list(parse([head], "x"))
    assert says in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert load(tmp_path / "x.jsonl")[0].recording == "x"


def test_readers_in_the_street_or_named_only_by_their_role_have_their_place() -> None:
    (head,) = parse(
        ['{"recording":"x","zones":["hall","outside"],"readers":{"r1":"hall","r2":"outside"},"roles":{"r3":"exit"}}'],
        "x",
    )
    assert isinstance(head, Head)
    plan = head.plan()
    assert plan.zones == ("hall",)
    assert {reader: (place.role, place.zone) for reader, place in plan.readers.items()} == {
        "r1": ("zone", "hall"), "r2": ("outer", None), "r3": ("exit", None),
    }  # fmt: skip


def test_an_archive_that_is_damaged_in_the_middle_is_named(tmp_path: Path) -> None:
    save(
        tmp_path / "x.jsonl.gz", Head("x", ["hall"], {"r1": "hall"}), [Read(n / 7, "r1", "epc:01") for n in range(999)]
    )
    whole = bytearray((tmp_path / "x.jsonl.gz").read_bytes())
    for n in range(len(whole) // 2, len(whole) // 2 + 40):
        whole[n] ^= 0xA5
    (tmp_path / "x.jsonl.gz").write_bytes(whole)
    with pytest.raises(BadRecording, match=r"x\.jsonl\.gz, line \d+"):
        load(tmp_path / "x.jsonl.gz")


def test_an_empty_file_and_a_broken_archive_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "broken.jsonl.gz").write_bytes(b"not gzip")
    for name, says in [("empty.jsonl", "head"), ("broken.jsonl.gz", "broken.jsonl.gz")]:
        with pytest.raises(BadRecording, match=says):
            load(tmp_path / name)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["hall", "outside", "r1", "inner", "c1"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["r1", "c1", "hall"]), inner, max_size=2)
    ),
    max_leaves=3,
)


@given(
    st.fixed_dictionaries({"recording": json_values, "zones": json_values, "readers": json_values},
        optional={"roles": json_values, "customers": json_values}),
    st.lists(st.dictionaries(st.sampled_from(["t", "reader", "id", "rssi", "antenna", "truth", "customer", "x"]),
        json_values, max_size=6), max_size=3),
)  # fmt: skip
def test_whatever_stands_in_the_fields_only_a_bad_recording_is_raised(
    head: dict[str, object], rows: list[dict[str, object]]
) -> None:
    with contextlib.suppress(BadRecording):
        first, *rest = parse([json.dumps(head), *(json.dumps(row) for row in rows)], "x")
        assert isinstance(first, Head)
        assert first.plan().zones
        assert len(rest) == len(rows)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_nothing_but_a_bad_recording_is_raised_on_nonsense(lines: list[str]) -> None:
    with contextlib.suppress(BadRecording):
        head, *_ = parse(lines, "x")
        assert isinstance(head, Head)
