"""What a day was made of, read back from the journal and the tables; for a thread with its own reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.records.connection import SealedDatabase
from gateway.records.document_table import Document, DocumentTable
from gateway.records.errors import Erased
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
    for kind, time, actor, holder, head, sealed in rows:
        try:
            data = open_data(reader, holder, head, sealed)
        except Erased:
            data = {}
        yield Happened(kind, time, actor, data)


def owed(reader: SealedDatabase, start: float) -> list[Document]:
    """Promises and complaints that are open, or were changed at ``start`` or later."""
    return _PROMISES.select(reader, "is_open = 1 OR changed_at >= ?", start)
