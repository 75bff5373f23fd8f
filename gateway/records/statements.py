"""What is told of customers beside money: days from elsewhere, causes, plans, opinions, and ties between two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.events.event import Data, Event
from gateway.records import entries
from gateway.records.connection import SealedDatabase
from gateway.records.entries import mark_of
from gateway.records.errors import Conflict, Erased, Unreadable
from gateway.records.writer import Tx

Statement = dict[str, Any]
KINDS = {
    "visit.imported": "visit",
    "gathering.attended": "gathering",
    "customer.lost": "lost",
    "wallet.stated": "wallet",
    "survey.answered": "survey",
    "satisfaction.answered": "satisfaction",
    "potential.noted": "potential",
    "standing.noted": "standing",
    "measures.noted": "measures",
    "evidence.noted": "evidence",
    "tier.decided": "tier",
    "suggestion.drawn": "drawn",
    "suggestion.shown": "shown",
    "suggestion.done": "done",
    "suggestion.dismissed": "dismissed",
}
"""What each event is kept as."""


def _state(kind: str) -> Callable[[Tx, Event, Data], None]:
    def keep(tx: Tx, event: Event, data: Data) -> None:
        mark = mark_of(f"{kind}/{data['source']}" if data["source"] else None, data["reference"])
        there = one(tx.db, data["id"])
        if there is None and mark is not None:
            there = next(iter(select(tx.db, "mark = ?", mark)), None)
        if there is not None:
            if there != data:
                raise Conflict(there)
            return
        sealed = tx.keyring.seal(data["customer"], data, place=f"statements/{data['id']}")
        tx.db.conn.execute(
            "INSERT INTO statements (id, customer, kind, day, mark, sealed) VALUES (?, ?, ?, ?, ?, ?)",
            (data["id"], data["customer"], kind, data["on"], mark, sealed),
        )

    return keep


def _tie(tx: Tx, event: Event, data: Data) -> None:
    mark = mark_of(f"tie/{data['source']}" if data["source"] else None, data["reference"])
    known = "SELECT count(*) FROM customers WHERE id IN (?, ?)"
    if tx.db.conn.execute(known, (data["customer"], data["other"])).fetchone()[0] < 2:
        return  # one of the two was erased since
    tx.db.conn.execute(
        "INSERT INTO ties (id, customer, other, kind, day, ended, mark) VALUES (?, ?, ?, ?, ?, NULL, ?)"
        " ON CONFLICT DO NOTHING",
        (data["id"], data["customer"], data["other"], data["kind"], data["on"], mark),
    )


def _untie(tx: Tx, event: Event, data: Data) -> None:
    tx.db.conn.execute("UPDATE ties SET ended = ? WHERE id = ? AND ended IS NULL", (data["on"], data["id"]))


APPLIED: dict[str, Callable[[Tx, Event, Data], None]] = {
    **entries.APPLIED,
    **{type_: _state(kind) for type_, kind in KINDS.items()},
    "tie.recorded": _tie,
    "tie.ended": _untie,
}

# --- what is so ------------------------------------------------------------------------------------------------------


def one(reader: SealedDatabase, id: str) -> Statement | None:  # noqa: A002
    """The statement with this id, or None."""
    return next(iter(select(reader, "id = ?", id)), None)


def marked(reader: SealedDatabase, kind: str, source: str, reference: str) -> Statement | None:
    """The statement that stands for this line of another system, or None."""
    return next(iter(select(reader, "mark = ?", mark_of(f"{kind}/{source}", reference))), None)


def select(reader: SealedDatabase, where: str = "1", *values: object) -> list[Statement]:
    """The statements for which ``where`` holds, by day and id; what nobody can read any more is left out."""
    found: list[Statement] = []
    sql = f"SELECT id, customer, sealed FROM statements WHERE {where} ORDER BY day, id"  # noqa: S608 - ours
    for id_, customer, sealed in reader.conn.execute(sql, values).fetchall():
        try:
            found.append(reader.keyring.open(customer, sealed, place=f"statements/{id_}"))
        except (Unreadable, Erased):
            continue
    return found


def tie_ended(reader: SealedDatabase, id: str) -> str | None:  # noqa: A002
    """The day on which a tie ended; None where it has not, or is not known."""
    row = reader.conn.execute("SELECT ended FROM ties WHERE id = ?", (id,)).fetchone()
    return row[0] if row else None


def ties(reader: SealedDatabase, where: str = "ended IS NULL", *values: object) -> list[tuple[str, str, str, str, str]]:
    """Ties for which ``where`` holds, by day and id: id, the two customers, kind and day."""
    sql = f"SELECT id, customer, other, kind, day FROM ties WHERE {where} ORDER BY day, id"  # noqa: S608 - ours
    return [tuple(row) for row in reader.conn.execute(sql, values)]
