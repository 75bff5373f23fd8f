"""Who of head office may sign in at the hub: by a PIN, hashed as in a venue, for some hours."""

from __future__ import annotations

import hashlib
import secrets
from typing import NamedTuple

from gateway import pins
from gateway.hub.database import Database, Tx, first
from gateway.hub.problems import HubProblem
from gateway.tries import TooSoon, Tries

ROLES = ("office", "it")
"""What head office may do: people, hand-overs and erasures; venues and boxes."""
DIGITS = 8
LONGEST_MS, IDLE_MS = 12 * 3_600_000, 30 * 60_000
USED_EVERY_MS = 60_000
"""So much may a session's last use be behind: not every request writes."""


class Officer(NamedTuple):
    """Somebody of head office."""

    id: str
    roles: frozenset[str]


class Office:
    """The accounts and sessions of head office in one store; wrong tries are counted by this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tries = Tries()

    async def add(self, who: str, roles: frozenset[str], now_ms: int) -> str:
        """Makes an account, or a new PIN for one, which signs it out everywhere; the PIN."""
        pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        hashed = await pins.hash_pin(pin)

        async def change(tx: Tx) -> None:
            sql = """
            INSERT INTO office VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, pin = excluded.pin
            """
            await tx.run(sql, who, " ".join(sorted(roles)), hashed, now_ms)
            await tx.run("DELETE FROM office_sessions WHERE who = ?", who)

        await self._database.transact(change)
        return pin

    async def remove(self, who: str) -> bool:
        """Ends an account and its sessions; False where there is none."""

        async def change(tx: Tx) -> bool:
            await tx.run("DELETE FROM office_sessions WHERE who = ?", who)
            return await tx.run("DELETE FROM office WHERE id = ?", who) == 1

        return await self._database.transact(change)

    async def listed(self) -> list[Officer]:
        """Every account."""

        async def query(tx: Tx) -> list[Officer]:
            found = await tx.all("SELECT id, roles FROM office ORDER BY id")
            return [Officer(id_, frozenset(roles.split())) for id_, roles in found]

        return await self._database.read(query)

    # --- signing in ---------------------------------------------------------------------------------------------------

    async def begin(self, who: str, pin: str, address: str, steady: float, now_ms: int) -> tuple[Officer, str]:
        """The account and a new session's secret; raises HubProblem ``pin``, or ``wait`` after wrong ones.

        A wrong PIN makes this account wait, and this address: neither is found out by many tries at the other.
        """
        doors = [f"at {address}", f"as {who}"]
        try:
            for each in doors:
                self._tries.may_try(each, steady)
        except TooSoon as soon:
            raise HubProblem("wait", retry_after_s=round(soon.wait) + 1) from None
        for each in doors:
            self._tries.wrong(each, steady)  # counted before it is checked: tries sent at once count too

        async def query(tx: Tx) -> tuple[str, str] | None:
            row = await first(tx, "SELECT roles, pin FROM office WHERE id = ?", who)
            return None if row is None else (row[0], row[1])

        found = await self._database.read(query)
        if not await pins.matches(None if found is None else found[1], pin) or found is None:
            raise HubProblem("pin")
        for each in doors:
            self._tries.right(each)
        secret = secrets.token_urlsafe(32)

        async def change(tx: Tx) -> None:
            await tx.run("DELETE FROM office_sessions WHERE began < ?", now_ms - LONGEST_MS)
            await tx.run("INSERT INTO office_sessions VALUES (?, ?, ?, ?)", _kept(secret), who, now_ms, now_ms)

        await self._database.transact(change)
        return Officer(who, frozenset(found[0].split())), secret

    async def who(self, secret: str, now_ms: int) -> Officer:
        """Whose session this is; raises HubProblem ``session``."""

        async def query(tx: Tx) -> tuple[Officer, int]:
            sql = """
            SELECT o.id, o.roles, s.used FROM office_sessions s JOIN office o ON o.id = s.who
            WHERE s.hash = ? AND s.began > ? AND s.used > ?
            """
            row = await first(tx, sql, _kept(secret), now_ms - LONGEST_MS, now_ms - IDLE_MS)
            if row is None:
                raise HubProblem("session")
            return Officer(row[0], frozenset(row[1].split())), row[2]

        officer, used = await self._database.read(query)
        if now_ms - used > USED_EVERY_MS:

            async def change(tx: Tx) -> None:
                await tx.run("UPDATE office_sessions SET used = ? WHERE hash = ?", now_ms, _kept(secret))

            await self._database.transact(change)
        return officer

    async def end(self, secret: str) -> None:
        """Signs out."""

        async def change(tx: Tx) -> None:
            await tx.run("DELETE FROM office_sessions WHERE hash = ?", _kept(secret))

        await self._database.transact(change)


def _kept(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
