"""Events of a few types out of the journal, without reading all of it."""

from __future__ import annotations

from collections.abc import Collection

from gateway.events.event import Event
from gateway.records import journal_rows
from gateway.records.connection import SealedDatabase


def newest(reader: SealedDatabase, types: Collection[str], most: int, before: int | None = None) -> list[Event]:
    """The newest events of these types, the newest first; with ``before`` of those before that number."""
    marks = ", ".join("?" * len(types))
    where = f"WHERE type IN ({marks}) AND sequence < ? ORDER BY sequence DESC LIMIT ?"
    return list(journal_rows.select(reader, where, *types, (1 << 62) if before is None else before, most))


def between(reader: SealedDatabase, types: Collection[str], begins: float, ends: float, most: int) -> list[Event]:
    """The events of these types in a span of time (seconds since 1970 UTC), the oldest first."""
    marks = ", ".join("?" * len(types))
    where = f"WHERE type IN ({marks}) AND time >= ? AND time < ? ORDER BY sequence LIMIT ?"
    return list(journal_rows.select(reader, where, *types, begins, ends, most))
