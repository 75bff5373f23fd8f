"""The roll: which member number is which customer of whom, sealed; asked by whoever has that customer, and nobody else.

A customer's id is sealed with what only the hub's machine holds, and always to the same text: so it is found by being
sealed once more, and a copy of the books tells nobody who anybody is. Erasure blanks it; the numbers stay.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.club.ledger import Ledger
from gateway.club.problems import Refused
from gateway.events import times
from gateway.hub.database import Tx, first

DIGITS = 12  # of a member number
CODE_DIGITS = 8
CODE_MS = 60_000
"""How long a till may take a code for."""
BY = "ledger"
_BOUND = [b"moments club member v1"]


class Seals(Protocol):
    """The keys of the machine that keeps the books."""

    def generation(self, number: int) -> bytes:
        """The key of one generation."""


class Merge(NamedTuple):
    """Two customers who are one person, or (``undone``) are not after all."""

    id: str
    kept: str
    other: str
    undone: bool


class Roll:
    """The members of one club; opened with ``await Roll.open(ledger, keys, generation)``."""

    def __init__(self, ledger: Ledger, keys: Seals) -> None:
        self._ledger = ledger
        self._keys = keys
        self._joined: set[str] = set()

    @classmethod
    async def open(cls, ledger: Ledger, keys: Seals, generation: int) -> Roll:
        """The roll, sealed by this generation where it has none yet."""
        roll = cls(ledger, keys)

        async def begin(tx: Tx) -> None:
            sql = "INSERT INTO seals (club, generation) VALUES (?, ?) ON CONFLICT (club) DO NOTHING"
            await tx.run(sql, ledger.club, generation)

        await ledger.database.transact(begin)
        return roll

    def _lock(self, generation: int) -> AESSIV:
        return AESSIV(hmac.digest(self._keys.generation(generation), b"moments club roll", "sha512"))

    def _sealed(self, generation: int, customer: str) -> bytes:
        return self._lock(generation).encrypt(customer.encode(), _BOUND)

    async def _generation(self, tx: Tx) -> int:
        sql = "SELECT generation FROM seals WHERE club = ?"
        ((generation,),) = await tx.all(sql, self._ledger.club)
        return int(generation)

    async def _held(self, tx: Tx) -> int:
        """The generation, held until the commit: nobody seals anew meanwhile."""
        sql = "UPDATE seals SET generation = generation WHERE club = ? RETURNING generation"
        ((generation,),) = await tx.all(sql, self._ledger.club)
        return int(generation)

    # --- who is who ---------------------------------------------------------------------------------------------------

    async def member_of(self, partner: str, customer: str, now: int) -> tuple[str, bool]:
        """The number of a partner's customer, and whether it is new; ``customer`` is their name in the house."""

        async def change(tx: Tx) -> tuple[str, bool]:
            sealed = self._sealed(await self._held(tx), customer)
            row = await first(tx, "SELECT member FROM members WHERE customer = ?", sealed)
            if row is not None:
                return str(row[0]), False
            sql = (
                "INSERT INTO members (member, partner, customer, joined) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (member) DO NOTHING"
            )
            while True:
                member = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
                if await tx.run(sql, member, partner, sealed, now):
                    return member, True

        return await self._ledger.database.transact(change)

    async def known(self, customers: Iterable[str]) -> dict[str, str]:
        """The numbers of those who have one."""
        wanted = sorted(set(customers))

        async def query(tx: Tx) -> dict[str, str]:
            generation = await self._generation(tx)
            found = {}
            for each in wanted:
                sealed = self._sealed(generation, each)
                if (row := await first(tx, "SELECT member FROM members WHERE customer = ?", sealed)) is not None:
                    found[each] = str(row[0])
            return found

        return await self._ledger.database.read(query)

    async def is_theirs(self, member: str, customer: str) -> bool:
        """Whether a number is this customer's."""
        return (await self.known([customer])).get(customer) == member

    async def reseal(self, generation: int) -> None:
        """Seals everybody anew under this generation: what was sealed before is dark once its key is gone."""

        async def change(tx: Tx) -> None:
            old = await self._held(tx)
            before, after = self._lock(old), self._lock(generation)
            rows = await tx.all("SELECT member, customer FROM members WHERE customer IS NOT NULL")
            for member, sealed in rows:
                anew = after.encrypt(before.decrypt(bytes(sealed), _BOUND), _BOUND)
                await tx.run("UPDATE members SET customer = ? WHERE member = ?", anew, member)
            await tx.run("UPDATE seals SET generation = ? WHERE club = ?", generation, self._ledger.club)

        await self._ledger.database.transact(change)

    # --- what becomes of a customer elsewhere -------------------------------------------------------------------------

    async def number_then(self, customer: str, at: int) -> str | None:
        """The number of a customer who had one at ``at``: of somebody who came under that name since it is none."""

        async def query(tx: Tx) -> str | None:
            sealed = self._sealed(await self._generation(tx), customer)
            sql = "SELECT member FROM members WHERE customer = ? AND joined <= ?"
            row = await first(tx, sql, sealed, at)
            return None if row is None else str(row[0])

        return await self._ledger.database.read(query)

    async def erase(self, customer: str, at: int, now: int) -> bool:
        """Ends what an erased customer has, and forgets who they were; False where they had no number then."""
        member = await self.number_then(customer, at)
        if member is None:
            return False
        await self._ledger.erase(member, now)
        return True

    async def join(self, merges: Sequence[Merge], now: int) -> int:
        """Books that members are one person, or are not after all, once for each merge; how many were booked."""
        fresh = [each for each in merges if self._mark(each) not in self._joined]
        members = await self.known({name for each in fresh for name in (each.kept, each.other)}) if fresh else {}
        booked = 0
        for each in fresh:
            if each.kept not in members or each.other not in members:
                continue  # one of them has no number yet: there is nothing to join
            one, other = members[each.kept], members[each.other]
            done = await self._booked("unmerge" if each.undone else "merge", self._mark(each), one, other, now)
            if done is not None:
                booked += done
                self._joined.add(self._mark(each))
        return booked

    @staticmethod
    def _mark(merge: Merge) -> str:
        said = f"{merge.id}\0{merge.kept}\0{merge.other}\0{int(merge.undone)}"
        return f"one-{sha256(said.encode()).hexdigest()[:32]}"

    async def _booked(self, kind: str, id_: str, one: str, other: str, now: int) -> bool | None:
        """Whether it was booked now; None where what it undoes is not booked yet."""
        at = times.iso(now / 1000)
        said = {"id": id_, "kind": kind, "at": at, "by": BY, "member": one, "with": other}
        try:
            found = await self._ledger.book(said, now)
        except Refused as refused:
            if refused.code in ("id-taken", "already-resolved"):
                return False  # it was booked before, at another time
            if refused.code == "no-such-transfer":
                return None
            raise
        return not found.get("replayed", False)

    # --- a code for one sale ------------------------------------------------------------------------------------------

    async def code(self, member: str, now: int) -> str:
        """Digits by which a till learns this number, once, within a minute."""

        async def change(tx: Tx) -> str:
            await tx.run("DELETE FROM codes WHERE until <= ? OR member = ?", now, member)
            while True:
                code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
                sql = "INSERT INTO codes (code, member, until) VALUES (?, ?, ?) ON CONFLICT (code) DO NOTHING"
                if await tx.run(sql, self._hidden(await self._held(tx), code), member, now + CODE_MS):
                    return code

        return await self._ledger.database.transact(change)

    async def used(self, code: str, now: int) -> str:
        """The number that a code stands for, which stands for none from then on; raises Refused."""

        async def change(tx: Tx) -> str | None:
            hidden = self._hidden(await self._held(tx), code)
            row = await first(tx, "SELECT member, until FROM codes WHERE code = ?", hidden)
            await tx.run("DELETE FROM codes WHERE until <= ? OR code = ?", now, hidden)
            return None if row is None or row[1] <= now else str(row[0])

        member = await self._ledger.database.transact(change)
        if member is None:
            raise Refused("no-such-code")
        return member

    def _hidden(self, generation: int, code: str) -> bytes:
        return hmac.digest(self._keys.generation(generation), b"moments club code " + code.encode(), "sha256")
