"""Impinj events: what is a read, of which tag, when; what the reader says of itself; what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import Found, Ignored, Rejected, Sighting
from reader_drivers.rfid.impinj_iot import OVERFLOW_TOLD, ImpinjIot, ImpinjIotDecoder
from tests.reader_drivers.hostile import AT, BROKEN, body, decoded, ignored, json_values, refused, rows, sound
from tests.reader_drivers.readers import about

TOPIC = "impinj/door"
EPC = "epc:7EDA9038051002710002C0AE"
NOW = "2026-09-21T14:13:20.250Z"  # AT

# The first three are printed in public documents.
FULL = (
    b'{"timestamp":"2022-05-06T12:00:00.000Z","hostname":"impinj-01-23-45","eventType":"tagInventory",'
    b'"tagInventoryEvent":{"epc":"ftqQOAUQAnEAAsCu","epcHex":"7EDA9038051002710002C0AE","tid":"4oARcCAAFM2bWgjs",'
    b'"tidHex":"E2801170200014CD9B5A08EC","pc":"NAA=","antennaPort":1,"antennaName":"ANTENNA-NAME",'
    b'"peakRssiCdbm":-7000,"frequency":927250,"transmitPowerCdbm":3000,"lastSeenTime":"2022-05-06T11:59:59.900Z",'
    b'"phaseAngle":69.00}}'
)
SHORT = (
    b'{"timestamp":"2026-01-01T10:00:00Z","eventType":"tagInventory",'
    b'"tagInventoryEvent":{"epc":"ikUCJA==","antennaPort":1,"peakRssiCdbm":-3200}}'
)
SMARTREADER = (
    b'{"readerName":"impinj00162513F90B","mac":"00:16:25:13:F9:0B","site":"Main Warehouse","tag_reads":[{'
    b'"epc":"E28011606000020934D6FAF7","firstSeenTimestamp":1706119203123456,"antennaPort":1,"antennaZone":"TOPSHELF",'
    b'"peakRssi":-51.25,"txPower":28.5,"frequency":920625,"rfPhase":37.5,"tid":"E2003412012345678900"}]}'
)
SPEEDWAY = (
    b'{"antennaPort":7,"epc":"999908290000000000000004","tid":"E28011002000564500000002",'
    b'"firstSeenTimestamp":"2018-06-14T00:15:54.36879Z","peakRssi":-51,"isHeartBeat":false}'
)


def decoder(**settings: Any) -> ImpinjIotDecoder:
    return ImpinjIot.decoder("door", ImpinjIot.Settings(**settings))


def hear(payload: Any, *, retained: bool = False, **settings: Any) -> list[Found]:
    return decoder(**settings).message(TOPIC, body(payload), AT, retained=retained)


def event(timestamp: str | None = NOW, **tag: Any) -> dict[str, Any]:
    read = {"epc": "ftqQOAUQAnEAAsCu", **tag}
    sent = {} if timestamp is None else {"timestamp": timestamp}
    return {**sent, "eventType": "tagInventory", "tagInventoryEvent": read}


@pytest.mark.parametrize(
    ("payload", "identifier", "antenna", "rssi", "at", "tid"),
    [
        (FULL, EPC, 1, -70.0, 1651838399.9, "E2801170200014CD9B5A08EC"),
        (SHORT, "epc:8A450224", 1, -32.0, 1767261600.0, None),
        (SMARTREADER, "epc:E28011606000020934D6FAF7", 1, -51.25, 1706119203.123456, "E2003412012345678900"),
        (SPEEDWAY, "epc:999908290000000000000004", 7, -51.0, 1528935354.36879, "E28011002000564500000002"),
    ],
)
def test_real_messages_are_read(
    payload: bytes, identifier: str, antenna: int, rssi: float, at: float, tid: str | None
) -> None:
    assert hear(payload) == [Sighting("door", antenna, identifier, rssi, None, about(at), tid)]


@pytest.mark.parametrize("tid", ["***", "", 7, None, "4oAR", "AA" * 200])
def test_a_chip_s_number_that_is_none_costs_no_read(tid: Any) -> None:
    assert hear(event(tid=tid)) == [Sighting("door", None, EPC, None, None, AT)]
    assert hear(event(tidHex=tid)) == [Sighting("door", None, EPC, None, None, AT)]


def test_a_batch_comes_as_an_array_or_a_line_each_and_a_bad_row_falls_alone() -> None:
    good, bad = event(), event(epc="***")
    as_array = hear([good, bad, good])
    as_lines = hear(b"\n".join(map(body, (good, bad, good))))
    glued = hear(b"".join(map(body, (good, bad, good))))
    assert as_array == as_lines == glued
    assert [type(each) for each in as_array] == [Sighting, Rejected, Sighting]
    ignored(hear([]), "empty")


def test_an_event_of_now_is_heard_now_and_one_kept_during_an_outage_then() -> None:
    d = decoder()
    (fresh,) = d.message(TOPIC, body(event()), AT)
    (late,) = d.message(TOPIC, body(event("2026-09-21T13:13:20.250Z")), AT + 1)
    assert isinstance(fresh, Sighting)
    assert isinstance(late, Sighting)
    assert (fresh.at, late.at) == (AT, about(AT - 3600))


@pytest.mark.parametrize("wrong", ["1970-01-01T00:00:12Z", "1970-01-01T00:00:12", None, "yesterday", 7, True])
def test_a_reader_without_a_clock_is_heard_at_the_time_of_receipt(wrong: Any) -> None:
    (found,) = hear({**event(), "timestamp": wrong})
    assert isinstance(found, Sighting)
    assert found.at == AT


def test_a_retained_read_is_history_or_nothing() -> None:
    (found,) = hear(event("2026-09-21T13:13:20.250Z"), retained=True)
    assert isinstance(found, Sighting)
    assert found.at == AT - 3600
    ignored(hear(event(None), retained=True), "retained")


def test_hex_where_the_settings_say_so_and_never_by_guessing() -> None:
    (guessed,) = hear(event(epc="E200001234567890"))
    (told,) = hear(event(epc="e200001234567890"), epc_encoding="hex")
    assert isinstance(guessed, Sighting)
    assert isinstance(told, Sighting)
    assert guessed.identifier == "epc:136D34D34D76DF8E7AEFCF74"
    assert told.identifier == "epc:E200001234567890"


def test_a_tid_is_told_where_customers_are_enrolled_by_it() -> None:
    identifiers = [each.identifier for each in hear(FULL, identify="both") if isinstance(each, Sighting)]
    assert identifiers == [EPC, "tid:E2801170200014CD9B5A08EC"]
    (alone,) = hear(event(tid="4oARcCAAFM2bWgjs"), identify="tid")
    assert isinstance(alone, Sighting)
    assert alone.identifier == "tid:E2801170200014CD9B5A08EC"
    ignored(hear(SHORT, identify="tid"), "TID")


def test_what_a_reader_leaves_out_is_none() -> None:
    assert hear(event()) == [Sighting("door", None, EPC, None, None, AT)]
    assert hear(event(antennaName="Bar")) == [Sighting("door", "Bar", EPC, None, None, AT)]
    assert hear(event(peakRssiCdbm=0)) == [Sighting("door", None, EPC, None, None, AT)]


@pytest.mark.parametrize(
    ("tag", "word"),
    [
        ({"peakRssiCdbm": -12701}, "peakRssiCdbm"),
        ({"peakRssiCdbm": 2001}, "peakRssiCdbm"),
        ({"peakRssiCdbm": True}, "true or false"),
        ({"peakRssiCdbm": "-7000"}, "text"),
        ({"peakRssiCdbm": None}, "null"),
        ({"peakRssi": -128}, "peakRssi"),
        ({"antennaPort": 256}, "antennaPort"),
        ({"antennaPort": -1}, "antennaPort"),
        ({"antennaPort": True}, "true or false"),
        ({"antennaPort": "1"}, "text"),
        ({"antennaPort": 1.5}, "whole"),
        ({"antennaName": 7}, "antennaName"),
        ({"antennaName": "x" * 65}, "room"),
        ({"epc": 7}, "epc"),
        ({"epc": None}, "missing"),
        ({"epc": ""}, "hex"),
        ({"epc": "ftqQOAUQAnEAAsC"}, "base64"),
        ({"epc": "AAE="}, "epc"),
        ({"epcHex": "7EDA9038051002710002C0AE00"}, "words"),
        ({"epcHex": "7EDA_2"}, "hex"),
        ({"epcHex": []}, "epcHex"),
        ({"epcHex": "0" * 400}, "epcHex"),
        ({"epcHex": "E28"}, "epcHex"),
    ],
)
def test_a_read_with_something_wrong_in_it_is_refused(tag: dict[str, Any], word: str) -> None:
    refused(hear(event(**tag)), word, without="7EDA")


@pytest.mark.parametrize(("payload", "word"), BROKEN)
def test_what_is_no_json_is_refused(payload: bytes, word: str) -> None:
    refused(hear(payload), word)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"timestamp": NOW},
        {"eventType": "tagInventory"},
        {"eventType": "tagInventory", "tagInventoryEvent": []},
        {"tag_reads": {}},
        {"tag_reads": [7]},
        {"eventType": 7},
        {"hostname": 7, **event()},
        {"hostname": "\x00\u200b", **event()},
        "connection losst",
    ],
)
def test_what_is_no_event_is_refused(payload: Any) -> None:
    refused(hear(payload))


def test_an_event_without_its_type_is_known_by_what_it_holds() -> None:
    (found,) = hear({"timestamp": NOW, "tagInventoryEvent": {"epcHex": "E2801160"}})
    assert isinstance(found, Sighting)
    ignored(hear({"inventoryStatusEvent": {"status": "running"}}), "inventory running")


def test_what_the_reader_says_of_itself_is_no_sighting_and_tells_when_it_is_deaf() -> None:
    d = decoder()

    def say(kind: str, **what: Any) -> str | None:
        ignored(d.message(TOPIC, body({"eventType": kind, f"{kind}Event": what}), AT))
        return d.quiet(AT)

    assert say("inventoryStatus", status="running") is None
    assert say("inventoryStatus", status="idle") == "the inventory is idle: no tag is read"
    d.message(TOPIC, body(event()), AT)
    assert d.quiet(AT) is None, "a read proves otherwise"
    assert say("inventoryTerminated") == "the inventory has ended: no tag is read"
    assert say("inventoryStatus", status="armed") is None
    assert say("inventoryStatus", inventoryStatus="idle") == "the inventory is idle: no tag is read"
    assert say("inventoryStatus", inventoryStatus="running") is None
    assert say("antennaDisconnected", antennaPort=2) == "disconnected: antenna 2"
    assert say("antennaDisconnected", antennaPort=1) == "disconnected: antenna 1, 2"
    assert say("antennaConnected", antennaPort=1) == "disconnected: antenna 2"
    assert say("antennaConnected", antennaPort=2) is None
    assert say("gpiTransition", gpi=1, transition="low-to-high") is None
    assert say("antennaActivation", antennaPort=1) is None
    assert say("somethingNew") is None


def test_an_overflow_is_told_for_a_minute() -> None:
    d = decoder()
    (found,) = d.message(
        TOPIC, b'{"eventType":"overflow","overflowEvent":{"eventsPurged":120,"eventsRemaining":0}}', AT
    )
    assert found == Ignored("overflow: the reader threw 120 events away")
    assert d.quiet(AT + OVERFLOW_TOLD - 1) == "overflow: the reader threw 120 events away"
    assert d.quiet(AT + OVERFLOW_TOLD + 1) is None


def test_the_will_and_the_greetings_are_no_sightings_and_the_reader_is_lost_until_it_speaks() -> None:
    d = decoder()
    ignored(d.message(TOPIC, b"connection lost", AT), "last will")
    assert d.quiet(AT) == "its connection to the broker was lost"
    ignored(d.message(TOPIC, b"connected\n", AT))
    assert d.quiet(AT) is None
    ignored(d.message(TOPIC, b"disconnected", AT))
    assert d.quiet(AT) == "it has said goodbye to the broker"
    d.message(TOPIC, body(event()), AT, retained=True)
    assert d.quiet(AT) is not None, "what the broker kept proves no life"
    d.message(TOPIC, body(event()), AT)
    assert d.quiet(AT) is None
    ignored(decoder(will_text="weg").message(TOPIC, b"weg", AT), "last will")


def test_heartbeats_of_speedway_connect_are_no_sightings() -> None:
    ignored(hear({"epc": "****", "isHeartBeat": True}), "heartbeat")


def test_one_decoder_keeps_the_clocks_of_two_readers_apart() -> None:
    d = decoder()
    wrong = {**event("1970-01-01T00:00:12Z"), "hostname": "impinj-01"}
    right = {**event("2026-09-21T13:13:20.250Z"), "hostname": "impinj-02"}
    found = d.message(TOPIC, body([wrong, right]), AT)
    assert [each.at for each in found if isinstance(each, Sighting)] == [AT, AT - 3600]
    rows = [
        {"readerName": name, "tag_reads": [{"epc": "E2801160", "firstSeenTimestamp": told}]}
        for name, told in (("one", 1_000_000_000_000_000), ("two", int((AT - 3600) * 1e6)))
    ]
    found = decoder().message(TOPIC, body(rows), AT)
    assert [each.at for each in found if isinstance(each, Sighting)] == [AT, about(AT - 3600)]


def test_the_command_line_decodes_it() -> None:
    assert decoded("impinj_iot", TOPIC, SHORT) == [
        {"identifier": "epc:8A450224", "rssi": -32.0, "antenna": 1, "distance": None, "at": 1767261600.0}
        | {"reader": "impinj_iot"}
    ]
    assert list(decoded("impinj_iot", TOPIC, b"connection lost")[0]) == ["ignored"]
    assert list(decoded("impinj_iot", TOPIC, b"nonsense")[0]) == ["error"]


@given(st.binary(max_size=200), st.booleans())
def test_nothing_that_comes_raises(payload: bytes, retained: bool) -> None:
    sound(hear(payload, retained=retained))


KEYS = {"epc", "epcHex", "tid", "tidHex", "antennaPort", "antennaName", "peakRssiCdbm", "peakRssi", "lastSeenTime"}
AROUND = {"eventType", "timestamp", "hostname", "tag_reads", "isHeartBeat"}


@given(
    rows(KEYS),
    rows({"eventType", "timestamp", "hostname", "tag_reads", "isHeartBeat"}),
    st.sampled_from(["epc", "both"]),
)
def test_no_json_raises_and_a_sighting_keeps_its_ranges(tag: dict[str, Any], around: dict[str, Any], by: Any) -> None:
    for payload in ({**around, "tagInventoryEvent": tag}, {**around, **tag}, {"tag_reads": [tag]}, [around, tag]):
        sound(hear(payload, identify=by))


@given(json_values, st.sampled_from(["inventoryStatus", "overflow", "antennaDisconnected", "gpiTransition"]))
def test_no_status_raises(value: Any, kind: str) -> None:
    d = decoder()
    for payload in ({"eventType": kind, f"{kind}Event": value}, {kind: {"status": value, "antennaPort": value}}):
        sound(d.message(TOPIC, body(payload), AT))
        d.quiet(AT)
