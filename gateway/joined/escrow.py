"""Data keys under the venue's own master, kept at the hub for the day on which this box burns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from gateway.hub import bundles
from gateway.hub.wire import Message, b64
from gateway.records.seal import DESTROYED, Keyring

MOST = 10_000
"""Keys at once."""
T = TypeVar("T")


def parts(whole: Sequence[T], most: int = bundles.MOST) -> Iterator[list[T]]:
    """A sequence in pieces."""
    for at in range(0, len(whole), most):
        yield list(whole[at : at + most])


def news(keyring: Keyring, state: Mapping[str, str]) -> tuple[list[Message], dict[str, str]]:
    """What the hub has not heard of our keys, by what is noted in ``state``; and what is to be noted then.

    A new master key sends all of them again; one that was destroyed here ends there.
    """
    ((proof,),) = keyring.select("SELECT proof FROM master")
    same = state.get("escrow_master") == proof.hex()
    upto, known = (int(state.get(name, 0)) if same else 0 for name in ("escrow_upto", "escrow_lines"))
    lines = keyring.erasures.lines()
    sql = "SELECT position, key_id, wrapped FROM keys WHERE position > ? AND wrapped <> ? ORDER BY position LIMIT ?"
    keys = keyring.select(sql, upto, DESTROYED, MOST)
    gone = [key for line in lines[known if known <= len(lines) else 0 :] for key in json.loads(line)["keys"]]
    wires = [{"key_id": b64(key_id), "wrapped": b64(wrapped)} for _, key_id, wrapped in keys]
    wires += [{"key_id": b64(bytes.fromhex(key)), "wrapped": ""} for key in gone]
    if not wires and same and known == len(lines):
        return [], {}
    noted = {
        "escrow_master": proof.hex(),
        "escrow_upto": str(keys[-1][0] if keys else upto),
        "escrow_lines": str(len(lines)),
    }
    return [{"type": "escrow", "keys": part} for part in parts(wires)], noted
