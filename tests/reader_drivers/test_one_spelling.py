"""One beacon, one tag: whatever source tells it, in whatever spelling, it is the same identifier."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.recognition.identifiers import BadIdentifier, parse
from tests.reader_drivers.hostile import AT, decoded
from tests.reader_drivers.test_ble_gateway import packed

UUID = "fda50693a4e24fb1afcfc6eb07647825"
HYPHENS = "fda50693-a4e2-4fb1-afcf-c6eb07647825"
IBEACON = f"ibeacon:{HYPHENS}-10001-19641"
IBEACON_RAW = "0201061AFF4C000215FDA50693A4E24FB1AFCFC6EB0764782527114CB9C5"
NUMBERS = {"major": 10001, "minor": 19641}

NAMESPACE, INSTANCE = "00112233445566778899", "aabbccddeeff"
EDDYSTONE = f"eddystone:{NAMESPACE}-{INSTANCE}"
EDDYSTONE_RAW = f"0201060303AAFE1516AAFE00E7{NAMESPACE}{INSTANCE}"

MAC, COLONS = "c00200000001", "C0:02:00:00:00:01"
GATEWAY = {"type": "Gateway", "mac": "AC233FC001EA"}
AB = bytes.fromhex("00" + MAC + "c3")


def espresense(name: str) -> tuple[str, str, Any]:
    return "espresense", f"espresense/devices/{name}/bar", {"id": name, "rssi": -61}


def theengs(**more: Any) -> tuple[str, str, Any]:
    return "theengs", "home/bar/BTtoMQTT/C00200000001", {"id": COLONS, "rssi": -61, **more}


def room_assistant(**more: Any) -> tuple[str, str, Any]:
    return "room_assistant", "room-assistant/mqtt-room/bar", {"rssi": -61, **more}


def gateway(payload: Any, topic: str = "gw") -> tuple[str, str, Any]:
    return "ble_gateway", topic, payload


def minew(**more: Any) -> tuple[str, str, Any]:
    return gateway([GATEWAY, {"type": "Unknown", "mac": MAC.upper(), "rssi": -61, **more}])


def moko(**more: Any) -> tuple[str, str, Any]:
    return gateway({"msg_id": 3070, "data": [{"mac": MAC, "rssi": -61, **more}]})


def kgateway(**more: Any) -> tuple[str, str, Any]:
    return gateway({"msg": "advData", "obj": [{"dmac": MAC, "rssi": "-61", **more}]})


def old_aprilbrother(raw: str) -> tuple[str, str, Any]:
    return gateway({"id": "ABCDEF123456", "raw_beacons_data": f"{MAC}{raw}C5FFC3;"})


SOURCES: list[tuple[str, tuple[str, str, Any]]] = [
    (IBEACON, espresense(f"iBeacon:{HYPHENS}-10001-19641")),
    (IBEACON, espresense(f"iBeacon:{HYPHENS.upper()}-10001-19641")),
    (IBEACON, theengs(uuid=UUID, **NUMBERS)),
    (IBEACON, theengs(uuid=UUID.upper(), major="10001", minor="19641")),
    (IBEACON, theengs(id=UUID, mac="60:87:57:4C:9B:C2", **NUMBERS)),
    (IBEACON, theengs(manufacturerdata=IBEACON_RAW[10:])),
    (IBEACON, room_assistant(id=f"{UUID}-10001-19641")),
    (IBEACON, room_assistant(id=f"{HYPHENS.upper()}-10001-19641")),
    (IBEACON, room_assistant(id="x", uuid=UUID, **NUMBERS)),
    (IBEACON, minew(ibeaconUuid=UUID.upper(), ibeaconMajor=10001, ibeaconMinor=19641)),
    (IBEACON, minew(rawData=IBEACON_RAW)),
    (IBEACON, moko(uuid=HYPHENS, **NUMBERS)),
    (IBEACON, moko(adv_data=IBEACON_RAW.lower(), rsp_data="")),
    (IBEACON, kgateway(uuid=UUID.upper(), majorID=10001, minorID=19641)),
    (IBEACON, kgateway(data1=IBEACON_RAW)),
    (IBEACON, old_aprilbrother(f"{UUID}27114CB9")),
    (IBEACON, gateway(packed({"mac": "112233445566", "devices": [AB + bytes.fromhex(IBEACON_RAW)]}))),
    (IBEACON, gateway({"mac": "112233445566", "devices": [AB.hex() + IBEACON_RAW]})),
    (IBEACON, gateway(f"$GPRP,{MAC},806172C89C09,-61,{IBEACON_RAW}")),
    (IBEACON, gateway({"gw_mac": COLONS, "rssi": "-61", "data": IBEACON_RAW}, f"ruuvi/{COLONS}/{COLONS}")),
    (EDDYSTONE, espresense(f"eddy:{NAMESPACE}aa-{INSTANCE}")),
    (EDDYSTONE, espresense(f"eddy:{NAMESPACE}-{INSTANCE.upper()}")),
    (EDDYSTONE, theengs(servicedatauuid="0xfeaa", servicedata=f"00e7{NAMESPACE}{INSTANCE}0000")),
    (EDDYSTONE, theengs(servicedatauuid="FEAA", servicedata=f"00E7{NAMESPACE}{INSTANCE.upper()}")),
    (EDDYSTONE, minew(rawData=EDDYSTONE_RAW)),
    (EDDYSTONE, moko(raw=EDDYSTONE_RAW)),
    (EDDYSTONE, kgateway(nid=NAMESPACE, sid=INSTANCE.upper())),
    (EDDYSTONE, gateway(f"$GPRP,{MAC},806172C89C09,-61,{EDDYSTONE_RAW}")),
    (f"ble:{MAC}", espresense(MAC)),
    (f"ble:{MAC}", espresense(f"known:{MAC}")),
    (f"ble:{MAC}", theengs()),
    (f"ble:{MAC}", theengs(id=MAC, mac_type=1)),
    (f"ble:{MAC}", room_assistant(id=COLONS.lower())),
    (f"ble:{MAC}", minew()),
    (f"ble:{MAC}", moko(rsp_data="")),
    (f"ble:{MAC}", kgateway()),
    (f"ble:{MAC}", gateway({"addr": COLONS.lower(), "rssi": -61})),
    (f"ble:{MAC}", gateway({"temperature": 21.5, "rssi": -61}, f"blegateway/{MAC}/temperature")),
    (f"ble:{MAC}", gateway({"src": "blugw", "params": {"blu": {"button": {"addr": COLONS, "rssi": -61}}}})),
    (f"ble:{MAC}", gateway([{"gateway": "ac233fc001ea"}, {"mac": MAC, "no": 38, "rssi": -61}])),
    (f"ble:{MAC}", gateway(f"$GPRP,{MAC},806172C89C09,-61,")),
]


@pytest.mark.parametrize(("identifier", "told"), SOURCES)
def test_a_beacon_is_one_identifier_whoever_heard_it(identifier: str, told: tuple[str, str, Any]) -> None:
    driver, topic, payload = told
    found = [row for row in decoded(driver, topic, payload) if "ignored" not in row]
    assert [(row.get("identifier"), row.get("rssi"), row.get("at")) for row in found] == [(identifier, -61.0, AT)]


@pytest.mark.parametrize(
    ("identifier", "driver", "payload", "settings"),
    [
        ("epc:8A450224", "impinj_iot", {"eventType": "tagInventory", "tagInventoryEvent": {"epc": "ikUCJA=="}}, {}),
        ("epc:8A450224", "impinj_iot", {"tagInventoryEvent": {"epcHex": "8a450224"}}, {}),
        ("epc:8A450224", "impinj_iot", {"epc": "8A450224", "peakRssi": -61}, {}),
        ("epc:8A450224", "zebra_iotc", {"type": "SIMPLE", "data": {"idHex": "8a450224"}}, {}),
        ("epc:8A450224", "zebra_iotc", {"type": "X", "data": {"tagData": [{"EPCid": "8A450224"}]}}, {}),
        ("epc:8A450224", "zebra_iotc", {"idHex": "8a450224", "antenna": 1, "timestamp": 1_600_000_000_000}, {}),
        ("epc:8A450224", "json", {"id": "8A 45 02 24"}, {"scheme": "epc"}),
        ("epc:8A450224", "json", {"id": "epc:8a450224"}, {}),
        ("epc:8A450224", "json", {"id": "ikUCJA=="}, {"scheme": "epc", "encoding": "base64"}),
        ("epc:8A450224", "json", {"a": [{"b": "8a450224"}]}, {"scheme": "epc", "identifier": "a.0.b"}),
    ],
)
def test_a_tag_is_one_identifier_whatever_read_it(
    identifier: str, driver: str, payload: Any, settings: dict[str, Any]
) -> None:
    assert [row["identifier"] for row in decoded(driver, "door", payload, **settings)] == [identifier]


@pytest.mark.parametrize(
    "name",
    [
        "Anna",
        " Anna ",
        "phone:anna",
        "Ａｎｎａ",
        "Ame\u0301lie",
        "手机：安娜",
        "a/b",
        "x" * 128,
        "a\u0000b",
        "a\u200eb",
        "a\u3000b",
    ],
)
def test_a_name_is_told_as_it_is_enrolled(name: str) -> None:
    enrolled = parse(f"alias:{name}")
    for driver, topic, payload in (espresense(name), room_assistant(id=name)):
        assert [row.get("identifier") for row in decoded(driver, topic, payload)] == [enrolled]
    assert [row["identifier"] for row in decoded("json", "x", {"id": name}, scheme="alias")] == [enrolled]


@pytest.mark.parametrize("name", [" ", "\u3000", "x" * 129, "a;b", "\u200b\u0000", "a\ufffdb"])
def test_a_name_that_nobody_can_be_enrolled_by_is_refused(name: str) -> None:
    with pytest.raises(BadIdentifier):
        parse(f"alias:{name}")
    for driver, topic, payload in (espresense(name), room_assistant(id=name)):
        assert [list(row) for row in decoded(driver, topic, payload)] == [["error"]]
