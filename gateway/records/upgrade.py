"""A folder from before the journal was the truth, brought up to date without losing a line.

Each row of its journal becomes a row of the new chain, what is sealed in it byte for byte as it was; what stands in the
tables, of which that journal tells only in part, becomes the snapshot from which they can be made anew.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.events import hlc, times
from gateway.events.times import born, new_id
from gateway.records import chain, consents, customers, journal_rows, numbers, schema
from gateway.records.anchor import TABLES, Anchor, mark_cut
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Erased
from gateway.records.journal_rows import Link
from gateway.records.writer import Tx

log = logging.getLogger(__name__)

OLD_COLUMNS = "position, sequence, id, type, subject, time, actor, holder, sealed, hash"
OLD_PLACE = "journal"
VENUE = "venue"

# Of the documents: what was a number and is a time, and what they did not have yet.
TIMES: Mapping[str, frozenset[str]] = {
    "alerts": frozenset({"opened_at", "claimed_at", "closed_at", "accept_by"}),
    "asks": frozenset({"at", "answered_at", "served_at"}),
    "promises": frozenset({"at", "due", "closed_at"}),
}
ADDED: Mapping[str, Mapping[str, object]] = {
    "alerts": {
        "stage": "card",
        "party": None,
        "about": {},
        "rated": None,
        "accept_by": None,
        "handed_by": None,
        "handed_because": None,
    },
    "asks": {"served_by": None, "served_at": None},
    "promises": {"recovery_cost": None, "handed_from": None, "handed_because": None},
}


def is_due(db: SealedDatabase) -> bool:
    """Whether something stands in tables of the old shape."""
    sql = "SELECT count(*) FROM sqlite_master WHERE name = ?"
    return bool(db.conn.execute(sql, schema.BEFORE_4[:1]).fetchone()[0])


def carry(db: SealedDatabase, folder: Path, source: str) -> None:
    """Brings over what stands in tables of the old shape, in one transaction; ``source`` names the venue."""
    with db.transaction():
        _carry(Tx(db, db.keyring), folder, source.rpartition("/")[2] or VENUE)
        schema.drop_before(db)
        db.keyring.commit()


def _carry(tx: Tx, folder: Path, origin: str) -> None:
    db = tx.db
    granted: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for customer, purpose, at, id_ in _grants(db):
        granted.setdefault((customer, purpose), []).append((at, id_))
    _consents(tx, granted)
    for table in TIMES:
        _documents(tx, table)
    for (id_,) in db.conn.execute("SELECT id FROM customers").fetchall():
        found = customers.get_customer(db, id_)
        customers.mark_unrecognised(tx, id_, found.wishes if found else ())
    events = _rows(db, origin)
    counts = {table: db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # noqa: S608
    counts |= {"events": events, "epochs": 0}
    if not any(counts.values()):
        return
    anchor = Anchor(folder, tx.keyring)
    try:
        anchor.take(tx)
    finally:
        anchor.close()
    for name, count in counts.items():
        if count:
            numbers.put(db, numbers.CARRIED + name, count)


# --- the journal -----------------------------------------------------------------------------------------------------


def _rows(db: SealedDatabase, origin: str) -> int:
    """Puts the rows of the old journal into the new chain, behind the head of the old one; how many there are."""
    anchor = db.conn.execute("SELECT position, sequence, hash, proof FROM journal_anchor_before").fetchone()
    newest = db.conn.execute("SELECT sequence, hash FROM journal_before ORDER BY position DESC LIMIT 1").fetchone()
    newest = newest or (anchor[1:3] if anchor else None)
    if newest is None:
        return 0
    broken_at = _broken_at(db, anchor)
    if broken_at is not None:
        log.error("the journal was broken at event %d before it was brought up to date: see its beginning", broken_at)
        numbers.put(db, f"{numbers.CARRIED}broken_at", broken_at)
    number = anchor[0] if anchor else 0
    mark_cut(db, Link(number, 0, 0, newest[1]), sequence=newest[0])
    before, clock, position, first = chain.beginning(origin, 1, newest[1]), hlc.HybridClock(), 0, 0.0
    rows = db.conn.execute(f"SELECT {OLD_COLUMNS} FROM journal_before ORDER BY position")  # noqa: S608 - ours
    for _, sequence, id_, type_, subject, _, actor, holder, sealed, _ in rows:
        position, at = position + 1, born(id_)
        first = first or at
        salt, stamp = db.keyring.salt(id_, sequence), clock.tick(at)
        head = chain.Head(salt, origin, 1, position, id_, type_, subject, holder, hlc.text(stamp), "", actor)
        row = journal_rows.NewRow(number + position, sequence, at, stamp, head)
        before = journal_rows.insert(db, row, before, lambda _, sealed=sealed: sealed).hash  # type: ignore[misc]
    db.conn.execute("INSERT INTO epochs (epoch, origin, began) VALUES (1, ?, ?)", (origin, first))
    return position


def _broken_at(db: SealedDatabase, anchor: tuple[Any, ...] | None) -> int | None:
    """The first event at which the old chain does not hold; None where it does."""
    key, before = db.keyring.chain_key, bytes(32)
    if anchor is not None:
        proof = hmac.digest(key, b"anchor %d %d " % anchor[:2] + anchor[2], "sha256")
        if not hmac.compare_digest(proof, anchor[3]):
            return int(anchor[1])
        before = anchor[2]
    for row in db.conn.execute(f"SELECT {OLD_COLUMNS} FROM journal_before ORDER BY position"):  # noqa: S608 - ours
        canonical = json.dumps(list(row[:8]), ensure_ascii=False, separators=(",", ":")).encode()
        linked = hmac.digest(key, before + len(canonical).to_bytes(4, "big") + canonical + row[8], "sha256")
        if not hmac.compare_digest(linked, row[9]):
            return int(row[1])
        before = linked
    return None


# --- consents --------------------------------------------------------------------------------------------------------


def _grants(db: SealedDatabase) -> Iterator[tuple[str, str, float, str]]:
    """Customer, purpose, time and id of every event that told of a consent and can be read."""
    rows = db.conn.execute(
        "SELECT id, holder, time, sealed FROM journal_before WHERE type = 'consent.granted' ORDER BY position"
    )
    for id_, holder, at, sealed in rows.fetchall():
        try:
            data = db.keyring.open(holder, sealed, place=OLD_PLACE)
        except Erased:
            continue
        if "customer" in data and "purpose" in data:
            yield data["customer"], data["purpose"], at, id_


def _consents(tx: Tx, granted: Mapping[tuple[str, str], list[tuple[float, str]]]) -> None:
    """The same consents are alive as before: each names the revocations that came before it, and an alive one all."""
    rows = tx.db.conn.execute(
        "SELECT customer, purpose, granted_at, expires, ended_at, ended_by, sealed FROM consents_before ORDER BY id"
    ).fetchall()
    stops: dict[tuple[str, str], dict[float, str]] = {}
    for customer, purpose, _, _, ended_at, ended_by, _ in rows:
        if ended_by == "revoked" and ended_at not in stops.setdefault((customer, purpose), {}):
            stops[customer, purpose][ended_at] = id_ = new_id(ended_at)
            consents.revoke_consent(tx, customer, purpose, ended_at, id=id_)
    for customer, purpose, at, expires, _, _, sealed in rows:
        try:
            method, document = tx.keyring.open(customer, sealed, place=f"consents/{purpose}")
        except Erased:
            continue
        known = stops.get((customer, purpose), {})
        lifts = [id_ for since, id_ in known.items() if since < at]
        id_ = _id_of(granted.get((customer, purpose), []), at)
        facts = {"id": id_, "lifts": lifts, "method": method, "document": document, "expires": expires}
        consents.grant_consent(tx, customer, purpose, at=at, **facts)


def _id_of(granted: list[tuple[float, str]], at: float) -> str:
    """The id of the event that told of a consent given at ``at``; a new one where none did."""
    found = next((one for one in granted if abs(one[0] - at) < 1.0), None)
    if found is None:
        return new_id(at)
    granted.remove(found)
    return found[1]


# --- documents -------------------------------------------------------------------------------------------------------


def _documents(tx: Tx, table: str) -> None:
    """Documents as their events hold them: times as text, every member there."""
    rows = tx.db.conn.execute(f"SELECT id, customer, sealed FROM {table}").fetchall()  # noqa: S608 - ours
    for id_, customer, sealed in rows:
        place = f"{table}/{id_}"
        try:
            facts = tx.keyring.open(customer, sealed, place=place)
        except Erased:
            continue
        if "group" in facts:
            facts["party"] = facts.pop("group")
        document = {**ADDED[table], **times.written(facts, TIMES[table])}
        renewed = tx.keyring.seal(customer, document, place=place)
        tx.db.conn.execute(f"UPDATE {table} SET sealed = ? WHERE id = ?", (renewed, id_))  # noqa: S608 - ours
