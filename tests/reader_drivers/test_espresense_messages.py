"""ESPresense messages: what is a sighting, of whom, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import Found, Ignored, Rejected, Sighting
from reader_drivers.phone.espresense import Espresense, EspresenseDecoder
from reader_drivers.rooms import DEAD_AFTER, Rooms
from tests.reader_drivers.frames import ESPRESENSE_SIGHTINGS

AT = 1_790_000_000.25
UUID = "00b67fe9-b8e5-491e-b697-8fc0bf2c3eca"
IRK = "0123456789abcdef0123456789abcdef"
SHARED = [
    "apple:1005:9-24", "apple:iphone13-2", "apple:findmy", "name:annas-phone", "name:", "msft:cdp:1", "exp:2049",
    "samsung:aabbccddeeff", "tile:xyzzy", "itag:xyzzy", "iTrack:xyzzy", "smarttag:5", "mifit:xyzzy", "garmin:xyzzy",
    "sonos:xyzzy", "miTherm:xyzzy", "flora:xyzzy", "roomAssistant:" + UUID, "md:004c:25", "sd:fe9f:3", "ad:17",
    "altBeacon:" + UUID + "-1-2",
]  # fmt: skip


def decoder(rooms: tuple[str, ...] = ()) -> EspresenseDecoder:
    return Espresense.decoder("ble", Espresense.Settings(rooms=rooms))


def hear(topic: str, payload: bytes | dict[str, Any], *, retained: bool = False) -> Found:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    (found,) = decoder().message(topic, body, AT, retained=retained)
    return found


def sighting(given: str, room: str = "foyer", **more: Any) -> Found:
    return hear(f"espresense/devices/{given}/{room}", {"id": given, "rssi": -60.25, "distance": 2.5, **more})


@pytest.mark.parametrize(("topic", "payload", "identifier", "room", "rssi", "distance"), ESPRESENSE_SIGHTINGS)
def test_real_messages_are_read(
    topic: str, payload: bytes, identifier: str, room: str, rssi: float, distance: float | None
) -> None:
    assert hear(topic, payload) == Sighting("ble", room, identifier, rssi, distance, AT)


@pytest.mark.parametrize(
    ("given", "identifier"),
    [
        (f"irk:{IRK}", f"irk:{IRK}"),
        (f"irk:{IRK.upper()}", f"irk:{IRK}"),
        (f"iBeacon:{UUID}-0-0", f"ibeacon:{UUID}-0-0"),
        (f"iBeacon:{UUID.upper()}-65535-00042", f"ibeacon:{UUID}-65535-42"),
        ("eddy:00112233445566778899aa-aabbccddeeff", "eddystone:00112233445566778899-aabbccddeeff"),
        ("eddy:00112233445566778899-aabbccddeeff", "eddystone:00112233445566778899-aabbccddeeff"),
        ("known:aabbccddeeff", "ble:aabbccddeeff"),
        ("aabbccddeeff", "ble:aabbccddeeff"),
        ("AABBCCDDEEFF", "ble:aabbccddeeff"),
        ("phone:anna", "alias:phone:anna"),
        ("安娜的手机", "alias:安娜的手机"),
        ("anna/s phone", "alias:anna/s phone"),
        ("a/b/c", "alias:a/b/c"),
    ],
)
def test_ids_that_are_one_persons_become_identifiers(given: str, identifier: str) -> None:
    assert sighting(given) == Sighting("ble", "foyer", identifier, -60.25, 2.5, AT)


@pytest.mark.parametrize("given", SHARED)
def test_ids_that_many_devices_share_are_heard_and_are_no_sightings(given: str) -> None:
    found = sighting(given)
    assert isinstance(found, Ignored)
    assert given.partition(":")[2] not in found.reason or not given.partition(":")[2]


@pytest.mark.parametrize("given", ["node:lounge", "iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-2"])
def test_other_nodes_are_no_people(given: str) -> None:
    assert sighting(given) == Ignored("another ESPresense node")


@pytest.mark.parametrize(
    "given",
    [
        "irk:", f"irk:{IRK}0", f"irk:{IRK[:-1]}g", f"iBeacon:{UUID}", f"iBeacon:{UUID}-65536-0", f"iBeacon:{UUID}--1-0",
        f"iBeacon:{UUID}-1-99999", "iBeacon:x-1-2", "eddy:00112233445566778899bb-aabbccddeeff", "eddy:00-11",
        "known:aabbccddee", "known:phone", "\u200b\x00", "a\ufffdb", "x" * 257,
    ],
)  # fmt: skip
def test_malformed_ids_are_refused_without_repeating_them(given: str) -> None:
    found = sighting(given)
    assert isinstance(found, Rejected)
    assert found.reason.startswith("id: ")
    assert given.partition(":")[2] == "" or given not in found.reason


@pytest.mark.parametrize(
    "payload",
    [
        {"id": "bob", "rssi": -60}, {"id": "ann", "rssi": -60}, {"id": 7, "rssi": -60}, {"id": None, "distance": 2},
        {"id": "", "rssi": -60}, {"rssi": -60}, {"id": "anna/foyer", "rssi": -60}, {"id": True, "rssi": 1},
    ],
)  # fmt: skip
def test_the_payloads_id_and_the_topics_must_agree(payload: dict[str, Any]) -> None:
    found = hear("espresense/devices/anna/foyer", payload)
    assert isinstance(found, Rejected)
    assert found.reason.startswith("id: ")


@pytest.mark.parametrize("rssi", [True, False, "-60", [-60], {}, None, -127.5, 20.5, 10**30, -128])
def test_an_rssi_that_is_no_number_of_dbm_is_refused(rssi: Any) -> None:
    found = sighting("anna", rssi=rssi)
    assert isinstance(found, Rejected)
    assert "rssi" in found.reason or "number" in found.reason


@pytest.mark.parametrize("distance", [True, "2.5", -0.1, 1000.1, None])
def test_a_distance_that_is_none_is_refused(distance: Any) -> None:
    found = sighting("anna", distance=distance)
    assert isinstance(found, Rejected)
    assert found.reason.startswith("distance: ")


@pytest.mark.parametrize("edge", [-127, 20, -0.5])
def test_the_edges_of_rssi_are_read(edge: float) -> None:
    assert sighting("anna", rssi=edge) == Sighting("ble", "foyer", "alias:anna", float(edge), 2.5, AT)


def test_what_a_node_leaves_out_or_calls_zero_is_none() -> None:
    topic = "espresense/devices/anna/foyer"
    assert hear(topic, {"id": "anna", "rssi": -60}) == Sighting("ble", "foyer", "alias:anna", -60.0, None, AT)
    assert hear(topic, {"id": "anna", "distance": 3}) == Sighting("ble", "foyer", "alias:anna", None, 3.0, AT)
    assert hear(topic, {"id": "anna", "rssi": 0, "distance": 0.0}) == Sighting(
        "ble", "foyer", "alias:anna", None, None, AT
    )


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (b"offline", "JSON"),
        (b"[]", "not an object"),
        (b'"anna"', "not an object"),
        (b"7", "not an object"),
        (b'{"id":"anna","rssi":NaN}', "NaN"),
        (b'{"id":"anna","rssi":-Infinity}', "NaN"),
        (b'{"id":"anna","rssi":-60,"x":Infinity}', "NaN"),
        (b'{"id":"anna","rssi":-1e400}', "too large"),
        (b'{"id":"anna","rssi":-60,"x":1e999}', "too large"),
        (b'{"id":"anna","rssi":' + b"9" * 5000 + b"}", "too large"),
        (b'{"id":"anna","rssi":-60,"name":"\\ud83d"}', "surrogate"),
        (b'{"id":"anna","rssi":-60,"x":[{"y":"\\udc00"}]}', "surrogate"),
        (b'{"id":"anna","id":"anna","rssi":-60}', "twice"),
        (b'{"id":"anna","rssi":-60,"x":{"y":1,"y":2}}', "twice"),
        (b'{"id":"anna\xff","rssi":-60}', "UTF-8"),
        ('{"id":"anna","rssi":-60}'.encode("utf-16"), "UTF-8"),
        (b'{"id":"anna","rssi":-60} {"id":"anna"}', "JSON"),
        (b'{"id":"anna","rssi":-60', "JSON"),
        (b'{"id":"anna","rssi":-60,}', "JSON"),
        (b"[" * 50_000, "deep"),
        (b'{"a":' * 10_000, "deep"),
        (b'{"id":"anna","rssi":-60,"x":' + b"[" * 500 + b"]" * 500 + b"}", "deep"),
        (b'{"id":"anna","rssi":-60,"name":"' + b"x" * 270_000 + b'"}', "256 kB"),
    ],
)
def test_json_that_other_programs_would_not_take_is_refused(payload: bytes, word: str) -> None:
    found = hear("espresense/devices/anna/foyer", payload)
    assert isinstance(found, Rejected)
    assert word in found.reason
    assert "anna" not in found.reason


def test_a_whole_surrogate_pair_is_text() -> None:
    found = hear("espresense/devices/anna/foyer", b'{"id":"anna","rssi":-60,"name":"\\ud83d\\ude00"}')
    assert isinstance(found, Sighting)


def test_a_topic_of_more_than_1_kb_is_refused() -> None:
    found = hear(f"espresense/devices/{'x' * 2000}/foyer", {"id": "x" * 2000, "rssi": -60})
    assert found == Rejected("topic: more than 1 kB")


@pytest.mark.parametrize("room", ["", "x" * 65, "\u200b\x00", "a\ufffdb"])
def test_a_room_must_be_a_name(room: str) -> None:
    found = sighting("anna", room)
    assert isinstance(found, Rejected)
    assert found.reason.startswith("room: ")


@pytest.mark.parametrize("topic", ["espresense/devices/anna/foyer", "espresense/rooms/foyer"])
def test_a_retained_sighting_is_stale(topic: str) -> None:
    found = hear(topic, {"id": "anna", "rssi": -60}, retained=True)
    assert isinstance(found, Ignored)
    assert "retained" in found.reason


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("espresense/devices/anna/foyer/battery", b'{"battery":87}'),
        ("espresense/devices/anna/foyer/battery", b'{"id":"anna","battery":87}'),
        ("espresense/rooms/foyer/telemetry", b'{"ip":"10.0.0.9","uptime":4711,"rssi":-57,"count":3}'),
        ("espresense/rooms/foyer/status", b"online"),
        ("espresense/rooms/foyer/status", b"offline"),
        ("espresense/rooms/foyer/max_distance", b"16.00"),
        ("espresense/rooms/foyer/known_irks", IRK.encode()),
        ("espresense/rooms/foyer/motion", b"ON"),
        (f"espresense/settings/irk:{IRK}/config", b'{"id":"anna","name":"anna"}'),
        ("espresense/companion/anna", b"foyer"),
        ("zigbee2mqtt/bridge/state", b"online"),
    ],
)
def test_what_is_no_sighting_is_ignored_with_a_reason(topic: str, payload: bytes) -> None:
    found = hear(topic, payload)
    assert isinstance(found, Ignored)
    assert found.reason
    assert IRK not in found.reason


@pytest.mark.parametrize("payload", [b" ", b"ONLINE", b"true", b"\xff"])
def test_a_status_is_online_or_offline(payload: bytes) -> None:
    assert hear("espresense/rooms/foyer/status", payload) == Rejected("status: neither online nor offline")


def test_the_irk_in_a_payload_goes_nowhere() -> None:
    found = sighting("anna", irk=IRK)
    assert IRK not in repr(found)


def test_another_prefix() -> None:
    other = Espresense.decoder("ble", Espresense.Settings(), "venue/ble")
    (found,) = other.message("venue/ble/devices/anna/foyer", b'{"id":"anna","rssi":-60}', AT)
    assert isinstance(found, Sighting)
    (found,) = other.message("espresense/devices/anna/foyer", b'{"id":"anna","rssi":-60}', AT)
    assert isinstance(found, Ignored)


@given(st.text(max_size=80), st.binary(max_size=300), st.booleans())
def test_nothing_that_comes_raises(topic: str, payload: bytes, retained: bool) -> None:
    for each in (topic, f"espresense/devices/{topic}/foyer", f"espresense/rooms/{topic}"):
        assert len(decoder().message(each, payload, AT, retained=retained)) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "rssi", "distance", "name", "x"]), json_values, max_size=5))
def test_no_json_raises_and_a_sighting_keeps_its_ranges(value: dict[str, Any]) -> None:
    body = json.dumps(value).encode()
    given = value.get("id")
    for topic in (f"espresense/devices/{given}/foyer", "espresense/rooms/foyer"):
        (found,) = decoder().message(topic, body, AT)
        if isinstance(found, Sighting):
            assert found.rssi is None or -127 <= found.rssi <= 20
            assert found.distance is None or 0 < found.distance <= 1000
            assert isinstance(given, str)


# --- who still lives ------------------------------------------------------------------------------------------------


def telemetry(d: EspresenseDecoder, room: str, at: float, *, retained: bool = False) -> None:
    d.message(f"espresense/rooms/{room}/telemetry", b'{"uptime":1}', at, retained=retained)


def status(d: EspresenseDecoder, room: str, word: bytes, at: float, *, retained: bool = False) -> None:
    d.message(f"espresense/rooms/{room}/status", word, at, retained=retained)


def test_a_room_whose_node_falls_silent_is_named_although_its_status_says_online() -> None:
    d = decoder()
    d.rooms = Rooms((), AT)
    status(d, "foyer", b"online", AT, retained=True)
    for beat in range(9):
        telemetry(d, "foyer", AT + 15 * beat)
        telemetry(d, "lounge", AT + 15 * beat)
    for beat in range(9, 14):
        telemetry(d, "lounge", AT + 15 * beat)
    assert d.rooms.quiet(AT + 120 + DEAD_AFTER) is None
    assert d.rooms.quiet(AT + 120 + DEAD_AFTER + 15) == "nothing from foyer for 75 s"
    telemetry(d, "foyer", AT + 200)
    assert d.rooms.quiet(AT + 200) is None


def test_an_offline_room_is_named_at_once_and_a_live_word_brings_it_back() -> None:
    d = decoder()
    d.rooms = Rooms((), AT)
    telemetry(d, "foyer", AT)
    status(d, "lounge", b"offline", AT, retained=True)
    assert d.rooms.quiet(AT + 1) == "lounge is offline"
    d.message("espresense/devices/anna/lounge", b'{"id":"anna","rssi":-60}', AT + 2)
    assert d.rooms.quiet(AT + 3) is None
    status(d, "lounge", b"offline", AT + 4)
    assert d.rooms.quiet(AT + 4) == "lounge is offline"
    status(d, "lounge", b"online", AT + 5)
    assert d.rooms.quiet(AT + 5) is None


def test_retained_telemetry_and_sightings_prove_no_life() -> None:
    d = decoder()
    d.rooms = Rooms((), AT)
    status(d, "foyer", b"offline", AT)
    telemetry(d, "foyer", AT, retained=True)
    d.message("espresense/devices/anna/foyer", b'{"id":"anna","rssi":-60}', AT, retained=True)
    assert d.rooms.quiet(AT) == "foyer is offline"


def test_an_expected_room_that_never_speaks_is_missed() -> None:
    rooms = Rooms(("foyer", "lounge"), AT)
    rooms.alive("lounge", AT + 60)
    assert rooms.quiet(AT + 60) is None
    assert rooms.quiet(AT + 61) == "nothing from foyer for 61 s"


def test_a_venue_without_any_node_is_told_after_a_minute() -> None:
    rooms = Rooms((), AT)
    assert rooms.quiet(AT + 60) is None
    assert rooms.quiet(AT + 61) == "no node has spoken yet"


def test_rooms_that_are_made_up_do_not_fill_the_memory() -> None:
    rooms = Rooms(("foyer",), AT)
    for number in range(5000):
        rooms.alive(f"r{number}", AT)
        rooms.gone(f"g{number}")
    rooms.alive("foyer", AT + 100)
    told = rooms.quiet(AT + 100)
    assert told is not None
    assert len(told) < 500 * 40
