"""Customers, their credentials and consents, each field that names a person sealed with that customer's key."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.events.times import new_id, now
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Erased
from gateway.records.seal import DESTROYED, STAFF, open_with
from gateway.records.writer import Tx

PURPOSES = ("recognise_tag", "recognise_phone", "keep_preferences", "share_partners")
TAG_SCHEMES = ("epc", "tid", "em", "nfc")  # recognised with recognise_tag; every other scheme with recognise_phone

CUSTOMER_ID = re.compile(r"\w[\w.~@:+-]{0,63}")


class Taken(Exception):
    """The identifier belongs to another customer."""


@dataclass(slots=True)
class Customer:
    """A key customer; ``associate`` and ``deputy`` are staff ids, ``changed_at`` seconds since 1970 UTC."""

    id: str
    name: str
    address_as: str = ""
    language: str = ""
    tier: str = ""
    associate: str | None = None
    deputy: str | None = None
    wishes: list[str] = field(default_factory=list)
    changed_at: float = 0.0
    birthday: str | None = None  # MM-DD
    meets: list[str] = field(default_factory=list)  # customers they know and agreed to meet


@dataclass(slots=True)
class Credential:
    """An identifier that belongs to a customer; ``identifier`` and ``tid`` may be secrets and are not for showing."""

    id: str
    customer: str
    scheme: str
    label: str
    identifier: str = field(repr=False)
    tid: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Consent:
    """What a customer agreed to; times in seconds since 1970 UTC, ``expires`` None where it does not."""

    customer: str
    purpose: str
    method: str
    document: str | None
    granted_at: float
    expires: float | None
    ended_at: float | None = None


# --- customers -------------------------------------------------------------------------------------------------------

FILED = ("name", "address_as", "language", "tier", "associate", "deputy")  # what a file of customers brings
FACTS = (*FILED, "wishes", "birthday", "meets")


def put_customer(tx: Tx, id: str, facts: Mapping[str, Any], at: float) -> Customer:  # noqa: A002
    """Records the facts (those of ``FACTS``) anew.

    An id that was erased begins afresh. Raises ValueError for an id that is none.
    """
    if not CUSTOMER_ID.fullmatch(id):
        raise ValueError(
            "a customer id is 1 to 64 letters, digits and . _ ~ @ : + -, and begins with a letter or digit"
        )
    customer = Customer(id, changed_at=at, **{"name": "", **{key: facts[key] for key in FACTS if key in facts}})
    customer.wishes, customer.meets = list(customer.wishes), list(customer.meets)
    tx.keyring.renew(id)
    sealed = tx.keyring.seal(id, {key: getattr(customer, key) for key in FACTS}, place="customers")
    tx.db.conn.execute(
        "INSERT INTO customers (id, changed_at, sealed) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, sealed = excluded.sealed",
        (id, at, sealed),
    )
    return customer


def change_customer(tx: Tx, id: str, facts: Mapping[str, Any], at: float) -> Customer:  # noqa: A002
    """Records the facts of somebody who is known anew; raises Erased where they are not any more."""
    if get_customer(tx.db, id) is None:
        raise Erased
    return put_customer(tx, id, facts, at)


def get_customer(reader: SealedDatabase, id: str) -> Customer | None:  # noqa: A002
    """The customer, or None."""
    row = reader.conn.execute("SELECT id, changed_at, sealed FROM customers WHERE id = ?", (id,)).fetchone()
    return _customer(reader, row) if row else None


# The keys are joined in rather than asked for one by one. By holder, since those lie in the order of enrolment.
_KEY = "k.holder = c.{} AND +k.key_id = substr(c.sealed, 2, 8) AND k.wrapped <> :destroyed"
_EVERYONE = f"""
SELECT c.id, c.changed_at, c.sealed, k.key_id, k.wrapped
  FROM main.customers c CROSS JOIN sealing.keys k ON {_KEY.format("id")} ORDER BY c.rowid
