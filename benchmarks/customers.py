"""A data folder full of customers, made in bulk: what imports one at a time is not what these benches measure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gateway.records import staff
from gateway.records.store import Store, Tx

SOURCE = "/venues/bench"
AT_ONCE = 100_000  # customers in one transaction: each writes most pages of the index of keyed hashes again
PURPOSES = ("recognise_tag", "recognise_phone", "keep_preferences")
AGREED = {"method": "bench", "document": None, "text_version": None, "witness": None}


def customer(number: int) -> str:
    """The id of a customer."""
    return f"c-{number:07d}"


def tag(number: int) -> str:
    """The EPC on a customer's keychain, in hex."""
    return f"3034{number:020X}"


def phone(number: int) -> str:
    """A customer's phone, as ESPresense and we write it."""
    return f"irk:{number:032x}"


def fill(folder: Path, count: int, tokens: dict[str, str]) -> None:
    """Makes ``folder`` with ``count`` customers, each with a tag, a phone and all consents.

    ``tokens`` are bearer tokens by member of staff: each of them is made, with the role ``floor``, and put on shift.
    """
    store = Store.open(folder, source=SOURCE)
    try:
        # With SQLite's own 2 MB, a million keyed hashes would each touch another page of their index.
        store.call(lambda tx: tx.db.conn.execute("PRAGMA cache_size = -1000000"))
        now = time.time()
        store.call(lambda tx: _employ(tx, tokens, now))
        for first in range(0, count, AT_ONCE):
            store.call(partial(_enrol, first=first, end=min(count, first + AT_ONCE), at=now))
    finally:
        store.close()


def _employ(tx: Tx, tokens: dict[str, str], at: float) -> None:
    for id_, token in tokens.items():
        staff.put_staff(tx, staff.Staff(id_, f"Colleague {id_}", ["floor"], [], ["en"]), at)
        staff.start_shift(tx, staff.Shift(id_, [], at, None))
        staff.put_token(tx, staff.Token(f"token-{id_}", "floor", id_, at), staff.hash_of(token))


def _enrol(tx: Tx, first: int, end: int, at: float) -> None:
    """The rows that gateway.records makes of each customer, as three executemany, not fifteen statements each."""
    run, numbers = tx.db.conn.executemany, range(first, end)
    run("INSERT INTO customers (id, changed_at, sealed) VALUES (?, ?, ?)", _people(tx, numbers, at))
    run(
        "INSERT INTO credentials (id, customer, scheme, fingerprint, added_at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
        _credentials(tx, numbers, at),
    )
    run(
        "INSERT INTO consents (id, customer, purpose, brand, partner, act, at, lifts, old, sealed)"
        " VALUES (?, ?, ?, '', '', 'given', ?, '[]', 0, ?)",
        _consents(tx, numbers, at),
    )


Rows = Iterator[tuple[object, ...]]


def _people(tx: Tx, numbers: range, at: float) -> Rows:
    for number in numbers:
        who = customer(number)
        facts = {"name": f"Customer {number}", "address_as": f"Guest {number}", "language": "en", "tier": "gold"}
        nobody: dict[str, object] = {"associate": None, "deputy": None, "wishes": [], "birthday": None, "meets": []}
        yield who, at, tx.keyring.seal(who, {**facts, **nobody}, place="customers")


def _credentials(tx: Tx, numbers: range, at: float) -> Rows:
    for number in numbers:
        who = customer(number)
        for scheme, identifier in (("epc", f"epc:{tag(number)}"), ("irk", phone(number))):
            id_ = f"{scheme}-{number}"
            sealed = tx.keyring.seal(who, [identifier, "", None], place=f"credentials/{id_}")
            yield id_, who, scheme, tx.keyring.fingerprint(identifier), at, sealed


def _consents(tx: Tx, numbers: range, at: float) -> Rows:
    for number in numbers:
        who = customer(number)
        for purpose in PURPOSES:
            id_ = f"{purpose}-{number}"
            yield id_, who, purpose, at, tx.keyring.seal(who, AGREED, place=f"consents/{id_}")
