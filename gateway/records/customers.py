"""Customers and their credentials, each field that names a person sealed with that customer's key."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from gateway.consent.ledger import Entry
from gateway.events.times import new_id, now
from gateway.records import aliases, consents, erasures
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Cut, never
from gateway.records.errors import Altered, Conflict, Erased, Unreadable
from gateway.records.ids import CUSTOMER_ID
from gateway.records.seal import DESTROYED, open_with
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Tx
from reader_drivers.texts import holds, one_line, sought

NOBODY: Mapping[str, float] = {}
TAG_SCHEMES = ("epc", "tid", "em", "nfc")  # recognised with recognise_tag; every other scheme with recognise_phone

FOR_GOOD = "do_not_recognise"  # the wish that outlives every visit
WISHES = (
    "do_not_disturb", "no_name", "anonymous", FOR_GOOD, "no_photographs", "introductions", "no_introductions",
)  # fmt: skip


class Taken(Exception):
    """The identifier belongs to another customer."""


@dataclass(slots=True)
class Customer:
    """A key customer; ``associate`` and ``deputy`` are staff ids, ``changed_at`` seconds since 1970 UTC.

    ``alias`` is what the system calls them that brought them to us.
    """

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
    alias: str | None = None

    @property
    def outside(self) -> str:
        """What names them to who is not us."""
        return self.alias or self.id


@dataclass(slots=True)
class Credential:
    """An identifier that belongs to a customer; ``identifier`` and ``tid`` may be secrets and are not for showing."""

    id: str
    customer: str
    scheme: str
    label: str
    identifier: str = field(repr=False)
    tid: str | None = field(default=None, repr=False)


# --- customers -------------------------------------------------------------------------------------------------------

FILED = ("name", "address_as", "language", "tier", "associate", "deputy")  # what a file of customers brings
FACTS = (*FILED, "wishes", "birthday", "meets")


def put_customer(tx: Tx, id: str, facts: Mapping[str, Any], at: float, alias: str | None = None) -> Customer:  # noqa: A002
    """Records the facts (those of ``FACTS``) anew, and what others call them.

    An id that was erased begins afresh. Raises ValueError for an id that is none.
    """
    if not CUSTOMER_ID.fullmatch(id):
        raise ValueError(
            "a customer id is 1 to 64 letters, digits and . _ ~ @ : + -, and begins with a letter or digit"
        )
    said = {"name": "", **{key: facts[key] for key in FACTS if key in facts}}
    customer = Customer(id, changed_at=at, **said, alias=alias)
    customer.wishes, customer.meets = list(customer.wishes), list(customer.meets)
    tx.keyring.renew(id)
    whole = {key: getattr(customer, key) for key in FACTS} | ({"alias": alias} if alias is not None else {})
    hashed = aliases.fingerprint(tx.keyring, alias) if alias is not None else None
    tx.db.conn.execute(
        "INSERT INTO customers (id, changed_at, sealed, alias) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET changed_at = excluded.changed_at, sealed = excluded.sealed, alias = excluded.alias",
        (id, at, tx.keyring.seal(id, whole, place="customers"), hashed),
    )
    mark_unrecognised(tx, id, customer.wishes)
    return customer


def mark_unrecognised(tx: Tx, customer: str, wishes: Collection[str]) -> None:
    """Keeps in clear that somebody wishes not to be recognised: the roster is made without opening anybody."""
    sql = "DELETE FROM unrecognised WHERE customer = ?"
    if FOR_GOOD in wishes:
        sql = "INSERT INTO unrecognised (customer) VALUES (?) ON CONFLICT DO NOTHING"
    tx.db.conn.execute(sql, (customer,))


def enrol(tx: Tx, id: str, facts: Mapping[str, Any], at: float, alias: str | None = None) -> None:  # noqa: A002
    """Records somebody new; the same again changes nothing. Raises Conflict where id or alias are somebody else's."""
    there = get_customer(tx.db, id)
    if there is None:
        if alias is not None and (other := aliases.holder(tx.db, alias)) is not None:
            raise Conflict({"customer": other})
        put_customer(tx, id, facts, at, alias)
    elif there.alias != alias or any(getattr(there, name) != facts[name] for name in FACTS):
        raise Conflict({"customer": id, **{name: getattr(there, name) for name in FACTS}})


def change_customer(tx: Tx, id: str, facts: Mapping[str, Any], at: float) -> Customer:  # noqa: A002
    """Records those of the facts of somebody that changed; raises Erased where they are not known any more."""
    there = get_customer(tx.db, id)
    if there is None:
        raise Erased
    return put_customer(tx, id, {**{name: getattr(there, name) for name in FACTS}, **facts}, at, there.alias)


def get_customer(reader: SealedDatabase, id: str) -> Customer | None:  # noqa: A002
    """The customer, or None."""
    row = reader.conn.execute("SELECT id, changed_at, sealed FROM customers WHERE id = ?", (id,)).fetchone()
    return _customer(reader, row) if row else None


