"""A reader that was told to report only TIDs: every UHF driver tells its tags by them."""

from __future__ import annotations

import struct
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, Ignored, Sighting
from reader_drivers.simulated_llrp import parameter
from tests.reader_drivers.frames import READER
from tests.reader_drivers.hostile import AT, body, sound
from tests.reader_drivers.test_llrp import impinj, report, tv
from tests.reader_drivers.test_llrp import tag as llrp_tag
from tests.reader_drivers.test_thingmagic import record, words
from tests.reader_drivers.test_uhf_prime import sent as prime_sent
from tests.reader_drivers.test_uhfreader18 import sent as chafon_sent

TID = bytes.fromhex("E2801170200014CD9B5A08EC")
EPC = bytes.fromhex("3034257BF7194E4000003039")


def made(driver: str, **settings: Any) -> Any:
    return DRIVERS[driver].decoder(READER, DRIVERS[driver].settings.model_validate(settings))


def heard(driver: str, payload: Any, **settings: Any) -> list[Any]:
    """What one frame or one message means."""
    decoder = made(driver, **settings)
    if DRIVERS[driver].over == "mqtt":
        return list(decoder.message("door/reads", body(payload), AT))
    return [*decoder.feed(payload, AT), *decoder.idle(AT)]


def impinj_event(**read: Any) -> dict[str, Any]:
    return {"eventType": "tagInventory", "tagInventoryEvent": {"peakRssiCdbm": -6000, **read}}


