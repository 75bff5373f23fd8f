"""The contract of the club's ledger, held by both databases; and that raw SQL changes nothing that is booked."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.club.ledger import ClubDatabase
from gateway.club.ledger_postgres import ClubPostgres
from gateway.club.ledger_sqlite import FILE, ClubSqlite
from gateway.club.schema import SCHEMA
from gateway.club.verify import verify
from gateway.records.sqlite_file import connect_to_write, sqlite3
from tests.club.contract import LedgerContract
from tests.club.given import Desk, Refusal
from tests.hub.postgres import Cluster


class TestSQLite(LedgerContract):
    """A file."""

    @pytest.fixture
    async def database(self, tmp_path: Path) -> AsyncIterator[ClubSqlite]:
        """Empty books."""
        found = ClubSqlite(tmp_path)
        yield found
        await found.close()


class TestPostgres(LedgerContract):
    """PostgreSQL, a database for each test."""

    @pytest.fixture
    async def database(self, cluster: Cluster) -> AsyncIterator[ClubPostgres]:
        """Empty books."""
        found = await ClubPostgres.open(cluster.database(), path=SCHEMA, timeout_s=20)
        yield found
        await found.close()


async def test_several_processes_over_one_server_overdraw_nobody(cluster: Cluster) -> None:
    url = cluster.database()
    databases = [await ClubPostgres.open(url, path=SCHEMA, timeout_s=20, pool=2) for _ in range(4)]
    desks = [await Desk.open(each) for each in databases]
    await desks[0].earn("m", 200_000)

    async def burns(number: int, desk: Desk) -> int:
        done = 0
        for at in range(15):
            with suppress(Refusal):
                await desk.burn("m", 7, id=f"b{number}-{at}")
                done += 1
        return done

    assert sum(await asyncio.gather(*(burns(number, desk) for number, desk in enumerate(desks)))) == 28
    assert await desks[3].points("m") == 4
    assert (await verify(desks[1].ledger)).position == 29
    for each in databases:
        await each.close()


async def booked(database: ClubDatabase) -> Desk:
    """Books with an earning, a burn and a statement."""
    desk = await Desk.open(database)
    await desk.earn("m", 100_000, id="e", sale="s")
    await desk.burn("m", 30, id="b")
    await desk.ask("POST", "statements", {"id": "st"})
    return desk


ENTRY = "INSERT INTO entries (position, n, unit, debit, credit, amount) VALUES"
TRANSFER = "INSERT INTO transfers (position, id, kind, at, booked_at, body, answer, hash) VALUES"
TRIES = {
    "an entry is changed": "UPDATE entries SET amount = amount + 1",
    "an entry goes": "DELETE FROM entries WHERE position = 2",
    "an entry joins an old transfer": f"{ENTRY} (1, 9, 'pt', 'issued:norden', 'lot:e', 5)",
    "a transfer is changed": "UPDATE transfers SET body = '{}' WHERE position = 1",
    "a transfer goes": "DELETE FROM transfers WHERE position = 1",
    "a transfer comes before the last": f"{TRANSFER} (0, 'z', 'earn', 1, 1, '', '', '')",
    "a lot is worth more": "UPDATE lots SET price = price * 2",
    "a lot lives longer": "UPDATE lots SET expires_at = NULL",
    "a lot goes": "DELETE FROM lots",
    "an account goes": "DELETE FROM accounts WHERE id = 'fund'",
    "an account is another": "UPDATE accounts SET side = 'both' WHERE id = 'lot:e'",
    "an account comes with something": "INSERT INTO accounts VALUES ('lot:x', 'pt', 'credit', 500)",
    "the seal is lifted": "UPDATE heads SET sealed = 0",
    "the head falls": "UPDATE heads SET position = 0, sealed = 0",
    "the head goes": "DELETE FROM heads",
    "a statement says otherwise": "UPDATE statements SET body = '{}'",
    "a statement goes": "DELETE FROM statements",
    "a balance is overdrawn": f"{ENTRY} (3, 9, 'pt', 'lot:e', 'issued:norden', 71)",
}
REPLACED = {
    "an entry": "INSERT OR REPLACE INTO entries SELECT position, n, unit, debit, credit, 9, follows FROM entries",
    "a transfer by its id": f"{TRANSFER.replace('INSERT', 'INSERT OR REPLACE')} (9, 'e', 'earn', 1, 1, '', '', '')",
    "a sale": "INSERT OR REPLACE INTO transfers (position, id, kind, partner, sale, at, booked_at, body, answer, hash)"
    " VALUES (9, 'z', 'earn', 'norden', 's', 1, 1, '', '', '')",
    "a lot": "INSERT OR REPLACE INTO lots SELECT account, member, issuer, payer, 9, block, earned_at, expires_at, 9, n"
    " FROM lots",
    "an account": "INSERT OR REPLACE INTO accounts VALUES ('lot:e', 'pt', 'credit', 0)",
    "a statement": "INSERT OR REPLACE INTO statements SELECT id, 0, 0, '{}', hash, NULL FROM statements",
    "the head": "INSERT OR REPLACE INTO heads VALUES ('riverside', 0, 0, '')",
}


async def test_raw_sql_changes_nothing_in_the_file(tmp_path: Path) -> None:
    database = ClubSqlite(tmp_path)
    desk = await booked(database)
    before = await desk.get("members/m/lots"), await desk.money()
    raw = connect_to_write(tmp_path / FILE)
    for what, sql in {**TRIES, **REPLACED}.items():
        with pytest.raises(sqlite3.IntegrityError) as refused:
            raw.execute(sql)
        assert any(each in str(refused.value) for each in ("guard", "CHECK")), what
    assert (await desk.get("members/m/lots"), await desk.money()) == before
    assert (await verify(desk.ledger)).wrong is None
    raw.execute("UPDATE accounts SET balance = 4000 WHERE id = 'lot:e'")
    assert (await verify(desk.ledger)).wrong == 1, "what SQLite cannot refuse is found"
    raw.execute("UPDATE accounts SET balance = 70 WHERE id = 'lot:e'")
    raw.execute("DROP TRIGGER entries_stay")
    assert await database.unguarded() == ["entries_stay"]
    raw.execute("UPDATE entries SET amount = 31 WHERE position = 2 AND n = 1")
    found = await verify(desk.ledger)
    assert (found.wrong, found.why) == (2, "its hash is not that of its content")
    raw.close()
    await database.close()


async def test_raw_sql_changes_nothing_on_the_server(cluster: Cluster) -> None:
    url = cluster.database()
    name = urlsplit(url).path.strip("/")
    database = await ClubPostgres.open(url, path=SCHEMA, timeout_s=20)
    desk = await booked(database)
    before = await desk.get("members/m/lots"), await desk.money()
    tables = ("heads", "accounts", "transfers", "entries", "lots", "statements")
    more = {f"{each} is emptied": f"TRUNCATE {each} CASCADE" for each in tables}
    more["a balance is set"] = "UPDATE accounts SET balance = 4000 WHERE id = 'lot:e'"
    over = f"{ENTRY} (1, 1, 'pt', 'issued:norden', 'lot:e', 5) ON CONFLICT (position, n) DO UPDATE SET amount = 5"
    more["an entry is put over another"] = over
    for what, sql in {**TRIES, **more}.items():
        with pytest.raises(subprocess.CalledProcessError) as refused:
            cluster.sql(f"SET search_path = club; {sql}", name)
        assert any(each in refused.value.stderr for each in (b"guard", b"check constraint")), what
    assert (await desk.get("members/m/lots"), await desk.money()) == before
    assert (await verify(desk.ledger)).wrong is None
    cluster.sql("ALTER TABLE club.entries DISABLE TRIGGER entries_stay", name)
    assert await database.unguarded() == ["entries_stay"]
    await database.close()
