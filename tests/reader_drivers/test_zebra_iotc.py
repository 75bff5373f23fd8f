"""Zebra events: what is a read, of which tag, when; whether the reader lives; what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import Found, Rejected, Sighting
from reader_drivers.rfid.zebra_iotc import ZebraIotc, ZebraIotcDecoder
from tests.reader_drivers.hostile import AT, BROKEN, body, decoded, ignored, json_values, refused, rows, sound
from tests.reader_drivers.readers import about

TOPIC = "zebra/door/data"
NOW = "2026-09-21T14:13:20.250+0000"  # AT

# Captures.
CAPTURES = [
    (
        (
            b'[{"data":{"CRC":"518e","PC":"3000","antenna":1,"channel":927.25,"eventNum":194,"format":"epc",'
            b'"idHex":"ad99160040aac99525000025","peakRssi":-54,"phase":0.0,"reads":9},'
            b'"timestamp":"2023-02-24T10:14:42.851+0000","type":"INVENTORY"}]'
        ),
        "epc:AD99160040AAC99525000025",
        1,
        -54.0,
        1677233682.851,
    ),
    (
        (
            b'{"data":{"antenna":1,"channel":866.3,"eventNum":16511,"format":"epc","idHex":"e28011700000020d2a412182",'
            b'"peakRssi":-60,"phase":-170.4800567626953,"reads":1},"timestamp":"2026-03-28T07:20:13.028+0000",'
            b'"type":"CUSTOM"}'
        ),
        "epc:E28011700000020D2A412182",
        1,
        -60.0,
        1774682413.028,
    ),
    (
        (
            b'{"data":{"idHex":"e2806894000040017790e471","antenna":1,"channel":909.75,"peakRssi":-45,"phase":32.68,'
            b'"reads":1,"CRC":"f3b3","PC":"3000","eventNum":170},"timestamp":"2026-09-05T15:36:04.395+0000",'
            b'"type":"CUSTOM"}'
        ),
        "epc:E2806894000040017790E471",
        1,
        -45.0,
        1788622564.395,
    ),
    (
        (
            b'{"data":{"antenna":5,"eventNum":95,"format":"fastID",'
            b'"idHex":"e28011b0a5050076c4d7530ae28011b02000b30a26ba03b6","peakRssi":-24},'
            b'"timestamp":"2026-09-08T09:25:54.162+0000","type":"CUSTOM"}'
        ),
        "epc:E28011B0A5050076C4D7530A",
        5,
        -24.0,
        1788859554.162,
    ),
    (
        (
            b'{"data":{"accessResults":["e2c24500200000668534009c"],"antenna":1,"channel":918.70000000000005,"eventNum":63,'
            b'"format":"uii","hostName":"FX9600F10AE0","idHex":"e2c24500200000668534009c","peakRssi":-39},'
            b'"timestamp":"2024-11-21T13:20:53.319-0600","type":"SIMPLE"}'
        ),
        "epc:E2C24500200000668534009C",
        1,
        -39.0,
        1732216853.319,
    ),
    (
        (
            b'{"type":"BALANCED_PERFORMANCE","timestamp":"2026-06-14T10:19:52.604Z",'
            b'"data":{"tagData":[{"EPCid":"E28011606000020E8A58E4DB","eventNum":1,"peakRssi":-26,"seenCount":1}]}}'
        ),
        "epc:E28011606000020E8A58E4DB",
        None,
        -26.0,
        1781432392.604,
    ),
]
HEARTBEAT = (
    b'{"component":"RG","data":{"radio_control":{}},"eventNum":372,"timestamp":"2026-03-28T07:19:57.878+0000",'
    b'"type":"heartbeat"}'
)


def decoder(**settings: Any) -> ZebraIotcDecoder:
    return ZebraIotc.decoder("door", ZebraIotc.Settings(**settings))


def hear(payload: Any, *, retained: bool = False, **settings: Any) -> list[Found]:
    return decoder(**settings).message(TOPIC, body(payload), AT, retained=retained)


def event(timestamp: Any = NOW, **data: Any) -> dict[str, Any]:
    return {"type": "SIMPLE", "timestamp": timestamp, "data": {"idHex": "e280116060000209", **data}}


@pytest.mark.parametrize(("payload", "identifier", "antenna", "rssi", "at"), CAPTURES)
def test_captures_are_read(payload: bytes, identifier: str, antenna: int | None, rssi: float, at: float) -> None:
    tid = "E28011B02000B30A26BA03B6" if b"fastID" in payload else None
    assert hear(payload) == [Sighting("door", antenna, identifier, rssi, None, about(at), tid)]


def test_a_chip_s_number_that_is_reported_beside_the_epc_is_told_and_one_that_is_none_costs_no_read() -> None:
    read = Sighting("door", None, "epc:E280116060000209", None, None, AT)
    assert hear(event(TID="e28011b02000b30a26ba03b6")) == [replace(read, tid="E28011B02000B30A26BA03B6")]
    assert hear(event(TID=["e280"])) == hear(event(TID="e2")) == [read]


def test_captures_come_glued_in_arrays_and_in_lines_and_a_bad_one_falls_alone() -> None:
    single = [payload for payload, *_ in CAPTURES[1:]]
    apart = [hear(payload)[0] for payload in single]
    for together in (b"".join(single), b"[" + b",".join(single) + b"]", b"\n".join(single)):
        assert hear(together) == apart
    found = hear(body([event(), event(idHex="e280_2"), event()]))
    assert [type(each) for each in found] == [Sighting, Rejected, Sighting]
    ignored(hear(b"[]"), "empty")


def test_a_fast_id_is_parted_where_the_reader_or_the_settings_say_so() -> None:
    both = "e28011b0a5050076c4d7530ae28011b02000b30a26ba03b6"
    epc, tid = "epc:E28011B0A5050076C4D7530A", "tid:E28011B02000B30A26BA03B6"

    def identifiers(found: list[Found]) -> list[str]:
        return [each.identifier for each in found if isinstance(each, Sighting)]

    assert identifiers(hear(event(idHex=both, format="fastID"))) == [epc]
    assert identifiers(hear(event(idHex=both, format="fastID"), identify="tid")) == [tid]
    assert identifiers(hear(event(idHex=both, format="fastID"), identify="both")) == [epc, tid]
    assert identifiers(hear(event(idHex=both), id_holds="epc+tid")) == [epc]
    assert identifiers(hear(event(idHex=both))) == [f"epc:{both.upper()}"]
    assert identifiers(hear(event(idHex="ad99160040aac99525000025", format="fastID"))) == [
        "epc:AD99160040AAC99525000025"
    ], "a tag that knows no FastID answers with its EPC"
    long = "ad99160040aac99525000025ad991600"
    assert identifiers(hear(event(idHex=long, format="fastID"))) == [f"epc:{long.upper()}"], "nor one with a long EPC"
    assert identifiers(hear(event(TID="e28011b02000b30a26ba03b6"), identify="tid")) == [tid]
    ignored(hear(event(), identify="tid"), "TID")


def test_what_is_kept_during_an_outage_keeps_its_time() -> None:
    d = decoder()
    (fresh,) = d.message(TOPIC, body(event()), AT)
    (late,) = d.message(TOPIC, body(event("2026-09-21T13:13:20.250+0000")), AT + 1)
    assert isinstance(fresh, Sighting)
    assert isinstance(late, Sighting)
    assert (fresh.at, late.at) == (AT, about(AT - 3600))
    ignored(hear(event(None), retained=True), "retained")
    (kept,) = hear(event("2026-09-21T13:13:20.250+0000"), retained=True)
    assert isinstance(kept, Sighting)
    assert kept.at == AT - 3600


@pytest.mark.parametrize(
    "payload",
    [
        HEARTBEAT,
        {"type": "gpi", "data": {"pin": 1, "state": "HIGH"}},
        {"type": "error", "data": {"message": "x"}},
        {"type": "hello"},
        {"command": "start", "command_id": "1", "payload": {}},
        {"command": "get_status", "command_id": "1", "response": "success", "payload": {}},
        {"heartBeatEVT": {"eventNum": 1}},
        {"eventName": "heartbeat", "timestamp": NOW, "eventNumber": 120, "data": {"batteryAlert": {"status": "HIGH"}}},
        {"type": "X", "data": {"barcodeData": [{"data": "123"}]}},
        {"type": "X", "data": {"tagData": [{"eventNum": 3}]}},
        {"type": "X", "data": {"tagData": []}},
    ],
)
def test_what_is_no_read_is_ignored(payload: Any) -> None:
    ignored(hear(payload))


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (event(peakRssi=-128), "peakRssi"),
        (event(peakRssi=21), "peakRssi"),
        (event(peakRssi=True), "true or false"),
        (event(peakRssi="-54"), "text"),
        (event(antenna=256), "antenna"),
        (event(antenna=-1), "antenna"),
        (event(antenna=False), "true or false"),
        (event(antenna=[1]), "list"),
        (event(idHex=None), "missing"),
        (event(idHex=7), "idHex"),
        (event(idHex=""), "idHex"),
        (event(idHex="zz"), "idHex"),
        (event(idHex="e280"), "idHex"),
        (event(idHex="e28011606"), "idHex"),
        (event(idHex="e28011606000"), ""),
        (event(idHex="0" * 300), "idHex"),
        (event(idHex="e2801160_2"), "idHex"),
        (event(format=7), "format"),
        (event(MAC=7), "MAC"),
        ({}, "data"),
        ({"type": "SIMPLE"}, "data"),
        ({"type": "SIMPLE", "data": []}, "data"),
        ({"type": 7, "data": {}}, "type"),
        ({"type": "SIMPLE", "data": {}}, "missing"),
        ({"data": {"tagData": {}}}, "tagData"),
        ({"data": {"tagData": [7]}}, "row"),
    ],
)
def test_an_event_with_something_wrong_in_it_is_refused(payload: Any, word: str) -> None:
    if payload == event(idHex="e28011606000"):
        assert isinstance(hear(payload)[0], Sighting), "three words are an EPC"
    else:
        refused(hear(payload), word, without="e280")


@pytest.mark.parametrize(("payload", "word"), BROKEN)
def test_what_is_no_json_is_refused(payload: bytes, word: str) -> None:
    refused(hear(payload), word)


def test_a_reader_that_stops_beating_is_missed_and_one_that_never_did_is_not() -> None:
    d = decoder()
    d.message(TOPIC, body(event()), AT)
    assert d.quiet(AT + 10_000) is None
    d.message("zebra/door/events", HEARTBEAT, AT)
    assert d.quiet(AT + 60) is None
    assert d.quiet(AT + 61) == "no heartbeat for 61 s"
    d.message(TOPIC, body(event()), AT + 61)
    assert d.quiet(AT + 62) is None, "a read is a sign of life too"
    d.message("zebra/door/events", HEARTBEAT, AT + 200, retained=True)
    assert d.quiet(AT + 200) == "no heartbeat for 139 s", "what the broker kept is none"


def test_a_radio_that_rests_is_told() -> None:
    d = decoder()

    def beat(**radio: Any) -> str | None:
        d.message(TOPIC, body({"type": "heartbeat", "data": {"radio_control": radio}}), AT)
        return d.quiet(AT)

    assert beat(radioActivity="active") is None
    assert beat(radioActivity="inactive") == "its radio is not reading"
    assert beat(radioActivity="active", radioConnection="disconnected") == "its radio is disconnected"
    d.message(TOPIC, body(event()), AT)
    assert d.quiet(AT) is None, "a read proves otherwise"


def test_the_command_line_decodes_it() -> None:
    (row,) = decoded("zebra_iotc", TOPIC, CAPTURES[0][0])
    assert row == {
        "identifier": "epc:AD99160040AAC99525000025",
        "rssi": -54.0,
        "antenna": 1,
        "distance": None,
        "at": about(1677233682.851),
        "reader": "zebra_iotc",
    }
    assert list(decoded("zebra_iotc", TOPIC, HEARTBEAT)[0]) == ["ignored"]


@given(st.binary(max_size=200), st.booleans())
def test_nothing_that_comes_raises(payload: bytes, retained: bool) -> None:
    sound(hear(payload, retained=retained))


@given(
    rows({"idHex", "EPCid", "TID", "format", "antenna", "peakRssi", "MAC", "hostName", "tagData", "eventNum"}),
    rows({"type", "timestamp", "heartbeat", "heartBeatEVT", "command"}, st.just("heartbeat") | json_values),
    st.sampled_from(["epc", "tid", "both"]),
)
def test_no_json_raises_and_a_sighting_keeps_its_ranges(data: dict[str, Any], around: dict[str, Any], by: Any) -> None:
    for payload in (
        {**around, "data": data},
        [{**around, "data": {"tagData": [data]}}],
        {"data": {"radio_control": data}},
    ):
        d = decoder(identify=by, id_holds="epc+tid")
        sound(d.message(TOPIC, body(payload), AT))
        d.quiet(AT + 100)