def words_of(tid: bytes) -> bytes:
    return struct.pack(">H", len(tid) // 2) + tid


def no_epc(*fields: bytes) -> bytes:
    return report(llrp_tag(tv(6, "b", -60), *fields, epc=parameter(241, b"\0\0")))


def alone(tid: bytes) -> list[tuple[str, Any, dict[str, Any]]]:
    """Drivers, what a reader sends that tells nothing but this TID, and settings."""
    told = tid.hex()
    fast_id = bytes((0x80 | len(tid),)) + tid + b"\x50"
    rows: list[tuple[str, Any, dict[str, Any]]] = [
        ("impinj_iot", impinj_event(tidHex=told.upper()), {}),
        ("impinj_iot", impinj_event(tid=b64encode(tid).decode()), {}),
        ("impinj_iot", impinj_event(epc="", epcHex="", tidHex=told), {}),
        ("impinj_iot", impinj_event(epc=None, tid=told), {"epc_encoding": "hex", "identify": "both"}),
        ("impinj_iot", {"readerName": "r", "tag_reads": [{"tid": told, "peakRssi": -60}]}, {}),
        ("impinj_iot", {"antennaPort": 7, "epc": "", "tid": told, "peakRssi": -60, "isHeartBeat": False}, {}),
        ("zebra_iotc", {"type": "SIMPLE", "data": {"TID": told, "peakRssi": -60}}, {}),
        ("zebra_iotc", {"type": "SIMPLE", "data": {"idHex": told, "format": "tid", "peakRssi": -60}}, {}),
        ("zebra_iotc", {"type": "SIMPLE", "data": {"idHex": told, "peakRssi": -60}}, {"id_holds": "tid"}),
        ("zebra_iotc", {"data": {"tagData": [{"TID": told, "eventNum": 1, "peakRssi": -60}]}}, {}),
        ("json", {"tid": told, "rssi": -60}, {"identifier": "epc", "scheme": "epc", "tid": "tid", "rssi": "rssi"}),
        ("json", {"t": told, "epc": "", "r": -60}, {"identifier": "epc", "scheme": "epc", "tid": "t", "rssi": "r"}),
        ("llrp", no_epc(impinj(55, words_of(tid))), {}),
        ("llrp", report(parameter(240, tv(6, "b", -60) + impinj(55, words_of(tid)))), {}),
        ("llrp", no_epc(parameter(349, struct.pack(">BH", 0, 1) + words_of(tid))), {}),
        ("thingmagic", record(0x0082, b"\xc4" + struct.pack(">H", 8 * len(tid)) + tid, words(b"")), {}),
        ("uhf_prime", prime_sent(1, 0, bytes.fromhex("FDA80100") + bytes((len(tid),)) + tid), {"id_holds": "tid"}),
        (
            "uhfreader18",
            chafon_sent(1, 1, b"\x01" + bytes((len(tid),)) + tid),
            {"dialect": "18", "id_holds": "tid"},
        ),
        ("uhfreader18", chafon_sent(0xEE, 0, b"\x01" + fast_id), {"dialect": "288", "mode": "real-time"}),
    ]
    return rows if len(tid) == 12 else rows[:-1]  # FastID has 12 bytes


CASES = alone(TID)


def test_every_uhf_driver_is_tried() -> None:
    assert {driver for driver, _, _ in CASES} == {
        "impinj_iot", "zebra_iotc", "json", "llrp", "thingmagic", "uhf_prime", "uhfreader18",
    }, "an M100 module has no way to report a TID"  # fmt: skip


@pytest.mark.parametrize(("driver", "sent", "settings"), CASES, ids=[f"{i}-{row[0]}" for i, row in enumerate(CASES)])
def test_a_tag_without_an_epc_is_told_by_its_tid(driver: str, sent: Any, settings: dict[str, Any]) -> None:
    (found,) = heard(driver, sent, **settings)
    assert isinstance(found, Sighting), found
    assert (found.identifier, found.tid) == (f"tid:{TID.hex().upper()}", TID.hex().upper())
    assert found.rssi in (None, -60.0)


@given(st.binary(min_size=7, max_size=15).map(lambda rest: b"\xe2" + rest).filter(lambda tid: len(tid) % 2 == 0))
def test_any_tid_that_is_one_is_told_whole(tid: bytes) -> None:
    for driver, sent, settings in alone(tid):
        assert [each.identifier for each in heard(driver, sent, **settings)] == [f"tid:{tid.hex().upper()}"], driver


@pytest.mark.parametrize("tid", [b"", b"\xe2\x80\x11\x70", b"\xe2\x80"], ids=["none", "a model's", "cut"])
def test_what_no_chip_has_alone_is_no_identity(tid: bytes) -> None:
    for driver, sent, settings in alone(tid):
        if driver in ("llrp", "thingmagic", "uhf_prime", "uhfreader18"):
            assert not [each for each in heard(driver, sent, **settings) if isinstance(each, Sighting)], driver


@pytest.mark.parametrize(
    ("driver", "sent", "settings"),
    [
        ("impinj_iot", impinj_event(epcHex=EPC.hex(), tidHex=TID.hex()), {}),
        ("zebra_iotc", {"type": "SIMPLE", "data": {"idHex": EPC.hex(), "TID": TID.hex()}}, {}),
        ("json", {"epc": EPC.hex(), "tid": TID.hex()}, {"identifier": "epc", "scheme": "epc", "tid": "tid"}),
        ("llrp", report(llrp_tag(impinj(55, words_of(TID)), epc=parameter(241, b"\0\x60" + EPC))), {}),
        ("uhfreader18", chafon_sent(0xEE, 0, b"\x01\x98" + EPC + TID + b"\x50"), {"dialect": "288", "id_holds": "tid"}),
    ],
)
def test_where_both_are_told_the_epc_is_who_it_is(driver: str, sent: Any, settings: dict[str, Any]) -> None:
    (found,) = heard(driver, sent, **settings)
    assert (found.identifier, found.tid) == (f"epc:{EPC.hex().upper()}", TID.hex().upper())


def test_a_short_epc_is_still_told_apart_from_none() -> None:
    (found,) = heard("uhf_prime", prime_sent(1, 0, bytes.fromhex("FD8A0100021234")))
    assert found == Ignored("a tag with an EPC of 2 bytes: too short to tell it from others")


hexes = st.binary(max_size=20).map(bytes.hex)


@given(
    st.dictionaries(
        st.sampled_from(
            ["epc", "epcHex", "tid", "tidHex", "idHex", "EPCid", "TID", "format", "antennaPort", "peakRssi"]
        ),
        st.none() | st.text(max_size=8) | hexes | st.integers() | st.just("tid"),
    )
)
def test_nothing_that_a_reader_tells_of_its_tags_raises(read: dict[str, Any]) -> None:
    for by in ("epc", "tid", "both"):
        sound(heard("impinj_iot", {"eventType": "tagInventory", "tagInventoryEvent": read}, identify=by))
        sound(heard("zebra_iotc", {"type": "SIMPLE", "data": read}, identify=by, id_holds="tid"))
    sound(heard("json", read, identifier="epc", scheme="epc", tid="tid"))


@given(st.binary(max_size=70), st.booleans())
def test_no_bytes_of_a_tag_raise(tag: bytes, flagged: bool) -> None:
    length = bytes((len(tag) | (0x80 if flagged else 0),))
    for settings in ({"id_holds": "tid"}, {}):
        sound(heard("uhf_prime", prime_sent(1, 0, bytes.fromhex("FDA80100") + bytes((len(tag),)) + tag), **settings))
        sound(heard("uhfreader18", chafon_sent(0xEE, 0, b"\x01" + length + tag), dialect="288", **settings))
        sound(heard("uhfreader18", chafon_sent(1, 1, b"\x01" + length + tag), dialect="18", **settings))
    sound(heard("llrp", no_epc(impinj(55, tag))))
    sound(heard("llrp", no_epc(parameter(349, tag))))
    sound(heard("thingmagic", record(0x0082, b"\xc4" + struct.pack(">H", 8 * len(tag)) + tag, words(b""))))
