"""What a hub stores a second, beside a bare program that merges the same rows into the same database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.report import Table, spread
from benchmarks.scale import Scale
from benchmarks.served import folder
from gateway.hub.bundles import DataKey
from gateway.hub.database import Database, Tx
from gateway.hub.own_keys import OwnKeys
from gateway.hub.postgres import PostgresDatabase
from gateway.hub.schema import EVENT_COLUMNS
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore
from gateway.hub.taking import From
from tests.hub import postgres
from tests.hub.stranger import Journal

BATCH = 500
CUSTOMERS = 50
SHARED = 10
"""Of them the house may know so many: what is written of those goes into a feed, and is told to other venues."""
COLUMNS = ", ".join(EVENT_COLUMNS)
MARKS = ", ".join("?" * len(EVENT_COLUMNS))


def bench(scale: Scale, _: Path | None = None) -> list[Table]:
    """Each database there is: the bare merge and the hub by turns."""
    batches = {"tiny": 2, "quick": 20}.get(scale.name, 40)
    table = Table(
        f"Hub: rows stored a second in batches of {BATCH}, beside a bare merge of the same rows",
        ("store", "hub rows/s", "bare rows/s", "ratio"),
    )
    journals = [_journal(f"venue-{run}", batches) for run in range(scale.runs)]
    with folder() as place:
        table.rows.append(_row("SQLite", asyncio.run(_by_turns(place, "", journals))))
        if postgres.programs() is not None:
            with postgres.cluster() as cluster:
                table.rows.append(
                    _row("PostgreSQL", asyncio.run(_by_turns(place / "pg", cluster.database(), journals)))
                )
    table.notes += [
        f"{scale.runs} runs of {batches * BATCH:,} rows of one venue, by turns; median (least-greatest)",
        f"of {CUSTOMERS} customers the house may know {SHARED}: their rows are numbered into a feed as well",
        "bare: copied into a temporary table, inserted where they are not there yet (a unique index); a commit a batch",
        "PostgreSQL: a private server on this machine, its files in memory where there is room; synchronous_commit on",
    ]
    return [table]


def _journal(origin: str, batches: int) -> Journal:
    journal = Journal(origin)
    for number in range(CUSTOMERS):
        journal.enrol(f"c-{number}")
    for number in range(SHARED):
        journal.share(f"c-{number}")
    while journal.position < batches * BATCH:
        journal.prefers(f"c-{journal.position % CUSTOMERS}", f"still water, no ice, number {journal.position}")
    return journal


async def _by_turns(place: Path, url: str, journals: Sequence[Journal]) -> list[tuple[float, float]]:
    """Rows a second of hub and bare, of each journal."""
    found = []
    async with _opened(place, url) as (store, database):
        await _prepare(database, url)
        for run, journal in enumerate(journals):
            await _joined(store, journal)
            turns = (_hub, _bare) if run % 2 else (_bare, _hub)
            took = {turn: await turn(store, database, journal) for turn in turns}
            found.append((journal.position / took[_hub], journal.position / took[_bare]))
    return found


@asynccontextmanager
async def _opened(place: Path, url: str) -> AsyncIterator[tuple[HubStore, Database]]:
    keys = OwnKeys(place)
    database = await PostgresDatabase.open(url, timeout_s=60) if url else SqliteDatabase(place)
    store = await HubStore.open(database, keys, "bench")
    try:
        yield store, database
    finally:
        await store.close()
        keys.close()


async def _joined(store: HubStore, journal: Journal) -> None:
    for venue in (journal.origin, f"{journal.origin}-other"):
        await store.welcome(venue, "aurelia", _now())
    held = [DataKey(each, *journal.key(each)) for each in (f"c-{number}" for number in range(CUSTOMERS))]
    await store.wraps.put_keys(
        journal.origin, [DataKey(f"{k.customer}@{journal.origin}", *k[1:]) for k in held], _now()
    )


async def _hub(store: HubStore, _: Database, journal: Journal) -> float:
    began, sender = time.perf_counter(), From("box", journal.origin, journal.epoch)
    for after in range(0, journal.position, BATCH):
        await store.take(sender, after, journal.hash_at(after), journal.rows[after : after + BATCH], _now())
    return time.perf_counter() - began


async def _prepare(database: Database, url: str) -> None:
    kind, number = ("BYTEA", "BIGINT") if url else ("BLOB", "INTEGER")
    texts = {"origin", "epoch", "id", "type", "subject", "head"}
    numbers = {"position", "received", "hlc", "effective"}
    columns = ", ".join(f"{c} {'TEXT' if c in texts else number if c in numbers else kind}" for c in EVENT_COLUMNS)

    async def change(tx: Tx) -> None:
        await tx.run(f"CREATE TABLE bare ({columns})")
        await tx.run("CREATE UNIQUE INDEX bare_once ON bare (origin, epoch, position)")
        await tx.run("CREATE INDEX bare_by_subject ON bare (subject, hlc)")

    await database.transact(change)


async def _bare(_: HubStore, database: Database, journal: Journal) -> float:
    """The same rows, ready made: nothing is hashed, looked at or numbered."""
    rows = [_columns(journal, row) for row in journal.rows]
    began = time.perf_counter()
    for after in range(0, journal.position, BATCH):

        async def merge(tx: Tx, after: int = after) -> None:
            await tx.run("CREATE TEMPORARY TABLE IF NOT EXISTS fresh AS SELECT * FROM bare LIMIT 0")
            await tx.run("DELETE FROM fresh")
            await tx.copy("fresh", EVENT_COLUMNS, rows[after : after + BATCH])
            await tx.run("INSERT INTO bare SELECT * FROM fresh WHERE true ON CONFLICT DO NOTHING")

        await database.transact(merge)
    return time.perf_counter() - began


def _columns(journal: Journal, wire: dict[str, Any]) -> tuple[Any, ...]:
    from gateway.hub import rows

    row = rows.one(journal.origin, journal.epoch, None, wire)
    head = row.head
    assert head is not None
    return (
        journal.origin, "1", row.position, _now(), row.stamp, row.stamp, head.id, head.type, head.subject, row.text,
        row.sealed, b"", row.head_digest, row.body_digest, row.hash,
    )  # fmt: skip


def _now() -> int:
    return int(time.time() * 1000)


def _row(store: str, runs: Sequence[tuple[float, float]]) -> Sequence[str]:
    return (
        store,
        spread([hub for hub, _ in runs], "{:,.0f}"),
        spread([bare for _, bare in runs], "{:,.0f}"),
        spread([hub / bare for hub, bare in runs]),
    )
