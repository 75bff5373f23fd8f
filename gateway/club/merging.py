"""Two members who are one person, and who are not after all."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from gateway.club.books import MONEY, POINTS, Draft, Join, lot_of
from gateway.club.problems import Refused
from gateway.club.refunds import SPENT, points_left, spent
from gateway.club.requests import Request


def merge(draft: Draft, request: Request) -> dict[str, Any]:
    """Joins two members: each keeps their lots, and debts of one are paid by the other's. Raises Refused."""
    one, other = request.word("member"), request.word("with")
    books = draft.books
    if one == other or other in books.family(one):
        raise Refused("already-resolved")
    books.joins = [*books.joins, Join(one, other, draft.transfer.position, None)]
    draft.settle_debts(one)
    return {"with": other}


def unmerge(draft: Draft, request: Request) -> dict[str, Any]:
    """Parts two members: what each took of the other's returns, and is owed. Raises Refused."""
    one, other = request.word("member"), request.word("with")
    books, position = draft.books, draft.transfer.position
    join = next((each for each in books.joins if each.ends is None and {one, other} == set(each[:2])), None)
    if join is None:
        raise Refused("no-such-transfer")
    taken = _taken(draft)
    books.joins = [each._replace(ends=position) if each is join else each for each in books.joins]
    side = set(books.family(one))
    for (taker, account), points in sorted(taken.items()):
        lot = books.lots[account]
        if points > 0 and (taker in side) != (lot.member in side):
            follows = draft.move(POINTS, f"owed:{taker}:club", account, points)
            draft.move(MONEY, "fund", lot.payer, points * lot.price, follows)
    for each in (one, other):
        draft.settle_debts(each)
    return {"with": other}


def _taken(draft: Draft) -> dict[tuple[str, str], int]:
    """How much of whose lots each of a family took, and has not given back, while they were one: taker, lot."""
    books = draft.books
    taken: dict[tuple[str, str], int] = defaultdict(int)

    def take(taker: str, account: str, points: int, position: int) -> None:
        owner = books.lots[account].member
        if owner != taker and owner in books.family(taker, position):
            taken[taker, account] += points

    for transfer in books.crossing:
        if transfer.kind in SPENT:
            kept = points_left(books, transfer)  # what was given back was what was used last
            for entry in spent(transfer):
                some = min(kept, entry.amount)
                kept -= some
                take(transfer.member, lot_of(entry.debit), some, transfer.position)
        for entry in transfer.entries:
            if entry.credit.startswith("owed:") and entry.debit.startswith("lot:"):
                take(entry.credit.split(":")[1], entry.debit, entry.amount, transfer.position)
    return taken
