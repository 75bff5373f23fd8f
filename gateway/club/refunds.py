"""Taking back exactly what a transfer gave or took, whole or in part, at the prices of that day."""

from __future__ import annotations

from typing import Any

from gateway.club import rules
from gateway.club.books import GIVING_BACK, MONEY, POINTS, Books, Draft, Entry, Lot, Transfer, is_members, lot_of
from gateway.club.problems import Refused

EARNED, SPENT = ("earn", "grant"), ("burn", "post")


def refund(draft: Draft, of: Transfer, cents: int | None, points: int | None, now: int) -> dict[str, Any]:
    """Gives back a part of a sale (``cents``) or of what was spent (``points``); all that is left where neither is
    said. What the answer says of it; raises Refused ``exceeds-sale``.
    """
    draft.transfer.member, draft.transfer.partner = of.member, of.partner
    if of.kind == "earn":
        return _of_earn(draft, of, cents)
    if of.kind == "grant":
        given = of.answer["points"]
        if any(each.kind in GIVING_BACK for each in draft.books.about[of.id]):
            raise Refused("exceeds-sale", most_points=0)
        return {"points": -given, "owed": _take(draft, of, given)}
    return _of_burn(draft, of, points, now)


def is_refundable(of: Transfer | None) -> bool:
    """Whether a transfer is one that gives or takes points of a member for a sale."""
    return of is not None and of.kind in EARNED + SPENT


# --- what a sale gave -------------------------------------------------------------------------------------------------


def cents_left(books: Books, of: Transfer) -> int:
    """What is left of a sale that earned."""
    gone: int = sum(each.answer.get("amount_cents", 0) for each in books.about[of.id] if each.kind in GIVING_BACK)
    return int(of.answer["amount_cents"]) - gone


def _of_earn(draft: Draft, of: Transfer, cents: int | None) -> dict[str, Any]:
    left = cents_left(draft.books, of)
    cents = left if cents is None else cents
    if cents > left or (cents == 0 and draft.transfer.kind == "refund"):
        raise Refused("exceeds-sale", most_cents=left)
    row = of.rule or {}
    taken = rules.points_of(row, left) - rules.points_of(row, left - cents)
    return {"points": -taken, "amount_cents": cents, "owed": _take(draft, of, taken)}


def _take(draft: Draft, of: Transfer, points: int) -> int:
    """Takes points back from a member: of the sale's own lots, of other lots, and the rest is owed; how much is."""
    books, partner = draft.books, of.partner
    own = sorted((lot for lot in books.lots.values() if lot.position == of.position), key=lambda lot: -lot.n)
    for lot in own:
        some = min(points, books.open[lot.account])
        draft.move(POINTS, lot.account, f"issued:{lot.issuer}", some)
        if lot.block is not None:
            draft.move(POINTS, f"blocks:{lot.issuer}", lot.block, some)
        points -= some
    for lot in books.open_lots(of.member):
        if not points:
            break
        some = min(points, books.open[lot.account])
        follows = draft.move(POINTS, lot.account, f"recovered:{partner}", some)
        draft.pays(lot.payer, partner, lot.price, some, follows)
        points -= some
    draft.move(POINTS, f"owed:{of.member}:{partner}", f"recovered:{partner}", points)
    paid = draft.settle_debts(of.member) if points else 0
    return max(0, points - paid)


# --- what was spent ---------------------------------------------------------------------------------------------------


def points_left(books: Books, of: Transfer) -> int:
    """How many points of a burn or post may still be given back."""
    gone: int = sum(each.answer.get("points", 0) for each in books.about[of.id] if each.kind in GIVING_BACK)
    return sum(entry.amount for entry in spent(of)) - gone


def spent(of: Transfer) -> list[Entry]:
    """The entries of a burn or post that took points of lots, in the order in which they were used."""
    to = f"redeemed:{of.partner}"
    return [each for each in of.entries if each.unit == POINTS and each.credit == to and is_members(each.debit)]


def _of_burn(draft: Draft, of: Transfer, points: int | None, now: int) -> dict[str, Any]:
    books = draft.books
    left = points_left(books, of)
    points = left if points is None else points
    if points > left or (points == 0 and draft.transfer.kind == "refund"):
        raise Refused("exceeds-sale", most_points=left)
    used = spent(of)
    before, given = sum(entry.amount for entry in used) - left, points
    for entry in reversed(used):
        skipped = min(before, entry.amount)
        before -= skipped
        some = min(points, entry.amount - skipped)
        points -= some
        if some:
            back = _lot_for(draft, of, books.lots[lot_of(entry.debit)], now)
            follows = draft.move(POINTS, entry.credit, back.account, some)
            for money in of.entries:
                if money.unit == MONEY and money.follows == entry.n:
                    draft.move(MONEY, money.credit, money.debit, money.amount // entry.amount * some, follows)
    draft.settle_debts(of.member)
    return {"points": given}


def _lot_for(draft: Draft, of: Transfer, lot: Lot, now: int) -> Lot:
    """The very lot that was used; a new one where it has ended, or where its owner has been paid for it since."""
    books = draft.books
    owner = lot.member if lot.member in books.family(of.member, of.position) else of.member
    ended = lot.expires_at is not None and lot.expires_at <= now
    if owner == lot.member and not ended:
        return lot
    until = books.rules.grace(now) if ended else lot.expires_at
    return draft.new_lot(owner, lot.issuer, lot.payer, lot.price, None, until, lot.earned_at)
