"""Motion and door contacts that say their state in JSON, or in one word.

Zigbee2MQTT says ``{"contact": false}`` of an open door (the magnet has no contact) and ``{"occupancy": true}``; Tasmota
``{"Switch1": "ON"}``, or ``ON`` alone; its Zigbee bridge ``{"ZbReceived": {"0x1A2B": {"Contact": 1}}}``, where 1 is
open; ESPHome ``ON`` and ``OFF``, Shelly ``open`` and ``close``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from reader_drivers.messages import NoSighting

Kind = Literal["motion", "contact"]

ON = frozenset(
    {"on", "open", "opened", "true", "1", "yes", "detected", "occupied", "motion", "motion_detected", "alarm"}
)
OFF = frozenset(
    {"off", "close", "closed", "false", "0", "no", "clear", "cleared", "unoccupied", "no_motion", "none", "idle"}
)
MEMBERS: Mapping[Kind, tuple[str, ...]] = {
    "contact": ("contact", "Contact", "open", "window", "door", "opening"),
    "motion": ("occupancy", "Occupancy", "motion", "presence"),
}
MADE = "contact"  # Zigbee2MQTT: true is a contact that is made, a door that is shut
LONGEST_WORD = 32


def told(path: str, found: Any) -> bool:
    """Whether what stands at ``path`` says motion, or an open door; ValueError where it says nothing of the kind."""
    made = path.rpartition(".")[2] == MADE and isinstance(found, bool)
    return _state(found) is not made


def word(payload: bytes) -> bool | None:
    """The state that a payload of one word says; None where it is something else, such as JSON of an object."""
    text = payload[: LONGEST_WORD + 1].strip().lower()
    if len(text) > LONGEST_WORD or text[:1] in (b"{", b"["):
        return None
    said = text.strip(b'"').decode("ascii", "replace")
    return True if said in ON else False if said in OFF else None


def _state(found: Any) -> bool:
    if isinstance(found, bool):
        return found
    if isinstance(found, int) and found in (0, 1):
        return bool(found)
    if isinstance(found, str):
        said = found.strip().lower()
        if said in ON or said in OFF:
            return said in ON
    raise ValueError("state: neither on nor off, open nor closed")


def member(kind: Kind, row: Mapping[str, Any]) -> str:
    """The path to the usual member of this kind in a row; NoSighting where it has none: a battery level, say."""
    for name in MEMBERS[kind]:
        if name in row:
            return name
    raise NoSighting(f"a message without {' or '.join(MEMBERS[kind][:2])}")
