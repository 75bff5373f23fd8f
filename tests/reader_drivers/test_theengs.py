"""Theengs Gateway and OpenMQTTGateway: who is heard in which room, who is nobody, which gateways live."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import Found, Sighting
from reader_drivers.phone.private_address import Resolver
from reader_drivers.phone.theengs import Theengs, TheengsDecoder
from reader_drivers.rooms import Rooms
from tests.reader_drivers.hostile import AT, BROKEN, body, decoded, ignored, json_values, refused, rows, sound
from tests.reader_drivers.test_private_address import IRK, NAME, SAMPLE, address

TOPIC = "home/salon/BTtoMQTT/AABBCCDDEEFF"
UUID = "1de4b189-115e-45f6-b44e-509352269977"
BEACON = {"mac_type": 1, "rssi": -79, "uuid": UUID.replace("-", ""), "major": 0, "minor": 0}


def decoder(**settings: Any) -> TheengsDecoder:
    return Theengs.decoder("ble", Theengs.Settings(**settings))


def hear(payload: Any, topic: str = TOPIC, *, retained: bool = False) -> list[Found]:
    return decoder().message(topic, body(payload), AT, retained=retained)


# Documented messages; of the second the uuid's members are those of the line before it.
SAMPLES = [
    (
        "home/TheengsGateway/BTtoMQTT/112233445566",
        (
            '{"manufacturerdata": "2c0q1006191e7v30x6fa", "id": "11:22:33:44:55:66", "rssi": -42, "brand": "Apple", '
            '"model": "Apple iPhone/iPad", "model_id": "APPLEDEVICE", "type": "TRACK", "track": true, '
            '"unlocked": false, "distance": 0.03341741003670675}'
        ),
        Sighting("ble", "TheengsGateway", "ble:112233445566", -42.0, 0.03341741003670675, AT),
    ),
    (
        "home/OpenMQTTGateway/BTtoMQTT/45E174126E00",
        (
            '{"id":"45:e1:74:12:6e:00","rssi":-89,"distance":21.51847,"servicedata":'
            '"fe0000000000000000000000000000000000000000"}'
        ),
        Sighting("ble", "OpenMQTTGateway", "ble:45e174126e00", -89.0, 21.51847, AT),
    ),
    (
        "home/OpenMQTTGateway/BTtoMQTT/58782076BC24",
        (
            '{"id":"58:78:20:76:BC:24","mac_type":1,"rssi":-79,"brand":"GENERIC","model":"iBeacon","model_id":"IBEACON",'
            '"mfid":"4c00","uuid":"1de4b189115e45f6b44e509352269977","major":0,"minor":0,"txpower":-66}'
        ),
        Sighting("ble", "OpenMQTTGateway", f"ibeacon:{UUID}-0-0", -79.0, None, AT),
    ),
    (
        "home/OpenMQTTGateway/BTtoMQTT/1de4b189115e45f6b44e509352269977",
        (
            '{"id":"7B:63:C6:82:DC:57","mac_type":1,"rssi":-83,"uuid":"1de4b189115e45f6b44e509352269977","major":0,'
            '"minor":0}'
        ),
        Sighting("ble", "OpenMQTTGateway", f"ibeacon:{UUID}-0-0", -83.0, None, AT),
    ),
    (
        "home/OpenMQTTGateway/BTtoMQTT/1de4b189115e45f6b44e509352269977",
        (
            '{"id":"1de4b189115e45f6b44e509352269977","mac_type":1,"rssi":-78,"distance":7.85288,"major":0,"minor":0,'
            '"txpower":-66,"mac":"60:87:57:4C:9B:C2"}'
        ),
        Sighting("ble", "OpenMQTTGateway", f"ibeacon:{UUID}-0-0", -78.0, 7.85288, AT),
    ),
    (
        "home/foyer/BTtoMQTT/AABBCCDDEEFF",
        (
            '{"id":"AA:BB:CC:DD:EE:FF","rssi":-59,"brand":"GENERIC","model":"iBeacon","model_id":"IBEACON","type":"BCON",'
            '"mfid":"4c00","uuid":"fda50693a4e24fb1afcfc6eb07647825","major":1,"minor":2,"volt":2.6}'
        ),
        Sighting("ble", "foyer", "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-1-2", -59.0, None, AT),
    ),
]


@pytest.mark.parametrize(("topic", "payload", "sighting"), SAMPLES)
def test_real_messages_are_read(topic: str, payload: str, sighting: Sighting) -> None:
    assert hear(payload, topic) == [sighting]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (
            TOPIC,
            '{"id":"54:94:5E:9F:64:C4","mac_type":1,"manufacturerdata":"4c0010060319247bbc68","rssi":-74,"txpower":12}',
        ),
        (TOPIC, '{"id":"AA:BB:CC:DD:EE:FF","presence":"absent"}'),
        (TOPIC, '{"id":"AA:BB:CC:DD:EE:FF","presence":"absent","unlocked":false,"rssi":-60}'),
        (TOPIC, '{"hum":"52.6","tempc":"19.2","tempf":"66.56"}'),
        (TOPIC, '{"id":"AA:BB:CC:DD:EE:FF","name":"tracker"}'),
        (
            "home/home_presence/salon",
            '{"id":"59:D6:88:02:47:B8","name":"[LG] webOS TV","rssi":-63,"distance":1.602966}',
        ),
        ("home/presence/salon", '{"id":"59:D6:88:02:47:B8","rssi":-63}'),
        ("home/TheengsGateway/presence", '{"id":"59:D6:88:02:47:B8","rssi":-63}'),
        ("home/salon/BTtoMQTT/undecoded", '{"id":"AA:BB:CC:DD:EE:FF","rssi":-60}'),
        ("home/salon/SYStoMQTT", '{"uptime":59,"rssi":-36,"version":"v1.7.0","SSID":"x"}'),
        ("home/salon/LWT", "online"),
        ("home/salon/LWT", "offline"),
        ("home/salon/commands/MQTTtoBT/config", '{"interval":1}'),
        ("home/salon/BTtoMQTT/AABB", '{"id":"AA:BB:CC:DD:EE:FF","mac_type":1,"rssi":-60,"x":1}'),
        (TOPIC, {**BEACON, "id": "AA:BB:CC:DD:EE:FF", "uuid": "e5ca1adef007ba110000000000000000"}),
    ],
)
def test_what_is_no_sighting_of_anybody_is_ignored(topic: str, payload: Any) -> None:
    found = hear(payload, topic)
    ignored(found)
    assert "AA:BB" not in repr(found)


@pytest.mark.parametrize("topic", ["home/presence/salon", "home/home_presence/salon", "home/salon/presence"])
def test_a_copy_is_called_one_wherever_it_stands(topic: str) -> None:
    ignored(hear({"id": "AA:BB:CC:DD:EE:FF", "rssi": -60}, topic), "copy")
    ignored(hear({"id": "AA:BB:CC:DD:EE:FF", "rssi": -60}, f"home/presence/BTtoMQTT/{topic}"), "copy")


def test_numbers_of_old_versions_are_text() -> None:
    found = hear({"id": "AA:BB:CC:DD:EE:FF", "mac_type": "0", "rssi": "-60", "distance": "2.5"})
    assert found == [Sighting("ble", "salon", "ble:aabbccddeeff", -60.0, 2.5, AT)]
    as_text = {**BEACON, "major": "3838", "minor": "4949"}
    assert hear(as_text)[0] == Sighting("ble", "salon", f"ibeacon:{UUID}-3838-4949", -79.0, None, AT)


def test_the_address_of_the_topic_will_do_where_the_payload_has_none() -> None:
    assert hear({"rssi": -60}) == [Sighting("ble", "salon", "ble:aabbccddeeff", -60.0, None, AT)]


def test_a_beacon_that_the_gateway_did_not_decode_is_read_from_its_data() -> None:
    data = "4c000215" + UUID.replace("-", "") + "00010002c5"
    found = hear({"id": "58:78:20:76:BC:24", "mac_type": 1, "rssi": -70, "manufacturerdata": data})
    assert found == [Sighting("ble", "salon", f"ibeacon:{UUID}-1-2", -70.0, None, AT)]


def test_an_absurd_distance_costs_no_sighting() -> None:
    (found,) = hear({"id": "AA:BB:CC:DD:EE:FF", "rssi": -99, "distance": 12_000_000})
    assert found == Sighting("ble", "salon", "ble:aabbccddeeff", -99.0, None, AT)


def test_a_private_address_is_told_once_its_owner_is_sure() -> None:
    one = TheengsDecoder("ble", Rooms((), AT), Resolver(lambda: [IRK]))

    def heard(sender: str) -> list[Found]:
        given = ":".join(sender[i : i + 2] for i in range(0, 12, 2)).upper()
        return one.message(TOPIC, json.dumps({"id": given, "mac_type": 1, "rssi": -60}).encode(), AT)

    ignored(heard(SAMPLE), "private")
    assert heard(address(IRK, 5)) == [Sighting("ble", "salon", NAME, -60.0, None, AT)]
    ignored(heard("4a0000000001"), "private")


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        ({"id": "F3:52:85", "rssi": -82, "brand": "BlueMaestro"}, "id"),
        ({"id": 7, "rssi": -60}, "id"),
        ({"id": "not an address", "rssi": -60}, "id"),
        ({"id": "a\x00", "rssi": -60}, "id"),
        ({"id": "00:00:00:00:00:00", "rssi": -60}, "id"),
        ({"id": "A" * 300, "rssi": -60}, "id"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": True}, "rssi"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": None}, "rssi"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": "loud"}, "rssi"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": -128}, "rssi"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": 21}, "rssi"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": [-60]}, "rssi"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": -60, "distance": -1}, "distance"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": -60, "distance": True}, "distance"),
        ({"id": "AA:BB:CC:DD:EE:FF", "rssi": -60, "mac_type": "x"}, "mac_type"),
        ({**BEACON, "major": 65536}, "major"),
        ({**BEACON, "minor": -1}, "minor"),
        ({**BEACON, "minor": True}, "minor"),
        ({**BEACON, "uuid": "1de4"}, "uuid"),
        ({**BEACON, "uuid": 7}, "uuid"),
        ({"rssi": -60, "uuid": UUID, "major": 1}, "minor"),
    ],
)
def test_a_message_with_something_wrong_in_it_is_refused(payload: Any, word: str) -> None:
    refused(hear(payload), word, without="AA:BB")


@pytest.mark.parametrize(("payload", "word"), BROKEN)
def test_what_is_no_json_is_refused(payload: bytes, word: str) -> None:
    refused(hear(payload), word)


@pytest.mark.parametrize(
    "topic", ["home//BTtoMQTT/AABBCCDDEEFF", f"home/{'x' * 65}/BTtoMQTT/A", "BTtoMQTT/AABBCCDDEEFF"]
)
def test_a_gateway_must_have_a_name(topic: str) -> None:
    refused(hear({"rssi": -60}, topic))


def test_a_status_is_online_or_offline() -> None:
    refused(hear("maybe", "home/salon/LWT"), "LWT")


def test_a_retained_sighting_is_stale() -> None:
    ignored(hear({"id": "AA:BB:CC:DD:EE:FF", "rssi": -60}, retained=True), "retained")


def test_a_gateway_that_falls_silent_or_is_offline_is_named() -> None:
    d = decoder(gateways=("bar",))
    d.rooms = Rooms(("bar",), AT, 600.0)
    d.message("home/salon/LWT", b"online", AT, retained=True)
    d.message("home/bar/SYStoMQTT", b'{"version":"v1.7.0"}', AT + 100)
    assert d.firmware == "OpenMQTTGateway v1.7.0"
    assert d.quiet(AT + 600) is None
    assert d.quiet(AT + 601) == "nothing from salon for 601 s"
    d.message("home/bar/LWT", b"offline", AT + 601)
    assert d.quiet(AT + 602) == "bar is offline; nothing from salon for 602 s"
    d.message("home/salon/BTtoMQTT/AABBCCDDEEFF", b'{"rssi":-60}', AT + 603)
    d.message("home/bar/BTtoMQTT/AABBCCDDEEFF", b'{"rssi":-60}', AT + 603)
    assert d.quiet(AT + 604) is None


def test_the_command_line_decodes_it() -> None:
    topic, payload, _ = SAMPLES[2]
    (row,) = decoded("theengs", topic, payload)
    assert (row["identifier"], row["antenna"], row["rssi"]) == (f"ibeacon:{UUID}-0-0", "OpenMQTTGateway", -79.0)


@given(st.text(max_size=60), st.binary(max_size=200), st.booleans())
def test_nothing_that_comes_raises(topic: str, payload: bytes, retained: bool) -> None:
    for each in (
        topic,
        f"home/{topic}/BTtoMQTT/x",
        f"home/x/BTtoMQTT/{topic}",
        f"home/{topic}/LWT",
        "home/x/SYStoMQTT",
    ):
        sound(hear(payload, each, retained=retained))


KEYS = {"id", "mac", "mac_type", "rssi", "distance", "uuid", "major", "minor", "presence", "manufacturerdata"}


@given(rows(KEYS, json_values | st.sampled_from([-60, "AABBCCDDEEFF", BEACON["uuid"], 0, 1, "4c000215" + "0" * 42])))
def test_no_json_raises_and_a_sighting_keeps_its_ranges(value: dict[str, Any]) -> None:
    sound(hear(value))
    sound(hear(value, "home/x/SYStoMQTT"))
