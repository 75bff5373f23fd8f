"""Rows of other venues: whom they lend, and what they wrote of our own customers, as the tables hold it.

Rows are kept sealed as they were written. What they say is folded anew with each that comes and put into the same
tables in which our own customers stand, so that all that knows a customer knows who is lent. Of them every key is the
lender's: destroying it is forgetting them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from gateway.events import hlc
from gateway.records import chain, fold, preferences
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.fold import Told
from gateway.records.writer import Tx

CALLED = "called/"
"""Before the id of a venue: the fact among those of the hub that says how it is called."""
TYPES = (*fold.READ, "credential.taken", "customer.unmerged")
"""The types of events that say something of a customer everywhere."""


_THERE = "json_extract(head, '$[5]') IN ('preference.recorded', 'promise.made', 'complaint.opened')"

_MERGES = "json_extract(head, '$[5]') IN ('customer.merged', 'customer.unmerged')"
_COMES = (
    "json_extract(head, '$[5]') IN ('expected.recorded', 'expected.cancelled')"
    " AND NOT EXISTS (SELECT 1 FROM elsewhere e WHERE e.id = json_extract(head, '$[4]'))"
)


class Came(NamedTuple):
    """A row as it came: its effective clock, its head, and its body, sealed as it was written."""

    origin: str
    epoch: str
    position: int
    hlc: int
    head: str
    sealed: bytes
    hash: bytes | None = None
    """Of a row of our own that came back."""


class Wrote(NamedTuple):
    """How many rows another house has written of somebody, and when the last; looks are among them."""

    house: str
    rows: int
    last: float


class Lent(NamedTuple):
    """Somebody whom another venue has lent; ``shown``: they may be known here, by all that is heard.

    ``after``: the number of the newest event by then.
    """

    customer: str
    venue: str
    since: float
    after: int
    shown: bool


class Ended(NamedTuple):
    """Somebody who was lent and is no more: why, since when, whose they are, and the ids of the keys that went."""

    customer: str
    because: str
    venue: str
    at: float
    keys: list[str]


# --- rows ------------------------------------------------------------------------------------------------------------


def keep(tx: Tx, customer: str, rows: Iterable[Came]) -> int:
    """Keeps rows about a customer, as this venue calls them; how many of them are new."""
    sql = (
        "INSERT INTO lent_rows (customer, origin, epoch, position, hlc, head, sealed, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    )
    return sum(tx.db.conn.execute(sql, (customer, *row)).rowcount for row in rows)


def drop_rows(tx: Tx, customer: str, but: str = "") -> None:
    """Forgets what venues wrote of a customer, all ``but`` one: all of it is about to be said anew."""
    tx.db.conn.execute("DELETE FROM lent_rows WHERE customer = ? AND origin <> ?", (customer, but))


def rows_of(source: SealedDatabase, customer: str) -> list[Told]:
    """What other venues wrote of a customer, as far as it can be opened."""
    sql = "SELECT origin, epoch, position, hlc, head, sealed FROM lent_rows WHERE customer = ?"
    found = (_told(source, customer, Came(*row)) for row in source.conn.execute(sql, (customer,)).fetchall())
    return [row for row in found if row is not None]


def writers(reader: SealedDatabase, customers: Collection[str]) -> list[Wrote]:
    """Which other houses have written of these customers."""
    marks = ", ".join("?" * len(customers))
    sql = f"SELECT origin, count(*), max(hlc) FROM lent_rows WHERE customer IN ({marks}) GROUP BY origin"  # noqa: S608 - marks alone
    found = reader.conn.execute(f"{sql} ORDER BY origin", tuple(customers)).fetchall()
    return [Wrote(origin, count, (stamp >> hlc.COUNTER_BITS) / 1000) for origin, count, stamp in found]


def own_rows(source: SealedDatabase, customer: str) -> list[Told]:
    """What this venue wrote of a customer, as far as it can be opened."""
    marks = ", ".join("?" * len(TYPES))
    sql = f"SELECT hlc, head, sealed FROM journal WHERE subject = ? AND type IN ({marks})"  # noqa: S608 - marks alone
    found = []
    for stamp, text, sealed in source.conn.execute(sql, (customer, *TYPES)).fetchall():
        if chain.is_let_go(sealed):
            continue
        head = chain.read_head(text)
        row = _told(source, customer, Came(head.origin, str(head.epoch), head.position, stamp, text, sealed))
        if row is not None:
            found.append(row)
    return found


def _told(source: SealedDatabase, customer: str, row: Came) -> Told | None:
    try:
        head = chain.read_head(row.head)
        data = source.keyring.open_event(head.holder, row.sealed, chain.head_digest(row.head))
        at = (hlc.parse(head.hlc) >> hlc.COUNTER_BITS) / 1000
    except (Unreadable, ValueError, TypeError):
        return None
    if not isinstance(data, dict):
        return None
    key = bytes(row.sealed[1:9])
    return Told(
        head.id, head.type, customer, row.origin, row.epoch, row.position, row.hlc, at, head.actor, data, key
    )  # fmt: skip


# --- who is lent -----------------------------------------------------------------------------------------------------


def get(reader: SealedDatabase, customer: str) -> Lent | None:
    """Whether and by whom a customer is lent."""
    sql = "SELECT customer, venue, since, after, shown FROM lent WHERE customer = ?"
    row = reader.conn.execute(sql, (customer,)).fetchone()
    return Lent._make((*row[:4], bool(row[4]))) if row is not None else None


def every(reader: SealedDatabase) -> list[Lent]:
    """Everybody who is lent."""
    rows = reader.conn.execute("SELECT customer, venue, since, after, shown FROM lent ORDER BY customer")
    return [Lent._make((*row[:4], bool(row[4]))) for row in rows]


def begin(tx: Tx, customer: str, venue: str, at: float) -> None:
    """Writes down that a venue lends somebody."""
    sql = (
        "INSERT INTO lent (customer, venue, since, after, shown, named)"
        " SELECT ?, ?, ?, coalesce(max(sequence), 0), 0, 1 FROM journal WHERE true"
        " ON CONFLICT (customer) DO UPDATE SET named = 1"
    )
    tx.db.conn.execute(sql, (customer, venue, at))
    tx.db.conn.execute("DELETE FROM lent_ended WHERE customer = ? AND told = 1", (customer,))
    # What was to be destroyed is, and the same key may come again: no start may destroy that.
    tx.db.conn.execute("UPDATE lent_ended SET settled = 1 WHERE customer = ?", (customer,))


def unname(tx: Tx) -> None:
    """A snapshot begins: nobody is named yet."""
    tx.db.conn.execute("UPDATE lent SET named = 0")


def unnamed(reader: SealedDatabase) -> list[str]:
    """Whom the snapshot did not name."""
    return [row[0] for row in reader.conn.execute("SELECT customer FROM lent WHERE named = 0 ORDER BY customer")]


def end(tx: Tx, customer: str, because: str, at: float) -> bool:
    """Forgets somebody who was lent, and destroys the keys once that is committed; False where nobody was."""
    found, db = get(tx.db, customer), tx.db.conn
    if found is None:
        return False
    keys = [key for each in (customer, *preferences.holders_of(tx.db, customer)) for key in tx.keyring.ids_of(each)]
    hide(tx, customer)
    forget(tx, customer)
    sql = "INSERT INTO lent_ended (customer, because, venue, at, keys, settled, told) VALUES (?, ?, ?, ?, ?, 0, 0)"
    sql += " ON CONFLICT (customer) DO UPDATE SET"
    sql += " because = excluded.because, at = excluded.at, keys = excluded.keys, settled = 0, told = 0"
    db.execute(sql, (customer, because, found.venue, at, json.dumps(keys)))
    tx.keyring.retire(map(bytes.fromhex, keys), listed=False)
    return True


def forget(tx: Tx, customer: str) -> None:
    """Nothing is kept of what other venues wrote of somebody, and they are lent no more."""
    for table in ("lent", "lent_rows", "elsewhere", "clashes"):
        tx.db.conn.execute(f"DELETE FROM {table} WHERE customer = ?", (customer,))  # noqa: S608 - ours


def end_dark(tx: Tx, at: float) -> None:
    """Forgets whom a copy still has and whose key was destroyed since: they were taken back, and are erased nowhere."""
    sql = "SELECT id, substr(sealed, 2, 8) FROM customers WHERE id LIKE '%@%' ORDER BY id"
    for customer, key in tx.db.conn.execute(sql).fetchall():
        if tx.keyring.destroyed(key) and not end(tx, customer, "recalled", at):
            hide(tx, customer)


def hide(tx: Tx, customer: str) -> None:
    """Takes a lent customer out of every table; what stands on them goes, too."""
    tx.db.conn.execute("DELETE FROM customers WHERE id = ?", (customer,))
    for table in ("idempotency", "quarantine"):
        tx.db.conn.execute(f"DELETE FROM {table} WHERE holder = ?", (customer,))  # noqa: S608 - ours
    tx.db.conn.execute("UPDATE lent SET shown = 0 WHERE customer = ?", (customer,))


def finish(db: SealedDatabase) -> None:
    """Destroys the keys of those who were taken back when the gateway died."""
    for customer, keys in db.conn.execute("SELECT customer, keys FROM lent_ended WHERE settled = 0").fetchall():
        db.keyring.destroy([bytes.fromhex(key) for key in json.loads(keys)], listed=False)
        db.conn.execute("UPDATE lent_ended SET settled = 1 WHERE customer = ?", (customer,))


def to_tell(reader: SealedDatabase) -> list[Ended]:
    """Who was taken back, and no event says so yet."""
    rows = reader.conn.execute("SELECT customer, because, venue, at, keys FROM lent_ended WHERE told = 0 ORDER BY at")
    return [Ended(customer, because, venue, at, json.loads(keys)) for customer, because, venue, at, keys in rows]


def told(tx: Tx, customer: str) -> None:
    """An event says that somebody was taken back."""
    tx.db.conn.execute("UPDATE lent_ended SET told = 1, settled = 1 WHERE customer = ?", (customer,))


def venues_of(reader: SealedDatabase, customer: str) -> dict[str, str]:
    """Which facts and debts of a customer were recorded in another venue, by their ids: that venue."""
    return dict(reader.conn.execute("SELECT id, venue FROM elsewhere WHERE customer = ?", (customer,)).fetchall())


def from_elsewhere(tx: Tx, id_: str, customer: str, venue: str) -> None:
    """Notes that a fact or a debt was recorded in another venue."""
    sql = "INSERT INTO elsewhere (id, customer, venue) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
    tx.db.conn.execute(sql, (id_, customer, venue))


def announced(reader: SealedDatabase, customer: str) -> list[Told]:
    """What head office said of somebody's coming here that is not marked as done."""
    sql = f"SELECT origin, epoch, position, hlc, head, sealed FROM lent_rows WHERE customer = ? AND {_COMES}"  # noqa: S608
    found = (_told(reader, customer, Came(*row)) for row in reader.conn.execute(sql, (customer,)).fetchall())
    return [row for row in found if row is not None]


