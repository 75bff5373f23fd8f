"""Rows that are made once: the same again changes nothing, and no id takes another's place."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway.records.errors import Conflict
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Tx

SECRET = frozenset({"hash", "sealed"})


def insert(tx: Tx, table: str, row: Mapping[str, object], *, same: Collection[str]) -> bool:
    """Inserts ``row``, whose first column is its id; False where it is there already, as far as ``same`` tells.

    Raises Conflict where the id is that of something else.
    """
    columns, values = ", ".join(row), tuple(row.values())
    try:
        tx.db.conn.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", values)  # noqa: S608
    except sqlite3.IntegrityError:
        key = next(iter(row))
        there = tx.db.conn.execute(f"SELECT {columns} FROM {table} WHERE {key} = ?", values[:1]).fetchone()  # noqa: S608
        if there is None:
            raise
        found = dict(zip(row, there, strict=True))
        if any(found[name] != row[name] for name in same):
            raise Conflict({name: value for name, value in found.items() if name not in SECRET}) from None
        return False
    return True
