"""What looks odd in the books and is for somebody to look at; nobody is told as an accusation, a customer never."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any, NamedTuple

from gateway.club.ledger import Ledger
from gateway.events import times
from gateway.hub.database import Tx

MINUTE_MS = 60_000
HOUR_MS, WEEK_MS = 60 * MINUTE_MS, 7 * 86_400_000
EARNS, REFUNDED, BURNS = 21, 3, 5
"""So many earnings by one person in an hour, refunded sales of one member in a week, burns of one member in ten
minutes."""


class Booked(NamedTuple):
    """A transfer as far as it is watched; ``refunds``: it takes back what a sale earned."""

    id: str
    kind: str
    member: str
    by: str
    at: int
    refunds: bool = False


def odd(booked: Iterable[Booked]) -> list[dict[str, Any]]:
    """What looks odd, once for each beginning of it: what it is, whose, and which transfers."""
    runs: dict[tuple[str, str], deque[Booked]] = defaultdict(deque)
    told: dict[tuple[str, str], int] = {}
    found: list[dict[str, Any]] = []

    def look(what: str, whose: str, each: Booked, most: int, within: int) -> None:
        run = runs[what, whose]
        run.append(each)
        while run[0].at <= each.at - within:
            run.popleft()
        if len(run) >= most and told.get((what, whose), -within) <= each.at - within:
            told[what, whose] = each.at
            found.append(
                {"what": what, "whose": whose, "at": times.iso(each.at / 1000), "transfers": [one.id for one in run]}
            )

    for each in sorted(booked, key=lambda one: (one.at, one.id)):
        if each.kind == "earn" and each.by:
            look("earns-by-one", each.by, each, EARNS, HOUR_MS)
        if each.refunds:
            look("sales-refunded", each.member, each, REFUNDED, WEEK_MS)
        if each.kind in ("burn", "post"):
            look("quick-burns", each.member, each, BURNS, 10 * MINUTE_MS)
    return found


async def watch(ledger: Ledger, since: int) -> list[dict[str, Any]]:
    """What looks odd in what was made since a time, oldest first."""

    async def query(tx: Tx) -> list[Booked]:
        sql = """
        SELECT t.id, t.kind, t.member, t."by", t."at",
            t.kind = 'refund' AND EXISTS (SELECT 1 FROM transfers s WHERE s.id = t."of" AND s.kind = 'earn')
        FROM transfers t WHERE t."at" >= ? AND t.kind IN ('earn', 'burn', 'post', 'refund')
        """
        rows = await tx.all(sql, since)
        return [Booked(id_, kind, member or "", by or "", at, bool(of)) for id_, kind, member, by, at, of in rows]

    return odd(await ledger.database.read(query))
