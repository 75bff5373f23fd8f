"""The contract of the hub's store, held by both databases; and what each has for itself."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.hub.database import StoreLost, Unsafe, months_from
from gateway.hub.own_keys import OwnKeys
from gateway.hub.postgres import PostgresDatabase
from gateway.hub.problems import HubProblem
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore, OtherMachine
from tests.hub.contract import NOW, StoreContract, joined, keys, lent, take
from tests.hub.contract_expected import ExpectedContract
from tests.hub.contract_letting_go import LettingGoContract
from tests.hub.postgres import Cluster
from tests.hub.stranger import Journal


class TestSQLite(StoreContract, LettingGoContract, ExpectedContract):
    """The embedded store."""

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[HubStore]:
        """An empty store."""
        own = OwnKeys(tmp_path)
        found = await HubStore.open(SqliteDatabase(tmp_path), own, "maison")
        yield found
        await found.close()
        own.close()

    async def test_what_was_erased_is_in_no_file_of_the_folder(self, store: HubStore, tmp_path: Path) -> None:
        journal = await lent(store)
        ids = journal.key("chen")[0]
        row = await store.wraps.keys_for(["chen@flagship"])
        assert row
        assert any(ids in file.read_bytes() for file in tmp_path.glob("hub-keys.db*"))
        journal.erase("chen")
        await take(store, journal, after=3)
        assert not any(ids in file.read_bytes() for file in tmp_path.glob("hub-keys.db*"))


class TestPostgres(StoreContract, LettingGoContract, ExpectedContract):
    """PostgreSQL, a database for each test."""

    @pytest.fixture
    async def store(self, tmp_path: Path, cluster: Cluster) -> AsyncIterator[HubStore]:
        """An empty store."""
        own = OwnKeys(tmp_path)
        found = await HubStore.open(await PostgresDatabase.open(cluster.database(), timeout_s=20), own, "maison")
        yield found
        await found.close()
        own.close()


async def test_a_month_of_which_nothing_is_left_is_no_table_any_more(tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.database()
    own = OwnKeys(tmp_path)
    store = await HubStore.open(await PostgresDatabase.open(url, timeout_s=20), own, "maison")
    await joined(store, "flagship")
    journal = Journal("flagship")
    journal.write("reader.lost", "reader-1", {}, holder="*house*")
    await take(store, journal)
    parts = f"SELECT count(*) FROM pg_tables WHERE tablename = 'events_{months_from(NOW, 1)[0][0]}'"
    name = urlsplit(url).path.strip("/")
    assert cluster.sql(parts, name) == "1"
    assert await store.let_go(NOW + 1) == 1
    assert cluster.sql(parts, name) == "1", "the month is not over"
    assert await store.let_go(NOW + 40 * 86_400_000) == 0
    assert cluster.sql(parts, name) == "0"
    await store.close()
    own.close()


async def test_two_machines_share_their_keys_or_the_second_is_refused(tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.database()
    first, other = OwnKeys(tmp_path / "one"), OwnKeys(tmp_path / "two")
    store = await HubStore.open(await PostgresDatabase.open(url), first, "maison")
    second = await PostgresDatabase.open(url)
    with pytest.raises(OtherMachine, match="another signing key"):
        await HubStore.open(second, other, "maison")
    with pytest.raises(OtherMachine, match="'maison'"):
        await HubStore.open(second, first, "another-house")
    again = await HubStore.open(second, first, "maison")
    assert again.life == store.life
    for each in (store, again):
        await each.close()
    first.close()
    other.close()


async def test_machines_that_were_given_the_same_keys_are_one_hub(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.database()
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "hub-signing-key").write_text("11" * 32)
    (given / "hub-generation-key").write_text("22" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    one, two = OwnKeys(tmp_path / "one"), OwnKeys(tmp_path / "two")
    store = await HubStore.open(await PostgresDatabase.open(url), one, "maison")
    journal = await lent(store)
    beside = await HubStore.open(await PostgresDatabase.open(url), two, "maison")
    assert [each.key for each in await beside.wraps.keys_for(["chen@flagship"])] == [journal.key("chen")[1]]
    with pytest.raises(PermissionError, match="credential"):
        await beside.wraps.rewrap(NOW)
    (given / "hub-generation-key").write_text("33" * 32)
    with pytest.raises(OtherMachine, match="generation key"):
        await HubStore.open(await PostgresDatabase.open(url), OwnKeys(tmp_path / "three"), "maison")
    for each in (store, beside):
        await each.close()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
async def test_a_server_that_forgets_is_refused(cluster: Cluster, setting: str) -> None:
    url = cluster.database()
    cluster.sql(f"ALTER SYSTEM SET {setting} = off")
    cluster.sql("SELECT pg_reload_conf()")
    try:
        await settled(cluster, setting, "off")
        with pytest.raises(Unsafe, match=f"{setting} is off"):
            await PostgresDatabase.open(url)
    finally:
        cluster.sql(f"ALTER SYSTEM RESET {setting}")
        cluster.sql("SELECT pg_reload_conf()")
        await settled(cluster, setting, "on")


async def settled(cluster: Cluster, setting: str, value: str) -> None:
    """Returns when a setting has been read again."""
    async with asyncio.timeout(40):
        while await asyncio.to_thread(cluster.sql, f"SHOW {setting}") != value:
            await asyncio.sleep(0.05)


async def test_a_frozen_server_is_told_within_its_time_and_nothing_is_lost(tmp_path: Path, cluster: Cluster) -> None:
    own = OwnKeys(tmp_path)
    store = await HubStore.open(await PostgresDatabase.open(cluster.database(), timeout_s=1), own, "maison")
    await joined(store, "flagship")
    journal = Journal("flagship")
    for number in range(3):
        journal.enrol(f"c-{number}")
    await take(store, journal, upto=1)
    cluster.send(signal.SIGSTOP)
    try:
        with pytest.raises(StoreLost):
            await take(store, journal, after=1)
    finally:
        cluster.send(signal.SIGCONT)
    taken = await take(store, journal, after=1)
    assert taken.position == 3
    assert taken.hash == journal.hash
    await store.close()
    own.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_server_killed_at_any_time_loses_and_doubles_nothing(tmp_path: Path) -> None:
    from tests.hub import postgres

    pytest.importorskip("asyncpg", reason="the extra 'postgres' is not installed")
    if postgres.programs() is None:
        pytest.skip("PostgreSQL 15 or newer is not installed (Debian: postgresql)")
    with postgres.cluster() as server:
        own, url = OwnKeys(tmp_path), server.database()
        store = await HubStore.open(await PostgresDatabase.open(url, timeout_s=5), own, "maison")
        await joined(store, "flagship")
        journal = Journal("flagship")
        await keys(store, journal, "chen")
        journal.enrol("chen")
        journal.share("chen")
        for number in range(240):
            journal.prefers("chen", str(number))
        acknowledged = 0

        async def write() -> None:
            nonlocal acknowledged
            while acknowledged < journal.position:
                try:
                    taken = await take(store, journal, after=acknowledged, upto=acknowledged + 7)
                    assert taken.position >= acknowledged
                    acknowledged = taken.position
                except StoreLost:
                    await asyncio.sleep(0.05)

        writing = asyncio.create_task(write())
        for _ in range(3):
            await asyncio.sleep(0.05)
            await asyncio.to_thread(server.stop, signal.SIGQUIT)
            await asyncio.to_thread(server.start)
        async with asyncio.timeout(120):
            await writing
        found = server.sql("SELECT count(*), count(DISTINCT position), max(position) FROM events", "hub1")
        assert found == f"{journal.position}|{journal.position}|{journal.position}"
        head = (await store.heads())["brand/aurelia"]
        assert server.sql("SELECT count(*), max(number) FROM feed WHERE feed = 'brand/aurelia'", "hub1") == (
            f"{head.number}|{head.number}"
        )
        await store.close()
        own.close()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=25))
def test_however_batches_are_cut_and_sent_again_each_row_is_there_once(sent: list[tuple[int, int]]) -> None:
    journal = Journal("flagship")
    for number in range(30):
        journal.write("reader.lost", f"reader-{number}", {}, holder="*house*")

    async def play(folder: Path) -> None:
        own = OwnKeys(folder)
        store = await HubStore.open(SqliteDatabase(folder), own, "maison")
        have = 0
        for after, count in [*sent, (0, 30)]:
            if after > have:
                with pytest.raises(HubProblem) as refused:
                    await take(store, journal, after=after, upto=after + count)
                assert refused.value.code == "hole"
                continue
            taken = await take(store, journal, after=after, upto=after + count)
            have = max(have, min(30, after + count))
            assert (taken.position, taken.hash) == (have, journal.hash_at(have))
        found, _ = await store.own_rows("flagship", 1, 0, 500)
        assert [row.wire() for row in found] == journal.rows
        await store.close()
        own.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


def test_months_are_whole_and_follow_each_other_over_the_year() -> None:
    found = months_from(1_796_000_000_000, 3)
    assert [name for name, _, _ in found] == ["202611", "202612", "202701"]
    assert all(one[2] == other[1] for one, other in pairwise(found))
