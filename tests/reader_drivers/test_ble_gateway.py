"""Bluetooth gateways of seven makers: who was heard by which of them, what is refused, which of them live."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import Found, Rejected, Sighting
from reader_drivers.phone.ble_gateway import BleGateway, BleGatewayDecoder
from reader_drivers.phone.ble_gateway_formats import FORMATS
from reader_drivers.phone.ble_gateway_msgpack import DEEPEST, MOST_ITEMS, unpack
from reader_drivers.phone.private_address import Resolver
from reader_drivers.rooms import Rooms
from tests.reader_drivers.hostile import AT, BROKEN, body, decoded, ignored, json_values, refused, rows, sound
from tests.reader_drivers.test_private_address import IRK, NAME, SAMPLE, address

TOPIC = "gw/lobby"
AB = [
    "00123b6a1a64cfaa0201061aff4c000215b5b182c7eab14988aa99b5c1517008d90001cf64c5",
    "02C8FD1949A530CE0201061AFF4C000215EB6D469624BE4663B15230D46B0E9CC9000D002AC0",
]
AB_HEARD = [
    Sighting("ble", "112233445566", "ibeacon:b5b182c7-eab1-4988-aa99-b5c1517008d9-1-53092", -86.0, None, AT),
    Sighting("ble", "112233445566", "ibeacon:eb6d4696-24be-4663-b152-30d46b0e9cc9-13-42", -50.0, None, AT),
]
EDDYSTONE = "0201060303AAFE1516AAFE00E700112233445566778899AABBCCDDEEFF"
RUUVI = "0201061BFF99040512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"


def packed(value: Any) -> bytes:
    """A value in MessagePack, as the gateways' library writes it."""
    match value:
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int():
            return bytes((value,)) if 0 <= value < 128 else b"\xd3" + struct.pack(">q", value)
        case float():
            return b"\xcb" + struct.pack(">d", value)
        case str():
            data = value.encode()
            return b"\xd9" + bytes((len(data),)) + data
        case bytes():
            return b"\xc4" + bytes((len(value),)) + value
        case list():
            return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(packed, value))
        case dict():
            inside = b"".join(packed(key) + packed(each) for key, each in value.items())
            return (b"\x80"[0] | len(value)).to_bytes(1, "big") + inside
    raise TypeError


AB_MESSAGE = {"v": "1.4.0", "mid": 7, "time": 60, "ip": "10.0.0.9", "mac": "112233445566", "rssi": -51}

