"""What the club's ledger books a second, beside bare inserts of the same balanced entries into the same store."""

from __future__ import annotations

import asyncio
import random
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import Table, spread
from benchmarks.scale import Scale
from benchmarks.served import folder
from gateway.club import schema
from gateway.club.ledger import ClubDatabase, Ledger
from gateway.club.ledger_postgres import ClubPostgres
from gateway.club.ledger_sqlite import ClubSqlite
from gateway.club.problems import Refused
from gateway.club.schema import SCHEMA
from gateway.club.verify import verify
from gateway.club.writing import ENTRIES, LOTS, TRANSFERS
from gateway.hub.database import Tx
from gateway.settings.club import parse
from tests.hub import postgres

BATCH = 500
MEMBERS = 2_000
SETTINGS = Path(__file__).parents[1] / "config" / "club.example.toml"
NOW = 1_772_500_000_000  # 2026-03-03
TABLES = {"accounts": ("id", "unit", "side", "balance"), "transfers": TRANSFERS, "lots": LOTS, "entries": ENTRIES}
MOVES = "entries_move_balances"


def bench(scale: Scale, _: Path | None = None) -> list[Table]:
    """Each database there is: the ledger and then the same entries bare."""
    batches = {"tiny": 2, "quick": 20}.get(scale.name, 60)
    table = Table(
        f"Club: entries booked a second in batches of {BATCH} requests, beside bare inserts of the same rows",
        ("store", "ledger entries/s", "bare entries/s", "ratio", "verify, entries/s"),
    )
    with folder() as place:
        runs = [asyncio.run(_in_files(place / str(run), batches, run)) for run in range(scale.runs)]
        table.rows.append(_row("SQLite", runs))
        if postgres.programs() is not None:
            with postgres.cluster() as cluster:
                runs = [asyncio.run(_on_server(cluster, batches, run)) for run in range(scale.runs)]
                table.rows.append(_row("PostgreSQL", runs))
    table.notes += [
        f"{scale.runs} runs of {batches * BATCH:,} requests of {MEMBERS:,} members; median (least-greatest)",
        "bare: the same rows ready made into the same tables, a trigger moves balances; no guards, nothing decided",
        "synced with every commit; PostgreSQL: a private server here, its files in memory where there is room",
    ]
    return [table]


async def _in_files(place: Path, batches: int, seed: int) -> tuple[float, float, float]:
    return await _run(ClubSqlite(place / "ours"), ClubSqlite(place / "bare"), batches, seed)


async def _on_server(cluster: postgres.Cluster, batches: int, seed: int) -> tuple[float, float, float]:
    ours, bare = [await ClubPostgres.open(cluster.database(), path=SCHEMA, timeout_s=120) for _ in range(2)]
    return await _run(ours, bare, batches, seed)


async def _run(database: ClubDatabase, bare: ClubDatabase, batches: int, seed: int) -> tuple[float, float, float]:
    ledger = await Ledger.open(database, parse(tomllib.loads(SETTINGS.read_text("utf-8"))))
    asked = _requests(batches, seed)
    began = time.perf_counter()
    for some in asked:
        for each in await ledger.book_all(some, NOW):
            if isinstance(each, Refused) and each.code != "insufficient-points":
                raise each
    took = time.perf_counter() - began
    began = time.perf_counter()
    if (await verify(ledger)).wrong is not None:
        raise RuntimeError("the books are wrong")
    verified = time.perf_counter() - began
    count, alone = await _bare(database, bare)
    await ledger.close()
    await bare.close()
    return count / took, count / alone, count / verified


def _requests(batches: int, seed: int) -> list[list[dict[str, Any]]]:
    r, found = random.Random(seed), []
    for batch in range(batches):
        some: list[dict[str, Any]] = []
        for number in range(BATCH):
            said: dict[str, Any] = {"id": f"t{batch}-{number}", "member": f"m-{r.randrange(MEMBERS)}", "by": "till-1"}
            if batch < 2 or r.random() < 0.5:
                said |= {"kind": "earn", "partner": "norden", "amount_cents": r.randint(20_000, 900_000)}
            else:
                points = r.randint(1, 90)
                said |= {"kind": "burn", "partner": "lakeside", "points": points, "sale_cents": 10**6}
            some.append(said)
        found.append(some)
    return found


async def _bare(database: ClubDatabase, bare: ClubDatabase) -> tuple[int, float]:
    """Entries, and the seconds that the same rows take, ready made, where no guard looks at them."""
    server = isinstance(bare, ClubPostgres)

    async def disarm(tx: Tx) -> None:
        for name, sql in (schema.postgres_guards() if server else schema.sqlite_guards()).items():
            if name != MOVES:
                table = f" ON {sql.partition(' ON ')[2].split()[0]}" if server else ""
                await tx.run(f"DROP TRIGGER {name}{table}")
        await tx.run("INSERT INTO heads VALUES ('bare', -1, -1, ?)", b"")

    async def rows(tx: Tx) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        for table, columns in TABLES.items():
            names = ", ".join(f'"{each}"' for each in columns)
            found[table] = await tx.all(f"SELECT {names} FROM {table}")
        return found

    await bare.transact(disarm)
    there = await database.read(rows)
    entries = sorted(there["entries"])
    accounts = {row[0]: (*row[:3], 0) for row in there["accounts"]}
    parts = []
    for begin in range(0, entries[-1][0], BATCH):
        of: dict[str, Any] = {"entries": [each for each in entries if begin < each[0] <= begin + BATCH]}
        of["transfers"] = [each for each in there["transfers"] if begin < each[0] <= begin + BATCH]
        of["lots"] = [each for each in there["lots"] if begin < each[8] <= begin + BATCH]
        named = sorted({account for each in of["entries"] for account in each[3:5]})
        of["accounts"] = [accounts.pop(each) for each in named if each in accounts]
        parts.append(of)
    began = time.perf_counter()
    for of in parts:

        async def write(tx: Tx, of: dict[str, Any] = of) -> None:
            for table, columns in TABLES.items():
                await tx.copy(table, columns, of[table])

        await bare.transact(write)
    return len(entries), time.perf_counter() - began


def _row(store: str, runs: Sequence[tuple[float, float, float]]) -> Sequence[str]:
    return (
        store,
        spread([ledger for ledger, _, _ in runs], "{:,.0f}"),
        spread([bare for _, bare, _ in runs], "{:,.0f}"),
        spread([ledger / bare for ledger, bare, _ in runs]),
        spread([verified for _, _, verified in runs], "{:,.0f}"),
    )
