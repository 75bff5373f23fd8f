"""What an event says goes before the event does: of a body that is let go its digest stays, so that the chain holds.

``presence``: events that say from zone to zone where somebody was; ``journal``: every event. What is gone is the oldest
of each, up to a number that the house proves: a body that anybody else takes out is found by ``verify``.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.events.times import DAY
from gateway.records import chain, journal_rows
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx

Kind = Literal["presence", "journal"]
KINDS: tuple[Kind, ...] = ("presence", "journal")
PRESENCE = ("visit.hinted", "visit.arrived", "visit.moved", "visit.departed")
AT_ONCE = 1_000  # bodies that one run lets go: the writer has others waiting
FAR = 4_000  # rows of the journal among which one run looks for them: the snapshot goes on over all of these

_AMONG = {"presence": f"+type IN ({', '.join(repr(each) for each in PRESENCE)})", "journal": "1"}


class Mark(NamedTuple):
    """Up to which row the bodies of a kind are gone, and the highest number of an event until there."""

    number: int
    sequence: int


def mark(reader: SealedDatabase, kind: Kind) -> Mark:
    """Up to where bodies of a kind are gone; zeros where none is."""
    row = reader.conn.execute("SELECT number, sequence FROM journal_let_go WHERE kind = ?", (kind,)).fetchone()
    return Mark(*row) if row else Mark(0, 0)


def furthest(reader: SealedDatabase) -> Mark:
    """Up to where some bodies are gone: what follows of the events until there stands in the snapshot."""
    return max(mark(reader, kind) for kind in KINDS)


def rows(reader: SealedDatabase, kind: Kind) -> int:
    """How many bodies of a kind are there."""
    gone = _gone(reader, kind)
    if kind == "journal":
        return journal_rows.last(reader).number - gone
    types = ", ".join(repr(each) for each in PRESENCE)
    sql = f"SELECT count(*) FROM journal WHERE type IN ({types}) AND number > ?"  # noqa: S608 - ours
    return int(reader.conn.execute(sql, (gone,)).fetchone()[0])


def over(reader: SealedDatabase, kind: Kind, before: float) -> int:
    """How many bodies of a kind are over: those in front of the first event that happened at ``before`` or later."""
    if kind == "journal":
        return _end(reader, kind, before) - 1 - _gone(reader, kind)
    sql = f"SELECT count(*) FROM journal WHERE number > ? AND number < ? AND {_AMONG[kind]}"  # noqa: S608 - ours
    return int(reader.conn.execute(sql, (_gone(reader, kind), _end(reader, kind, before))).fetchone()[0])


def since(reader: SealedDatabase, kind: Kind) -> float | None:
    """When the oldest happened of which it still stands in the journal, or for presence in a visit that is over."""
    sql = f"SELECT time FROM journal WHERE number > ? AND {_AMONG[kind]} ORDER BY number LIMIT 1"  # noqa: S608 - ours
    rows = [reader.conn.execute(sql, (_gone(reader, kind),)).fetchone()]
    if kind == "presence":
        sql = "SELECT min(closed_at) FROM visits WHERE zones IS NULL AND closed_at IS NOT NULL"
        rows.append(reader.conn.execute(sql).fetchone())
    return min((row[0] for row in rows if row is not None and row[0] is not None), default=None)


def times(reader: SealedDatabase, kind: Kind, before: float, most: int) -> list[float]:
    """When the oldest ``most`` of those that are over were, each no earlier than the one in front of it."""
    sql = f"SELECT time FROM journal WHERE number > ? AND number < ? AND {_AMONG[kind]} ORDER BY number LIMIT ?"  # noqa: S608
    latest, found = 0.0, []
    for (at,) in reader.conn.execute(sql, (_gone(reader, kind), _end(reader, kind, before), most)):
        latest = max(latest, at)
        found.append(latest)
    return found


def last_of(reader: SealedDatabase, kind: Kind, before: float) -> int:
    """The row up to which one run lets bodies go that are over; 0 where there is nothing to do."""
    gone = _gone(reader, kind)
    end = min(_end(reader, kind, before), gone + FAR + 1)
    sql = f"SELECT number FROM journal WHERE number > ? AND number < ? AND {_AMONG[kind]} ORDER BY number LIMIT ?"  # noqa: S608
    found = [row[0] for row in reader.conn.execute(sql, (gone, end, AT_ONCE))]
    if found:
        return int(found[-1])
    return end - 1 if end == gone + FAR + 1 else 0  # nothing of the kind stands there: the next run goes on behind it


def let_go(tx: Tx, kind: Kind, upto: int) -> int:
    """Lets the bodies go that stand up to this row, and writes down that it was us; how many."""
    gone = _gone(tx.db, kind)
    sql = f"SELECT number, sealed FROM journal WHERE number > ? AND number <= ? AND {_AMONG[kind]}"  # noqa: S608 - ours
    there = [
        (chain.let_go(sealed), number)
        for number, sealed in tx.db.conn.execute(sql, (gone, upto)).fetchall()
        if not chain.is_let_go(sealed)
    ]
    tx.db.conn.executemany("UPDATE journal SET sealed = ? WHERE number = ?", there)
    sequence = tx.db.conn.execute("SELECT max(sequence) FROM journal WHERE number <= ?", (upto,)).fetchone()[0]
    put_mark(tx.db, kind, Mark(upto, max(sequence or 0, mark(tx.db, kind).sequence)))
    return len(there)


def put_mark(db: SealedDatabase, kind: str, at: Mark) -> None:
    """Writes down up to where bodies of a kind are gone, proved by the newest key."""
    row = (kind, *at, db.keyring.prove(proof_text(kind, at)))
    db.conn.execute("INSERT OR REPLACE INTO journal_let_go (kind, number, sequence, proof) VALUES (?, ?, ?, ?)", row)


def prove_anew(db: SealedDatabase) -> None:
    """Has what was let go proved by the newest key."""
    for kind, number, sequence in db.conn.execute("SELECT kind, number, sequence FROM journal_let_go").fetchall():
        put_mark(db, kind, Mark(number, sequence))


def proof_text(kind: str, at: Mark) -> bytes:
    """What is proved of a mark."""
    return f"let go {kind} {at.number} {at.sequence}".encode()


def zones(reader: SealedDatabase, before: float, most: int) -> dict[str, int]:
    """In how many zones each visit was that is over since ``before``, as the journal says: what stays of where it was.

    Of visits of which that was not said yet, the oldest ``most``.
    """
    sql = (
        "SELECT id, customer, opened_at, closed_at FROM visits WHERE closed_at < ? AND zones IS NULL"
        " ORDER BY closed_at, id LIMIT ?"
    )
    return {row[0]: _zones(reader, *row) for row in reader.conn.execute(sql, (before, most)).fetchall()}


def _zones(reader: SealedDatabase, visit: str, customer: str, opened: float, closed: float) -> int:
    """At least one: also where the journal does not say any more."""
    where = "WHERE subject = ? AND time BETWEEN ? AND ? AND type IN ('visit.arrived', 'visit.moved', 'visit.departed')"
    events = journal_rows.select(reader, where, customer, opened - DAY, closed + DAY)
    found = {each.data.get("zone") for each in events if each.data.get("visit") == visit}
    return max(1, len(found - {None, ""}))


def _gone(reader: SealedDatabase, kind: Kind) -> int:
    """The row up to which nothing of a kind is left, or the whole journal was cut."""
    return max(mark(reader, kind).number, journal_rows.first(reader) - 1)


def _end(reader: SealedDatabase, kind: Kind, before: float) -> int:
    """The first row of a kind that is not over, or the one behind the newest."""
    sql = f"SELECT number FROM journal WHERE number > ? AND {_AMONG[kind]} AND time >= ? ORDER BY number LIMIT 1"  # noqa: S608
    row = reader.conn.execute(sql, (_gone(reader, kind), before)).fetchone()
    return int(row[0]) if row else journal_rows.last(reader).number + 1