# The keys are joined in rather than asked for one by one. By holder, since those lie in the order of enrolment.
_KEY = "k.holder = c.{} AND +k.key_id = substr(c.sealed, 2, 8)"
_EVERYONE = f"""
SELECT c.id, c.changed_at, c.sealed, k.key_id, k.wrapped
  FROM main.customers c LEFT JOIN sealing.keys k ON {_KEY.format("id")} ORDER BY c.rowid
"""  # noqa: S608 - constants of this module


def customers(reader: SealedDatabase) -> Iterator[Customer]:
    """Every customer, in the order in which they were enrolled; of ``Store.open_reader``, 100,000 a second."""
    keyring = reader.keyring
    for id_, changed_at, sealed, key_id, wrapped in reader.conn.execute(_EVERYONE):
        if wrapped == DESTROYED:
            continue
        try:
            facts = open_with(keyring.unwrap(key_id, id_, wrapped), id_, sealed, place="customers")
        except Altered:
            keyring.damage.note("customers", id_)
            continue
        yield Customer(id=id_, changed_at=changed_at, **facts)


def search(
    reader: SealedDatabase, q: str, limit: int = 50, *, by_id: Callable[[Customer], bool] | None = None
) -> list[Customer]:
    """The first customers whose name, form of address, id or alias holds ``q``, as a keyboard can write it.

    Those of whom ``by_id`` says so are found by the last two alone. Opens one customer after the other (100,000 a
    second), so it belongs in a thread with its own reader.
    """
    wanted, found = sought(q), list[Customer]()
    if not wanted and one_line(q):
        return []  # signs that nobody is sought by, where nothing at all finds everybody
    for scanned, customer in enumerate(customers(reader)):
        named = by_id is None or not by_id(customer)
        words = f"{customer.alias or ''}\1{customer.id}"
        words = f"{customer.name}\1{customer.address_as}\1{words}" if named else words
        if holds(sought(words), wanted):
            found.append(customer)
            if len(found) == limit:
                break
        if scanned % 256 == 255:
            time.sleep(0)  # the loop's thread goes first
    return found


def erase_customer(tx: Tx, id: str, at: float, keys: Iterable[str] | None = None) -> bool:  # noqa: A002
    """Removes every row of the customer and destroys ``keys`` once that is committed; False when there is none.

    ``keys`` are the ids of their data keys, in hex; all that they have where none are given.
    """
    removed = tx.db.conn.execute("DELETE FROM customers WHERE id = ?", (id,)).rowcount  # the rest cascades
    for table in ("idempotency", "quarantine"):
        tx.db.conn.execute(f"DELETE FROM {table} WHERE holder = ?", (id,))  # noqa: S608 - ours
    erasures.destroy(tx, id, at, tx.keyring.ids_of(id) if keys is None else keys)
    return bool(removed)


def _customer(reader: SealedDatabase, row: tuple[str, float, bytes]) -> Customer | None:
    try:
        facts = reader.keyring.open(row[0], row[2], place="customers")
    except Unreadable:
        return None
    return Customer(id=row[0], changed_at=row[1], **facts)


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

    Raises Taken when it belongs to somebody else, Conflict where the id is that of another tag or phone.
    """
    scheme, (fingerprint, *before) = identifier.partition(":")[0], tx.keyring.fingerprints(identifier)
    for old in before:  # hashed with a key from before: it is the same tag or phone
        tx.db.conn.execute("UPDATE credentials SET fingerprint = ? WHERE fingerprint = ?", (fingerprint, old))
    _yield(tx, customer, fingerprint)
    given = Credential(id or new_id(at), customer, scheme, label, identifier, tid)
    row = (given.id, customer, scheme, fingerprint, now() if at is None else at, _sealed(tx, given))
    try:
        columns = "id, customer, scheme, fingerprint, added_at, sealed"
        tx.db.conn.execute(f"INSERT INTO credentials ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - ours
    except sqlite3.IntegrityError:
        return _known_already(tx, given, fingerprint, by_id=id is not None)
    return given


_OF_LENT = """
SELECT c.id, c.customer FROM credentials c JOIN lent l ON l.customer = c.customer
WHERE c.fingerprint = ?1 AND c.customer <> ?2 AND NOT EXISTS (SELECT 1 FROM lent WHERE customer = ?2)
"""


def _yield(tx: Tx, customer: str, fingerprint: bytes) -> None:
    """What somebody lent carries by another venue's word yields to what is given here: it is in dispute from now on."""
    row = tx.db.conn.execute(_OF_LENT, (fingerprint, customer)).fetchone()
    if row is not None:
        tx.db.conn.execute("DELETE FROM credentials WHERE id = ?", (row[0],))
        sql = "INSERT INTO clashes (customer, credential, fingerprint) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        tx.db.conn.execute(sql, (row[1], row[0], fingerprint))


