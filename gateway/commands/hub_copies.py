"""``moments hub backup``, ``restore`` and ``move``."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from gateway.club import moving as books
from gateway.club.ledger_postgres import ClubPostgres
from gateway.club.ledger_sqlite import FILE as BOOKS
from gateway.club.ledger_sqlite import ClubSqlite
from gateway.club.schema import SCHEMA
from gateway.commands.ending import fail
from gateway.commands.hub import REFUSED, settings_of
from gateway.hub import copies, moving, sqlite
from gateway.hub.database import StoreLost, Unsafe
from gateway.hub.own_keys import OwnKeys
from gateway.hub.postgres import PostgresDatabase
from gateway.hub.serving import CannotServe, alone, open_database, opened
from gateway.hub.sqlite import SqliteDatabase
from gateway.hub.store import HubStore
from gateway.records.errors import Damaged, DiskFull
from gateway.settings.hub import HubConfig, parse

FAULTS = (*REFUSED, copies.NoCopy, moving.CannotMove, books.NotEmpty, Damaged, DiskFull, OSError)
FOR_ALL = 7 * 86_400.0  # seconds that the one transaction of a move may take


def back_up(config: Path, data: Path, into: Path, *, keys_only: bool) -> None:
    """Makes a copy and prints where."""
    found = settings_of(config)
    if not found.store.embedded and not keys_only:
        fail("the store is PostgreSQL: copy that with its own tools, and here with --keys-only after each rewrap", 2)
    try:
        click.echo(copies.back_up(data, into, int(time.time() * 1000), keys_only=keys_only))
    except FAULTS as refused:
        fail(str(refused))


def restore(config: Path, data: Path, folder: Path) -> None:
    """Brings a copy back as a new life of the hub."""
    found = settings_of(config)
    try:
        copy = copies.newest(folder)
        if found.store.embedded and not copies.holds_a_store(copy):
            fail(f"{copy} holds keys alone, and the settings say that the store is SQLite", 2)
        with alone(found, data):
            facts = copies.put_back(copy, data)
            life = asyncio.run(_begin_anew(found, data))
    except FAULTS as refused:
        fail(str(refused))
    click.echo(f"back is the hub of {facts['made']}, in a new life {life}")
    click.echo(
        "Revoke anew the boxes that you revoked since then, and end anew the accounts of head office that you ended or"
        " gave another PIN; everything else the venues bring back by themselves."
    )


async def _begin_anew(config: HubConfig, data: Path) -> str:
    async with opened(config, data):  # refused where the keys are another hub's
        pass
    database = await open_database(config, data)
    try:
        return await copies.begin_anew(database)
    finally:
        await database.close()


def move(config: Path, data: Path, url: str) -> None:
    """Moves the embedded store into PostgreSQL."""
    found = settings_of(config)
    to = parse({"hub": {"id": found.hub.id, "name": found.hub.name.by_language()}, "store": {"url": url}})
    if not found.store.embedded or to.store.embedded:
        fail("a hub moves from SQLite to PostgreSQL alone; expected --to postgresql://user@host/database", 2)
    if not (data / sqlite.FILE).is_file():
        fail(f"{data}: here is no store to move; expected {sqlite.FILE}")
    try:
        with alone(found, data):
            booked = asyncio.run(_move_books(to, data)) if (data / BOOKS).is_file() else 0
            counts, old = asyncio.run(_move(found, to, data))
            if booked:
                (data / BOOKS).rename(data / f"{BOOKS}.moved")
                click.echo(f"{booked:,} transfers of the club's books moved, with the same positions and hashes")
    except ModuleNotFoundError:
        fail("PostgreSQL needs the extra: pip install 'moments[postgres]'")
    except FAULTS as refused:
        fail(str(refused))
    click.echo(f"{counts['events']:,} rows and {counts['boxes']:,} boxes moved, with the same numbers, hashes and life")
    click.echo(f'Now say in hub.toml: [store] url = "{url}". No erasure reaches {old}: delete it when all is well.')


async def _move_books(to: HubConfig, data: Path) -> int:
    """The club's books first: they stay in their file until all has moved."""
    source = ClubSqlite(data)
    try:
        target = await ClubPostgres.open(to.store.url, pool=2, timeout_s=FOR_ALL, path=SCHEMA)
        try:
            return await books.move(source, target)
        finally:
            await target.close()
    finally:
        await source.close()


async def _move(config: HubConfig, to: HubConfig, data: Path) -> tuple[dict[str, int], Path]:
    keys = OwnKeys(data)
    source = SqliteDatabase(data)
    try:
        await HubStore.open(source, keys, config.hub.id)
        try:
            await (await PostgresDatabase.open(to.store.url, pool=1)).close()  # is it there at all?
            target = await PostgresDatabase.open(to.store.url, pool=2, timeout_s=FOR_ALL)
        except (StoreLost, Unsafe) as error:
            raise CannotServe(str(error)) from error
        try:
            counts = await moving.move(source, target)
            await HubStore.open(target, keys, config.hub.id)
        finally:
            await target.close()
        return counts, await moving.leave(source, data)
    finally:
        await source.close()
        keys.close()
