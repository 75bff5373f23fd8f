"""The club's books in a schema of the hub's PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.club import schema
from gateway.hub.database import Tx
from gateway.hub.postgres import PostgresDatabase

if TYPE_CHECKING:
    from asyncpg import Connection


class ClubPostgres(PostgresDatabase):
    """The schema ``club``; opened with ``await ClubPostgres.open(url, path=schema.SCHEMA)``."""

    @staticmethod
    async def _make_tables(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema.SCHEMA}")
            for each in schema.tables("BYTEA", f"{schema.SCHEMA}."):
                await connection.execute(each)
            known = await connection.fetch(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN"
                " (SELECT oid FROM pg_class WHERE relnamespace = $1::regnamespace)", schema.SCHEMA,
            )  # fmt: skip
            if {row[0] for row in known} >= set(schema.postgres_guards()):
                return  # a trigger is replaced under a lock that waits for whoever books
            for each in (*schema.postgres_functions(), *schema.postgres_guards().values()):
                await connection.execute(each)

    async def unguarded(self) -> list[str]:
        """The guards that are missing or switched off."""

        async def query(tx: Tx) -> list[str]:
            sql = """
            SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = 'club'::regnamespace AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
            """
            found = {name for (name,) in await tx.all(sql)}
            return sorted(set(schema.postgres_guards()) - found)

        return await self.read(query)