def _known_already(tx: Tx, given: Credential, fingerprint: bytes, *, by_id: bool) -> Credential:
    """What could not be inserted: the same tag or phone with another label or chip."""
    sql = "SELECT id, customer, scheme FROM credentials WHERE "
    there = tx.db.conn.execute(f"{sql} fingerprint = ?", (fingerprint,)).fetchone()
    if there is not None and there[1] != given.customer:
        raise Taken("the identifier belongs to another customer")
    if there is None or (by_id and there[0] != given.id):
        there = there or tx.db.conn.execute(f"{sql} id = ?", (given.id,)).fetchone()
        if there is None:
            raise
        raise Conflict(dict(zip(("id", "customer", "scheme"), there, strict=True)))
    given.id = there[0]
    tx.db.conn.execute("UPDATE credentials SET sealed = ? WHERE id = ?", (_sealed(tx, given), given.id))
    return given


def _sealed(tx: Tx, credential: Credential) -> bytes:
    one = credential
    return tx.keyring.seal(one.customer, [one.identifier, one.label, one.tid], place=f"credentials/{one.id}")


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
        try:
            identifier, label, tid = reader.keyring.open(customer, sealed, place=f"credentials/{id_}")
        except Altered:
            continue
        found.append(Credential(id_, customer, scheme, label, identifier, tid))
    return found


def owner_of(reader: SealedDatabase, identifier: str) -> str | None:
    """The customer to whom the identifier belongs, consenting or not."""
    hashes = reader.keyring.fingerprints(identifier)
    marks = ", ".join("?" * len(hashes))
    sql = f"SELECT customer FROM credentials WHERE fingerprint IN ({marks})"  # noqa: S608 - marks alone
    row = reader.conn.execute(sql, hashes).fetchone()
    return row[0] if row else None


def carry_more_than(reader: SealedDatabase, count: int) -> bool:
    """Whether there are more tags and phones on record than so many, of whomever."""
    return reader.conn.execute("SELECT 1 FROM credentials LIMIT 1 OFFSET ?", (count,)).fetchone() is not None


_BY_THEMSELVES = """c.customer NOT IN (
   SELECT customer FROM main.unrecognised
   UNION SELECT kept FROM main.merges WHERE undone_at IS NULL
   UNION SELECT other FROM main.merges WHERE undone_at IS NULL
 )"""
_ENROLLED = f"""
SELECT c.customer, c.id, c.scheme, c.sealed, k.key_id, k.wrapped
  FROM main.credentials c
  LEFT JOIN sealing.keys k ON {_KEY.format("customer")}
 WHERE {_BY_THEMSELVES}
"""  # noqa: S608 - constants of this module


def enrolled(
    reader: SealedDatabase, now: float, cut: Cut = never
) -> Iterator[tuple[str, str, float | None, str | None]]:
    """The roster: ``(identifier, customer, when its consent expires, TID)`` of every credential with a live consent.

    Of who wishes not to be recognised there is none, and none of whom there are several records: see ``agreements``.

    In the order in which they were given; one pass, 150,000 a second.
    """
    last, key = b"", b""
    unwrap, agreed = reader.keyring.unwrap, consents.recognised(reader, now, cut)
    for customer, id_, scheme, sealed, key_id, wrapped in reader.conn.execute(_ENROLLED):
        until = agreed.get(customer, NOBODY).get("recognise_tag" if scheme in TAG_SCHEMES else "recognise_phone")
        if until is None or wrapped == DESTROYED:
            continue
        try:
            if key_id != last:
                last, key = key_id, unwrap(key_id, customer, wrapped)
            identifier, _, tid = open_with(key, customer, sealed, place=f"credentials/{id_}")
        except Altered:
            last = b""
            reader.keyring.damage.note(f"credentials/{id_}", customer)
            continue
        yield identifier, customer, None if until == inf else until, tid


_PHONES = f"""
SELECT c.customer, c.id, c.sealed, k.key_id, k.wrapped, s.at, s.until, s.brand, s.notice
  FROM main.credentials c
  CROSS JOIN main.consents s ON s.customer = c.customer AND s.purpose = 'recognise_phone'
  LEFT JOIN sealing.keys k ON {_KEY.format("customer")}
 WHERE c.scheme = 'irk' AND s.stopped_at IS NULL AND s.act IN ('given', 'renewed') AND (s.until IS NULL OR s.until > ?)
   AND {_BY_THEMSELVES}
"""  # noqa: S608 - constants of this module


def phones(reader: SealedDatabase, now: float, cut: Cut = never) -> Iterator[tuple[str, str]]:
    """Of ``enrolled`` the phones that are known by their key, some more than once: ``(identifier, customer)``.

    Holds no more than one in memory.
    """
    for customer, id_, sealed, key_id, wrapped, at, until, brand, notice in reader.conn.execute(_PHONES, (now,)):
        given = Entry("", "recognise_phone", "given", at, inf if until is None else until, brand=brand, notice=notice)
        if wrapped == DESTROYED or now >= cut(given):
            continue
        try:
            key = reader.keyring.unwrap(key_id, customer, wrapped)
            identifier = open_with(key, customer, sealed, place=f"credentials/{id_}")[0]
        except Altered:
            reader.keyring.damage.note(f"credentials/{id_}", customer)
            continue
        yield identifier, customer
