"""The club's books in a file of their own, beside the hub's: one process writes it."""

from __future__ import annotations

from pathlib import Path

from gateway.club import schema
from gateway.hub.database import Tx
from gateway.hub.sqlite import SqliteFile

FILE = "club.db"


class ClubSqlite(SqliteFile):
    """``DATA/club.db``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE)

    def _prepare(self) -> None:
        for each in (*schema.tables("BLOB"), *schema.sqlite_guards().values()):
            self._write.execute(each)

    async def unguarded(self) -> list[str]:
        """The guards that are missing, or are others than ours."""

        async def query(tx: Tx) -> list[str]:
            found = dict(await tx.all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
            ours = {name: sql.replace(" IF NOT EXISTS", "", 1) for name, sql in schema.sqlite_guards().items()}
            return sorted(name for name, sql in ours.items() if found.get(name) != sql)

        return await self.read(query)
