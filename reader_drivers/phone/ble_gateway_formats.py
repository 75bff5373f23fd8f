"""What Bluetooth gateways of seven makers write, one function for each: rows of what they heard out.

Source: the makers' documents and public parsers of Minew, MOKO, Shelly, April Brother, KKM (KGateway), Ingics, Ruuvi.

    Minew       [{"type": "Gateway", "mac"}, {"type", "mac", "rssi", "ibeaconUuid", "ibeaconMajor", "ibeaconMinor",
                "rawData": hex, "timestamp": ISO or ms}]; in JSON-RAW [{"gateway": address}, {"mac", "rssi", …}]
    MOKO        {"msg_id", "device_info": {"mac"}, "data": [{"timestamp", "mac", "rssi", "raw" or "adv_data": hex}]},
                the members of a row also within "value"; of what it decoded itself {"mac", "rssi", "type": "ibeacon",
                "uuid", "major", "minor"} and {…, "type": "eddystone-uid", "namespace", "instance"} without raw bytes
    Shelly      {"addr", "rssi"}: does not say which Shelly heard it; {"src", "params": {"blu": {name: {"addr",
                "rssi"}}}}; on a topic …/address/what {"rssi", "src", what a sensor measured}
    AprilBrother MessagePack, or JSON with hex for bytes: {"mac", "v", "devices": [bytes]}; of a device byte 0 is the
                type, 1 to 6 the address, 7 the RSSI + 256, the others the advertisement;
                the older iBeacon receiver {"id", "raw_beacons_data": hex parted by ";"}: address (6), UUID (16), major
                (2), minor (2), power, battery, RSSI + 256
    KGateway    {"msg": "advData", "gmac", "obj": [{"dmac", "rssi", "uuid", "majorID", "minorID", "time"} or
                {"dmac", "rssi", "nid", "sid", "time"}]}, the latter an Eddystone-UID's; of old {"dmac", "rssi",
                "data1": hex}
    Ingics      lines $GPRP,address,gateway,RSSI,hex[,epoch s]; also {"data": [lines]}
    Ruuvi       {"gw_mac", "rssi", "data": hex, "ts": epoch s}, the address being the topic's last level;
                {"data": {"gw_mac", "tags": {address: {"rssi", "data", "timestamp"}}}} as over HTTP
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from struct import unpack_from
from typing import Any, NamedTuple

from reader_drivers.hardened_json import as_object, number, parse_all, whole, words
from reader_drivers.messages import LONGEST_ROOM, RSSI, NoSighting, each
from reader_drivers.phone.advertisement import beacon, person, raw
from reader_drivers.phone.ble_gateway_msgpack import is_map, unpack
from reader_drivers.sighting import Found, Ignored, Rejected
from reader_drivers.spelling import HEX, address, digits, eddystone, ibeacon

MOST_ROWS = 1000
ADDRESS_DIGITS = 12
MINEW_BINARY = (b"\xbb\x01", b"\xbb\x02")
MOKO_RAW = ("raw", "raw data", "adv_data", "rsp_data")
MOKO_EDDYSTONE = {"namespace": "instance", "namespace_id": "instance_id", "nid": "sid"}
INGICS_HEARD = {"$GPRP", "$RSPR", "$LRAD", "$1MAD"}
INGICS_HEARTBEAT = "$HBRP"
AB_ADDRESS, AB_RSSI, AB_DATA = 1, 7, 8
AB_OLD_UUID, AB_OLD_MAJOR, AB_OLD_RSSI, AB_OLD_END = 6, 22, 28, 29


class Heard(NamedTuple):
    """One row: which gateway heard which address how strong, in dBm, announcing which beacon, and when it says so."""

    gateway: str | None
    address: str
    rssi: float | None
    beacon: str | None = None
    told: object = None


def announced(rssi: float | None, *ways: Callable[[], str | None]) -> str | None:
    """The beacon that the first of these ways finds; what is malformed costs no reading whose level is given."""
    fault: ValueError | None = None
    for way in ways:
        try:
            if found := way():
                return found
        except ValueError as bad:
            fault = fault or bad
    if fault is not None and rssi is None:
        raise fault
    return None


def in_members(value: dict[str, Any], uuid: str, major: str, minor: str) -> str | None:
    """The iBeacon that these members of a row name; None where there are none."""
    if value.get(uuid) in (None, ""):
        return None
    return person(ibeacon(value[uuid], *(whole(value, key, 0, 0xFFFF, text=True) for key in (major, minor))))


def in_raw(value: dict[str, Any], key: str) -> str | None:
    """The beacon of the advertisement in hex under ``key``; None where there is none."""
    return beacon(raw(value[key], key)) if value.get(key) else None


class Parcel(NamedTuple):
    """One message, what to make of a row of it, and whom to tell that a gateway lives, or its firmware."""

    topic: str
    values: list[Any]
    tell: Callable[[Heard], Found]
    alive: Callable[[str], None]
    firmware: Callable[[str], None]


def rows_of(parcel: Parcel, values: object, meanings: Callable[[dict[str, Any]], Iterable[Found]]) -> Iterable[Found]:
    """What each row means; ValueError where ``values`` is no list of as many rows as a gateway hears."""
    if not isinstance(values, list) or len(values) > MOST_ROWS:
        raise ValueError(f"rows: not a list of up to {MOST_ROWS}")
    return each(values, meanings)


def minew(parcel: Parcel) -> Iterable[Found]:
    """A batch of Minew's, JSON-LONG or JSON-RAW."""
    gateway: str | None = None

    def row(value: dict[str, Any]) -> Iterator[Found]:
        nonlocal gateway
        if value.get("type") == "Gateway" or ("gateway" in value and "mac" not in value):
            gateway = address(value.get("mac", value.get("gateway")), "mac")
            parcel.alive(gateway)
            raise NoSighting("the gateway itself")
        sender = address(value.get("mac"), "mac")
        rssi = number(value, "rssi", *RSSI, text=True)
        found = announced(
            rssi,
            lambda: in_members(value, "ibeaconUuid", "ibeaconMajor", "ibeaconMinor"),
            lambda: in_raw(value, "rawData"),
        )
        yield parcel.tell(Heard(gateway, sender, rssi, found, value.get("timestamp")))

    return rows_of(parcel, parcel.values, row)


