"""What the hub asks of a database: transactions that are run again where two stood in each other's way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
K = TypeVar("K", str, int)
Values = Sequence[Any]
TRIES = 5
MOST_IDS = 512


class StoreLost(Exception):
    """The store did not answer in time, is full, or lost the connection; nothing of the transaction is acknowledged."""


class Unsafe(Exception):
    """The store acknowledges before it has synced: the hub does not serve on it. The text says which setting."""


class Tx(Protocol):
    """One transaction; ``?`` stands for a value in every statement, for both databases."""

    async def all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query, or what a statement returns."""

    async def run(self, sql: str, *values: Any) -> int:
        """How many rows a statement changed."""

    async def many(self, sql: str, rows: Iterable[Values]) -> None:
        """Runs one statement for every row."""

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
        """Writes many new rows the fastest way there is."""


Change = Callable[[Tx], Awaitable[T]]


class Database(Protocol):
    """A store's database."""

    dark_at_once: bool
    """Whether a wrap that is overwritten is gone from the disk, log and all."""

    async def transact(self, change: Change[T]) -> T:
        """What ``change`` returns, once the disk has it; it may be run again. Raises StoreLost, or what it raises."""

    async def read(self, query: Change[T]) -> T:
        """What ``query`` returns; it changes nothing and sees one state."""

    async def make_room(self, months: Sequence[tuple[str, int, int]]) -> None:
        """Sees to it that rows received within these months ``(name, from ms, to ms)`` have a place."""

    async def make_less(self, before_ms: int) -> None:
        """Gives back the places of months that ended before that time and hold no row any more."""

    async def settle(self) -> bool:
        """Leaves nothing on the disk of what was overwritten, as far as this database can; False: ask again."""

    async def close(self) -> None:
        """Lets go of it."""


async def first(tx: Tx, sql: str, *values: Any) -> tuple[Any, ...] | None:
    """The first row of a query; None where there is none."""
    found = await tx.all(sql, *values)
    return found[0] if found else None


async def among(tx: Tx, sql: str, ids: Iterable[K], *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query that ends with ``IN`` for these ids, some hundreds at a time; ``values`` stand before them.

    The marks are filled up to a power of two: a server prepares few statements, however many are asked for.
    """
    wanted, found = sorted(set(ids)), []
    for at in range(0, len(wanted), MOST_IDS):
        some = wanted[at : at + MOST_IDS]
        some += some[-1:] * ((1 << (len(some) - 1).bit_length()) - len(some))
        found += await tx.all(f"{sql} IN ({', '.join('?' * len(some))})", *values, *some)
    return found


def months_from(now_ms: int, count: int) -> list[tuple[str, int, int]]:
    """So many months from that of ``now_ms`` on: name, first and last moment (exclusive) in ms since 1970 UTC."""
    at = datetime.fromtimestamp(now_ms / 1000, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    for _ in range(count):
        after = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
        found.append((f"{at:%Y%m}", int(at.timestamp() * 1000), int(after.timestamp() * 1000)))
        at = after
    return found
