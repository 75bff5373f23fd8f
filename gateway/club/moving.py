"""The books of a club from the file into an empty schema of PostgreSQL: booked once more, under the same guards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.club.ledger import ClubDatabase
from gateway.club.writing import ENTRIES, LOTS, TRANSFERS
from gateway.hub.database import Tx, first

PAGE = 5_000  # rows
TABLES: dict[str, Sequence[str]] = {
    "accounts": ("id", "unit", "side"),
    "transfers": TRANSFERS,
    "lots": LOTS,
    "entries": ENTRIES,
    "members": ("member", "partner", "customer", "joined", "left"),
    "seals": ("club", "generation"),
    "joined_as": ("member", "with", "from", "until"),
    "pending": ("id", "member", "expires_at"),
    "statements": ("id", "from", "through", "body", "hash", "paid_at"),
}
"""Balances are not copied: the entries move them again."""


class NotEmpty(Exception):
    """There are books already where these should go."""


async def move(source: ClubDatabase, target: ClubDatabase) -> int:
    """Copies everything in one transaction of the target; how many transfers. Raises NotEmpty, or StoreLost."""

    async def change(tx: Tx) -> int:
        if await first(tx, "SELECT 1 FROM heads") is not None:
            raise NotEmpty("the database holds a club's books already; expected none")
        head = await source.read(_head)
        if head is None:
            return 0
        club, position, hash_ = head
        await tx.run("INSERT INTO heads VALUES (?, 0, 0, ?)", club, bytes(32))
        for table, columns in TABLES.items():
            await _copy(source, tx, table, columns)
        await tx.run(
            "UPDATE heads SET position = ?, sealed = ?, hash = ? WHERE club = ?", position, position, hash_, club
        )
        return int(position)

    return await target.transact(change)


async def _head(tx: Tx) -> tuple[Any, ...] | None:
    return await first(tx, "SELECT club, position, hash FROM heads")


async def _copy(source: ClubDatabase, tx: Tx, table: str, columns: Sequence[str]) -> None:
    names, last = ", ".join(f'"{each}"' for each in columns), 0
    while True:

        async def page(from_: Tx, last: int = last) -> list[tuple[Any, ...]]:
            sql = f"SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {PAGE}"  # noqa: S608
            return await from_.all(sql, last)

        rows = await source.read(page)
        if not rows:
            return
        await tx.copy(table, columns, [row[1:] for row in rows])
        last = rows[-1][0]
