"""The club's books in a file of their own, beside the hub's: one process writes it."""

from __future__ import annotations

from pathlib import Path

from gateway.club import schema
from gateway.hub.database import Tx
from gateway.hub.sqlite import SqliteFile

FILE = "club.db"


class ClubSqlite(SqliteFile):
    """``DATA/club.db``; ``lasting``: a commit returns when the disk has it."""

    def __init__(self, folder: Path, *, lasting: bool = True) -> None:
        self._lasting = lasting
        super().__init__(folder / FILE)

    def _prepare(self) -> None:
        if not self._lasting:
            self._write.execute("PRAGMA synchronous = OFF")
        for each in (*schema.tables("BLOB"), *schema.sqlite_guards().values()):
            self._write.execute(each)

    async def unguarded(self) -> list[str]:
        """The guards that are missing, or are others than ours."""

        async def query(tx: Tx) -> list[str]:
            found = dict(await tx.all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
            ours = {name: sql.replace(" IF NOT EXISTS", "", 1) for name, sql in schema.sqlite_guards().items()}
            return sorted(name for name, sql in ours.items() if found.get(name) != sql)

        return await self.read(query)
