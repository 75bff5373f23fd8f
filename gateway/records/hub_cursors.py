"""How far this venue and its hub have heard each other: cursors of feeds and epochs, and of whom it knows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gateway.records import chain, journal_rows
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Tx


class Cursor(NamedTuple):
    """Up to which number a feed was read, and the feed's hash there."""

    number: int
    hash: bytes


class Sent(NamedTuple):
    """Up to which position the hub had an epoch of ours; ``done``: nothing of it is to be sent any more."""

    position: int
    done: bool


class Life(NamedTuple):
    """One epoch as its rows are there: the first and the last position, and the hash of its parent's last row.

    ``base`` and a position make the number of a row in the order of insertion.
    """

    epoch: int
    origin: str
    first: int
    last: int
    parent: bytes
    base: int


class Shared(NamedTuple):
    """Of a customer: whether the hub has their keys now, and the ids of those it was sent, in hex."""

    open: bool
    keys: frozenset[str]


# --- what is kept ----------------------------------------------------------------------------------------------------


def state(reader: SealedDatabase) -> dict[str, str]:
    """Facts by name: ``hub``, ``box``, ``life`` and what else is noted."""
    return dict(reader.conn.execute("SELECT name, value FROM hub_state").fetchall())


def feeds(reader: SealedDatabase) -> dict[str, Cursor]:
    """Every feed's cursor."""
    return {feed: Cursor(*rest) for feed, *rest in reader.conn.execute("SELECT feed, number, hash FROM hub_feeds")}


def epochs(reader: SealedDatabase) -> dict[int, Sent]:
    """How far the hub had each epoch when that was noted last."""
    rows = reader.conn.execute("SELECT epoch, position, done FROM hub_epochs")
    return {epoch: Sent(position, bool(done)) for epoch, position, done in rows}


def shared(reader: SealedDatabase) -> dict[str, Shared]:
    """Of whom the hub was ever sent open rows."""
    rows = reader.conn.execute("SELECT customer, open, keys FROM hub_shared")
    return {customer: Shared(bool(is_open), frozenset(json.loads(keys))) for customer, is_open, keys in rows}


def told_of(reader: SealedDatabase, customers: Iterable[str]) -> bool | None:
    """Whether the hub may know one of these now; None where it was never told of any."""
    sql = "SELECT open FROM hub_shared WHERE customer = ?"
    found = [bool(row[0]) for each in customers for row in reader.conn.execute(sql, (each,))]
    return any(found) if found else None


def note(tx: Tx, facts: Mapping[str, str]) -> None:
    """Notes facts by name."""
    sql = "INSERT OR REPLACE INTO hub_state (name, value) VALUES (?, ?)"
    tx.db.conn.executemany(sql, list(facts.items()))


def read_to(tx: Tx, feed: str, number: int, hash_: bytes) -> None:
    """A feed was read up to here."""
    tx.db.conn.execute("INSERT OR REPLACE INTO hub_feeds (feed, number, hash) VALUES (?, ?, ?)", (feed, number, hash_))


def sent_to(tx: Tx, epoch: int, position: int, *, done: bool = False) -> None:
    """The hub has an epoch of ours up to here."""
    sql = "INSERT OR REPLACE INTO hub_epochs (epoch, position, done) VALUES (?, ?, ?)"
    tx.db.conn.execute(sql, (epoch, position, int(done)))


def share(tx: Tx, customers: Mapping[str, Shared]) -> None:
    """How it stands with these customers now."""
    sql = "INSERT OR REPLACE INTO hub_shared (customer, open, keys) VALUES (?, ?, ?)"
    rows = [(customer, int(one.open), json.dumps(sorted(one.keys))) for customer, one in customers.items()]
    tx.db.conn.executemany(sql, rows)


def begin_life(tx: Tx, facts: Mapping[str, str]) -> None:
    """The hub lives anew, or is another: it is sent and asked everything again, and the stops of whom it once knew."""
    for table in ("hub_feeds", "hub_epochs"):
        tx.db.conn.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
    tx.db.conn.execute("UPDATE hub_shared SET open = 1, keys = '[]'")
    tx.db.conn.execute("DELETE FROM hub_state WHERE name LIKE 'escrow%'")
    note(tx, facts)


def forget(tx: Tx) -> None:
    """The venue is of no house any more."""
    for table in ("hub_state", "hub_feeds", "hub_epochs", "hub_shared"):
        tx.db.conn.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours


# --- what of the journal is sent -------------------------------------------------------------------------------------


def lives(reader: SealedDatabase) -> list[Life]:
    """Every epoch of which rows are there, oldest first."""
    sql = "SELECT epoch, origin, parent_epoch, parent_position FROM epochs ORDER BY epoch DESC"
    newest, low = journal_rows.last(reader), journal_rows.first(reader)
    base, last = newest.number - newest.position, newest.position
    found = []
    for epoch, origin, parent_epoch, parent_position in reader.conn.execute(sql).fetchall():
        parent = chain.NOTHING
        if parent_epoch is not None:  # the row before, and where a row is no more, that at which the chain was cut
            parent = hash_at(reader, base) or chain.NOTHING
        if low <= base + last:
            found.append(Life(epoch, origin, max(1, low - base), last, parent, base))
        last = parent_position or 0
        base -= last
    return found[::-1]


def hash_at(reader: SealedDatabase, number: int) -> bytes | None:
    """The hash of a row by its number in the order of insertion; None where it is not there."""
    sql = "SELECT hash FROM journal WHERE number = ?1 UNION ALL SELECT hash FROM journal_anchor WHERE number = ?1"
    row = reader.conn.execute(sql, (number,)).fetchone()
    return None if row is None else bytes(row[0])


def customers_with(reader: SealedDatabase, purpose: str) -> list[str]:
    """Everybody who ever said something to a purpose."""
    sql = "SELECT DISTINCT customer FROM consents WHERE purpose = ? ORDER BY customer"
    return [row[0] for row in reader.conn.execute(sql, (purpose,))]


def same_person(reader: SealedDatabase, customers: Iterable[str]) -> dict[str, set[str]]:
    """Each of these customers with all records that are the same person."""
    pairs: dict[str, set[str]] = {}
    for kept, other in reader.conn.execute("SELECT kept, other FROM merges WHERE undone_at IS NULL"):
        pairs.setdefault(kept, set()).add(other)
        pairs.setdefault(other, set()).add(kept)
    found = {}
    for customer in customers:
        group, new = {customer}, [customer]
        while new:
            more = pairs.get(new.pop(), set()) - group
            group |= more
            new += more
        found[customer] = group
    return found
