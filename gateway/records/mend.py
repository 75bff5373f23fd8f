"""A damaged record made anew from what the journal says of it; what nobody can make anew stays in quarantine.

Only what is sealed is put right, and only where it still cannot be read: the facts of a row were never other ones.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from gateway.events.event import STAFF
from gateway.records import rebuild
from gateway.records.connection import SealedDatabase
from gateway.records.damage import Found
from gateway.records.errors import Altered, Unreadable
from gateway.records.store import Store
from gateway.records.writer import Tx

log = logging.getLogger(__name__)

ANSWERS = "idempotency"  # first answers to writes: of those the journal knows nothing, and a write sent again is safe
PEOPLE = ("customers", "staff")  # of whom the place is the table, and the holder says whose row
# Where the value is that may be damaged, and by what a row is found.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "documents": ("json", "name"), "menus": ("json", "menu"), "rounds": ("json", "id"), "merges": ("said", "id"),
    "shifts": ("zones", "staff"),
}  # fmt: skip
USUAL = ("sealed", "id")


class Mended(NamedTuple):
    """What can be read again, and what cannot."""

    mended: list[Found]
    left: list[Found]


def mend(store: Store, now: float) -> Mended:
    """Makes anew what was found damaged since the store was opened; for a thread, beside a gateway that runs.

    ``now`` in seconds since 1970 UTC is when it is put into quarantine.
    """
    with closing(store.open_reader()) as reader:
        found = list(dict.fromkeys([*store.keyring.damage.all(), *_kept(reader)]))
        if not found:
            return Mended([], [])
        said = _said(reader, store.folder, found)
    outcome: Mended = store.call(lambda tx: _put_right(tx, said, found, now))
    store.keyring.damage.forget(outcome.mended)
    if outcome.mended:
        log.warning("%d damaged records were made anew from the journal", len(outcome.mended))
    if outcome.left:
        log.error("%d damaged records stay set aside: the journal does not know them", len(outcome.left))
    return outcome


def is_due(store: Store) -> bool:
    """Whether anything damaged was met, or is set aside since before."""
    return bool(store.keyring.damage) or bool(_kept(store.reader))


def _kept(reader: SealedDatabase) -> list[Found]:
    return [Found(*row) for row in reader.conn.execute("SELECT place, holder FROM quarantine ORDER BY found_at, place")]


def waiting(reader: SealedDatabase) -> dict[str, int]:
    """How many damaged records of each table are set aside."""
    return counted(_kept(reader))


def counted(found: Iterable[Found]) -> dict[str, int]:
    """How many of each table these are."""
    return dict(Counter(one.table for one in found))


def in_words(counts: Mapping[str, int]) -> str:
    """What is set aside, for a person: "2 damaged records are set aside (customers 1, visits 1)"."""
    total = sum(counts.values())
    tables = ", ".join(f"{table} {count}" for table, count in sorted(counts.items()))
    return f"{total} damaged {'record is' if total == 1 else 'records are'} set aside ({tables}): restore a backup"


def _said(reader: SealedDatabase, folder: Path, found: Iterable[Found]) -> dict[Found, Any]:
    """What the journal says should stand there, opened, as far as it says anything."""
    said: dict[Found, Any] = {}
    with rebuild.made_anew(reader, folder) as made:
        for one in found:
            value = None if one.table == ANSWERS else _value(made.tables, one)
            if value is not None:
                said[one] = made.tables.keyring.open(one.holder, value, place=one.place) if _is_sealed(one) else value
    return said


def _put_right(tx: Tx, said: Mapping[Found, Any], found: Iterable[Found], now: float) -> Mended:
    mended, left = list[Found](), list[Found]()
    for one in found:
        value = _value(tx.db, one)
        if value is None or _reads(tx, one, value):  # gone, or written anew meanwhile
            mended.append(one)
        elif one.table == ANSWERS:
            tx.db.conn.execute("DELETE FROM idempotency WHERE actor = ? AND key = ?", _answer(one))
            mended.append(one)
        elif one in said and _write(tx, one, said[one]):
            mended.append(one)
        else:
            sql = "INSERT OR IGNORE INTO quarantine (place, holder, found_at, value) VALUES (?, ?, ?, ?)"
            tx.db.conn.execute(sql, (one.place, one.holder, now, value if isinstance(value, bytes) else value.encode()))
            left.append(one)
    tx.db.conn.executemany("DELETE FROM quarantine WHERE place = ? AND holder = ?", mended)
    return Mended(mended, left)


def _write(tx: Tx, one: Found, value: Any) -> bool:
    """Puts in place what the journal says; False where their key is damaged too, and nothing of theirs is written."""
    column, key = COLUMNS.get(one.table, USUAL)
    if _is_sealed(one):
        try:
            value = tx.keyring.seal(one.holder, value, place=one.place)
        except Unreadable:
            return False
    tx.db.conn.execute(f"UPDATE {one.table} SET {column} = ? WHERE {key} = ?", (value, _id(one)))  # noqa: S608
    return True


def _reads(tx: Tx, one: Found, value: Any) -> bool:
    try:
        if _is_sealed(one):
            tx.keyring.open(one.holder, value, place=one.place)
        else:
            json.loads(value)
    except (Altered, ValueError):
        return False
    except Unreadable:  # erased meanwhile
        return True
    return True


def _value(db: SealedDatabase, one: Found) -> Any:
    """What stands there now; None where the row is gone."""
    if one.table == ANSWERS:
        sql = "SELECT sealed FROM idempotency WHERE actor = ? AND key = ?"
        row = db.conn.execute(sql, _answer(one)).fetchone()
    else:
        column, key = COLUMNS.get(one.table, USUAL)
        row = db.conn.execute(f"SELECT {column} FROM {one.table} WHERE {key} = ?", (_id(one),)).fetchone()  # noqa: S608
    return row[0] if row else None


def _is_sealed(one: Found) -> bool:
    return one.table not in COLUMNS


def _answer(one: Found) -> tuple[str, str]:
    actor, _, key = one.place.removeprefix(f"{ANSWERS}/").partition("/")
    return actor, key


def _id(one: Found) -> str:
    if one.table in PEOPLE:
        return one.holder.removeprefix(STAFF) if one.table == "staff" else one.holder
    return one.place.partition("/")[2]