"""  # noqa: S608 - constants of this module


def customers(reader: SealedDatabase) -> Iterator[Customer]:
    """Every customer, in the order in which they were enrolled; of ``Store.open_reader``, 100,000 a second."""
    unwrap = reader.keyring.unwrap
    for id_, changed_at, sealed, key_id, wrapped in reader.conn.execute(_EVERYONE, {"destroyed": DESTROYED}):
        facts = open_with(unwrap(key_id, id_, wrapped), id_, sealed, place="customers")
        yield Customer(id=id_, changed_at=changed_at, **facts)


def search(
    reader: SealedDatabase, q: str, limit: int = 50, *, by_id: Callable[[Customer], bool] | None = None
) -> list[Customer]:
    """The first customers whose name, form of address or id holds ``q``, whatever its case and width.

    Those of whom ``by_id`` says so are found by their id alone. Opens one customer after the other (100,000 a second),
    so it belongs in a thread with its own reader.
    """
    wanted, found = _folded(q), list[Customer]()
    for scanned, customer in enumerate(customers(reader)):
        named = by_id is None or not by_id(customer)
        if wanted in _folded(f"{customer.name}\n{customer.address_as}\n{customer.id}" if named else customer.id):
            found.append(customer)
            if len(found) == limit:
                break
        if scanned % 256 == 255:
            time.sleep(0)  # the loop's thread goes first
    return found


def erase_customer(tx: Tx, id: str, at: float) -> bool:  # noqa: A002
    """Removes every row of the customer and destroys their key once that is committed; False when there is none."""
    removed = tx.db.conn.execute("DELETE FROM customers WHERE id = ?", (id,)).rowcount  # the rest cascades
    tx.db.conn.execute("DELETE FROM idempotency WHERE holder = ?", (id,))
    key_id = tx.keyring.retire(id)
    if key_id is not None:
        tx.db.conn.execute("INSERT INTO erasures (key_id, customer, at) VALUES (?, ?, ?)", (key_id, id, at))
    return bool(removed)


def reapply_erasures(tx: Tx, at: float) -> int:
    """Removes the rows of everyone whose key is destroyed: a restored copy may be older than their erasure."""
    gone = [
        (table, id_, holder + id_, key_id)
        for table, holder in (("customers", ""), ("staff", STAFF))
        for id_, key_id in tx.db.conn.execute(f"SELECT id, substr(sealed, 2, 8) FROM {table}").fetchall()  # noqa: S608
        if not tx.keyring.has(key_id)
    ]
    for table, id_, holder, key_id in gone:
        tx.db.conn.execute(f"DELETE FROM {table} WHERE id = ?", (id_,))  # noqa: S608
        tx.db.conn.execute(
            "INSERT OR IGNORE INTO erasures (key_id, customer, at) VALUES (?, ?, ?)", (key_id, holder, at)
        )
    return len(gone)


def _customer(reader: SealedDatabase, row: tuple[str, float, bytes]) -> Customer | None:
    try:
        facts = reader.keyring.open(row[0], row[2], place="customers")
    except Erased:
        return None
    return Customer(id=row[0], changed_at=row[1], **facts)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


# --- credentials -----------------------------------------------------------------------------------------------------


def add_credential(
    tx: Tx,
    customer: str,
    identifier: str,
    label: str = "",
    tid: str | None = None,
    *,
    id: str | None = None,  # noqa: A002
    at: float | None = None,
) -> Credential:
    """Gives the customer a tag or phone (a normalised identifier); the same one again changes its label and TID.

    Raises Taken when it belongs to somebody else.
    """
    scheme, fingerprint = identifier.partition(":")[0], tx.keyring.fingerprint(identifier)
    row = tx.db.conn.execute("SELECT id, customer FROM credentials WHERE fingerprint = ?", (fingerprint,)).fetchone()
    if row is not None and row[1] != customer:
        raise Taken("the identifier belongs to another customer")
    credential = Credential(row[0] if row else id or new_id(at), customer, scheme, label, identifier, tid)
    sealed = tx.keyring.seal(customer, [identifier, label, tid], place=f"credentials/{credential.id}")
    tx.db.conn.execute(
        "INSERT INTO credentials (id, customer, scheme, fingerprint, added_at, sealed) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed WHERE fingerprint = excluded.fingerprint",
        (credential.id, customer, scheme, fingerprint, now() if at is None else at, sealed),
    )
    return credential


def remove_credential(tx: Tx, customer: str, credential: str) -> Credential | None:
    """Takes the credential back and answers what it was; None when the customer has none with that id."""
    found = next((one for one in credentials_of(tx.db, customer) if one.id == credential), None)
    if found is not None:
        tx.db.conn.execute("DELETE FROM credentials WHERE id = ?", (credential,))
    return found


def credentials_of(reader: SealedDatabase, customer: str) -> list[Credential]:
    """The customer's tags and phones, oldest first."""
    rows = reader.conn.execute(
        "SELECT id, scheme, sealed FROM credentials WHERE customer = ? ORDER BY added_at, rowid", (customer,)
    ).fetchall()
    found = []
    for id_, scheme, sealed in rows:
        identifier, label, tid = reader.keyring.open(customer, sealed, place=f"credentials/{id_}")
        found.append(Credential(id_, customer, scheme, label, identifier, tid))
    return found


