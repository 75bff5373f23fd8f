"""Frames and messages of real devices and their documents, with what they mean."""

from __future__ import annotations

from reader_drivers.sighting import Found, Ignored, Rejected, Sighting

READER = "door"

# Frame, EPC, RSSI. The first four and the last are printed in manuals or quick guides, the others come from devices.
M100_TAGS = [
    ("BB02220011C9340030751FEB705C5904E3D50D703A76EF7E", "30751FEB705C5904E3D50D70", -55),
    ("BB02220011D53000E20010710000529B0940B402EB980C7E", "E20010710000529B0940B402", -43),
    ("BB02220011C83400E20010710000529B0940B402163DD37E", "E20010710000529B0940B402", -56),
    ("BB02220011C43000E200001D7315016521408FC6B83EC27E", "E200001D7315016521408FC6", -60),
    ("BB02220011CB3400E200471BB0006013044509D09582D47E", "E200471BB0006013044509D0", -53),
    ("AA02220011C73000E28068900000500E88C6A4A7119B29DD", "E28068900000500E88C6A4A7", -57),
]  # fmt: skip

# Frame, a word of what is said of it.
M100_OTHERS = [
    ("BB01FF000115167E", "no tag"),
    ("BB01FF0010160E340030751FEB705C5904E3D50D70757E", "wrong access password"),
    ("BB01280001002A7E", "stopped"),
    ("BB01B7000207D0917E", "power"),
    ("BB01FF000117187E", "unknown command"),
    ("BB01FF0001A3A47E", "memory overrun"),
    ("BB01FF0001B4B57E", "memory locked"),
    ("BB01FF000155567E", "not in the manual"),
    ("BB00270003222710837E", "command"),
    ("BB00280000287E", "command"),
    ("AA01FF00011516DD", "no tag"),
]

# Bytes, identity, framing.
EM4100_FOBS = [
    (b"\x0262E3086CED08\x03", "62E3086CED", "stx14"),
    (b"\x023C00CE754CCB\x03", "3C00CE754C", "stx14"),
    (b"\x0267003B51C6CB\x03", "67003B51C6", "stx14"),
    (b"\x0267003BA86C98\x03", "67003BA86C", "stx14"),
    (b"\x0267003BA86793\x03", "67003BA867", "stx14"),
    (b"\x020D00319CD070\x03", "0D00319CD0", "stx14"),
    (b"\x0201C8F0080031\x03", "01C8F00800", "stx14"),
    (bytes.fromhex("023035303032303742333236430D0A03"), "0500207B32", "crlf16"),
    (bytes.fromhex("02303131344145334242433C03"), "0114AE3BBC", "raw13"),
    (b"307E4DE5C224", "307E4DE5C2", "bare12"),
    (bytes.fromhex("020A022E00B6D7B5F203"), "2E00B6D7B5", "bin10"),
]

# Ghosts that pass the XOR; all but the first look like any fob, and end at the roster.
EM4100_GHOSTS = [b"000000078F88", b"00F00000F000", b"B59A99E5A9FA", b"DA9386B5EA90"]

# Topic, payload, identifier, room, RSSI, distance.
ESPRESENSE_SIGHTINGS = [
    (
        "espresense/devices/watch:darrell/basement",
        (b'{"mac":"58b1294494d3","id":"watch:darrell","name":"Darrell\'s Watch",'
        b'"idType":250,"rssi@1m":-64,"rssi":-86,"raw":5.24,"distance":5.89,"int":588}'),
        "alias:watch:darrell", "basement", -86, 5.89,
    ),
    (
        "espresense/devices/watch:darrell/laundry",
        (b'{"mac":"58b1294494d3","id":"watch:darrell","name":"Darrell\'s Watch",'
        b'"idType":250,"rssi@1m":-71,"rssi":-76,"raw":1.58,"distance":2.25,"int":619}'),
        "alias:watch:darrell", "laundry", -76, 2.25,
    ),
    (
        "espresense/devices/watch:darrell/upstairs_hallway",
        (b'{"mac":"58b1294494d3","id":"watch:darrell","name":"Darrell\'s Watch",'
        b'"idType":250,"rssi@1m":-51,"rssi":-66,"raw":3.65,"distance":4.06,"int":725}'),
        "alias:watch:darrell", "upstairs_hallway", -66, 4.06,
    ),
    (
        "espresense/rooms/attic",
        b'{"id":"iBeacon:00b67fe9-b8e5-491e-b697-8fc0bf2c3eca-0-0","idType":175,"rssi@1m":-65,"rssi":-67,"raw":1.14}',
        "ibeacon:00b67fe9-b8e5-491e-b697-8fc0bf2c3eca-0-0", "attic", -67, None,
    ),
]  # fmt: skip


def sightings(found: list[Found]) -> list[Sighting]:
    """The sightings among findings."""
    return [each for each in found if isinstance(each, Sighting)]


def rejected(found: list[Found]) -> list[str]:
    """What was said of what was rejected."""
    return [each.reason for each in found if isinstance(each, Rejected)]


def ignored(found: list[Found]) -> list[str]:
    """What was said of what was valid and no sighting."""
    return [each.reason for each in found if isinstance(each, Ignored)]