def moko(parcel: Parcel) -> Iterable[Found]:
    """A report of a MOKO gateway."""
    return each(parcel.values, lambda message: _moko(parcel, message))


def _moko(parcel: Parcel, message: dict[str, Any]) -> Iterable[Found]:
    info = as_object(message.get("device_info", {}), "device_info")
    gateway = address(info["mac"], "mac") if info.get("mac") else None
    if gateway:
        parcel.alive(gateway)
    if not isinstance(message.get("data"), list):
        raise NoSighting("a report of the gateway itself")

    def row(value: dict[str, Any]) -> Iterator[Found]:
        value = as_object(value.get("value", value), "value")
        sender = address(value.get("mac"), "mac")
        rssi = number(value, "rssi", *RSSI, text=True)
        decoded = _moko_decoded(value)
        found = announced(
            rssi,
            lambda: in_members(decoded, "uuid", "major", "minor"),
            lambda: _moko_eddystone(decoded),
            *(partial(in_raw, value, key) for key in MOKO_RAW),
        )
        yield parcel.tell(Heard(gateway, sender, rssi, found, value.get("timestamp")))

    return rows_of(parcel, message["data"], row)


def _moko_decoded(value: dict[str, Any]) -> dict[str, Any]:
    """What the gateway decoded itself, which stands in the row or in an object of its own."""
    inner = next((each for each in value.values() if isinstance(each, dict)), None)
    return inner if inner and not inner.keys().isdisjoint({"uuid", *MOKO_EDDYSTONE}) else value


def _moko_eddystone(value: dict[str, Any]) -> str | None:
    for namespace, instance in MOKO_EDDYSTONE.items():
        if value.get(namespace):
            return eddystone(value[namespace], value.get(instance))
    return None


def shelly(parcel: Parcel) -> Iterable[Found]:
    """What a script on a Shelly publishes of BLU buttons and tags, or of any sensor that it hears."""

    def row(value: dict[str, Any], gateway: str | None = None) -> Iterator[Found]:
        sender = value["addr"] if "addr" in value else shelly_topic(parcel.topic)
        heard_by = gateway or words(value, "src", LONGEST_ROOM)
        yield parcel.tell(Heard(heard_by, address(sender, "addr"), number(value, "rssi", *RSSI, text=True)))

    def message(value: dict[str, Any]) -> Iterable[Found]:
        if "params" not in value:
            return row(value)
        gateway = words(value, "src", LONGEST_ROOM)
        if gateway:
            parcel.alive(gateway)
        blu = as_object(value["params"], "params").get("blu")
        if blu is None:
            raise NoSighting("an event of the Shelly itself, or a button's press")
        return each(as_object(blu, "blu").values(), lambda heard: row(heard, gateway))

    return each(parcel.values, message)


