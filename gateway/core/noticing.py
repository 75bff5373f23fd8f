"""What whoever leads should know of: one shape for each event that is about security."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.shapes import Shape
from gateway.core.state import Memory
from gateway.events.event import Event

OF_GLASS = {"staff": "a", "what": "kind about", "reason": "reason", "because": "b", "until": "until"}
# Where in an event's data each member of the shape stands; several are put together with a space.
OF: Mapping[str, Mapping[str, str]] = {
    "access.overridden": {
        "staff": "staff",
        "customer": "customer",
        "what": "zone",
        "reason": "reason",
        "until": "until",
    },
    "glass.asked": OF_GLASS,
    "glass.opened": OF_GLASS,
    "glass.ended": {"because": "because"},
    "token.made": {"staff": "staff", "what": "name role scopes", "until": "until"},
    "token.limited": {"what": "name role", "until": "until"},
    "token.revoked": {"what": "token", "because": "because"},
    "staff.code_made": {"staff": "staff", "until": "until"},
    "staff.changed": {"staff": "staff", "what": "roles"},
    "staff.removed": {"staff": "staff"},
    "passkey.added": {"staff": "staff", "what": "name"},
    "passkey.removed": {"staff": "staff", "because": "because"},
    "sign_in.refused": {"staff": "staff", "what": "tablet"},
    "sign_in.odd": {"staff": "staff", "what": "tablet", "because": "because"},
    "limit.reached": {"what": "who", "because": "kind", "count": "count"},
    "customer.doubted": {"customer": "customer", "because": "kind", "reason": "reason"},
    "customers.exported": {"count": "count"},
    "tablet.paired": {"what": "name"},
    "tablet.revoked": {"what": "name"},
    "records.backed_up": {"what": "name"},
    "records.damaged": {"count": "mended"},
    "epoch.began": {"because": "because"},
}
TYPES = frozenset(OF)
NOTHING: Shape = dict.fromkeys(("staff", "staff_name", "customer", "what", "reason", "because", "count", "until"))


def is_noticed(event: Event) -> bool:
    """Whether it belongs on the list: of changed staff only who was hired, may something else, or has a new PIN."""
    data = event.data
    return event.type != "staff.changed" or any(data.get(name) for name in ("hired", "signs_out", "new_pin"))


def noticed(memory: Memory, event: Event) -> Shape:
    """The event as managers are told of it; a row that has gone dark says when and what, and no more."""
    found = {name: _at(event.data, path) for name, path in OF[event.type].items()}
    if "customer" in found and found["customer"] is None:
        found["customer"] = event.subject or None
    return {**NOTHING, **found, "staff_name": memory.floor.name_of(found.get("staff"))}


def _at(data: Mapping[str, Any], path: str) -> Any:
    if " " not in path:
        value = data.get(path)
        return ", ".join(value) if isinstance(value, list) else value
    parts = [_at(data, part) for part in path.split()]
    return " · ".join(str(part) for part in parts if part) or None
