"""A master key takes another's place: every key it wraps is wrapped anew, some at a time, while the house goes on.

From the first step to the last ``keys.db`` holds each of the two wrapped by the other, so that whichever a start finds
opens everything: a copy made meanwhile too, and a house that was killed.
"""

from __future__ import annotations

import hmac
import os
from typing import NamedTuple

from gateway.records.errors import Altered
from gateway.records.master_key import Wrapping, proof_of
from gateway.records.sqlite_file import sqlite3

AT_ONCE = 1_000  # keys wrapped anew in one step: 10 ms in which nobody else's write begins
NEXT, PREVIOUS = b"next master key", b"previous master key"
DESTROYED = bytes(60)


class Masters(NamedTuple):
    """The two keys of a rotation that is not finished, each wrapped by the other."""

    next: bytes
    previous: bytes


def of(connection: sqlite3.Connection) -> Masters | None:
    """Those of the rotation that is not finished; None where none is."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'rotation'").fetchone():
        return None
    row = connection.execute("SELECT next, previous FROM rotation WHERE next IS NOT NULL").fetchone()
    return Masters(*row) if row else None


def admits(connection: sqlite3.Connection, wrapping: Wrapping, master: bytes, proof: bytes) -> bool:
    """Whether ``master`` is the key whose ``proof`` is kept, or takes its place just now; then both open."""
    masters = of(connection)
    try:
        if hmac.compare_digest(proof, proof_of(master)):
            if masters is not None:
                wrapping.admit(wrapping.unwrap(masters.next, NEXT), newest=True)
            return True
        previous = wrapping.unwrap(masters.previous, PREVIOUS) if masters is not None else b""
    except Altered:
        return False
    if not hmac.compare_digest(proof, proof_of(previous)):
        return False
    wrapping.admit(previous, newest=False)
    return True


def begin(master: bytes) -> Masters:
    """A new master key and the old one, wrapped by each other."""
    new = os.urandom(32)
    return Masters(Wrapping(master).wrap(new, NEXT), Wrapping(new).wrap(master, PREVIOUS))


def wrap_anew(connection: sqlite3.Connection, wrapping: Wrapping, after: int) -> int | None:
    """Wraps the next keys behind this position; the position reached, None once there are no more.

    Inside a transaction of the caller. Those that are destroyed stay so.
    """
    rows = connection.execute(
        "SELECT position, key_id, holder, wrapped FROM keys WHERE position > ? ORDER BY position LIMIT ?",
        (after, AT_ONCE),
    ).fetchall()
    anew = []
    for position, key_id, holder, wrapped in rows:
        if wrapped != DESTROYED:
            bound = key_id + holder.encode()
            try:
                anew.append((wrapping.wrap(wrapping.unwrap(wrapped, bound), bound), position))
            except Altered:  # damaged before: it opens nothing, by whichever key
                continue
    connection.executemany("UPDATE keys SET wrapped = ? WHERE position = ?", anew)
    return rows[-1][0] if rows else None


def end(connection: sqlite3.Connection, master: bytes) -> None:
    """Writes down that ``master`` is the key from now on; inside a transaction of the caller."""
    connection.execute("UPDATE master SET proof = ?", (proof_of(master),))
