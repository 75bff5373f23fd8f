"""How what customers say to what they are asked changes the tables, and the texts that they read."""

from __future__ import annotations

import json
from typing import Any

from gateway.consent import notices
from gateway.consent.notices import Notice
from gateway.events.event import Data, Event
from gateway.events.times import iso, seconds
from gateway.records import consents, once
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Consent
from gateway.records.errors import Conflict
from gateway.records.house_documents import opened
from gateway.records.writer import Tx


def apply(tx: Tx, event: Event, data: Data) -> None:
    """Adds an act to the ledger; one of before acts were told apart as it was recorded then. Raises Conflict."""
    if "act" in data:
        consents.write(tx, read(data))
    elif event.type == "consent.granted":
        facts = {name: data[name] for name in ("method", "document", "text_version", "witness", "lifts")}
        expires = seconds(data["expires"])
        consents.grant_consent(
            tx, data["customer"], data["purpose"], id=event.id, expires=expires, at=event.time, **facts
        )
    else:
        consents.revoke_consent(tx, data["customer"], data["purpose"], event.time, id=event.id)


def read(data: Data) -> Consent:
    """An act as its event holds it."""
    return Consent(
        customer=data["customer"],
        purpose=data["purpose"],
        method=data["method"],
        document=data["document"],
        granted_at=seconds(data["at"]) or 0.0,
        expires=seconds(data.get("expires")),
        text_version=data.get("text_version"),
        witness=data["witness"],
        id=data["id"],
        lifts=tuple(sorted(data.get("lifts", ()))),
        brand=data["brand"],
        partner=data["partner"] or "",
        act=data["act"],
        by=data["by"],
        data=tuple(data["data"]),
        notice=data["notice"],
        guardian=data["guardian"],
        signature=data.get("signature"),
        receipt=data["receipt"],
    )


def sign(tx: Tx, event: Event, data: Data) -> None:
    """Keeps what was written by hand on the glass, sealed with the customer's key. Raises Conflict."""
    facts = {name: data[name] for name in ("media", "document", "content")}
    sealed = tx.keyring.seal(data["customer"], facts, place=f"signatures/{data['id']}")
    row = {"id": data["id"], "customer": data["customer"], "at": seconds(data["at"]), "sealed": sealed}
    once.insert(tx, "signatures", row, same=("customer", "at"))


def signature(reader: SealedDatabase, id: str) -> dict[str, Any] | None:  # noqa: A002
    """What was written by hand: its ``media`` type, ``document`` (SHA-256) and ``content`` in base64; or None."""
    row = reader.conn.execute("SELECT customer, sealed FROM signatures WHERE id = ?", (id,)).fetchone()
    if row is None:
        return None
    facts: dict[str, Any] = reader.keyring.open(row[0], row[1], place=f"signatures/{id}")
    return facts


def publish(tx: Tx, event: Event, data: Data) -> None:
    """Keeps a version of a notice; one that is there gets languages, and never another text: Conflict."""
    there = tx.db.conn.execute(
        "SELECT published_at, json FROM notices WHERE id = ? AND version = ?", (data["id"], data["version"])
    ).fetchone()
    if there is None:
        row = (data["id"], data["version"], event.time, json.dumps(data, ensure_ascii=False, sort_keys=True))
        tx.db.conn.execute("INSERT INTO notices (id, version, published_at, json) VALUES (?, ?, ?, ?)", row)
        return
    before = json.loads(there[1])
    texts = {**data["texts"], **before["texts"]}
    if {**before, "texts": texts} != {**data, "texts": texts} or any(
        texts[language] != text for language, text in data["texts"].items()
    ):
        raise Conflict({"notice": f"{data['id']}/{data['version']}", "published_at": iso(there[0])})
    text = json.dumps({**before, "texts": texts}, ensure_ascii=False, sort_keys=True)
    tx.db.conn.execute("UPDATE notices SET json = ? WHERE id = ? AND version = ?", (text, data["id"], data["version"]))


def published(reader: SealedDatabase) -> list[Notice]:
    """Every version of a notice that this house has published."""
    rows = reader.conn.execute("SELECT id, version, published_at, json FROM notices ORDER BY id, version").fetchall()
    found = ((opened(reader, f"notices/{id_}", text), at) for id_, _, at, text in rows)
    return [notices.read(row, at) for row, at in found if row is not None]
