"""Questions put to customers, with their answers; of one visit each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.records.connection import SealedDatabase
from gateway.records.document_table import Document, DocumentTable
from gateway.records.errors import Conflict
from gateway.records.writer import Tx

_TABLE = DocumentTable("asks", key="id", closed=("answered", "served"))


def save(tx: Tx, ask: Mapping[str, Any], *, at: float | None = None) -> None:
    """Records the ask as it is now; ``at`` is when it changed, seconds since 1970 UTC. Raises Erased."""
    _TABLE.save(tx, ask, at=at)


def put(tx: Tx, ask: Mapping[str, Any], *, at: float) -> None:
    """Records a question that is put, or put again; what was put already changes nothing.

    Raises Conflict where the id is that of another question.
    """
    there = _TABLE.get(tx.db, ask["id"])
    if there is None or (_same(there, ask) and ask["count"] > there["count"]):
        _TABLE.save(tx, ask, at=at)
    elif not _same(there, ask) or (ask["count"] == there["count"] and ask["by"] != there["by"]):
        raise Conflict(there)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("customer", "visit", "question"))


def get(reader: SealedDatabase, ask: str) -> Document | None:
    """The ask, open or answered."""
    return _TABLE.get(reader, ask)


def of_visit(reader: SealedDatabase, visit: str) -> list[Document]:
    """Every ask of the visit, oldest first."""
    return _TABLE.select(reader, "visit = ?", visit)
