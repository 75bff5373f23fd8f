"""Receipts as they were handed out: whole, signed, sealed with the customer's key, and never another one later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from gateway.consent.receipt import Frame, made
from gateway.events.event import Data, Event
from gateway.events.times import iso, new_id
from gateway.records import customers, journal_rows, once, receipt_keys, receipt_state
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Cut, never
from gateway.records.errors import Altered
from gateway.records.writer import Tx

MOST = 200  # receipts that a list shows


class Handed(NamedTuple):
    """That a receipt was handed out, and when, in seconds since 1970 UTC."""

    id: str
    at: float


def new_receipt_id(at: float) -> str:
    """An id that says when, and is read out over a telephone: ``R-0199A1C2-7F3A-4D0C``."""
    digits = new_id(at).replace("-", "")
    return f"R-{digits[:8]}-{digits[8:12]}-{digits[-4:]}".upper()


def complete(tx: Tx, event: Event, frame: Frame, cut: Cut = never) -> None:
    """Makes the receipt of an event: of all that the tables say now, at this place of the journal, and signed."""
    keyring = tx.keyring
    if receipt_keys.current(keyring, "receipts") is None:
        with keyring.changing() as connection:
            receipt_keys.make(connection, keyring, event.origin, datetime.fromtimestamp(event.time, UTC).date())
    customer = customers.get_customer(tx.db, event.subject)
    language = customer.language if customer else ""
    frame = replace(frame, brand=receipt_state.newest_brand(tx.db, event.subject) or frame.brand)
    state = receipt_state.state_of(tx.db, event.subject, event.time, language=language, brand=frame.brand, cut=cut)
    last = journal_rows.last(tx.db)
    ledger = {
        "venue": event.origin,
        "epoch": last.epoch,
        "position": last.position,
        "hash": f"sha256:{last.hash.hex()}",
    }
    record = state.acts[-1].id if state.acts else event.id
    at = f"{iso(event.time)[:19]}Z"
    signer = receipt_keys.signer(keyring)
    event.data["document"] = made(event.data["receipt"], record, at, frame, replace(state, ledger=ledger), signer)


def keep(tx: Tx, event: Event, data: Data) -> None:
    """Keeps a receipt that was handed out; the same again changes nothing. Raises Conflict."""
    id_, customer = data["receipt"], data["customer"]
    sealed = tx.keyring.seal(customer, data["document"], place=f"receipts/{id_}")
    row = {"id": id_, "customer": customer, "at": event.time, "sealed": sealed}
    once.insert(tx, "receipts", row, same=("customer", "at"))


def handed(reader: SealedDatabase, customer: str) -> list[Handed]:
    """Which receipts a customer was given, the newest first."""
    sql = "SELECT id, at FROM receipts WHERE customer = ? ORDER BY at DESC, id DESC LIMIT ?"
    return [Handed(*row) for row in reader.conn.execute(sql, (customer, MOST))]


def whose(reader: SealedDatabase, receipt: str) -> str | None:
    """Whose receipt it is; None where there is none of this id."""
    row = reader.conn.execute("SELECT customer FROM receipts WHERE id = ?", (receipt,)).fetchone()
    return row[0] if row else None


def get(reader: SealedDatabase, receipt: str) -> dict[str, Any] | None:
    """The receipt, as it was signed; None where there is none of this id, or it cannot be read any more."""
    row = reader.conn.execute("SELECT customer, sealed FROM receipts WHERE id = ?", (receipt,)).fetchone()
    if row is None:
        return None
    try:
        found: dict[str, Any] = reader.keyring.open(row[0], row[1], place=f"receipts/{receipt}")
    except Altered:
        return None
    return found