# Messages of the makers' documents and public captures: make, topic, payload, what it means.
SAMPLES: list[tuple[str, str, Any, list[Sighting]]] = [
    ("aprilbrother", "gateway", packed({**AB_MESSAGE, "devices": [bytes.fromhex(each) for each in AB]}), AB_HEARD),
    ("aprilbrother", "gateway", {**AB_MESSAGE, "devices": AB}, AB_HEARD),
    (
        "ingics",
        TOPIC,
        (
            b"$GPRP,AC233F23BB8C,F90AF395ECD1,-44,0201061AFF4C000215FDA50693A4E24FB1AFCFC6EB0764782527114CB9C5\r\n"
            b"$GPRP,0081F9889BF9,DB024BFC4863,-44,02010612FF0D0083BC200120AAAAFFFF000002070000,1604900604\r\n"
            b"$GPRP,7ABA6F20ACCF,806172C89C09,-2,\r\n"
        ),
        [
            Sighting(
                "ble", "f90af395ecd1", "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-10001-19641", -44.0, None, AT
            ),
            Sighting("ble", "db024bfc4863", "ble:0081f9889bf9", -44.0, None, 1604900604.0),
            Sighting("ble", "806172c89c09", "ble:7aba6f20accf", -2.0, None, AT),
        ],
    ),
    (
        "ingics",
        TOPIC,
        {"data": ["$GPRP,7ABA6F20ACCF,806172C89C09,-2,", "$RSPR,7ABA6F20ACCF,806172C89C09,-3,020106"]},
        [
            Sighting("ble", "806172c89c09", "ble:7aba6f20accf", -2.0, None, AT),
            Sighting("ble", "806172c89c09", "ble:7aba6f20accf", -3.0, None, AT),
        ],
    ),
    (
        "kgateway",
        "kbeacon/publish/68B9D3DFE78C",
        {
            "msg": "advData",
            "gmac": "68B9D3DFE78C",
            "obj": [
                {"type": 2, "dmac": "DD3304130897", "refPwr": -14, "nid": "6B6B6D636E2E636F6D01", "sid": "000000000001"}
                | {"rssi": -60, "time": "2021-05-20 18:12:48"},
                {"type": 4, "dmac": "DD3304130897", "uuid": "7777772E6B6B6D636E2E636F6D000001", "majorID": 2}
                | {"minorID": 30025, "refpower": -59, "rssi": -65},
                {"type": 1, "dmac": "DD3304130897", "rssi": "-70"},
            ],
        },
        [
            Sighting("ble", "68b9d3dfe78c", "eddystone:6b6b6d636e2e636f6d01-000000000001", -60.0, None, 1621534368.0),
            Sighting("ble", "68b9d3dfe78c", "ibeacon:7777772e-6b6b-6d63-6e2e-636f6d000001-2-30025", -65.0, None, AT),
            Sighting("ble", "68b9d3dfe78c", "ble:dd3304130897", -70.0, None, AT),
        ],
    ),
    (
        "minew",
        "/gw/ac233fc001ea/status",
        [
            {"timestamp": "2022-06-17T02:03:51Z", "type": "iBeacon", "mac": "10C005091CD5", "bleName": ""}
            | {"ibeaconUuid": "64E2FEFF5AF34D2C97C4643B70CD82EB", "ibeaconMajor": 4, "ibeaconMinor": 1, "rssi": -50},
            {"timestamp": 1668563031000, "type": "Unknown", "mac": "C00200000001", "rssi": "-61", "rawData": EDDYSTONE},
            {"type": "S1", "mac": "AC233FA00001", "rssi": -70, "temperature": 21.5},
        ],
        [
            Sighting("ble", None, "ibeacon:64e2feff-5af3-4d2c-97c4-643b70cd82eb-4-1", -50.0, None, 1655431431.0),
            Sighting("ble", None, "eddystone:00112233445566778899-aabbccddeeff", -61.0, None, 1668563031.0),
            Sighting("ble", None, "ble:ac233fa00001", -70.0, None, AT),
        ],
    ),
    (
        "moko",
        TOPIC,
        {
            "msg_id": 3004,
            "device_info": {"device_id": "1234", "mac": "112233445566"},
            "data": [
                {
                    "type": 8,
                    "value": {"timestamp": "2021-01-01&17:10:16+08", "mac": "ABDF01FC9E98", "rssi": -78}
                    | {"name": "ABC", "raw": EDDYSTONE},
                },
            ],
        },
        [Sighting("ble", "112233445566", "eddystone:00112233445566778899-aabbccddeeff", -78.0, None, 1609492216.0)],
    ),
    (
        "moko",
        TOPIC,
        {
            "msg_id": 3070,
            "device_info": {"mac": "11:22:33:44:55:66"},
            "data": [{"mac": "ABDF01FC9E98", "rssi": -78, "adv_data": "020106", "rsp_data": EDDYSTONE}],
        },
        [Sighting("ble", "112233445566", "eddystone:00112233445566778899-aabbccddeeff", -78.0, None, AT)],
    ),
    (
        "moko",
        TOPIC,
        {
            "msg_id": 3070,
            "device_info": {"mac": "112233445566"},
            "data": [
                {"timestamp": 1246, "timezone": 0, "type_code": 0, "type": "ibeacon", "rssi": -61, "connectable": 0}
                | {"mac": "b081845989f1", "uuid": "FDA50693A4E24FB1AFCFC6EB07647825", "major": 10001, "minor": 19641}
                | {"rssi_1m": -59},
                {"timestamp": 0, "type_code": 1, "type": "eddystone-uid", "rssi": -70, "mac": "b081845989f2"}
                | {"namespace": "00112233445566778899", "instance": "aabbccddeeff", "rssi_0m": -20},
                {
                    "type": 1,
                    "value": {"mac": "b081845989f3", "rssi": -71}
                    | {"namespace": "00112233445566778899", "instance": "AABBCCDDEE01", "rssi@0m": -20},
                },
                {"timestamp": 0, "type_code": 3, "type": "eddystone-tlm", "rssi": -72, "mac": "c08184598904"}
                | {"batt_vol": 3000, "temperature": 21.5, "adv_count": 7, "runtime": 8},
            ],
        },
        [
            Sighting(
                "ble", "112233445566", "ibeacon:fda50693-a4e2-4fb1-afcf-c6eb07647825-10001-19641", -61.0, None, AT
            ),
            Sighting("ble", "112233445566", "eddystone:00112233445566778899-aabbccddeeff", -70.0, None, AT),
            Sighting("ble", "112233445566", "eddystone:00112233445566778899-aabbccddee01", -71.0, None, AT),
            Sighting("ble", "112233445566", "ble:c08184598904", -72.0, None, AT),
        ],
    ),
    (
        "ruuvi",
        "ruuvi/C8:25:2D:8E:9C:2C/F4:1F:0C:28:CB:D6",
        {"gw_mac": "C8:25:2D:8E:9C:2C", "rssi": -26, "aoa": [], "gwts": "1653668027", "ts": "1653668027", "data": RUUVI}
        | {"coords": ""},
        [Sighting("ble", "c8252d8e9c2c", "ble:f41f0c28cbd6", -26.0, None, 1653668027.0)],
    ),
    (
        "ruuvi",
        TOPIC,
        {
            "data": {
                "gw_mac": "C8:25:2D:8E:9C:2C",
                "tags": {"F4:1F:0C:28:CB:D6": {"rssi": -26, "timestamp": "1653668027", "data": RUUVI}},
            }
        },
        [Sighting("ble", "c8252d8e9c2c", "ble:f41f0c28cbd6", -26.0, None, 1653668027.0)],
    ),
    (
        "aprilbrother",
        "/beacons",
        {"id": "F4B85E03F1EE", "v": "0.10", "mid": 5260}
        | {"raw_beacons_data": "123B6A1A6E33B5B182C7EAB14988AA99B5C1517008D90001336EC5FFBD;"},
        [Sighting("ble", "f4b85e03f1ee", "ibeacon:b5b182c7-eab1-4988-aa99-b5c1517008d9-1-13166", -67.0, None, AT)],
    ),
    (
        "kgateway",
        TOPIC,
        {"msg": "advData", "gmac": "D03304003302", "seq": 181}
        | {
            "obj": [
                {"dmac": "4105020A33DD", "rssi": "-50"}
                | {"data1": "0201061AFF4C0002157777772E6B6B6D636E2E636F6D00000100010001C5"},
            ]
        },
        [Sighting("ble", "d03304003302", "ibeacon:7777772e-6b6b-6d63-6e2e-636f6d000001-1-1", -50.0, None, AT)],
    ),
    (
        "shelly",
        "3c2ef5000001",
        {"addr": "3c:2e:f5:00:00:01", "rssi": -61, "local_name": "SBBT-002C"}
        | {"service_data": {"encryption": False, "BTHome_version": 2, "pid": 118, "battery": 100, "button": 1}},
        [Sighting("ble", None, "ble:3c2ef5000001", -61.0, None, AT)],
    ),
]


