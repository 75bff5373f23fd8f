"""Documents of a customer, sealed whole, found by customer, visit and whether they are still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.events.times import now
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Erased
from gateway.records.writer import Tx

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """One table of documents: ``key`` names the member that is the id, ``closed`` the states in which one is done."""

    table: str
    key: str
    closed: tuple[str, ...]

    def save(self, tx: Tx, document: Mapping[str, Any], *, at: float | None = None) -> None:
        """Records the document as it is now, in place of what it was; ``at`` in seconds since 1970 UTC.

        Needs its id, ``customer`` and ``state``; ``visit`` and ``kind`` where it has them. Raises Erased.
        """
        id_, customer = document[self.key], document["customer"]
        changed_at = now() if at is None else at
        sealed = tx.keyring.seal(customer, dict(document), place=f"{self.table}/{id_}")
        tx.db.conn.execute(
            f"INSERT INTO {self.table} (id, customer, visit, kind, is_open, changed_at, sealed)"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " visit = excluded.visit, is_open = excluded.is_open, changed_at = excluded.changed_at,"
            " sealed = excluded.sealed WHERE customer = excluded.customer",
            (
                id_,
                customer,
                document.get("visit"),
                document.get("kind") or "",
                document["state"] not in self.closed,
                changed_at,
                sealed,
            ),
        )

    def get(self, reader: SealedDatabase, id: str) -> Document | None:  # noqa: A002
        """The document, or None."""
        return next(iter(self.select(reader, "id = ?", id)), None)

    def select(self, reader: SealedDatabase, where: str, *values: object) -> list[Document]:
        """The documents for which ``where`` holds, in the order in which they were first saved."""
        rows = reader.conn.execute(
            f"SELECT id, customer, sealed FROM {self.table} WHERE {where} ORDER BY rowid",  # noqa: S608
            values,
        ).fetchall()
        found = []
        for id_, customer, sealed in rows:
            try:
                found.append(reader.keyring.open(customer, sealed, place=f"{self.table}/{id_}"))
            except Erased:
                continue
        return found
