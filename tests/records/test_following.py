"""What changes in one database is the same in the other, whatever statement changed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.records import numbers
from gateway.records.errors import Damaged
from gateway.records.followed import Copied
from gateway.records.following import Batch, Changed, Following
from gateway.records.journal import Journal
from gateway.records.seal import KEYS_FILE
from gateway.records.sqlite_file import connect_to_read
from gateway.records.store import RECORDS_FILE, Store
from gateway.standby import files, letters

STATEMENTS = (
    "INSERT INTO staff (id, changed_at, sealed) VALUES ({n}, 1, x'00') ON CONFLICT (id) DO UPDATE SET changed_at = {m}",
    "INSERT OR REPLACE INTO shifts (staff, zones, since) SELECT id, '[]', {m} FROM staff WHERE id = {n}",
    "INSERT OR REPLACE INTO tokens (hash, id, role, created_at) VALUES (x'0{n}', {m}, 'it', 1)",
    "UPDATE OR REPLACE tokens SET id = {m} WHERE hash = x'0{n}'",
    "UPDATE OR IGNORE staff SET id = {m} WHERE id = {n} AND id NOT IN (SELECT staff FROM shifts)",
    "DELETE FROM staff WHERE id = {n}",
    "DELETE FROM counters WHERE name = 'n{n}'",
    "INSERT INTO counters (name, value) VALUES ('n{n}', {m}) ON CONFLICT (name) DO UPDATE SET value = {m} + 1",
)  # fmt: skip
Act = tuple[int, int, int]
ACT = st.tuples(st.integers(0, len(STATEMENTS) - 1), st.integers(1, 4), st.integers(1, 4))


def everything(folder: Path, name: str, but: str = "followed_") -> dict[str, list[Any]]:
    """All rows of a database, but for what a second box notes for itself."""
    with closing(connect_to_read(folder / name)) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        found = {table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for (table,) in tables}
    found["counters"] = [row for row in found.get("counters", []) if not row[0].startswith(but)]
    return found


async def copied(store: Store, following: Following, folder: Path) -> Copied:
    """A second folder with a copy of the first, which follows from here on."""
    await following.begin()
    folder.mkdir()
    for name in (RECORDS_FILE, KEYS_FILE):
        files.copy_of(store.folder, name).rename(folder / name)
    second = Copied(folder)
    second.begin(7)
    return second


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all histories: what was there before is in each copy."""
    store = Store.open(tmp_path_factory.mktemp("kept") / "a", source="")
    yield store
    store.close()


@settings(max_examples=12, deadline=None)
@given(acts=st.lists(st.lists(ACT, max_size=6), max_size=5))
async def test_whatever_changes_there_is_the_same_here(acts: list[list[Act]], kept: Store) -> None:
    store, folder = kept, Path(mkdtemp(dir=kept.folder.parent))
    following = Following(store, lambda: None)
    second = await copied(store, following, folder / "b")
    for number, group in enumerate(acts, 1):
        for what, n, m in group:
            sql = STATEMENTS[what].format(n=n, m=m)
            await store.write(lambda tx, sql=sql: tx.db.conn.execute(sql))  # type: ignore[misc]
        await store.write(lambda tx, n=number: tx.keyring.seal(f"c-{n}", n, place="x"))  # type: ignore[misc]
        batch = letters.batch_of(letters.read(_sent(await following.take()))["batch"])
        second.put(batch, 7, number, whole=True)
        second.put(batch, 7, number, whole=True)  # it may come twice
    assert store.health["failures"] == 0
    for name in (RECORDS_FILE, KEYS_FILE):
        assert everything(store.folder, name) == everything(folder / "b", name)
    second.close()
    await following.end()


def _sent(batch: Batch) -> bytes:
    return json.dumps({"batch": letters.of_batch(batch)}, default=letters.octets_of).encode()


async def test_a_row_that_does_not_follow_is_refused_with_all_that_came_with_it(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "a", source="")
    following = Following(store, lambda: None)
    journal = Journal(store, origin="house")
    second = await copied(store, following, tmp_path / "b")
    journal.begin_epoch("house", "restored", {}, 1.0)
    batch = await following.take()
    forged = [
        Changed(each.table, each.keys, each.columns, [_other_hash(each, row) for row in each.rows], each.gone)
        if each.table == "journal" else each
        for each in batch.records
    ]  # fmt: skip
    with pytest.raises(Damaged, match="does not follow"):
        second.put(Batch(forged, batch.secrets), 7, 1, whole=True)
    assert second.standing()[1] == 0
    second.put(batch, 7, 1, whole=True)
    assert second.standing() == (7, 1, True)
    assert numbers.get(store.reader, "followed_number") is None
    second.close()
    store.close()


def _other_hash(changed: Changed, row: tuple[Any, ...]) -> tuple[Any, ...]:
    at = changed.columns.index("hash")
    return (*row[:at], bytes(32), *row[at + 1 :])


async def test_a_key_that_is_destroyed_there_is_overwritten_here(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "a", source="")
    following = Following(store, lambda: None)
    second = await copied(store, following, tmp_path / "b")
    await store.write(lambda tx: tx.keyring.seal("c-1", "a word", place="x"))
    second.put(await following.take(), 7, 1, whole=True)
    wrapped = store.keyring.select("SELECT wrapped FROM keys WHERE holder = 'c-1'")[0][0]
    assert wrapped in _raw(tmp_path / "b")
    await store.write(lambda tx: tx.keyring.retire(map(bytes.fromhex, tx.keyring.ids_of("c-1"))))
    second.put(await following.take(), 7, 2, whole=True)
    assert wrapped not in _raw(tmp_path / "b")
    second.close()
    store.close()


def _raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith(KEYS_FILE))


async def test_nothing_is_noted_while_nobody_follows(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "a", source="")
    following = Following(store, lambda: None)
    await following.begin()
    await following.end()
    await store.write(lambda tx: numbers.put(tx.db, "n", 1))
    assert not await following.take()
    left = await store.write(lambda tx: tx.db.conn.execute("SELECT count(*) FROM temp.sqlite_master").fetchone()[0])
    assert left == 0
    store.close()
