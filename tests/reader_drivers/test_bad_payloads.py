"""What no MQTT source may take for a sighting, tried on each of them with a message that it would take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reader_drivers import DRIVERS, Sighting
from tests.reader_drivers.hostile import AT, decoded

GOOD: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "espresense": (
        "espresense/devices/iBeacon:00b67fe9-b8e5-491e-b697-8fc0bf2c3eca-0-0/bar",
        {"id": "iBeacon:00b67fe9-b8e5-491e-b697-8fc0bf2c3eca-0-0", "rssi": -67, "distance": 2.5, "int": 100},
        {},
    ),
    "theengs": (
        "home/OMG/BTtoMQTT/58782076BC24",
        {"id": "58:78:20:76:BC:24", "rssi": -79, "uuid": "1de4b189115e45f6b44e509352269977", "major": 0, "minor": 0},
        {},
    ),
    "room_assistant": ("room-assistant/mqtt-room/bar", {"id": "test", "distance": 4.2}, {}),
    "owntracks": ("owntracks/anna/phone", {"_type": "location", "inregions": ["bar"], "tst": 1789999999}, {}),
    "impinj_iot": (
        "impinj/door",
        {"eventType": "tagInventory", "tagInventoryEvent": {"epc": "ftqQOAUQAnEAAsCu", "peakRssiCdbm": -7000}},
        {},
    ),
    "zebra_iotc": (
        "zebra/door",
        {"type": "SIMPLE", "data": {"idHex": "ad99160040aac99525000025", "peakRssi": -54}},
        {},
    ),
    "ble_gateway": ("gw", {"addr": "3c:2e:f5:00:11:22", "rssi": -61}, {}),
    "json": ("door", {"id": "epc:7EDA9038051002710002C0AE", "rssi": -61}, {"rssi": "rssi"}),
}

STATUS = [
    ("espresense", "espresense/rooms/bar/status"),
    ("theengs", "home/OMG/LWT"),
    ("room_assistant", "room-assistant/status/bar"),
    ("impinj_iot", "impinj/door"),
]

NO_JSON = [
    b" ", b"\n", b"null", b"true", b"7", b'"x"', b"[7]", b"[[]]", b"[null]", b"{}", b"{", b"}", b"]", b"-", b"NaN",
    b"nonsense", b"hello world", b"1 2 3", b"0123abcd", b"{'a':1}", b'{"a":1,}', b"<xml/>", b"\0", b"\0\1\2",
    b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 100_000, b"{" * 64, b"\\", b'"', b'{"a":"\\ud800"}',
]  # fmt: skip


def spoilt(good: dict[str, Any]) -> dict[str, bytes]:
    """A good message with one thing wrong in it."""
    text = json.dumps(good).encode()
    pretty = json.dumps(good, indent=2).encode()
    first = next(iter(good)).encode()
    return {
        "text after it": text + b"xx",
        "a bracket too many": text + b"}",
        "a NUL after it": text + b"\0",
        "a NUL in it": text.replace(b'"', b'"\0', 1),
        "UTF-16": json.dumps(good).encode("utf-16"),
        "no UTF-8": text[:3] + b"\xff" + text[3:],
        "cut short": text[:-1],
        "cut in the middle": text[: len(text) // 2],
        "a key twice": text[:-1] + b',"' + first + b'":1}',
        "NaN": text[:-1] + b',"x":NaN}',
        "Infinity": text[:-1] + b',"x":-Infinity}',
        "too large a number": text[:-1] + b',"x":1e999}',
        "too long a number": text[:-1] + b',"x":' + b"9" * 5000 + b"}",
        "half a surrogate pair": text[:-1] + b',"x":"\\ud83d"}',
        "too deep": text[:-1] + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        "lines without a colon": pretty.replace(b'": ', b'" ', 1),
        "lines without a comma": pretty.replace(b",\n", b"\n", 1) if b",\n" in pretty else pretty[:-1],
        "commas for points": text.replace(b": ", b"; ", 1),
    }


def test_every_mqtt_source_is_tried() -> None:
    assert set(GOOD) == {name for name, driver in DRIVERS.items() if driver.over == "mqtt"}


@pytest.mark.parametrize("driver", GOOD)
def test_the_message_is_good_as_it_is(driver: str) -> None:
    topic, good, settings = GOOD[driver]
    for payload in (json.dumps(good), json.dumps(good, indent=2), json.dumps(good) + "\r\n"):
        (row,) = decoded(driver, topic, payload, **settings)
        assert "identifier" in row


@pytest.mark.parametrize("driver", GOOD)
@pytest.mark.parametrize("fault", spoilt({"a": 1}))
def test_a_spoilt_message_is_one_error_and_no_sighting(driver: str, fault: str) -> None:
    topic, good, settings = GOOD[driver]
    assert [list(row) for row in decoded(driver, topic, spoilt(good)[fault], **settings)] == [["error"]]


@pytest.mark.parametrize("driver", GOOD)
@pytest.mark.parametrize("payload", NO_JSON, ids=lambda payload: repr(payload[:12]))
def test_what_is_no_message_is_one_error(driver: str, payload: bytes) -> None:
    topic, _, settings = GOOD[driver]
    assert [list(row) for row in decoded(driver, topic, payload, **settings)] == [["error"]]


@pytest.mark.parametrize("driver", GOOD)
def test_what_was_once_a_file_is_read_with_its_byte_order_mark(driver: str) -> None:
    topic, good, settings = GOOD[driver]
    text = json.dumps(good).encode()
    (plain,), (marked,) = (decoded(driver, topic, each, **settings) for each in (text, b"\xef\xbb\xbf" + text))
    assert marked == plain
    assert "identifier" in plain


@pytest.mark.parametrize(("driver", "topic"), [(driver, topic) for driver, (topic, _, _) in GOOD.items()] + STATUS)
@pytest.mark.parametrize("retained", [True, False], ids=["as it was kept", "as who listens is told"])
def test_an_empty_message_is_a_deletion_and_no_fault(driver: str, topic: str, retained: bool) -> None:
    decoder: Any = DRIVERS[driver].decoder("here", DRIVERS[driver].settings())
    assert [each.reason for each in decoder.message(topic, b"", AT, retained=retained)] == [
        "an empty message: what was retained on this topic is deleted"
    ]
    assert not [each for each in decoder.message(topic, b"\xef\xbb\xbf", AT) if isinstance(each, Sighting)]


@pytest.mark.parametrize("driver", ["impinj_iot", "zebra_iotc", "ble_gateway", "json"])
def test_of_several_the_bad_one_falls_alone(driver: str) -> None:
    topic, good, settings = GOOD[driver]
    one = json.dumps(good).encode()
    broken = one.replace(b":", b"", 1)
    for payload in (
        b"[" + one + b',{"no":1},' + one + b"]",
        b"[" + one + b",7," + one + b"]",
        one + broken + one,
        one + b"\n" + broken + b"\r\n" + one,
        one + b"\nrubbish\n" + one,
        b"[" + one + b"]" + broken + b"[" + one + b"]",
    ):
        kinds = [next(iter(row)) for row in decoded(driver, topic, payload, **settings)]
        assert kinds == ["identifier", "error", "identifier"], payload


@pytest.mark.parametrize("driver", ["zebra_iotc", "ble_gateway", "json"])
@pytest.mark.parametrize("word", [b"online", b"offline", b"Connected", b"disconnected\n", b"connection lost"])
def test_a_will_or_a_greeting_in_plain_text_is_no_fault(driver: str, word: bytes) -> None:
    topic, _, settings = GOOD[driver]
    assert [list(row) for row in decoded(driver, topic, word, **settings)] == [["ignored"]]


@pytest.mark.parametrize(("driver", "topic"), STATUS)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_status_may_end_in_a_line_end(driver: str, topic: str, end: bytes) -> None:
    word = b"connection lost" if driver == "impinj_iot" else b"offline"
    assert [list(row) for row in decoded(driver, topic, word + end)] == [["ignored"]]
    assert [list(row) for row in decoded(driver, topic, b"\xef\xbb\xbf" + word + end)] == [["ignored"]]
    assert [list(row) for row in decoded(driver, topic, b"offlin" + end)] == [["error"]]
