"""Gatherings, who is invited to them, and who was seen to own what; each as its last event said."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gateway.events.event import Data, Event
from gateway.events.times import seconds
from gateway.records import introductions
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict, Erased, Unreadable
from gateway.records.house_documents import opened
from gateway.records.writer import Tx

Gathering = dict[str, Any]
Invitation = dict[str, Any]
Membership = dict[str, Any]

DONE = ("reckoned", "cancelled")
"""States after which nothing changes any more."""

# --- what events change ----------------------------------------------------------------------------------------------


def _gathering(tx: Tx, event: Event, data: Data) -> None:
    row = (data["id"], data["state"], seconds(data["begins"]), event.time, json.dumps(data, ensure_ascii=False))
    tx.db.conn.execute(
        "INSERT INTO gatherings (id, state, begins, changed_at, json) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET state = excluded.state, begins = excluded.begins, changed_at = excluded.changed_at, json = excluded.json",
        row,
    )


def _invitation(tx: Tx, event: Event, data: Data) -> None:
    sealed = tx.keyring.seal(data["customer"], data, place=f"invitations/{data['id']}")
    saved = tx.db.conn.execute(
        "INSERT INTO invitations (id, gathering, customer, sealed) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET sealed = excluded.sealed WHERE customer = excluded.customer AND gathering = excluded.gathering",
        (data["id"], data["gathering"], data["customer"], sealed),
    )
    if not saved.rowcount:
        raise Conflict({"id": data["id"]})


def _membership(tx: Tx, event: Event, data: Data) -> None:
    id_ = _of(data)
    tx.db.conn.execute(
        "INSERT INTO memberships (id, customer, sealed) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET sealed = excluded.sealed",
        (id_, data["customer"], tx.keyring.seal(data["customer"], data, place=f"memberships/{id_}")),
    )


def _no_membership(tx: Tx, event: Event, data: Data) -> None:
    tx.db.conn.execute("DELETE FROM memberships WHERE id = ?", (_of(data),))


def _of(data: Data) -> str:
    return f"{data['customer']}.{data['brand']}"


APPLIED: dict[str, Callable[[Tx, Event, Data], None]] = {
    "gathering.opened": _gathering,
    "gathering.changed": _gathering,
    **dict.fromkeys(
        ("invitation.listed", "invitation.sent", "invitation.answered", "invitation.attended"), _invitation
    ),
    "membership.seen": _membership,
    "membership.ended": _no_membership,
    **introductions.APPLIED,
}

# --- what is so ------------------------------------------------------------------------------------------------------


def get(reader: SealedDatabase, gathering: str) -> Gathering | None:
    """The gathering, also one that is over; None where there is none."""
    row = reader.conn.execute("SELECT json FROM gatherings WHERE id = ?", (gathering,)).fetchone()
    return opened(reader, f"gatherings/{gathering}", row[0]) if row else None


def every(reader: SealedDatabase) -> list[Gathering]:
    """All gatherings, the latest first."""
    rows = reader.conn.execute("SELECT id, json FROM gatherings ORDER BY begins DESC, id").fetchall()
    found = (opened(reader, f"gatherings/{id_}", text) for id_, text in rows)
    return [each for each in found if each is not None]


def going_on(reader: SealedDatabase) -> list[str]:
    """Ids of those of which time may make something else: open, closed and under way."""
    sql = "SELECT id FROM gatherings WHERE state IN ('open', 'closed', 'under_way') ORDER BY begins, id"
    return [row[0] for row in reader.conn.execute(sql)]


def invitations(reader: SealedDatabase, gathering: str) -> list[Invitation]:
    """Everybody's invitations to a gathering, in the order in which they were listed."""
    return _opened(reader, "gathering = ?", gathering)


def invitation(reader: SealedDatabase, invitation: str) -> Invitation | None:
    """One invitation; None where there is none."""
    return next(iter(_opened(reader, "id = ?", invitation)), None)


def of_customer(reader: SealedDatabase, customer: str) -> list[Invitation]:
    """Every invitation of one record."""
    return _opened(reader, "customer = ?", customer)


def memberships(reader: SealedDatabase, customer: str) -> list[Membership]:
    """The proofs of ownership of one record, by brand."""
    sql = "SELECT id, sealed FROM memberships WHERE customer = ? ORDER BY id"
    found: list[Membership] = []
    for id_, sealed in reader.conn.execute(sql, (customer,)).fetchall():
        with suppress(Unreadable, Erased):
            found.append(reader.keyring.open(customer, sealed, place=f"memberships/{id_}"))
    return found


def _opened(reader: SealedDatabase, where: str, *values: object) -> list[Invitation]:
    sql = f"SELECT id, customer, sealed FROM invitations WHERE {where} ORDER BY rowid"  # noqa: S608 - ours
    found: list[Invitation] = []
    for id_, customer, sealed in reader.conn.execute(sql, values).fetchall():
        with suppress(Unreadable, Erased):
            found.append(reader.keyring.open(customer, sealed, place=f"invitations/{id_}"))
    return found