def owner_of(reader: SealedDatabase, identifier: str) -> str | None:
    """The customer to whom the identifier belongs, consenting or not."""
    row = reader.conn.execute(
        "SELECT customer FROM credentials WHERE fingerprint = ?", (reader.keyring.fingerprint(identifier),)
    ).fetchone()
    return row[0] if row else None


_ENROLLED = f"""
SELECT c.customer, c.id, c.sealed, k.key_id, k.wrapped, s.expires
  FROM main.credentials c
 CROSS JOIN main.consents s ON s.customer = c.customer AND s.ended_at IS NULL
   AND (s.expires IS NULL OR s.expires > :now)
   AND s.purpose = CASE WHEN c.scheme IN {TAG_SCHEMES!r} THEN 'recognise_tag' ELSE 'recognise_phone' END
 CROSS JOIN sealing.keys k ON {_KEY.format("customer")}
"""  # noqa: S608 - constants of this module


def enrolled(reader: SealedDatabase, now: float) -> Iterator[tuple[str, str, float | None, str | None]]:
    """The roster: ``(identifier, customer, when its consent expires, TID)`` of every credential with a live consent.

    In the order in which they were given; one pass, 150,000 a second.
    """
    last, key = b"", b""
    unwrap = reader.keyring.unwrap
    for customer, id_, sealed, key_id, wrapped, expires in reader.conn.execute(
        _ENROLLED, {"now": now, "destroyed": DESTROYED}
    ):
        if key_id != last:
            last, key = key_id, unwrap(key_id, customer, wrapped)
        identifier, _, tid = open_with(key, customer, sealed, place=f"credentials/{id_}")
        yield identifier, customer, expires, tid


# --- consents --------------------------------------------------------------------------------------------------------


def grant_consent(
    tx: Tx,
    customer: str,
    purpose: str,
    *,
    method: str = "",
    document: str | None = None,
    expires: float | None = None,
    at: float,
) -> Consent:
    """Records a consent given at ``at``; it takes the place of the one before.

    One given before the latest revocation (an edit that was offline) is kept as a receipt and is not live.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"unknown purpose {purpose!r}: one of {', '.join(PURPOSES)}")
    revoked = last_revoked(tx.db, customer, purpose)
    late = revoked is not None and at <= revoked
    if not late:
        _end(tx, customer, purpose, at, "renewed")
    sealed = tx.keyring.seal(customer, [method, document], place=f"consents/{purpose}")
    ended = (revoked, "revoked") if late else (None, None)
    tx.db.conn.execute(
        "INSERT INTO consents (customer, purpose, granted_at, expires, ended_at, ended_by, sealed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (customer, purpose, at, expires, *ended, sealed),
    )
    return Consent(customer, purpose, method, document, at, expires, ended[0])


def revoke_consent(tx: Tx, customer: str, purpose: str, at: float) -> bool:
    """Ends the live consent for ``purpose``; False when there was none."""
    return _end(tx, customer, purpose, at, "revoked")


def last_revoked(reader: SealedDatabase, customer: str, purpose: str) -> float | None:
    """When the customer last took the consent back; None: never."""
    row = reader.conn.execute(
        "SELECT max(ended_at) FROM consents WHERE customer = ? AND purpose = ? AND ended_by = 'revoked'",
        (customer, purpose),
    ).fetchone()
    return row[0] if row else None


def withdrew(reader: SealedDatabase, customer: str, purpose: str, now: float) -> bool:
    """Whether the customer agreed to this once and does so no longer, at ``now``."""
    given, live = reader.conn.execute(
        "SELECT count(*), total(ended_at IS NULL AND (expires IS NULL OR expires > ?)) FROM consents"
        " WHERE customer = ? AND purpose = ?",
        (now, customer, purpose),
    ).fetchone()
    return bool(given) and not live


def consents_of(reader: SealedDatabase, customer: str, now: float | None = None) -> list[Consent]:
    """The consents that are not ended, by purpose; with ``now``, those that have not expired either."""
    rows = reader.conn.execute(
        "SELECT purpose, granted_at, expires, sealed FROM consents"
        " WHERE customer = ? AND ended_at IS NULL AND (? IS NULL OR expires IS NULL OR expires > ?) ORDER BY purpose",
        (customer, now, now),
    ).fetchall()
    found = []
    for purpose, granted_at, expires, sealed in rows:
        method, document = reader.keyring.open(customer, sealed, place=f"consents/{purpose}")
        found.append(Consent(customer, purpose, method, document, granted_at, expires))
    return found


def _end(tx: Tx, customer: str, purpose: str, at: float, by: str) -> bool:
    return bool(
        tx.db.conn.execute(
            "UPDATE consents SET ended_at = ?, ended_by = ? WHERE customer = ? AND purpose = ? AND ended_at IS NULL",
            (at, by, customer, purpose),
        ).rowcount
    )