def decoder(**settings: Any) -> BleGatewayDecoder:
    return BleGateway.decoder("ble", BleGateway.Settings(**settings))


def hear(payload: Any, topic: str = TOPIC, *, retained: bool = False, **settings: Any) -> list[Found]:
    return decoder(**settings).message(topic, body(payload), AT, retained=retained)


@pytest.mark.parametrize(("make", "topic", "payload", "expected"), SAMPLES)
def test_real_messages_are_read_by_their_shape_and_by_their_makers_name(
    make: str, topic: str, payload: Any, expected: list[Sighting]
) -> None:
    assert hear(payload, topic) == expected
    assert hear(payload, topic, format=make) == expected


def test_every_make_has_a_sample_and_a_setting() -> None:
    makes = {make for make, *_ in SAMPLES}
    assert makes == set(FORMATS)
    for make in makes:
        BleGateway.Settings.model_validate({"format": make})


def test_a_shelly_says_which_one_it_is_where_it_does() -> None:
    status = {"src": "blugw-lobby", "method": "NotifyStatus", "params": {"ts": 1, "blu": {"button": {}, "other": {}}}}
    for name, sender in (("button", "3c:2e:f5:00:00:01"), ("other", "3c:2e:f5:00:00:02")):
        status["params"]["blu"][name] = {"addr": sender, "rssi": -61, "button": 1}  # type: ignore[index]
    d = decoder()
    d.rooms = Rooms((), AT, 120.0)
    assert d.message("blugw/events/rpc", body(status), AT) == [
        Sighting("ble", "blugw-lobby", "ble:3c2ef5000001", -61.0, None, AT),
        Sighting("ble", "blugw-lobby", "ble:3c2ef5000002", -61.0, None, AT),
    ]
    assert d.quiet(AT + 121) == "nothing from blugw-lobby for 121 s"
    ignored(hear({"src": "blugw-lobby", "params": {"events": [{"event": "button"}]}}), "press")
    refused(hear({"src": "blugw-lobby", "params": {"blu": [7]}}), "blu")
    refused(hear({"src": "blugw-lobby", "params": {"blu": {"button": 7}}}), "row")
    told = {"temperature": 21.5, "rssi": -60, "src": "shelly-1"}
    assert hear(told, "blegateway/3c2ef5000001/temperature") == [
        Sighting("ble", "shelly-1", "ble:3c2ef5000001", -60.0, None, AT)
    ]


