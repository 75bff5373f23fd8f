"""What is owed to customers: promises, and complaints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.events.times import seconds
from gateway.records.connection import SealedDatabase
from gateway.records.document_table import Document, DocumentTable
from gateway.records.writer import Tx

_TABLE = DocumentTable("promises", key="id", closed=("closed",))

KINDS = ("promise", "complaint")


def save(tx: Tx, promise: Mapping[str, Any], *, at: float | None = None) -> None:
    """Records the promise or complaint (``kind``) as it is now; ``at`` in seconds since 1970 UTC. Raises Erased."""
    if promise["kind"] not in KINDS:
        raise ValueError("kind is promise or complaint")
    _TABLE.save(tx, promise, at=at)


def make(tx: Tx, promise: Mapping[str, Any], *, at: float) -> None:
    """Records a new promise or complaint; what was made already changes nothing, and is not opened again.

    Raises Conflict where the id is that of another.
    """
    _TABLE.make(tx, promise, same=("kind", "customer", "text", "by", "due"), at=at)


def get(reader: SealedDatabase, promise: str) -> Document | None:
    """The promise or complaint, open or closed."""
    return _TABLE.get(reader, promise)


def open_promises(reader: SealedDatabase) -> list[Document]:
    """Promises not yet kept, oldest first."""
    return _TABLE.select(reader, "is_open = 1 AND kind = 'promise'")


def open_complaints(reader: SealedDatabase) -> list[Document]:
    """Complaints not yet closed, oldest first."""
    return _TABLE.select(reader, "is_open = 1 AND kind = 'complaint'")


def kept(reader: SealedDatabase, begins: float, ends: float) -> list[str]:
    """Whose promises were kept in this time, each as often as one was."""
    closed = _TABLE.select(reader, "is_open = 0 AND kind = 'promise'")
    return [each["customer"] for each in closed if begins <= (seconds(each["closed_at"]) or 0.0) < ends]


def of_customer(reader: SealedDatabase, customer: str) -> list[Document]:
    """Every promise and complaint of a customer, open or closed, oldest first."""
    return _TABLE.select(reader, "customer = ?", customer)
