"""Opening the books of a club, wherever the hub's are."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.club.ledger import ClubDatabase, Ledger
from gateway.club.ledger_postgres import ClubPostgres
from gateway.club.ledger_sqlite import ClubSqlite
from gateway.club.schema import SCHEMA
from gateway.settings.club import ClubConfig
from gateway.settings.hub import StoreSettings


async def open_books(store: StoreSettings, data: Path) -> ClubDatabase:
    """The database of the books; raises StoreLost or Unsafe."""
    if store.embedded:
        return ClubSqlite(data)
    return await ClubPostgres.open(store.url, pool=store.pool, timeout_s=store.timeout_s, path=SCHEMA)


@contextlib.asynccontextmanager
async def opened(config: ClubConfig, store: StoreSettings, data: Path) -> AsyncIterator[Ledger]:
    """The ledger; raises RulesChanged, StoreLost or Unsafe."""
    database = await open_books(store, data)
    try:
        yield await Ledger.open(database, config)
    finally:
        await database.close()
