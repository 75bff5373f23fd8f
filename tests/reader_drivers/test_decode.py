"""``moments decode``'s rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reader_drivers import DRIVERS
from reader_drivers.decode import decode_lines, decode_message
from tests.reader_drivers.frames import EM4100_FOBS, ESPRESENSE_SIGHTINGS, M100_TAGS

AT = 1_790_000_000.25
TAG, EPC, RSSI = M100_TAGS[0]
KEYS = {"identifier", "rssi", "antenna", "distance", "at", "reader"}


def lines(driver: str, *given: str | bytes, **settings: Any) -> list[dict[str, Any]]:
    return list(decode_lines(driver, DRIVERS[driver].settings.model_validate(settings), given, lambda: AT))


def test_a_sighting_has_all_its_facts_and_null_for_those_that_are_not_known() -> None:
    (row,) = lines("m100", TAG)
    assert row == {
        "identifier": f"epc:{EPC}", "rssi": float(RSSI), "antenna": None, "distance": None, "at": AT, "reader": "m100",
    }  # fmt: skip
    assert json.loads(json.dumps(row)) == row


def test_lines_are_chunks_as_they_arrived() -> None:
    assert [set(row) for row in lines("m100", TAG[:10], TAG[10:] + TAG, "", TAG[:4], TAG[4:])] == [KEYS] * 3


@pytest.mark.parametrize("written", [TAG.lower(), f"  {TAG}\n", TAG.encode() + b"\r\n", " ".join([TAG[:2], TAG[2:]])])
def test_hex_may_be_written_in_any_usual_way(written: str | bytes) -> None:
    assert lines("m100", written)[0]["identifier"] == f"epc:{EPC}"


@pytest.mark.parametrize("bad", ["zz", "BB0", "BB-02", "ＢＢ", b"\xff\xfe"])
def test_a_line_that_is_no_hex_is_named_and_the_rest_is_decoded(bad: str | bytes) -> None:
    first, second = lines("m100", "", bad, TAG)
    assert first == {"error": "line 2: not hex, two digits a byte"}
    assert second["identifier"] == f"epc:{EPC}"


def test_a_rejected_frame_is_one_row_and_a_run_of_garbage_too() -> None:
    spoilt = TAG[:-4] + "007E"
    rows = lines("m100", "00FF12", spoilt + TAG, "BB01FF000115167E")
    assert [next(iter(row)) for row in rows] == ["error", "error", "identifier", "ignored"]
    assert rows[3] == {"ignored": "no tag in the field"}


def test_half_a_frame_at_the_end_is_told_and_what_it_hid_is_found() -> None:
    assert [next(iter(row)) for row in lines("m100", "BB02220048" + TAG)] == ["error", "identifier"]
    assert "cut short" in lines("m100", TAG[:20])[0]["error"]


def test_no_input_is_no_rows() -> None:
    assert lines("m100") == []
    assert lines("em4100", "", "\n") == []


@pytest.mark.parametrize(("sent", "fob", "framing"), EM4100_FOBS)
def test_fobs(sent: bytes, fob: str, framing: str) -> None:
    assert [row["identifier"] for row in lines("em4100", sent.hex())] == [f"em:{fob}"]
    assert [row["identifier"] for row in lines("em4100", sent.hex(), framing=framing)] == [f"em:{fob}"]


def test_bare12_by_setting() -> None:
    bare = b"307E4DE5C224".hex()
    assert [next(iter(row)) for row in lines("em4100", bare * 2)] == ["error"]
    assert [next(iter(row)) for row in lines("em4100", bare * 2, framing="bare12")] == ["identifier"] * 2


@pytest.mark.parametrize(("topic", "payload", "identifier", "room", "rssi", "distance"), ESPRESENSE_SIGHTINGS)
def test_messages(topic: str, payload: bytes, identifier: str, room: str, rssi: float, distance: float | None) -> None:
    rows = list(decode_message("espresense", DRIVERS["espresense"].settings(), topic, payload, lambda: AT))
    assert rows == [
        {
            "identifier": identifier,
            "rssi": rssi,
            "antenna": room,
            "distance": distance,
            "at": AT,
            "reader": "espresense",
        }
    ]


def test_a_driver_that_takes_the_other_kind_of_input_or_does_not_exist() -> None:
    settings = DRIVERS["m100"].settings()
    with pytest.raises(ValueError, match="m100 reads chunks of bytes"):
        decode_message("m100", settings, "a/b", b"")
    with pytest.raises(ValueError, match="espresense reads MQTT messages"):
        decode_lines("espresense", settings, [])
    with pytest.raises(KeyError):
        decode_lines("abacus", settings, [])