def test_a_minew_batch_names_its_gateway_first() -> None:
    gateway = {"timestamp": "2019-08-13T06:06:20Z", "type": "Gateway", "mac": "AC233FC001EA", "gatewayFree": 98}
    found = hear([gateway, {"type": "Unknown", "mac": "C00200000001", "rssi": -61, "rawData": ""}])
    ignored(found[:1], "gateway itself")
    assert found[1:] == [Sighting("ble", "ac233fc001ea", "ble:c00200000001", -61.0, None, AT)]


def test_devices_may_be_told_by_their_address_whatever_they_announce() -> None:
    (found, *_) = hear(SAMPLES[0][2], identify="address")
    assert isinstance(found, Sighting)
    assert found.identifier == "ble:123b6a1a64cf"


def test_a_private_address_is_told_once_its_owner_is_sure() -> None:
    settings = BleGateway.Settings()
    one = BleGateway.decoder("ble", settings, resolver=Resolver(lambda: [IRK]))
    found = [one.message(TOPIC, body({"addr": sender, "rssi": -60}), AT)[0] for sender in (SAMPLE, address(IRK, 3))]
    assert [each.identifier for each in found if isinstance(each, Sighting)] == [f"ble:{SAMPLE}", NAME]


@pytest.mark.parametrize(
    ("topic", "payload", "word"),
    [
        (TOPIC, {"msg": "alive", "gmac": "68B9D3DFE78C"}, "gateway itself"),
        (TOPIC, b"$HBRP,806172C89C09,806172C89C09,-127,00000000", "heartbeat"),
        (TOPIC, {"msg_id": 3003, "device_info": {"mac": "112233445566"}, "data": {"net_state": 1}}, "gateway itself"),
        (TOPIC, [], "empty"),
        (TOPIC, {**AB_MESSAGE, "devices": []}, "empty"),
        ("ruuvi/C8:25:2D:8E:9C:2C/gw_status", {"state": "online"}, "gateway itself"),
        (TOPIC, {"gw_mac": "C8:25:2D:8E:9C:2C", "gwts": "1"}, "gateway itself"),
        (
            TOPIC,
            {**AB_MESSAGE, "devices": ["00123b6a1a64cfaa1aff4c000215e5ca1adef007ba11000000000000000000010001c5"]},
            "ESP",
        ),
    ],
)
def test_what_is_no_sighting_is_ignored(topic: str, payload: Any, word: str) -> None:
    ignored(hear(payload, topic), word)


def test_a_retained_message_is_history_or_nothing() -> None:
    ignored(hear({"addr": "3c:2e:f5:00:00:01", "rssi": -61}, retained=True), "retained")
    topic, payload = next((topic, payload) for make, topic, payload, _ in SAMPLES if make == "ruuvi")
    (found,) = hear(payload, topic, retained=True)
    assert isinstance(found, Sighting)
    assert found.at == 1653668027.0


SENDER, LEVEL = "C00200000001", -61
DAMAGED = ["0", "05FF", "zz", "1AFF4C000215", 7, [], "FF" * 300]


