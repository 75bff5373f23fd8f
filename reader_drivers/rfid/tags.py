"""A Gen2 tag as UHF readers tell it: by its EPC, or where they were told to tell no more, by its TID."""

from __future__ import annotations

from reader_drivers.sighting import Found, Ignored, Sighting
from reader_drivers.spelling import chip

SHORTEST_EPC = 4  # bytes; shorter is no identity
TID_BEGINS = b"\xe2"  # the class of every Gen2 chip: of what was read with a tag, a TID begins so
SHORTEST_TID = 8  # bytes: class, maker and model fill four, which all chips of a kind share


def tag(reader: str, antenna: int | None, epc: bytes, rssi: float | None, at: float, tid: bytes | None = None) -> Found:
    """The sighting of a tag by its EPC; where a reader tells none, by its TID; Ignored where neither tells it apart."""
    number = chip(tid.hex()) if tid else None
    if len(epc) >= SHORTEST_EPC:
        return Sighting(reader, antenna, "epc:" + epc.hex().upper(), rssi, None, at, number)
    if number is not None and len(number) >= 2 * SHORTEST_TID:
        return Sighting(reader, antenna, "tid:" + number, rssi, None, at, number)
    if epc or not tid:
        return Ignored(f"a tag with an EPC of {len(epc)} bytes: too short to tell it from others")
    return Ignored(f"a tag with a TID of {len(tid)} bytes: too short to tell it from others")