def came_back(reader: SealedDatabase, venue: str) -> list[str]:
    """Of which own customers rows of this venue itself came back."""
    sql = "SELECT DISTINCT customer FROM lent_rows WHERE origin = ? ORDER BY customer"
    return [row[0] for row in reader.conn.execute(sql, (venue,)).fetchall() if "@" not in row[0]]


def own_back(reader: SealedDatabase, customer: str) -> list[tuple[str, int, str, bytes, bytes]]:
    """Our own rows of a customer that came back: epoch as text, position, head, body, hash."""
    sql = "SELECT epoch, position, head, sealed, hash FROM lent_rows WHERE customer = ? AND hash IS NOT NULL"
    return reader.conn.execute(f"{sql} ORDER BY epoch, position", (customer,)).fetchall()


def merging(reader: SealedDatabase) -> list[str]:
    """Of whom another venue, or head office, said that they and somebody are one, or two again."""
    sql = f"SELECT DISTINCT customer FROM lent_rows WHERE {_MERGES} ORDER BY customer"  # noqa: S608 - ours
    return [row[0] for row in reader.conn.execute(sql).fetchall()]


def merge_rows(reader: SealedDatabase, customer: str) -> list[Told]:
    """What they said of that."""
    sql = f"SELECT origin, epoch, position, hlc, head, sealed FROM lent_rows WHERE customer = ? AND {_MERGES}"  # noqa: S608
    found = (_told(reader, customer, Came(*row)) for row in reader.conn.execute(sql, (customer,)).fetchall())
    return [row for row in found if row is not None]


