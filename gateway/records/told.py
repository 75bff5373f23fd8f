"""Events that left under another number than that of their row: others had left before they were written.

Changes are written in the order in which they were asked for. So whatever number a tablet has, if the event of that
number is on the disk, everything that was told before it is too, and what it overtook is marked here.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx

NOT_YET = 2**62  # above every number


def overtaken(tx: Tx, sequences: Iterable[int]) -> None:
    """These events, which are being written, are not told yet, and others are that have greater numbers."""
    tx.db.conn.executemany("INSERT OR IGNORE INTO told (sequence) VALUES (?)", [(each,) for each in sequences])


def left(tx: Tx, moved: Iterable[tuple[int, int]]) -> None:
    """These events were told, each under the number beside it."""
    tx.db.conn.executemany("INSERT OR REPLACE INTO told (sequence, told) VALUES (?, ?)", moved)


def newest(tx: Tx) -> int:
    """The greatest number under which something overtaken has left; 0 where nothing has."""
    return int(tx.db.conn.execute("SELECT max(told) FROM told").fetchone()[0] or 0)


def finish(tx: Tx, number: int) -> int:
    """Gives what is written and was not told when the gateway ended numbers above ``number``; the last one given."""
    tx.db.conn.execute("DELETE FROM told WHERE sequence NOT IN (SELECT sequence FROM journal)")
    for (sequence,) in tx.db.conn.execute("SELECT sequence FROM told WHERE told IS NULL ORDER BY sequence").fetchall():
        number += 1
        left(tx, [(sequence, number)])
    return number


def forget(tx: Tx, upto: int) -> None:
    """The journal is cut behind the row ``upto``."""
    tx.db.conn.execute("DELETE FROM told WHERE sequence IN (SELECT sequence FROM journal WHERE number <= ?)", (upto,))


def number_of(reader: SealedDatabase, sequence: int) -> int:
    """The number from which whoever was told of this event resumes; above every number while nobody was."""
    row = reader.conn.execute("SELECT told FROM told WHERE sequence = ?", (sequence,)).fetchone()
    return sequence if row is None else row[0] or NOT_YET