@pytest.mark.parametrize("damaged", DAMAGED)
@pytest.mark.parametrize(
    ("topic", "around"),
    [
        (TOPIC, lambda d: [{"mac": SENDER, "rssi": LEVEL, "type": "Unknown", "rawData": d}]),
        (TOPIC, lambda d: {"msg_id": 3070, "data": [{"mac": SENDER, "rssi": LEVEL, "adv_data": d, "rsp_data": d}]}),
        (TOPIC, lambda d: {"msg_id": 3004, "data": [{"type": 8, "value": {"mac": SENDER, "rssi": LEVEL, "raw": d}}]}),
        (TOPIC, lambda d: {"msg": "advData", "obj": [{"dmac": SENDER, "rssi": LEVEL, "data1": d}]}),
        (f"ruuvi/gw/{SENDER}", lambda d: {"gw_mac": "112233445566", "rssi": LEVEL, "data": d}),
        (TOPIC, lambda d: {"data": {"gw_mac": "112233445566", "tags": {SENDER: {"rssi": LEVEL, "data": d}}}}),
        (TOPIC, lambda d: f"$GPRP,{SENDER},112233445566,{LEVEL},{d}" if isinstance(d, str) else None),
        (TOPIC, lambda d: {**AB_MESSAGE, "devices": [f"00{SENDER}c3{d}" if d in ("05FF", "1AFF4C000215") else None]}),
        (TOPIC, lambda d: [{"mac": SENDER, "rssi": LEVEL, "type": "iBeacon", "ibeaconUuid": d, "ibeaconMajor": 4}]),
        (TOPIC, lambda d: {"msg_id": 3070, "data": [{"mac": SENDER, "rssi": LEVEL, "type": "ibeacon", "uuid": d}]}),
        (TOPIC, lambda d: {"msg_id": 3070, "data": [{"mac": SENDER, "rssi": LEVEL, "namespace": d or "0"}]}),
    ],
)
def test_a_damaged_advertisement_costs_no_reading_whose_address_and_level_are_given(
    topic: str, around: Any, damaged: Any
) -> None:
    payload = around(damaged)
    if payload is None or payload == {**AB_MESSAGE, "devices": [None]}:
        return  # what this make cannot write
    found = hear(payload, topic)
    assert [(each.identifier, each.rssi) for each in found if isinstance(each, Sighting)] == [
        ("ble:" + SENDER.lower(), float(LEVEL))
    ]
    assert len(found) == 1


@given(st.binary(max_size=40), st.integers(0, 40))
def test_whatever_is_advertised_is_a_reading(data: bytes, cut: int) -> None:
    for advertised in (data.hex(), data.hex()[:cut]):
        (found,) = hear({"msg_id": 3070, "data": [{"mac": SENDER, "rssi": LEVEL, "adv_data": advertised}]})
        assert isinstance(found, Sighting)
        assert found.rssi == LEVEL


