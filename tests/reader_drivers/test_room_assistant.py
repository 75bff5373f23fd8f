"""room-assistant: which rooms heard whom, what is stale or repeated, which instances live."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import Found, Sighting
from reader_drivers.phone.room_assistant import RoomAssistant, RoomAssistantDecoder
from reader_drivers.rooms import Rooms
from tests.reader_drivers.hostile import AT, BROKEN, body, decoded, ignored, json_values, refused, rows, sound
from tests.reader_drivers.readers import about

TOPIC = "room-assistant/entity/bedroom/bluetooth-low-energy-presence-sensor/ble-x"
UUID = "fda50693-a4e2-4fb1-afcf-c6eb07647825"
NOW, BEFORE = "2026-09-21T14:13:20.250Z", "2026-09-21T14:13:10.750Z"  # AT, and 9.5 s before

# The documentation's sample, without ``diff``.
SAMPLE = (
    b'{"entity":{"attributes":{"distance":3.6,"lastUpdatedAt":"2021-02-28T14:17:33.141Z"},"id":"ble-some-id",'
    b'"name":"Something Room Presence","distributed":true,"stateLocked":true,"distances":{"bedroom":{"lastUpdatedAt":'
    b'"2021-02-28T14:17:32.605Z","distance":9.4,"outOfRange":false},"living-room":{"lastUpdatedAt":'
    b'"2021-02-28T14:17:33.141Z","distance":3.6,"outOfRange":false}},"timeout":180,"measuredValues":{"bedroom":{"rssi":'
    b'-79.81192947697268,"measuredPower":-59},"living-room":{"rssi":-70.40174705168248,"measuredPower":-59}},'
    b'"state":"living-room"},"diff":[],"hasAuthority":true}'
)


def decoder(**settings: Any) -> RoomAssistantDecoder:
    return RoomAssistant.decoder("ble", RoomAssistant.Settings(**settings))


def hear(payload: Any, topic: str = TOPIC, *, retained: bool = False) -> list[Found]:
    return decoder().message(topic, body(payload), AT, retained=retained)


def entity(given: str = "ble-aabbccddeeff", updated: Any = NOW, **around: Any) -> dict[str, Any]:
    heard = {"lastUpdatedAt": updated, "distance": 3.6, "outOfRange": False}
    inside = {"id": given, "distances": {"salon": heard}, "measuredValues": {"salon": {"rssi": -70.5}}}
    return {"entity": inside, "hasAuthority": True, **around}


def test_the_documented_message_tells_what_each_room_heard_and_when() -> None:
    assert hear(SAMPLE) == [
        Sighting("ble", "bedroom", "alias:some-id", -79.81192947697268, 9.4, about(1614521852.605)),
        Sighting("ble", "living-room", "alias:some-id", -70.40174705168248, 3.6, about(1614521853.141)),
    ]


@pytest.mark.parametrize(
    ("given", "identifier", "distance"),
    [
        ("ble-aabbccddeeff", "ble:aabbccddeeff", 3.6),
        ("ble-fda50693a4e24fb1afcfc6eb07647825-1-65535", f"ibeacon:{UUID}-1-65535", 3.6),
        (f"ble-{UUID}-1-2", f"ibeacon:{UUID}-1-2", 3.6),
        ("ble-annas-watch", "alias:annas-watch", 3.6),
        ("bluetooth-classic-77-50-fb-4d-ab-70-room-presence", "ble:7750fb4dab70", None),
        ("bluetooth-classic-77-50-fb-4-d-ab-70-room-presence", "ble:7750fb4dab70", None),
    ],
)
def test_whom_an_entity_is_about(given: str, identifier: str, distance: float | None) -> None:
    assert hear(entity(given)) == [Sighting("ble", "salon", identifier, -70.5, distance, AT)]


def test_every_message_repeats_what_rooms_said_and_only_what_is_new_counts() -> None:
    d = decoder()

    def say(salon: str, bar: str) -> list[str | int | None]:
        rooms = {"salon": {"lastUpdatedAt": salon, "distance": 1}, "bar": {"lastUpdatedAt": bar, "distance": 2}}
        value = {"entity": {"id": "ble-aabbccddeeff", "distances": rooms}, "hasAuthority": True}
        return [each.antenna for each in d.message(TOPIC, body(value), AT) if isinstance(each, Sighting)]

    assert say(BEFORE, BEFORE) == ["salon", "bar"]
    assert say(NOW, BEFORE) == ["salon"]
    assert say(NOW, BEFORE) == []
    assert say(NOW, NOW) == ["bar"]


def test_a_room_that_has_not_heard_it_for_long_says_so() -> None:
    (found,) = hear(entity(updated="2026-09-21T13:13:20.250Z"))
    assert isinstance(found, Sighting)
    assert found.at == AT - 3600


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (entity(hasAuthority=False), "authority"),
        ({"entity": {"id": "ble-x", "state": "on"}, "hasAuthority": True}, "without distances"),
        ({"entity": {"id": "ble-x", "distances": {}}, "hasAuthority": True}, "empty"),
        (entity("gpio-motion"), "no Bluetooth"),
        (entity("ble-e5ca1adef007ba110000000000000000-1-1"), "ESPresense"),
    ],
)
def test_what_is_no_sighting_is_ignored(payload: Any, word: str) -> None:
    ignored(hear(payload), word)


def test_out_of_range_is_no_sighting() -> None:
    value = entity()
    value["entity"]["distances"]["salon"]["outOfRange"] = True
    ignored(hear(value), "range")


@pytest.mark.parametrize(
    ("topic", "payload", "sighting"),
    [
        (
            "room-assistant/mqtt-room/salon",
            {"id": "test", "name": "Test", "distance": 4.2},
            Sighting("ble", "salon", "alias:test", None, 4.2, AT),
        ),
        (
            "home/room_presence/salon",
            {"id": "x", "uuid": UUID.replace("-", ""), "major": 1, "minor": 2, "rssi": -69, "distance": 6.63}
            | {"accuracy": 1.88, "measuredpower": -59, "proximity": "near"},
            Sighting("ble", "salon", f"ibeacon:{UUID}-1-2", -69.0, 6.63, AT),
        ),
        (
            "room_presence/bar",
            {"id": "AA:BB:CC:DD:EE:FF", "distance": 0.0},
            Sighting("ble", "bar", "ble:aabbccddeeff", None, None, AT),
        ),
    ],
)
def test_single_rooms_and_version_0_are_read(topic: str, payload: Any, sighting: Sighting) -> None:
    assert hear(payload, topic) == [sighting]
    ignored(hear(payload, topic, retained=True), "retained")


@pytest.mark.parametrize(
    ("topic", "payload", "word"),
    [
        (TOPIC, {}, "entity"),
        (TOPIC, {"entity": []}, "entity"),
        (TOPIC, {"entity": {"distances": 7}}, "distances"),
        (TOPIC, {"entity": {"distances": {}, "id": 7}}, "id"),
        (TOPIC, {"entity": {"distances": {}}}, "id"),
        (TOPIC, {"entity": {"id": "ble-x", "distances": {"salon": 7}}}, "distances"),
        (TOPIC, {"entity": {"id": "ble-x", "distances": {"salon": {"distance": True}}}}, "distance"),
        (TOPIC, {"entity": {"id": "ble-x", "distances": {"salon": {"distance": 1001}}}}, "distance"),
        (TOPIC, {"entity": {"id": "ble-x", "distances": {"salon": {"distance": "4"}}}}, "distance"),
        (TOPIC, {"entity": {"id": "ble-x", "distances": {"": {"distance": 4}}}}, "room"),
        (TOPIC, {"entity": {"id": "ble-x", "distances": {"s": {}}, "measuredValues": {"s": {"rssi": -128}}}}, "rssi"),
        (TOPIC, {"entity": {"id": "ble-x", "distances": {"s": {}}, "measuredValues": 7}}, "measuredValues"),
        (TOPIC, {"entity": {"id": "ble-" + "x" * 200, "distances": {"s": {}}}}, "alias"),
        (TOPIC, {"entity": {"id": "ble-", "distances": {"s": {}}}}, "alias"),
        (TOPIC, {"entity": {"id": "bluetooth-classic-zz", "distances": {"s": {}}}}, "id"),
        (TOPIC, entity(hasAuthority=1), "has"),
        ("x/salon", {"distance": 4}, "id"),
        ("x/salon", {"id": 7}, "id"),
        ("x/salon", {"id": "a", "rssi": True}, "rssi"),
        ("x/salon", {"id": "a", "distance": -1}, "distance"),
        ("x/salon", {"uuid": "7", "major": 1, "minor": 1}, "uuid"),
        ("x/salon", {"uuid": UUID, "major": 1}, "minor"),
        ("room-assistant/status/bar", "maybe", "status"),
        ("x/", {"id": "a"}, "room"),
        ("x/entity", {"id": "a;b"}, "alias"),
    ],
)
def test_a_message_with_something_wrong_in_it_is_refused(topic: str, payload: Any, word: str) -> None:
    refused(hear(payload, topic), word)


@pytest.mark.parametrize(("payload", "word"), [row for row in BROKEN if row[0] != b"[7]"])
def test_what_is_no_json_is_refused(payload: bytes, word: str) -> None:
    refused(hear(payload), word)
    refused(hear(payload, "room-assistant/mqtt-room/salon"), word)


def test_one_bad_room_leaves_the_others() -> None:
    value = entity()
    value["entity"]["distances"]["bar"] = {"distance": "near"}
    found = hear(value)
    assert isinstance(found[0], Sighting)
    refused(found[1:], "distance")


def test_an_instance_that_falls_silent_or_is_offline_is_named() -> None:
    d = decoder()
    d.rooms = Rooms(("bar",), AT, 120.0)
    ignored(d.message("room-assistant/status/salon", b"online", AT), "salon is online")
    assert d.quiet(AT + 121) == "nothing from bar for 121 s; nothing from salon for 121 s"
    d.message("room-assistant/status/salon", b"online", AT + 121)
    d.message(TOPIC.replace("bedroom", "bar"), body(entity(hasAuthority=False)), AT + 121)
    assert d.quiet(AT + 122) is None, "an instance without authority lives too"
    d.message("room-assistant/status/bar", b"offline", AT + 123)
    assert d.quiet(AT + 123) == "bar is offline"


def test_a_version_that_sends_no_status_is_never_called_silent() -> None:
    d = decoder()
    d.message("home/room_presence/salon", b'{"id":"x","distance":2}', AT)
    assert d.quiet(AT + 10_000) is None


def test_devices_that_are_made_up_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader_drivers.phone.room_assistant.REMEMBERED", 10)
    d = decoder()
    for number in range(100):
        d.message(TOPIC, body(entity(f"ble-{number:012x}")), AT)
    assert len(d._told) == 10


def test_the_command_line_decodes_it() -> None:
    assert [row["antenna"] for row in decoded("room_assistant", TOPIC, SAMPLE)] == ["bedroom", "living-room"]
    assert decoded("room_assistant", "room-assistant/status/bar", "online") == [{"ignored": "bar is online"}]


@given(st.text(max_size=60), st.binary(max_size=200), st.booleans())
def test_nothing_that_comes_raises(topic: str, payload: bytes, retained: bool) -> None:
    for each in (topic, TOPIC, f"entity/{topic}", f"a/status/{topic}", f"a/mqtt-room/{topic}"):
        sound(hear(payload, each, retained=retained))


@given(
    rows({"distance", "lastUpdatedAt", "outOfRange"}),
    json_values,
    st.sampled_from(["ble-aabbccddeeff", "ble-x", "ble-", "bluetooth-classic-77-50", "x", 7]),
)
def test_no_json_raises_and_a_sighting_keeps_its_ranges(row: dict[str, Any], other: Any, given_id: Any) -> None:
    for distances in ({"salon": row}, {"salon": other}, other):
        inside = {"id": given_id, "distances": distances, "measuredValues": {"salon": {"rssi": other}}}
        sound(hear({"entity": inside, "hasAuthority": True}))


@given(rows({"id", "uuid", "major", "minor", "rssi", "distance"}))
def test_no_single_room_raises(value: dict[str, Any]) -> None:
    sound(hear(value, "room-assistant/mqtt-room/salon"))
