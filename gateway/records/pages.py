"""What opens a customer's own page: a link, as a keyed hash alone, and six digits, hashed and sealed."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.events.event import Data, Event
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.seal import Keyring
from gateway.records.writer import Tx

MOST_TRIES = 5  # wrong digits in a row; then a person of the house has the customer choose others


@dataclass(slots=True, frozen=True)
class Page:
    """``linked_at`` in seconds since 1970 UTC, None where no link opens it; ``digits`` as argon2id hash, None: none."""

    customer: str
    linked_at: float | None
    tries: int
    digits: str | None

    @property
    def locked(self) -> bool:
        """Whether the digits open nothing any more until others are chosen in the house."""
        return self.tries >= MOST_TRIES


def hash_of(keyring: Keyring, secret: str) -> bytes:
    """What is kept of a link's secret: 32 bytes that say nothing to whoever has no key."""
    return keyring.fingerprint(_hashed(secret))


def find(reader: SealedDatabase, secret: str) -> Page | None:
    """The page that this secret opens; None alike for a wrong one, one that was replaced, and one of the erased."""
    hashes = reader.keyring.fingerprints(_hashed(secret))  # also by keys from before
    return _page(reader, f"hash IN ({', '.join('?' * len(hashes))})", *hashes)


def of(reader: SealedDatabase, customer: str) -> Page | None:
    """The page of this customer; None where they never had one."""
    return _page(reader, "id = ?", customer)


def _hashed(secret: str) -> str:
    return f"page {secret}"


def _page(reader: SealedDatabase, where: str, *values: object) -> Page | None:
    sql = f"SELECT customer, made_at, tries, sealed FROM pages WHERE {where}"  # noqa: S608 - ours
    row = reader.conn.execute(sql, values).fetchone()
    if row is None:
        return None
    try:
        digits: str | None = reader.keyring.open(row[0], row[3], place=f"pages/{row[0]}")
    except Unreadable:
        digits = None
    return Page(row[0], row[1], row[2], digits)


# --- what changes ----------------------------------------------------------------------------------------------------


def link(tx: Tx, event: Event, data: Data) -> None:
    """A new link opens the page, and the one before opens nothing."""
    _there(tx, data["customer"])
    sql = "UPDATE pages SET hash = ?, made_at = ? WHERE id = ?"
    tx.db.conn.execute(sql, (bytes.fromhex(data["link"]), event.time, data["customer"]))


def close(tx: Tx, event: Event, data: Data) -> None:
    """No link opens the page any more."""
    tx.db.conn.execute("UPDATE pages SET hash = NULL, made_at = NULL WHERE id = ?", (data["customer"],))


def choose(tx: Tx, event: Event, data: Data) -> None:
    """These digits open the whole of it, and wrong ones before are forgiven."""
    _there(tx, data["customer"])
    sealed = tx.keyring.seal(data["customer"], data["digits"], place=f"pages/{data['customer']}")
    tx.db.conn.execute("UPDATE pages SET tries = 0, sealed = ? WHERE id = ?", (sealed, data["customer"]))


def refuse(tx: Tx, event: Event, data: Data) -> None:
    """Wrong digits were tried."""
    tx.db.conn.execute("UPDATE pages SET tries = ? WHERE id = ?", (data["tries"], data["customer"]))


def opened(tx: Tx, event: Event, data: Data) -> None:
    """The right ones: wrong ones before are forgiven."""
    tx.db.conn.execute("UPDATE pages SET tries = 0 WHERE id = ?", (data["customer"],))


def _there(tx: Tx, customer: str) -> None:
    """A page without a link and without digits, where the customer has none yet."""
    if tx.db.conn.execute("SELECT 1 FROM pages WHERE id = ?", (customer,)).fetchone() is None:
        sealed = tx.keyring.seal(customer, None, place=f"pages/{customer}")
        sql = "INSERT INTO pages (id, customer, hash, made_at, tries, sealed) VALUES (?, ?, NULL, NULL, 0, ?)"
        tx.db.conn.execute(sql, (customer, customer, sealed))