KNOWN = {"mac": SENDER, "rssi": LEVEL}


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        ({}, "format"),
        ({"temperature": 21}, "format"),
        (bytes.fromhex("bb0100000034ac233fffffff0001fee150bada5500011a"), "JSON-LONG"),
        (bytes.fromhex("bb02") + bytes(40), "JSON-LONG"),
        ({"rssi": -60, "temperature": 21}, "format"),
        ({"addr": 7}, "addr"),
        ({"addr": "x", "rssi": -60}, "addr"),
        ({"addr": "3c:2e:f5:00:00:01", "rssi": True}, "rssi"),
        ({"addr": "3c:2e:f5:00:00:01", "rssi": -128}, "rssi"),
        ([{"type": "X"}], "mac"),
        ([{**KNOWN, "type": "X", "rssi": "loud"}], "rssi"),
        ([{"mac": KNOWN["mac"], "type": "X", "rawData": "0"}], "raw"),
        ([{"mac": KNOWN["mac"], "type": "X", "rawData": "05FF"}], "structure"),
        ([{"mac": KNOWN["mac"], "type": "X", "ibeaconUuid": "x"}], "uuid"),
        ({"msg_id": 1, "device_info": 7, "data": []}, "device_info"),
        ({"msg_id": 1, "device_info": {"mac": "x"}}, "mac"),
        ({"msg_id": 1, "data": [7]}, "row"),
        ({"msg_id": 1, "data": [{"value": 7}]}, "value"),
        ({"msg_id": 1, "data": [{}]}, "mac"),
        ({"id": "ABCDEF123456", "raw_beacons_data": "F4B8;"}, "beacon"),
        ({"id": "ABCDEF123456", "raw_beacons_data": 7}, "raw_beacons_data"),
        ({"id": "x", "raw_beacons_data": ""}, "id"),
        ({"devices": 7}, "devices"),
        ({"devices": [7]}, "device"),
        ({"devices": ["0012"]}, "device"),
        ({"devices": ["zz"]}, "device"),
        ({"mac": "x", "devices": []}, "mac"),
        ({"msg": "advData", "gmac": "68B9D3DFE78C", "obj": 7}, "rows"),
        ({"msg": "advData", "obj": [{"dmac": "DD3304130897", "nid": "6B"}]}, "namespace"),
        ({"msg": "advData", "obj": [{}]}, "dmac"),
        (b"$GPRP,7ABA6F20ACCF,806172C89C09", "line"),
        (b"$GPRP,7ABA6F20ACCF,x,-2,", "gateway"),
        (b"$WHAT,7ABA6F20ACCF,806172C89C09,-2,", "line"),
        (b"$GPRP,7ABA6F20ACCF,806172C89C09,loud,", "rssi"),
        (b"$GPRP,7ABA6F20ACC,806172C89C09,-2,", "address"),
        (b"$GPRP,\xff", "ASCII"),
        (b"$GPRP,7ABA6F20ACCF,806172C89C09,,zz", "rssi"),
        ({"data": ["$GPRP", 7]}, "line"),
        ({"gw_mac": "x", "data": ""}, "gw_mac"),
        ({"gw_mac": "C8:25:2D:8E:9C:2C", "data": "", "rssi": -60}, "address"),
        ({"data": {"tags": 7}}, "tags"),
        ({"data": {"tags": {"x": {}}}}, "address"),
        ({"data": {"tags": {"F4:1F:0C:28:CB:D6": 7}}}, "row"),
        ([{**KNOWN, "type": "X"}] * 1001, "rows"),
        ({"devices": ["00" * 8] * 1001}, "devices"),
        (b"$GPRP,a,b,1,\n" * 1001, "lines"),
    ],
)
def test_a_message_with_something_wrong_in_it_is_refused(payload: Any, word: str) -> None:
    refused(hear(payload), word)


@pytest.mark.parametrize(("payload", "word"), [row for row in BROKEN if row[0] not in (b"null", b"7", b'"text"')])
def test_what_is_no_json_is_refused(payload: bytes, word: str) -> None:
    if payload in (b"[7]", b"[[]]"):
        word = ""
    refused(hear(payload), word)
    if payload[:1] != b"$":
        refused(hear(payload, format="minew"), word)


def test_one_bad_row_leaves_the_others() -> None:
    found = hear({**AB_MESSAGE, "devices": [AB[0], "zz", AB[1]]})
    assert [found[0], found[2]] == AB_HEARD
    assert isinstance(found[1], Rejected)


def test_of_a_documented_pair_the_row_with_an_impossible_rssi_falls_alone() -> None:
    pair = (
        "F4B85ED84CB7123456781234123412341234123412347DAD33B1C6FF41;"
        "0117C538C0CF23A01AF0232A45189C0E323FB773F5EF00100020B3FFB2;"
    )
    found = hear({"id": "ABCDEF123456", "raw_beacons_data": pair})
    refused(found[:1], "rssi")
    assert found[1:] == [
        Sighting("ble", "abcdef123456", "ibeacon:23a01af0-232a-4518-9c0e-323fb773f5ef-16-32", -78.0, None, AT)
    ]


def test_a_gateway_that_falls_silent_is_named_and_one_without_a_name_is_not_watched() -> None:
    d = decoder()
    d.rooms = Rooms(("112233445566",), AT, 120.0)
    d.message(TOPIC, b"$HBRP,806172C89C09,806172C89C09,-127,00000000", AT + 100)
    assert d.quiet(AT + 121) == "nothing from 112233445566 for 121 s"
    d.message("gateway", SAMPLES[0][2], AT + 121)
    assert d.quiet(AT + 122) is None
    assert d.firmware == "AB BLE Gateway 1.4.0"
    d.message("gateway", SAMPLES[0][2], AT + 200, retained=True)
    assert "112233445566" in str(d.quiet(AT + 250))
    shelly = decoder()
    shelly.message(TOPIC, body({"addr": "3c:2e:f5:00:00:01", "rssi": -61}), AT)
    assert shelly.quiet(AT + 10_000_000) is None


