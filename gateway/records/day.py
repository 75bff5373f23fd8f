"""What days were made of, read back from the journal and the tables; for a thread with its own reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.records import merges
from gateway.records.chain import is_let_go
from gateway.records.connection import SealedDatabase
from gateway.records.customers import Customer
from gateway.records.document_table import Document, DocumentTable
from gateway.records.errors import Unreadable
from gateway.records.journal_rows import open_data

_PROMISES = DocumentTable("promises", key="id", closed=("closed",))


@dataclass(slots=True, frozen=True)
class Happened:
    """One event of the journal; ``time`` in seconds since 1970 UTC, ``data`` empty where the customer was erased."""

    type: str
    time: float
    actor: str
    data: dict[str, Any]


def events(reader: SealedDatabase, types: Sequence[str], start: float, end: float) -> Iterator[Happened]:
    """The events of these types from ``start`` until before ``end``, in order."""
    marks = ",".join("?" * len(types))
    rows = reader.conn.execute(
        f"SELECT type, time, actor, holder, head, sealed FROM journal WHERE type IN ({marks})"  # noqa: S608 - marks alone
        " AND time >= ? AND time < ? ORDER BY sequence",
        (*types, start, end),
    )
    return _opened(reader, rows)


def story(reader: SealedDatabase, customer: str, visit: str, start: float, end: float) -> Iterator[Happened]:
    """All that happened in one visit of a customer between these times, and to the clock meanwhile, in order."""
    rows = reader.conn.execute(
        "SELECT type, time, actor, holder, head, sealed FROM journal WHERE (subject = ? OR type = 'clock.moved')"
        " AND time >= ? AND time < ? ORDER BY sequence",
        (customer, start, end),
    )
    return (e for e in _opened(reader, rows) if e.type == "clock.moved" or e.data.get("visit") == visit)


def people(reader: SealedDatabase, wanted: Iterable[str]) -> dict[str, Customer]:
    """Who these customers are by now, also after a merge; those left out who are not known any more."""
    found = {id_: merges.person(reader, merges.root(reader, id_)) for id_ in wanted}
    return {id_: customer for id_, customer in found.items() if customer is not None}


def _opened(reader: SealedDatabase, rows: Iterable[tuple[Any, ...]]) -> Iterator[Happened]:
    for kind, time, actor, holder, head, sealed in rows:
        if is_let_go(sealed):
            continue
        try:
            data = open_data(reader, holder, head, sealed)
        except Unreadable:
            data = {}
        yield Happened(kind, time, actor, data)


def owed(reader: SealedDatabase, start: float) -> list[Document]:
    """Promises and complaints that are open, or were changed at ``start`` or later."""
    return _PROMISES.select(reader, "is_open = 1 OR changed_at >= ?", start)
