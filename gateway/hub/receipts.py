"""Receipts of erasures as they are printed: what was done where, who has not been heard from since, and a signature."""

from __future__ import annotations

from typing import Any

from gateway.events import times
from gateway.hub.own_keys import OwnKeys
from gateway.hub.wire import b64
from gateway.records.compact import comparable

_DAY_MS = 86_400_000


def signed(facts: dict[str, Any], backup_days: int, keys: OwnKeys) -> dict[str, Any]:
    """A receipt of what the store knows of an erasure, with the hub's signature over all of it."""
    said = _spoken(facts, backup_days)
    text = b"moments hub receipt v1\x00" + comparable(said).encode()
    return {**said, "signed_by": b64(keys.sign), "signature": b64(keys.signature(text))}


def _spoken(facts: dict[str, Any], backup_days: int) -> dict[str, Any]:
    places = []
    for place, kind, done_at, heard_at in facts["places"]:
        done = done_at
        if kind == "hub" and place == "hub":
            done = facts["at"]
        elif kind == "backup":
            done = facts["dark_at"] and facts["dark_at"] + backup_days * _DAY_MS
        waits = done is None and kind in ("venue", "partner")
        places.append(
            {"place": place, "kind": kind, "done_at": _iso(done), "not_heard_since": _iso(heard_at) if waits else None}
        )
    said = {key: facts[key] for key in ("erasure", "customer")}
    return {**said, "at": _iso(facts["at"]), "places": places, "dark_at": _iso(facts["dark_at"])}


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else times.iso(at_ms / 1000)
