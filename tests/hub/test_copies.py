"""Copies of a hub that are brought back as a new life, and a hub that moves from SQLite to PostgreSQL as it is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.hub.own_keys import OwnKeys
from gateway.hub.postgres import PostgresDatabase
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore
from tests.hub.contract import BRAND, NOW, keys, lent, tail, take
from tests.hub.postgres import Cluster
from tests.hub.program import Program
from tests.hub.stranger import Journal


@asynccontextmanager
async def sqlite(data: Path) -> AsyncIterator[HubStore]:
    own = OwnKeys(data)
    store = await HubStore.open(SqliteDatabase(data), own, "maison")
    try:
        yield store
    finally:
        await store.close()
        own.close()


@asynccontextmanager
async def postgres(data: Path, url: str) -> AsyncIterator[HubStore]:
    own = OwnKeys(data)
    store = await HubStore.open(await PostgresDatabase.open(url, timeout_s=20), own, "maison")
    try:
        yield store
    finally:
        await store.close()
        own.close()


async def story(store: HubStore) -> Journal:
    """Chen is lent, Wu was erased, and a row is dark."""
    journal = await lent(store)
    await keys(store, journal, "wu")
    journal.enrol("wu")
    journal.share("wu")
    journal.prefers("wu", "tea", dark=True)
    journal.erase("wu")
    await take(store, journal, after=3)
    return journal


async def picture(store: HubStore, journal: Journal) -> dict[str, object]:
    """What venues, boxes and IT may see of a store."""
    found, more = await store.own_rows("flagship", 1, 0, 500)
    receipt = await store.receipt("wu@flagship")
    return {
        "heads": await store.heads(),
        "have": await store.have("flagship", 1),
        "rows": ([row.wire() for row in found], more),
        "brand": await tail(store, "lounge"),
        "urgent": await tail(store, "lounge", "urgent"),
        "snapshot": await store.snapshot(BRAND, "lounge"),
        "keys": sorted(await store.wraps.keys_for(["chen@flagship", "wu@flagship"])),
        "receipt": {key: value for key, value in (receipt or {}).items() if key != "places"},
        "boxes": await store.members.boxes(),
        "life": store.life,
    }


def answered(done: object, words: str) -> None:
    assert getattr(done, "code", None) == 0, done
    assert words in getattr(done, "out", ""), done


async def test_a_hub_that_moves_keeps_its_numbers_hashes_keys_and_life(tmp_path: Path, cluster: Cluster) -> None:
    program, url = Program(tmp_path), cluster.database()
    async with sqlite(program.data) as store:
        journal = await story(store)
        before = await picture(store, journal)
    answered(
        program.command("move", "--to", url), "9 rows and 2 boxes" if journal.position == 9 else "rows and 2 boxes"
    )
    assert not (program.data / "hub.db").exists()
    async with postgres(program.data, url) as store:
        assert await picture(store, journal) == before
        journal.prefers("chen", "window seat")
        taken = await take(store, journal, after=journal.position - 1)
        assert taken.numbers[BRAND] == before["heads"][BRAND].number + 1  # type: ignore[index]


async def test_the_file_that_was_left_is_dark_and_serves_no_more(tmp_path: Path, cluster: Cluster) -> None:
    program, url = Program(tmp_path), cluster.database()
    async with sqlite(program.data) as store:
        journal = await lent(store)
    ids = journal.key("chen")[0]
    assert any(ids in file.read_bytes() for file in program.data.glob("hub-keys.db*"))
    answered(program.command("move", "--to", url), "Now say in hub.toml")
    assert not any(ids in file.read_bytes() for file in program.data.glob("hub-keys.db*"))
    done = program.command("check")
    assert (done.code, "was moved to PostgreSQL" in done.err) == (1, True)


async def test_a_hub_moves_into_an_empty_database_alone_and_else_stays_as_it_is(
    tmp_path: Path, cluster: Cluster
) -> None:
    url = cluster.database()
    async with postgres(tmp_path / "other", url):
        pass
    program = Program(tmp_path)
    async with sqlite(program.data) as store:
        before = await picture(store, await lent(store))
    done = program.command("move", "--to", url)
    assert (done.code, "holds a hub already" in done.err) == (1, True)
    assert program.command("move", "--to", "sqlite").code == 2
    assert program.command("move", "--to", f"postgresql://moments@/x?host={tmp_path}").code == 1
    async with sqlite(program.data) as store:
        assert {**await picture(store, Journal("flagship"))} == before


async def test_a_copy_made_while_the_hub_serves_comes_back_as_a_new_life(tmp_path: Path) -> None:
    program = Program(tmp_path / "one")
    async with sqlite(program.data) as store:
        journal = await story(store)
        before = await picture(store, journal)
        done = program.command("backup", str(tmp_path / "copies"))
        journal.prefers("chen", "after the copy")
        await take(store, journal, after=journal.position - 1)
    copy = Path(done.out.strip())
    assert sorted(file.name for file in copy.iterdir()) == ["copy.json", "hub-keys.db", "hub.db"]
    assert {file.stat().st_mode & 0o777 for file in (copy / "hub.db", copy / "hub-keys.db")} == {0o600}
    other = Program(tmp_path / "two")
    answered(other.command("restore", str(tmp_path / "copies")), "in a new life")
    async with sqlite(other.data) as store:
        after = await picture(store, journal)
        assert after.pop("life") != before.pop("life")
        assert after == before
        assert (await take(store, journal)).stored == 1, "the venue sends what the copy lacks"
    done = other.command("restore", str(copy))
    assert (done.code, "is there already" in done.err) == (1, True)


async def test_after_a_copy_came_back_nobody_is_signed_in_and_no_invitation_counts(tmp_path: Path) -> None:
    program = Program(tmp_path / "one")
    async with sqlite(program.data) as store:
        await lent(store)
        [box, *_] = await store.members.boxes()
        token = await store.members.begin(box, "boot", "build", NOW)
        code = program.invite("terrace")
        assert (await store.members.session(token, NOW)).box.id == box.id
        pin = await store.office.add("lina", frozenset({"office"}), NOW)
        _, office = await store.office.begin("lina", pin, "192.0.2.1", 0.0, NOW)
        assert (await store.office.who(office, NOW)).id == "lina"
    program.command("backup", str(tmp_path / "copies"))
    other = Program(tmp_path / "two")
    answered(other.command("restore", str(tmp_path / "copies")), "in a new life")
    async with sqlite(other.data) as store:
        for call in (
            lambda: store.members.session(token, NOW),
            lambda: _join(store, code),
            lambda: store.office.who(office, NOW),
        ):
            await refused(call)


async def _join(store: HubStore, code: str) -> object:
    from gateway.hub import invitations

    secret, _ = invitations.read_code(code)
    sign, open_ = b"s" * 32, b"o" * 32
    proof = invitations.proof(secret, "terrace", "venue", sign, open_)
    return await store.members.join(
        invitations.id_of(secret), proof, "terrace", "venue", "a box", sign, open_, NOW
    )  # fmt: skip


async def refused(call: Callable[[], Awaitable[object]]) -> None:
    from gateway.hub.problems import HubProblem

    with pytest.raises(HubProblem):
        await call()


async def test_the_keys_of_a_hub_on_postgres_are_copied_alone_and_bring_it_back(
    tmp_path: Path, cluster: Cluster
) -> None:
    url = cluster.database()
    program = Program(tmp_path / "one", url)
    async with postgres(program.data, url) as store:
        before = await picture(store, await lent(store))
    assert "--keys-only" in program.command("backup", str(tmp_path / "copies")).err
    copy = Path(program.command("backup", str(tmp_path / "copies"), "--keys-only").out.strip())
    assert json.loads((copy / "copy.json").read_text())["files"] == ["hub-keys.db"]
    other = Program(tmp_path / "two", url)
    assert "another signing key" in other.command("check").err
    third = Program(tmp_path / "three", url)
    answered(third.command("restore", str(copy)), "in a new life")
    async with postgres(third.data, url) as store:
        after = await picture(store, Journal("flagship"))
        assert after.pop("life") != before.pop("life")
        assert after == before


def test_what_is_no_copy_is_said(tmp_path: Path) -> None:
    program = Program(tmp_path / "one")
    assert "here is no hub" in program.command("backup", str(tmp_path / "copies")).err
    (tmp_path / "copies" / "hub-half").mkdir(parents=True)
    done = program.command("restore", str(tmp_path / "copies"))
    assert (done.code, "no copy of a hub that is whole" in done.err) == (1, True)
