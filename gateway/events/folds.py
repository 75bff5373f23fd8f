"""What becomes of a round, and of a menu's count, by one event: the same in the tables and in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.events.times import iso

Document = dict[str, Any]


def round_after(before: Document | None, type: str, data: Mapping[str, Any], sequence: int, at: float) -> Document:  # noqa: A002
    """The round as it is after its event ``sequence`` of ``at`` (seconds since 1970 UTC)."""
    if type == "round.started" or before is None:
        return {
            **{name: data.get(name) for name in ("id", "question", "zones", "menu", "by", "at")},
            "rows": data.get("rows") or [],
            "orders": {},
            "acknowledged": None,
            "late_since": None,
            "ended_at": None,
        }
    if type == "round.ended":
        return {**before, "ended_at": data["at"]}
    after = {**before, "late_since": data["late_since"]}
    if data["rows"] is not None:
        after["rows"] = data["rows"]
    if data["order"] is not None:
        after["orders"] = _with(before["orders"], data["order"], sequence, at)
    if data["acknowledged"] is not None:
        after["acknowledged"] = {"sequence": data["acknowledged"], "by": data["by"], "at": data["at"]}
    return after


def _with(orders: Mapping[str, Any], order: Mapping[str, Any], sequence: int, at: float) -> Document:
    """The orders of seats with one as it is from now on; it keeps the number of the event that brought it."""
    if order["cancelled"]:
        return {id_: each for id_, each in orders.items() if id_ != order["id"]}
    there = orders.get(order["id"])
    came = {"sequence": sequence, "received": iso(at)}
    if there is not None:
        came = {name: there[name] for name in came}
    return {**orders, order["id"]: {**order, **came}}


def sold_after(sold: Mapping[str, int], data: Mapping[str, Any]) -> dict[str, int]:
    """How many of each item were ordered, by an event that ``takes`` one or ``gives_back`` one; none is not listed."""
    after = dict(sold)
    for item, more in ((data["takes"], 1), (data["gives_back"], -1)):
        if item is not None:
            after[item] = after.get(item, 0) + more
    return {item: n for item, n in after.items() if n}


def counted_after(sold: Mapping[str, int], data: Mapping[str, Any]) -> dict[str, int]:
    """The same where the menu itself was changed: what was counted anew begins anew."""
    there = {row["id"] for row in data["items"]} - set(data["counted"])
    return {item: n for item, n in sold.items() if item in there}
