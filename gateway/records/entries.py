"""Entries: one line of money each, tied to a customer or to a gathering, and sealed with that holder's key.

Nothing of an entry is changed. What comes later stands in it beside what was said: that it was reversed, and what came
of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from gateway.events.event import HOUSE, Data, Event
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict, Erased, Unreadable
from gateway.records.writer import Tx

Entry = dict[str, Any]
COMPLAINT = "complaint"
"""The source of the entry that a closed complaint makes by itself; its reference is the complaint."""
LATER = ("reversed", "result")
"""The members that may come later."""


def mark_of(source: str | None, reference: str | None) -> bytes | None:
    """What stands for a line of another system; None where it has no name there."""
    return sha256(f"{source}\0{reference}".encode()).digest() if source and reference else None


# --- as events say ---------------------------------------------------------------------------------------------------


def record(tx: Tx, event: Event, data: Data) -> None:
    """Records an entry; the same once more changes nothing. Raises Conflict, or Erased."""
    entry = dict(data["entry"])
    there = get(tx.db, entry["id"])
    if there is not None:
        if _said(there) != _said(entry):
            raise Conflict(there)
        return
    mark = mark_of(entry["source"], entry["reference"])
    if mark is not None and (other := marked(tx.db, mark)) is not None:
        raise Conflict(other)
    customer, holder = entry["customer"], entry["customer"] or HOUSE
    tx.db.conn.execute(
        "INSERT INTO entries (id, customer, holder, day, mark, touch, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (entry["id"], customer, holder, entry["on"], mark, entry["touch"], _sealed(tx, holder, entry)),
    )


def change(tx: Tx, event: Event, data: Data) -> None:
    """Records what came of an entry, or that it was reversed; nothing where it is not known any more."""
    entry = dict(data["entry"])
    holder = entry["customer"] or HOUSE
    tx.db.conn.execute("UPDATE entries SET sealed = ? WHERE id = ?", (_sealed(tx, holder, entry), entry["id"]))


def share(tx: Tx, event: Event, data: Data) -> None:
    """The same of an entry of a gathering, as it is from now on."""
    if get(tx.db, data["entry"]["id"]) is None:
        record(tx, event, data)
    else:
        change(tx, event, data)


APPLIED = {"entry.recorded": record, "entry.reversed": change, "entry.judged": change, "entry.shared": share}

# --- what is so ------------------------------------------------------------------------------------------------------


def get(reader: SealedDatabase, id: str) -> Entry | None:  # noqa: A002
    """The entry, or None."""
    return next(iter(select(reader, "id = ?", id)), None)


def marked(reader: SealedDatabase, mark: bytes) -> Entry | None:
    """The entry that stands for this line of another system, or None."""
    return next(iter(select(reader, "mark = ?", mark)), None)


def recovering(reader: SealedDatabase, complaint: str) -> Entry | None:
    """The entry that says what making good this complaint came to; None where nobody said it, or it was reversed."""
    found = select(reader, "touch = ?", complaint)
    return next((each for each in found if each["way"] == "recovery" and not each["reversed"]), None)


def select(reader: SealedDatabase, where: str = "1", *values: object) -> list[Entry]:
    """The entries for which ``where`` holds, by day and id; what nobody can read any more is left out."""
    found: list[Entry] = []
    sql = f"SELECT id, holder, sealed FROM entries WHERE {where} ORDER BY day, id"  # noqa: S608 - ours
    for id_, holder, sealed in reader.conn.execute(sql, values).fetchall():
        try:
            found.append(reader.keyring.open(holder, sealed, place=f"entries/{id_}"))
        except (Unreadable, Erased):
            continue
    return found


def _sealed(tx: Tx, holder: str, entry: Mapping[str, Any]) -> bytes:
    return tx.keyring.seal(holder, dict(entry), place=f"entries/{entry['id']}")


def _said(entry: Mapping[str, Any]) -> Entry:
    return {name: value for name, value in entry.items() if name not in LATER}
