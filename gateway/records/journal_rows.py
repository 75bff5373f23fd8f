"""The rows of the journal: how one is written, and how it is read back as an event."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from gateway.events.event import Data, Event
from gateway.records import chain
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Altered, Damaged, Erased, Unreadable

COLUMNS = "number, epoch, position, sequence, id, type, subject, holder, time, hlc, actor, head, sealed, hash"
INSERT = f"INSERT INTO journal ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants

Row = tuple[Any, ...]


class Link(NamedTuple):
    """The newest row of the chain, or the one at which it was cut; zeros where there was none yet."""

    number: int
    epoch: int
    position: int
    hash: bytes


class NewRow(NamedTuple):
    """A row about to be written: what its head says, and what stands beside it."""

    number: int
    sequence: int
    time: float
    hlc: int
    head: chain.Head


def last(reader: SealedDatabase) -> Link:
    """The newest row, or that at which the chain was cut where none is left."""
    sql = "SELECT number, epoch, position, hash FROM {} ORDER BY number DESC LIMIT 1"
    row = reader.conn.execute(sql.format("journal")).fetchone()
    row = row or reader.conn.execute(sql.format("journal_anchor")).fetchone()
    return Link(*row) if row else Link(0, 0, 0, chain.NOTHING)


def first(reader: SealedDatabase) -> int:
    """The number of the oldest row that is there, or of the next one."""
    row = reader.conn.execute("SELECT min(number) FROM journal").fetchone()
    return int(row[0]) if row[0] is not None else last(reader).number + 1


def newest_epoch(reader: SealedDatabase) -> tuple[int, str]:
    """The number and the origin of the newest epoch; 0 and nothing where none began yet."""
    row = reader.conn.execute("SELECT epoch, origin FROM epochs ORDER BY epoch DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, "")


def insert(db: SealedDatabase, row: NewRow, before: bytes, seal: Callable[[bytes], bytes]) -> Link:
    """Writes a row behind that with the hash ``before``; the row. ``seal`` is given the digest of its head."""
    head, text = row.head, chain.head_text(row.head)
    digest = chain.head_digest(text)
    sealed = seal(digest)
    linked = chain.link(before, head.position, digest, chain.body_digest(sealed))
    db.conn.execute(
        INSERT,
        (row.number, head.epoch, head.position, row.sequence, head.id, head.type, head.subject, head.holder,
         row.time, row.hlc, head.actor, text, sealed, linked),
    )  # fmt: skip
    return Link(row.number, head.epoch, head.position, linked)


def select(reader: SealedDatabase, where: str, *values: object, bare: bool = False) -> Iterator[Event]:
    """The rows for which ``where`` holds; where somebody was erased, or a row was changed, their data is empty.

    Those of which it was let go what they say are left out, or with ``bare`` their data is empty, too.
    """
    sql = f"SELECT {COLUMNS}, told FROM journal LEFT JOIN told USING (sequence) {where}"  # noqa: S608 - ours
    for row in reader.conn.execute(sql, values):
        _, epoch, position, sequence, id_, type_, subject, holder, at, hlc, actor, text, sealed, _, told = row
        if not bare and chain.is_let_go(sealed):
            continue
        origin, brand = _origin(text)
        try:
            data = open_data(reader, holder, text, sealed)
        except Unreadable:
            data = {}
        event = Event(id_, type_, subject, holder, at, data, actor, sequence, origin, epoch, position, hlc, brand, True)
        event.told = told or 0
        yield event


def _origin(text: str) -> tuple[str, str]:
    """The origin and the brand that a head names; empty where it was changed into no head at all."""
    try:
        head = chain.read_head(text)
    except ValueError:
        return "", ""
    return head.origin, head.brand


def changing(
    reader: SealedDatabase, after: int, upto: int, types: Collection[str], damaged: list[int] | None = None
) -> Iterator[Event]:
    """The events of these types behind number ``after`` that can still be read, in the order of the chain.

    Those that were changed are passed over and their numbers put into ``damaged``; without it they raise Damaged.
    """
    where = f"number > ? AND number <= ? AND +type IN ({', '.join('?' * len(types))}) ORDER BY number"
    what = "epoch, sequence, id, type, subject, holder, time, actor, head, sealed"
    rows = reader.conn.execute(f"SELECT {what} FROM journal WHERE {where}", (after, upto, *types))  # noqa: S608
    origins: dict[int, str] = {}
    for epoch, sequence, id_, type_, subject, holder, at, actor, text, sealed in rows:
        try:
            data = open_data(reader, holder, text, sealed)
        except Erased:
            continue
        except Altered as error:
            if damaged is None:
                raise Damaged(f"the journal: event {sequence} was changed, and cannot be read") from error
            damaged.append(sequence)
            continue
        if epoch not in origins:
            origins[epoch] = chain.read_head(text).origin
        yield Event(id_, type_, subject, holder, at, data, actor, sequence, origins[epoch], epoch)


def open_data(reader: SealedDatabase, holder: str, head: str, sealed: bytes) -> Data:
    """The data of an event; raises Erased where its key is destroyed or it was let go, Altered where it was changed."""
    if chain.is_let_go(sealed):
        raise Erased
    data: Data = reader.keyring.open_event(holder, sealed, chain.head_digest(head))
    return data
