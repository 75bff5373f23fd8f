"""Whether the books are what was booked: chain, positions, balances and statements, made once more from the entries."""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha256
from typing import NamedTuple

from gateway.club import reading, writing
from gateway.club.books import Entry
from gateway.club.ledger import Ledger
from gateway.club.writing import text_of
from gateway.hub.database import Tx, first

PAGE = 2_000  # transfers


class Verified(NamedTuple):
    """How far the books are right; ``wrong`` is the first position that is not, and ``why``."""

    position: int
    wrong: int | None = None
    why: str = ""


async def verify(ledger: Ledger) -> Verified:
    """Looks at everything, in one state of the database."""

    async def query(tx: Tx) -> Verified:
        head = await first(tx, "SELECT position, sealed, hash FROM heads")
        position, sealed, hash_ = head if head is not None else (0, 0, writing.BEGINNING)
        found, before, balances = await _chain(tx, position)
        if found is not None:
            return found
        ((count,),) = await tx.all("SELECT count(*) FROM transfers")
        if count != position or sealed != position or bytes(hash_) != before:
            return Verified(position, min(count, position) + 1, "the head is another transfer's, or transfers are gone")
        found = await _balances(tx, position, balances) or await _statements(tx, ledger, position)
        return found or Verified(position)

    return await ledger.database.read(query)


async def _chain(tx: Tx, last: int) -> tuple[Verified | None, bytes, dict[str, int]]:
    before, balances, expected = writing.BEGINNING, defaultdict[str, int](int), 1
    while expected <= last:
        sql = "SELECT position, body, hash FROM transfers WHERE position >= ? AND position < ? ORDER BY position"
        rows = await tx.all(sql, expected, expected + PAGE)
        entries: dict[int, list[Entry]] = defaultdict(list)
        sql = """
        SELECT position, n, unit, debit, credit, amount, follows FROM entries WHERE position >= ? AND position < ?
        ORDER BY position, n
        """
        for at, *rest in await tx.all(sql, expected, expected + PAGE):
            entry = Entry(*rest)
            entries[at].append(entry)
            balances[entry.debit] -= entry.amount
            balances[entry.credit] += entry.amount
        for at, body, hash_ in rows:
            if at != expected:
                return Verified(last, expected, "there is no such position"), before, balances
            before = writing.chained(before, body, entries[at])
            if bytes(hash_) != before:
                return Verified(last, at, "its hash is not that of its content"), before, balances
            expected += 1
        if not rows:
            return Verified(last, expected, "there is no such position"), before, balances
    return None, before, balances


async def _balances(tx: Tx, last: int, balances: dict[str, int]) -> Verified | None:
    wrong = []
    after = ""
    while rows := await tx.all("SELECT id, balance FROM accounts WHERE id > ? ORDER BY id LIMIT 5000", after):
        wrong += [id_ for id_, balance in rows if balances.pop(id_, 0) != balance]
        after = rows[-1][0]
    wrong += [id_ for id_, balance in balances.items() if balance]
    if not wrong:
        return None
    # The first position that tells of an account whose balance is another.
    sql = "SELECT min(position) FROM entries WHERE debit = ? OR credit = ?"
    found = [((await tx.all(sql, id_, id_))[0][0] or last, id_) for id_ in wrong[:20]]
    position, account = min(found)
    return Verified(last, position, f"the balance of {account} is not what its entries come to")


async def _statements(tx: Tx, ledger: Ledger, last: int) -> Verified | None:
    sql = 'SELECT id, "from", through, body, hash FROM statements ORDER BY through'
    for id_, after, through, body, hash_ in await tx.all(sql):
        partners = reading.partners_in(body)
        if text_of(await reading.cut(tx, partners, ledger.rules.zone, id_, after, through)) != body:
            return Verified(last, through, f"the statement {id_} is not what the entries up to there come to")
        if sha256(body.encode()).digest() != bytes(hash_):
            return Verified(last, through, f"the statement {id_} is not what was cut")
    return None