def all_announced(reader: SealedDatabase) -> list[str]:
    """Of whom that is so."""
    sql = f"SELECT DISTINCT customer FROM lent_rows WHERE {_COMES} ORDER BY customer"  # noqa: S608 - ours
    return [row[0] for row in reader.conn.execute(sql).fetchall()]


def elsewhere(reader: SealedDatabase) -> dict[str, dict[str, str]]:
    """The same of everybody, by customer."""
    found: dict[str, dict[str, str]] = {}
    for customer, id_, venue in reader.conn.execute("SELECT customer, id, venue FROM elsewhere"):
        found.setdefault(customer, {})[id_] = venue
    return found


def written_elsewhere(reader: SealedDatabase) -> set[str]:
    """Of whom another venue wrote what is seen or said there alone."""
    return {row[0] for row in reader.conn.execute(f"SELECT DISTINCT customer FROM lent_rows WHERE {_THERE}")}  # noqa: S608


def is_written_elsewhere(reader: SealedDatabase, customer: str) -> bool:
    """The same of one."""
    sql = f"SELECT 1 FROM lent_rows WHERE customer = ? AND {_THERE} LIMIT 1"  # noqa: S608 - ours
    return reader.conn.execute(sql, (customer,)).fetchone() is not None


def call(tx: Tx, names: Mapping[str, Mapping[str, str]]) -> None:
    """Notes how other venues are called, by language."""
    for venue, each in names.items():
        sql = (
            "INSERT INTO hub_state (name, value) VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET value = excluded.value WHERE value <> excluded.value"
        )
        tx.db.conn.execute(sql, (f"{CALLED}{venue}", json.dumps(dict(each), ensure_ascii=False, sort_keys=True)))


def called(reader: SealedDatabase) -> dict[str, dict[str, str]]:
    """How other venues are called, by their ids, by language."""
    sql = "SELECT name, value FROM hub_state WHERE name LIKE ?"
    rows = reader.conn.execute(sql, (f"{CALLED}%",)).fetchall()
    return {name.removeprefix(CALLED): json.loads(value) for name, value in rows}


def disputed(reader: SealedDatabase) -> list[tuple[str, str, bytes]]:
    """What a lent customer carries and somebody else, too: customer, credential, keyed hash of the identifier."""
    return list(reader.conn.execute("SELECT customer, credential, fingerprint FROM clashes"))


def settled(reader: SealedDatabase) -> list[str]:
    """Who carries something that nobody else does any more, though it was in dispute."""
    sql = """
    SELECT DISTINCT customer FROM clashes
    WHERE NOT EXISTS (SELECT 1 FROM credentials c WHERE c.fingerprint = clashes.fingerprint)
    """
    return [row[0] for row in reader.conn.execute(sql)]