def shelly_topic(topic: str) -> str | None:
    """The address on a topic ``…/address/what``, as a script for sensors chooses it; None on any other."""
    sender = "".join(topic.split("/")[-2:-1])
    return sender if len(sender) == ADDRESS_DIGITS and HEX(sender) else None


def aprilbrother(parcel: Parcel) -> Iterable[Found]:
    """A message of an April Brother gateway, or of its forerunner."""
    return each(parcel.values, lambda message: _aprilbrother(parcel, message))


def _aprilbrother(parcel: Parcel, message: dict[str, Any]) -> Iterable[Found]:
    if "raw_beacons_data" in message:
        return _aprilbrother_old(parcel, message)
    gateway = address(message["mac"], "mac") if "mac" in message else None
    if gateway:
        parcel.alive(gateway)
    version = words(message, "v", 32) if isinstance(message.get("v"), str) else None
    if version:
        parcel.firmware(f"AB BLE Gateway {version}")
    devices = message.get("devices")
    if not isinstance(devices, list) or len(devices) > MOST_ROWS:
        raise ValueError(f"devices: not a list of up to {MOST_ROWS}")
    return each([{"device": device} for device in devices], lambda row: _ab_device(parcel, gateway, row["device"]))


def _ab_device(parcel: Parcel, gateway: str | None, device: object) -> Iterator[Found]:
    if isinstance(device, str):
        device = bytes.fromhex(device) if HEX(device) and len(device) % 2 == 0 else device.encode()
    if not isinstance(device, bytes) or len(device) < AB_DATA:
        raise ValueError("device: not type, address and RSSI")
    sender = address(device[AB_ADDRESS:AB_RSSI].hex(), "device")
    rssi = _signed_rssi(device[AB_RSSI])
    yield parcel.tell(Heard(gateway, sender, rssi, announced(rssi, lambda: beacon(device[AB_DATA:]))))


def _aprilbrother_old(parcel: Parcel, message: dict[str, Any]) -> Iterable[Found]:
    gateway = address(message.get("id"), "id")
    parcel.alive(gateway)
    data = message["raw_beacons_data"]
    if not isinstance(data, str):
        raise ValueError("raw_beacons_data: not text")
    pieces = [piece for piece in data.split(";") if piece]
    return rows_of(parcel, [{"beacon": piece} for piece in pieces], lambda row: _ab_old_beacon(parcel, gateway, row))


def _ab_old_beacon(parcel: Parcel, gateway: str, row: dict[str, Any]) -> Iterator[Found]:
    device = bytes.fromhex(digits(row["beacon"], "beacon", least=2 * AB_OLD_END, most=2 * AB_OLD_END))
    major, minor = unpack_from(">HH", device, AB_OLD_MAJOR)
    found = person(ibeacon(device[AB_OLD_UUID:AB_OLD_MAJOR].hex(), major, minor))
    sender = address(device[:AB_OLD_UUID].hex(), "beacon")
    yield parcel.tell(Heard(gateway, sender, _signed_rssi(device[AB_OLD_RSSI]), found))


def _signed_rssi(byte: int) -> float | None:
    return number({"rssi": byte - 256 if byte > 127 else byte}, "rssi", *RSSI)


def kgateway(parcel: Parcel) -> Iterable[Found]:
    """A message of a KKM or Blue Charm KGateway."""
    return each(parcel.values, lambda message: _kgateway(parcel, message))


def _kgateway(parcel: Parcel, message: dict[str, Any]) -> Iterable[Found]:
    gateway = address(message["gmac"], "gmac") if "gmac" in message else None
    if gateway:
        parcel.alive(gateway)
    if message.get("msg") != "advData":
        raise NoSighting("word of the gateway itself")

    def row(value: dict[str, Any]) -> Iterator[Found]:
        sender = address(value.get("dmac"), "dmac")
        rssi = number(value, "rssi", *RSSI, text=True)
        found = announced(
            rssi,
            lambda: in_members(value, "uuid", "majorID", "minorID"),
            lambda: eddystone(value["nid"], value.get("sid")) if value.get("nid") else None,
            lambda: in_raw(value, "data1"),
        )
        yield parcel.tell(Heard(gateway, sender, rssi, found, value.get("time")))

    return rows_of(parcel, message.get("obj"), row)


def ingics(parcel: Parcel) -> Iterable[Found]:
    """Lines of an Ingics gateway."""
    return each(parcel.values, lambda message: _ingics(parcel, message.get("data")))


