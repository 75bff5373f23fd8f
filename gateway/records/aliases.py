"""What other systems call a customer: sealed with the customer's key, found by a keyed hash, and gone with them.

Our own ids are drawn at random and say nothing. Customers of a folder from before have ids that others gave; they keep
them, since the journal and what was signed name them so.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator

from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.ids import damaged
from gateway.records.seal import Keyring
from gateway.records.writer import Tx

OURS = re.compile(r"c-[0-9a-z]{12}", re.ASCII)
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32, without those that are misread
RANDOM = 12  # letters: 60 bits
AT_ONCE = 1_000  # looked for with one question


def new_id() -> str:
    """A customer's id of ours."""
    return "c-" + "".join(secrets.choice(LETTERS) for _ in range(RANDOM))


def wrong_alias(alias: str) -> str | None:
    """Why nobody new can be called so, in words; None where they can."""
    if OURS.fullmatch(alias):
        return "looks like an id of ours, and nobody here has it; expected an id of yours"
    return damaged(alias)


def fingerprint(keyring: Keyring, alias: str) -> bytes:
    """What stands on disk instead of an alias."""
    return keyring.fingerprint(_hashed(alias))


def holder(reader: SealedDatabase, alias: str) -> str | None:
    """The id of the customer whom others call so; None where nobody is."""
    hashes = reader.keyring.fingerprints(_hashed(alias))  # also by keys from before
    sql = f"SELECT id FROM customers WHERE alias IN ({', '.join('?' * len(hashes))})"  # noqa: S608 - marks alone
    row = reader.conn.execute(sql, hashes).fetchone()
    return row[0] if row else None


def ours(reader: SealedDatabase, named: str) -> str:
    """The id of whoever is ``named`` by an alias or an id; ``named`` itself where that is nobody's alias."""
    if OURS.fullmatch(named):
        return named
    return holder(reader, named) or named


def every(reader: SealedDatabase, named: Collection[str]) -> dict[str, str]:
    """The ids of all of these who are somebody's alias, by it."""
    hashes = {hashed: each for each in named for hashed in reader.keyring.fingerprints(_hashed(each))}
    wanted, found = list(hashes), dict[str, str]()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        sql = f"SELECT alias, id FROM customers WHERE alias IN ({', '.join('?' * len(some))})"  # noqa: S608 - marks
        found |= {hashes[bytes(hashed)]: id_ for hashed, id_ in reader.conn.execute(sql, some)}
    return found


def of(reader: SealedDatabase, customer: str) -> str | None:
    """What others call this customer; None for one who has no such name, and for nobody."""
    sql = "SELECT sealed FROM customers WHERE id = ? AND alias IS NOT NULL"
    row = reader.conn.execute(sql, (customer,)).fetchone()
    try:
        return reader.keyring.open(customer, row[0], place="customers")["alias"] if row else None
    except Unreadable:
        return None


def hash_of(reader: SealedDatabase, customer: str) -> str | None:
    """What stands on disk instead of the alias of a customer, in hex digits; None for who has none."""
    row = reader.conn.execute("SELECT alias FROM customers WHERE id = ?", (customer,)).fetchone()
    return row[0].hex() if row and row[0] is not None else None


def keep_erased(tx: Tx, hashed: str, erasure: str | None) -> None:
    """Keeps that somebody was called so who was erased, as long as the receipt of that."""
    row = (bytes.fromhex(hashed), erasure)
    tx.db.conn.execute("INSERT INTO erased_aliases (hash, erasure) VALUES (?, ?) ON CONFLICT DO NOTHING", row)


def erased(reader: SealedDatabase, named: str) -> bool:
    """Whether somebody had this alias, or this id, who was erased here."""
    hashes = reader.keyring.fingerprints(_hashed(named))
    sql = f"SELECT 1 FROM erased_aliases WHERE hash IN ({', '.join('?' * len(hashes))})"  # noqa: S608 - marks alone
    return reader.keyring.erased(named) or reader.conn.execute(sql, hashes).fetchone() is not None


def foreign(reader: SealedDatabase) -> Iterator[str]:
    """The ids in this folder that are not ours: of customers from before, and of who came from an older house."""
    for (id_,) in reader.conn.execute("SELECT id FROM customers ORDER BY id"):
        if not OURS.fullmatch(id_):
            yield id_


def _hashed(alias: str) -> str:
    return f"customer:{alias}"  # beside the identifiers, whose schemes are others