def test_expected_gateways_may_be_written_in_any_way() -> None:
    assert BleGateway.Settings(gateways=("AC:23:3F:C0:01:EA",)).gateways == ("ac233fc001ea",)
    with pytest.raises(ValueError, match="address"):
        BleGateway.Settings(gateways=("lobby",))


def test_the_command_line_decodes_it() -> None:
    payload = next(payload for make, _, payload, _ in SAMPLES if make == "ingics")
    found = decoded("ble_gateway", TOPIC, payload, format="ingics")
    assert [row["identifier"].partition(":")[0] for row in found] == ["ibeacon", "ble", "ble"]


# --- MessagePack ----------------------------------------------------------------------------------------------------

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=20)
    | st.binary(max_size=40)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)


@given(plain)
def test_messagepack_is_read(value: Any) -> None:
    try:
        assert unpack(packed(value)) == value
    except ValueError as fault:
        assert "deeply" in str(fault)  # noqa: PT017 - the only fault that a whole value may have


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (b"", "cut off"),
        (b"\x81", "cut off"),
        (b"\x81\xa1", "cut off"),
        (b"\xc4\x05ab", "cut off"),
        (b"\xc6\xff\xff\xff\xff", "cut off"),
        (b"\xdd\xff\xff\xff\xff", "too many"),
        (b"\xdf\x00\x01\x00\x00", "too many"),
        (b"\x01\x02", "more after"),
        (b"\x81\x01\x01", "no text"),
        (b"\x82\xa1a\x01\xa1a\x02", "twice"),
        (b"\xd4\x01\x00", "extension"),
        (b"\xc1", "extension"),
        (b"\x91" * (DEEPEST + 1) + b"\x01", "deeply"),
        (b"\xcb\x7f\xf0" + b"\0" * 6, "no number"),
        (b"\xca\x7f\xc0\x00\x00", "no number"),
        (b"\xdc\x10\x01" + b"\x01" * (MOST_ITEMS + 1), "too many"),
    ],
)
def test_messagepack_with_something_wrong_in_it_is_refused(payload: bytes, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        unpack(payload)


@given(st.binary(max_size=100))
def test_no_bytes_are_a_trouble(payload: bytes) -> None:
    try:
        unpack(payload)
    except ValueError:
        return


def test_bytes_as_old_writers_send_them_are_read() -> None:
    device = bytes.fromhex(AB[0])
    payload = b"\x82\xa3mac\xac112233445566\xa7devices\x91\xda\x00" + bytes((len(device),)) + device
    assert hear(payload) == AB_HEARD[:1]


@given(st.binary(max_size=200), st.sampled_from(["auto", *FORMATS]), st.booleans())
def test_nothing_that_comes_raises(payload: bytes, make: Any, retained: bool) -> None:
    for each in (payload, b"$GPRP," + payload, b"\x81\xa7devices" + payload):
        sound(hear(each, retained=retained, format=make))


KEYS = {
    "mac",
    "addr",
    "rssi",
    "type",
    "rawData",
    "raw",
    "value",
    "dmac",
    "uuid",
    "major",
    "minor",
    "nid",
    "sid",
    "ts",
    "ibeaconUuid",
    "ibeaconMajor",
    "ibeaconMinor",
    "timestamp",
    "time",
    "data",
    "gw_mac",
}
likely = json_values | st.sampled_from(["C00200000001", -60, "0" * 32, EDDYSTONE, "iBeacon", 1])


@given(
    rows(KEYS, likely), rows({"msg_id", "gmac", "devices", "device_info", "mac", "gw_mac", "msg"}, likely), json_values
)
def test_no_json_raises_and_a_sighting_keeps_its_ranges(
    row: dict[str, Any], around: dict[str, Any], other: Any
) -> None:
    for key in ("data", "obj", "devices"):
        for inner in ([row], {"tags": {"C00200000001": row}}, other, [other]):
            sound(hear({**around, key: inner}))
    for make in FORMATS:
        sound(hear([row, other], format=make))
