"""Documents of a customer, sealed whole, found by customer, visit and whether they are still open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.events.times import now
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict, Unreadable
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

        Needs its id, ``customer`` and ``state``; ``visit`` and ``kind`` where it has them. Raises Erased, and Conflict
        where the id is another customer's.
        """
        id_, customer = document[self.key], document["customer"]
        sealed = tx.keyring.seal(customer, dict(document), place=f"{self.table}/{id_}")
        is_open, changed_at = document["state"] not in self.closed, now() if at is None else at
        saved = tx.db.conn.execute(
            f"INSERT INTO {self.table} (id, customer, visit, kind, is_open, changed_at, sealed)"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " visit = excluded.visit, is_open = excluded.is_open, changed_at = excluded.changed_at,"
            " sealed = excluded.sealed WHERE customer = excluded.customer AND kind = excluded.kind",
            (id_, customer, document.get("visit"), document.get("kind") or "", is_open, changed_at, sealed),
        )
        if not saved.rowcount:
            raise Conflict(self.get(tx.db, id_) or {self.key: id_})

    def change(self, tx: Tx, document: Mapping[str, Any]) -> None:
        """Records a document that is there anew; when it changed, and in what state it is, stay."""
        id_ = document[self.key]
        sealed = tx.keyring.seal(document["customer"], dict(document), place=f"{self.table}/{id_}")
        tx.db.conn.execute(f"UPDATE {self.table} SET sealed = ? WHERE id = ?", (sealed, id_))  # noqa: S608

    def make(self, tx: Tx, document: Mapping[str, Any], *, same: Collection[str], at: float) -> None:
        """Records a new document; the same again, as far as its members ``same`` tell, changes nothing.

        Raises Conflict where the id is that of something else.
        """
        there = self.get(tx.db, document[self.key])
        if there is None:
            self.save(tx, document, at=at)
        elif any(there.get(name) != document.get(name) for name in same):
            raise Conflict(there)

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
            except Unreadable:
                continue
        return found
