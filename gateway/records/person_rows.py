"""Every row that our tables hold of one person, opened; and the same, put into another house's tables.

A table that names a customer in a column ``customer`` is taken by itself, so that nothing is stored that is not shown.
``OTHERS`` are those that are found another way, ``NOT_OURS`` those that hold nothing of a person, or nothing that is
not shown elsewhere, each with why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from gateway.events.times import iso, seconds
from gateway.records import aliases
from gateway.records.bound import bound
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.writer import Tx

Row = dict[str, Any]

# How the rows of one person are found where no column ``customer`` names them; {} stands for a list of their ids.
OTHERS: Mapping[str, str] = {
    "customers": "id IN ({})",
    "merges": "kept IN ({}) OR other IN ({})",
    "told_apart": "one IN ({}) OR other IN ({})",
    "visit_facts": "visit IN (SELECT id FROM visits WHERE customer IN ({}))",
    "ties": "customer IN ({}) OR other IN ({})",
    "orders": "id IN (SELECT id FROM asks WHERE customer IN ({}))",
}
NOT_OURS: Mapping[str, str] = {
    "journal": "has a file of its own",
    "receipts": "have a folder of their own",
    "brought": "what came from another house, and stands beside our own in each file",
    "idempotency": "answers that are kept for seven days for a tablet that asks twice; what they say stands elsewhere",
    "quarantine": "what a disk has damaged, and nobody can read",
    "erasures": "ids of keys that are destroyed; of who is known there is none",
    **dict.fromkeys(
        ("erasure_receipts", "erasure_places", "erased_aliases", "left_names"),
        "of who was erased; of who is known there is none",
    ),
    "lent_rows": "what other venues wrote; what follows of it stands in the other tables, and where it is from",
    "clashes": "what somebody else carries, too; the things stand with credentials",
    "lent_ended": "of who is not known here any more; of who is known there is none",
    "rounds": "places and dishes of a meal; whose they are stands with visits and asks",
    "introductions": "who is asked about whom: of the other nobody is told before both have said yes",
    **dict.fromkeys(("menus", "documents", "notices", "gatherings"), "the house's own"),
    **dict.fromkeys(("staff", "shifts", "tokens", "sessions", "tablets", "passkeys"), "of staff, programs, devices"),
    "hub_shared": "whether the hub may know them, which follows from their consents",
    **dict.fromkeys(("hub_state", "hub_feeds", "hub_epochs"), "how far the hub was heard"),
    **dict.fromkeys(
        ("counters", "epochs", "journal_anchor", "journal_let_go", "told", "_sqlite_migrations", "sqlite_sequence"),
        "how the records are kept",
    ),
}
HIDDEN: Mapping[str, frozenset[str]] = {
    "credentials": frozenset({"fingerprint"}),  # follows from the identifier
    "customers": frozenset({"alias"}),  # the same of what is sealed in the row
    "pages": frozenset({"hash", "data"}),  # what opens the page
    "told_apart": frozenset({"one", "other"}),  # one of them is somebody else
    "ties": frozenset({"customer", "other", "mark"}),  # the same
    "entries": frozenset({"holder", "mark"}),  # follow from what is sealed in it
    "statements": frozenset({"mark"}),
}
LEDGER = ("consents", "signatures")
"""What was agreed to and stopped: a file of its own, and a proof of its own where it is brought to another house."""
HERE_ALONE = frozenset(
    {"pages", "told_apart", "orders", "sharings", "ties", "entries", "statements", "lent", "elsewhere", *LEDGER}
    | {"invitations", "memberships", "introduction_answers"}
)
"""What says something in this house alone, or is brought to another in its own way."""
LATER: Mapping[str, frozenset[str]] = {"visits": frozenset({"zones"})}
"""Columns that files of an older program do not have."""
SHAPES: Mapping[str, tuple[str, ...]] = {"credentials": ("identifier", "label", "tid")}
"""What is sealed as a list, and what its parts are called."""


def tables(reader: SealedDatabase) -> list[str]:
    """The tables that hold something of a person, those first on which others stand."""
    there = [
        row[0] for row in reader.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    ]
    found = [name for name in there if name in OTHERS or (name not in NOT_OURS and "customer" in columns(reader, name))]
    first = [name for name in ("customers", "visits", "asks") if name in found]
    return [*first, *(name for name in found if name not in first)]


def columns(reader: SealedDatabase, table: str) -> dict[str, str]:
    """The columns of a table, and the type of each."""
    return {row[1]: row[2] for row in reader.conn.execute(f"PRAGMA table_info({table})")}


def rows(reader: SealedDatabase, records: Sequence[str]) -> dict[str, list[Row]]:
    """Every row of one person, by all their ``records``, by table; what nobody can read any more is left out."""
    found = {table: list(_rows(reader, table, records)) for table in tables(reader)}
    return {table: each for table, each in found.items() if each}


def _rows(reader: SealedDatabase, table: str, records: Sequence[str]) -> Iterator[Row]:
    kinds, marks = columns(reader, table), ", ".join("?" * len(records))
    where = OTHERS.get(table, "customer IN ({})")
    sql = f"SELECT {', '.join(kinds)} FROM {table} WHERE {where.replace('{}', marks)}"  # noqa: S608 - ours
    order = ", ".join(name for name in ("at", "opened_at", "changed_at", "added_at", "id") if name in kinds)
    values = tuple(records) * where.count("{}")
    for row in reader.conn.execute(f"{sql} ORDER BY {order}" if order else sql, values):
        facts = dict(zip(kinds, row, strict=True))
        try:
            yield _shown(reader, table, kinds, facts)
        except Unreadable:
            continue


def _shown(reader: SealedDatabase, table: str, kinds: Mapping[str, str], facts: Row) -> Row:
    shown: Row = {}
    for name, value in facts.items():
        if name == "sealed":
            holder, place = bound(table, facts)
            data = reader.keyring.open(holder, value, place=place)
            shown["data"] = dict(zip(SHAPES[table], data, strict=True)) if table in SHAPES else data
        elif kinds[name] == "REAL" and value is not None:
            shown[name] = iso(value)
        else:
            shown[name] = value.hex() if isinstance(value, bytes) else value
    return {name: value for name, value in shown.items() if name not in HIDDEN.get(table, ())}


# --- into another house ----------------------------------------------------------------------------------------------


def put(tx: Tx, brought: Mapping[str, Sequence[Row]]) -> None:
    """Puts rows into the tables, sealed anew; what is there already stays as it is."""
    for table in tables(tx.db):
        kinds = columns(tx.db, table)
        for row in brought.get(table, ()):
            facts = _stored(tx, table, kinds, row)
            marks = ", ".join("?" * len(facts))
            sql = f"INSERT OR IGNORE INTO {table} ({', '.join(facts)}) VALUES ({marks})"  # noqa: S608 - ours
            tx.db.conn.execute(sql, tuple(facts.values()))


def _stored(tx: Tx, table: str, kinds: Mapping[str, str], row: Row) -> Row:
    facts: Row = {}
    for name, kind in kinds.items():
        if name == "sealed":
            data = row["data"]
            sealed = [data[each] for each in SHAPES[table]] if table in SHAPES else data
            holder, place = bound(table, row)
            facts[name] = tx.keyring.seal(holder, sealed, place=place)
        elif (table, name) == ("credentials", "fingerprint"):
            facts[name] = tx.keyring.fingerprint(row["data"]["identifier"])
        elif (table, name) == ("customers", "alias"):
            alias = row["data"].get("alias")
            facts[name] = aliases.fingerprint(tx.keyring, alias) if alias is not None else None
        else:
            facts[name] = seconds(row[name]) if kind == "REAL" else row.get(name)
    return facts


def wrong(
    reader: SealedDatabase, brought: Mapping[str, Any], records: Collection[str], known: Collection[str] = ()
) -> Iterator[str]:
    """What is no row of ours, or of somebody else, a line each; ``known`` are the tables that there may be."""
    known = known or [table for table in tables(reader) if table not in HERE_ALONE]
    for table, some in brought.items():
        if table not in known or not isinstance(some, list):
            yield f"{table}: there is no such table of a person"
            continue
        kinds = columns(reader, table)
        expected = {"data" if name == "sealed" else name for name in kinds} - HIDDEN.get(table, frozenset())
        for number, row in enumerate(some):
            if not isinstance(row, dict) or row.keys() | LATER.get(table, frozenset()) != expected:
                yield f"{table}, row {number}: expected {', '.join(sorted(expected))}"
            elif bad := [name for name, kind in kinds.items() if name in row and not _fits(kind, row[name])]:
                yield f"{table}, row {number}: {', '.join(bad)} is none"
            elif not {row[name] for name in ("customer", "kept", "other") if name in row} <= set(records):
                yield f"{table}, row {number}: is of somebody else"


def _fits(kind: str, value: Any) -> bool:
    if value is None:
        return True  # the table itself refuses it where it must be there
    if kind == "REAL":
        try:
            return isinstance(value, str) and seconds(value) is not None
        except (ValueError, OverflowError):
            return False
    return isinstance(value, int if kind == "INTEGER" else str) and not isinstance(value, bool)
