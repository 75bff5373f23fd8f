"""The club's ledger: one door for everything that is booked, whatever the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from gateway.club import loading, writing
from gateway.club.booking import Batch
from gateway.club.problems import Refused
from gateway.club.requests import Request, request_of
from gateway.club.rules import Rules
from gateway.club.writing import text_of
from gateway.hub.database import Change, StoreLost, T, Tx, first
from gateway.settings.club import ClubConfig

MOST = 500
"""Requests in one batch."""
SWEPT = 500
"""Members looked at in one commit when all that is due is booked."""
Outcome = Mapping[str, Any] | Refused
Does = Callable[[Tx, Batch], Any]


class RulesChanged(Exception):
    """A row of ``club.toml`` that transfers were booked by is another now, or gone; the text says which."""


class ClubDatabase(Protocol):
    """Where the books are."""

    async def transact(self, change: Change[T]) -> T:
        """What ``change`` returns, once the disk has it."""

    async def read(self, query: Change[T]) -> T:
        """What ``query`` returns of one state."""

    async def unguarded(self) -> list[str]:
        """The guards that are missing."""

    async def settle(self) -> bool:
        """Leaves nothing on the disk of what was overwritten, as far as it can."""

    async def close(self) -> None:
        """Lets go of it."""


class Ledger:
    """The books of one club; opened with ``await Ledger.open(database, config)``."""

    def __init__(self, database: ClubDatabase, config: ClubConfig) -> None:
        self.database = database
        self.rules = Rules(config)
        self.club = config.club.id
        self._waiting: list[tuple[object, int, asyncio.Future[Outcome]]] = []
        self._worker: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, database: ClubDatabase, config: ClubConfig) -> Ledger:
        """The books, with a head; raises RulesChanged where a row that was used is not as it was."""
        ledger = cls(database, config)

        async def begin(tx: Tx) -> None:
            row = await first(tx, "SELECT club FROM heads")
            if row is None:
                await tx.run("INSERT INTO heads VALUES (?, 0, 0, ?)", ledger.club, writing.BEGINNING)
            elif row[0] != ledger.club:
                raise RulesChanged(f"the books are those of the club {row[0]!r}, and the settings say {ledger.club!r}")

        await database.transact(begin)
        await ledger._same_rules()
        return ledger

    async def _same_rules(self) -> None:
        async def query(tx: Tx) -> list[str]:
            return [rule for (rule,) in await tx.all("SELECT DISTINCT rule FROM transfers WHERE rule IS NOT NULL")]

        there = {text_of(row.facts()) for row in self.rules.config.programmes}
        for used in await self.database.read(query):
            if used not in there:
                row = json.loads(used)
                name = " ".join(str(row[key]) for key in ("partner", "kind", "category", "from") if key in row)
                raise RulesChanged(
                    f"programmes: the row {name!r} has been used and is another now, or gone; expected it as it was: "
                    f"{used}; add a later one for what is to change"
                )

    # --- booking ------------------------------------------------------------------------------------------------------

    async def book(self, said: object, now: int) -> Mapping[str, Any]:
        """The answer to one request; raises Refused. Who asks while a commit is under way shares the next one."""
        mine: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((said, now, mine))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        found = await mine
        if isinstance(found, Refused):
            raise found
        return found

    async def _work(self) -> None:
        """Books what waits, in the order in which it came, as many in one commit as there are."""
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                found = await self.book_all([said for said, _, _ in some], max(now for _, now, _ in some))
            except Exception as error:
                for _, _, asked in some:
                    if not asked.done():
                        asked.set_exception(error)
                continue
            for (_, _, asked), outcome in zip(some, found, strict=True):
                if not asked.done():
                    asked.set_result(outcome)

    async def book_all(self, said: Sequence[object], now: int, *, linked: bool = False) -> list[Outcome]:
        """Answers and refusals, one for each; ``linked``: all or none, and the first refusal is raised."""
        parsed: list[Request | Refused] = []
        for each in said:
            try:
                parsed.append(request_of(each, now))
            except Refused as refused:
                if linked:
                    raise
                parsed.append(refused)
        requests = [each for each in parsed if isinstance(each, Request)]

        def does(batch: Batch) -> list[Outcome]:
            found: list[Outcome] = []
            for each in parsed:
                try:
                    found.append(each if isinstance(each, Refused) else batch.book(each))
                except Refused as refused:
                    if linked:
                        raise
                    found.append(refused)
            return found

        try:
            return await self._booked(requests, (), now, does)
        except Refused:
            raise
        except Exception as error:
            if len(parsed) == 1 or linked or not _is_of_one(error):
                raise
        return [(await self.book_all([each], now))[0] for each in said]

    async def _booked(
        self, requests: Sequence[Request], members: Iterable[str], now: int, does: Callable[[Batch], T]
    ) -> T:
        async def change(tx: Tx) -> T:
            sql = "UPDATE heads SET position = position WHERE club = ? RETURNING position, hash"
            ((position, hash_),) = await tx.all(sql, self.club)
            batch = Batch(await loading.load(tx, self.rules, requests, position, members), now)
            found = does(batch)
            if batch.booked:
                await writing.write(tx, self.club, batch.booked, hash_, batch.books)
            return found

        return await self.database.transact(change)

    # --- what time brings ---------------------------------------------------------------------------------------------

    async def tidy(self, now: int, members: Sequence[str] | None = None) -> int:
        """Books what is due: of these members and whom they are one with, or of everybody; of how many members."""
        count = 0
        while due := await self._due(now, members):
            some = due[:SWEPT]
            await self._booked((), some, now, lambda batch, some=some: batch.tidy(some))  # type: ignore[misc]
            count += len(some)
        return count

    async def _due(self, now: int, members: Sequence[str] | None) -> list[str]:
        async def query(tx: Tx) -> list[str]:
            lots = "FROM lots l JOIN accounts a ON a.id = l.account WHERE a.balance > 0"
            sql = f"""
            SELECT l.member {lots} AND l.expires_at <= ?
            UNION SELECT member FROM pending WHERE expires_at <= ?
            UNION SELECT l.member {lots} AND l.member IN (SELECT member FROM members WHERE "left" IS NOT NULL)
            """  # noqa: S608 - names of ours
            found = {member for (member,) in await tx.all(sql, now, now)}
            if members is not None:
                family = set((await loading.load(tx, self.rules, (), 0, members)).of_member) | set(members)
                found &= family
            return sorted(found)

        return await self.database.read(query)

    async def erase(self, member: str, now: int) -> None:
        """Ends what a member has, and forgets who they are; the numbers stay."""

        async def change(tx: Tx) -> None:
            await tx.run('UPDATE members SET customer = NULL, "left" = ? WHERE member = ?', now, member)

        await self.database.transact(change)
        await self.database.settle()
        await self.tidy(now, [member])

    async def close(self) -> None:
        """Lets go of the database, once what waits is booked."""
        if self._worker is not None:
            await asyncio.gather(self._worker, return_exceptions=True)
        await self.database.close()


def _is_of_one(error: Exception) -> bool:
    """Whether what a store refused may be the fault of one request among many."""
    if isinstance(error, StoreLost):
        state = getattr(error.__cause__, "sqlstate", None) or ""
        return state.startswith(("23", "P0"))
    return type(error).__name__ == "IntegrityError"
