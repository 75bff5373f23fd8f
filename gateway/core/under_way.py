"""Complaints under way against the hands there are, so that full force is not promised to too many."""

from __future__ import annotations

from typing import Any

from gateway.core.gateway import Gateway
from gateway.service.floor import GUEST_ROLES


def gauge(house: Gateway, now: float) -> dict[str, Any]:
    """How many complaints are open now, of everybody, and how many look after customers just now.

    ``overdue`` are those whose time is over, ``unattended`` those whose owner is off shift, and ``each`` how many there
    are for a pair of hands; None without any.
    """
    floor, every = house.memory.floor, house.memory.dues.all("complaint")
    working = {each.id for each in floor.members() if each.roles & GUEST_ROLES and floor.on_shift(each.id, now)}
    return {
        "complaints": len(every),
        "overdue": sum(each.due is not None and each.due < now for each in every),
        "unattended": sum(each.owner not in working for each in every),
        "hands": len(working),
        "each": round(len(every) / len(working), 1) if working else None,
    }
