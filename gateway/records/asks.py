"""Questions put to customers, with their answers; of one visit each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.records.connection import SealedDatabase
from gateway.records.document_table import Document, DocumentTable
from gateway.records.writer import Tx

_SHELF = DocumentTable("asks", key="id", closed=("answered", "served"))


def save(tx: Tx, ask: Mapping[str, Any], *, at: float | None = None) -> None:
    """Records the ask as it is now; ``at`` is when it changed, seconds since 1970 UTC. Raises Erased."""
    _SHELF.save(tx, ask, at=at)


def get(reader: SealedDatabase, ask: str) -> Document | None:
    """The ask, open or answered."""
    return _SHELF.get(reader, ask)


def of_visit(reader: SealedDatabase, visit: str) -> list[Document]:
    """Every ask of the visit, oldest first."""
    return _SHELF.select(reader, "visit = ?", visit)


def of_customer(reader: SealedDatabase, customer: str) -> list[Document]:
    """Every ask ever put to the customer, oldest first."""
    return _SHELF.select(reader, "customer = ?", customer)
