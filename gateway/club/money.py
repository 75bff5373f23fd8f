"""What partners pay: blocks of points before they are given, shared costs, payments, what is written off."""

from __future__ import annotations

from typing import Any

from gateway.club import rules
from gateway.club.books import MONEY, POINTS, Block, Draft, Lot
from gateway.club.problems import Refused
from gateway.club.requests import DIRECTIONS, Request

CENT = 1000
"""Thousandths of a cent in one."""


def block(draft: Draft, request: Request) -> dict[str, Any]:
    """Points that a partner pays before it gives them; whole cents or refused."""
    made, books = draft.transfer, draft.books
    partner = books.rules.partners.get(made.partner)
    if partner is None:
        raise Refused("no-such-rule")
    said, points = request.count("price_mc"), request.count("points") or 0
    price = partner.charge_mc if said is None else said
    if points * price % CENT:
        raise Refused("not-whole-cents")
    account = f"block:{made.id}"
    draft.move(POINTS, f"blocks:{partner.id}", account, points)
    draft.move(MONEY, "bank", f"pool:{partner.id}", points * price)
    books.blocks[partner.id].append(Block(account, price, made.position))
    return {"points": points, "price_mc": price, "amount_cents": points * price // CENT}


def cost(draft: Draft, request: Request) -> dict[str, Any]:
    """A cost that one partner paid for several, shared."""
    made, asked = draft.transfer, draft.books.rules
    parts = asked.splits.get(request.word("split"))
    if parts is None or made.partner not in asked.partners:
        raise Refused("no-such-rule")
    cents = request.count("amount_cents") or 0
    found = rules.shares(cents, parts)
    for each, part in found.items():
        draft.move(MONEY, f"clearing:{each}", f"clearing:{made.partner}", part * CENT)
    return {"amount_cents": cents, "parts_cents": found}


def pay(draft: Draft, request: Request) -> dict[str, Any]:
    """Money that really moved, to the club (``in``) or from it (``out``)."""
    made = draft.transfer
    if made.partner not in draft.books.rules.partners:
        raise Refused("no-such-rule")
    cents = request.count("amount_cents") or 0
    due, bank = f"due:{made.partner}", "bank"
    debit, credit = (bank, due) if DIRECTIONS[request.word("direction")] == "in" else (due, bank)
    draft.move(MONEY, debit, credit, cents * CENT)
    return {"amount_cents": cents}


def write_off(draft: Draft, request: Request) -> dict[str, Any]:
    """What a member owes and will not give back; at most that."""
    made, points = draft.transfer, request.count("points") or 0
    debts = [
        (account, owed)
        for account, creditor, owed in draft.books.debts([made.member])
        if made.partner in ("", creditor)
    ]
    owed = sum(each for _, each in debts)
    if points > owed:
        raise Refused("exceeds-owed", owed=owed)
    left = points
    for account, each in debts:
        draft.move(POINTS, "written_off", account, min(left, each))
        left -= min(left, each)
    return {"points": points}


def breakage(draft: Draft, lot: Lot, points: int, follows: int) -> None:
    """The money of points that ended unspent."""
    amount, prepaid = points * lot.price, lot.payer.startswith("pool:")
    if draft.books.rules.club.breakage == "club":
        draft.move(MONEY, lot.payer, "fund", amount, follows)
    elif prepaid:
        draft.move(MONEY, lot.payer, f"clearing:{lot.issuer}", amount, follows)
