"""Whose a row of a table is, and the place that what is sealed in it is bound to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.events.event import STAFF


def bound(table: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Whose a row is, and to which place what is sealed in it is bound."""
    if table in ("customers", "staff"):
        return (STAFF if table == "staff" else "") + facts["id"], table
    if table in ("shifts", "sessions"):
        return STAFF + facts["staff"], table
    if table == "passkeys":
        return STAFF + facts["staff"], f"{table}/{facts['id']}"
    if table == "erasures":
        return "", table
    return facts.get("holder") or facts.get("customer", ""), f"{table}/{facts.get('id', '')}"