def _ingics(parcel: Parcel, lines: object) -> Iterable[Found]:
    if not isinstance(lines, list) or len(lines) > MOST_ROWS:
        raise ValueError(f"lines: not a list of up to {MOST_ROWS}")
    return each([{"line": line} for line in lines], lambda row: _ingics_line(parcel, row["line"]))


def _ingics_line(parcel: Parcel, line: object) -> Iterator[Found]:
    parts = line.strip().split(",") if isinstance(line, str) else []
    if len(parts) not in (5, 6) or not parts[0].startswith("$"):
        raise ValueError("line: not $GPRP,address,gateway,RSSI,data with or without a time")
    kind, sender, heard_by, strength, data, *told = parts
    gateway = address(heard_by, "gateway")
    parcel.alive(gateway)
    if kind == INGICS_HEARTBEAT:
        raise NoSighting("a heartbeat of the gateway")
    if kind not in INGICS_HEARD:
        raise ValueError("line: of a kind not in the manual")
    rssi = number({"rssi": strength}, "rssi", *RSSI, text=True)
    found = announced(rssi, lambda: beacon(raw(data)))
    yield parcel.tell(Heard(gateway, address(sender), rssi, found, told[0] if told else None))


def ruuvi(parcel: Parcel) -> Iterable[Found]:
    """What a Ruuvi Gateway heard of one tag, or a batch in the form it uses over HTTP."""
    return each(parcel.values, lambda message: _ruuvi(parcel, message))


def _ruuvi(parcel: Parcel, message: dict[str, Any]) -> Iterable[Found]:
    data = message.get("data")
    batch = data if isinstance(data, dict) else message
    gateway = address(batch["gw_mac"], "gw_mac") if "gw_mac" in batch else None
    if gateway:
        parcel.alive(gateway)
    if "tags" in batch:
        tags = as_object(batch["tags"], "tags")
        rows = [{"sender": sender, "row": row} for sender, row in tags.items()]
    elif "data" not in message:
        return [Ignored("word of the gateway itself")]
    else:
        rows = [{"sender": parcel.topic.rpartition("/")[2], "row": message}]

    def row(value: dict[str, Any]) -> Iterator[Found]:
        heard = as_object(value["row"], "row")
        rssi = number(heard, "rssi", *RSSI, text=True)
        told = heard.get("ts", heard.get("timestamp"))
        yield parcel.tell(
            Heard(gateway, address(value["sender"]), rssi, announced(rssi, lambda: in_raw(heard, "data")), told)
        )

    return rows_of(parcel, rows, row)


FORMATS: dict[str, Callable[[Parcel], Iterable[Found]]] = {
    "minew": minew,
    "moko": moko,
    "shelly": shelly,
    "aprilbrother": aprilbrother,
    "kgateway": kgateway,
    "ingics": ingics,
    "ruuvi": ruuvi,
}

# What is in a message of one make and of no other: a member of its first object, the first that fits counts.
TELLTALES = {
    "msg_id": "moko",
    "gmac": "kgateway",
    "devices": "aprilbrother",
    "raw_beacons_data": "aprilbrother",
    "gw_mac": "ruuvi",
    "addr": "shelly",
    "msg": "kgateway",
    "type": "minew",
    "rawData": "minew",
    "gateway": "minew",
    "params": "shelly",
}


def values_of(payload: bytes) -> list[Any]:
    """The values in a payload: JSON's, MessagePack's, or lines of text as the ``data`` of one; ValueError in words."""
    if payload[:2] in MINEW_BINARY:
        raise ValueError("format: Minew's binary one; choose JSON-LONG or JSON-RAW on the gateway")
    if is_map(payload):
        return [unpack(payload)]
    if payload.lstrip()[:1] != b"$":
        return parse_all(payload)
    try:
        return [{"data": payload.decode("ascii").split()}]
    except UnicodeDecodeError:
        raise ValueError("line: not ASCII") from None


def make_of(values: list[Any], topic: str) -> str:
    """Whose format a message is in, by its first object and the topic; ValueError where it is none of ours."""
    first = next((value for value in values if isinstance(value, dict)), {})
    inner = first.get("data")
    if isinstance(inner, dict) and "tags" in inner:
        return "ruuvi"
    if isinstance(inner, list) and inner and isinstance(inner[0], str):
        return "ingics"
    for member, make in TELLTALES.items():
        if member in first:
            return make
    if "rssi" in first and shelly_topic(topic):
        return "shelly"
    raise next(
        (ValueError(value.reason) for value in values if isinstance(value, Rejected)),
        ValueError("format: of no gateway that is known; set format in the reader's settings"),
    )
