"""What of the ledger a batch of requests needs, read in a few statements for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from gateway.club.books import Block, Books, Entry, Join, Lot, Pending, Transfer, lot_of
from gateway.club.requests import Request
from gateway.club.rules import Rules
from gateway.hub.database import Tx, among

TRANSFER = 'position, id, kind, member, partner, venue, sale, "of", closes, "at", booked_at, "by", rule, body, answer'
LOT = "l.account, l.member, l.issuer, l.payer, l.price, l.block, l.earned_at, l.expires_at, l.position, l.n"
FEW = 200
"""Debtors that are read at once, whoever is asked for."""
GIVES = frozenset({"earn", "grant", "refund", "withdraw"})
"""Kinds that may take points of a block, or give some back to it."""


async def load(tx: Tx, rules: Rules, requests: Sequence[Request], position: int, members: Iterable[str] = ()) -> Books:
    """The books as far as these requests and members are concerned."""
    books = Books(rules, position)
    await _transfers(tx, books, requests)
    wanted = {*members, *(each.word(name) for each in requests for name in ("member", "with"))}
    wanted |= {each.member for each in books.transfers.values()}
    family = await _families(tx, books, wanted - {""})
    await _pending(tx, books, family)
    await _entries(tx, books, [each for each in books.transfers.values() if not each.entries])
    await _lots(tx, books, family)
    await _debts(tx, books, family)
    await _blocks(tx, books, requests)
    if any(each.kind == "unmerge" for each in requests):
        await _crossing(tx, books, requests)
    found = await among(tx, 'SELECT member FROM members WHERE "left" IS NOT NULL AND member', family)
    books.left = {member for (member,) in found}
    return books


def transfer_of(row: tuple[Any, ...]) -> Transfer:
    """A transfer of its row, without its entries."""
    position, id_, kind, member, partner, venue, sale, of, closes, at, booked, by, rule, body, answer = row
    return Transfer(
        id_, position, kind, member or "", partner or "", venue or "", sale or "", of or "", closes, at, booked,
        by or "", json.loads(rule) if rule else None, body, json.loads(answer),
    )  # fmt: skip


async def _transfers(tx: Tx, books: Books, requests: Sequence[Request]) -> None:
    ids = {each.id for each in requests} | {each.word("of") for each in requests} - {""}
    await _known(tx, books, ids)
    sales: dict[str, set[str]] = {}
    for each in requests:
        if each.kind == "earn" and each.word("sale"):
            sales.setdefault(each.word("partner"), set()).add(each.word("sale"))
    for partner, some in sales.items():
        sql = "SELECT id, sale FROM transfers WHERE kind = 'earn' AND partner = ? AND sale"
        for id_, sale in await among(tx, sql, some, partner):
            books.sales[partner, sale] = id_


async def _known(tx: Tx, books: Books, ids: Iterable[str]) -> None:
    """Transfers by their ids, and what refers to them."""
    wanted = set(ids)
    for key in ("id", '"of"'):
        for row in await among(tx, f"SELECT {TRANSFER} FROM transfers WHERE {key}", wanted):  # noqa: S608
            books.add_transfer(transfer_of(row))


async def _families(tx: Tx, books: Books, members: set[str]) -> set[str]:
    found, ask = set(members), set(members)
    joins: set[Join] = set()
    while ask:
        rows: list[tuple[Any, ...]] = []
        for key in ("member", '"with"'):
            sql = f'SELECT member, "with", "from", until FROM joined_as WHERE until IS NULL AND {key}'  # noqa: S608
            rows += await among(tx, sql, ask)
        joins |= {Join(*row) for row in rows}
        ask = {name for row in rows for name in row[:2]} - found
        found |= ask
    books.joins = sorted(joins, key=lambda join: join.begins)
    return found


async def _pending(tx: Tx, books: Books, members: set[str]) -> None:
    for row in await among(tx, "SELECT id, member, expires_at FROM pending WHERE member", members):
        books.pending[row[0]] = Pending(*row)
    await _known(tx, books, set(books.pending) - set(books.transfers))


async def _entries(tx: Tx, books: Books, transfers: Iterable[Transfer]) -> None:
    at = {each.position: each for each in transfers}
    sql = "SELECT position, n, unit, debit, credit, amount, follows FROM entries WHERE position"
    for position, *rest in sorted(await among(tx, sql, list(at))):
        at[position].entries.append(Entry(*rest))


async def _lots(tx: Tx, books: Books, members: set[str]) -> None:
    sql = f"SELECT {LOT}, a.balance FROM lots l JOIN accounts a ON a.id = l.account"  # noqa: S608 - names of ours
    rows = await among(tx, f"{sql} WHERE a.balance > 0 AND l.member", members)
    rows += await among(tx, f"{sql} WHERE l.position", [each.position for each in books.transfers.values()])
    for row in rows:
        books.add_lot(Lot(*row[:-1]), row[-1])
    await _named(tx, books)


async def _named(tx: Tx, books: Books) -> None:
    """The lots that entries of loaded transfers name, whoever's they are, and what is reserved of them."""
    sql = f"SELECT {LOT}, a.balance FROM lots l JOIN accounts a ON a.id = l.account"  # noqa: S608 - names of ours
    entries = [entry for each in books.transfers.values() for entry in each.entries]
    named = {account for entry in entries for account in (entry.debit, entry.credit)}
    held = {each for each in named if each.startswith("reserved:")}
    others = {lot_of(each) for each in held} | {each for each in named if each.startswith("lot:")}
    for row in await among(tx, f"{sql} WHERE l.account", others - set(books.lots)):
        books.add_lot(Lot(*row[:-1]), row[-1])
    for account, balance in await among(tx, "SELECT id, balance FROM accounts WHERE id", held):
        books.open[account] = balance


async def _debts(tx: Tx, books: Books, members: set[str]) -> None:
    sql = "SELECT id, balance FROM accounts WHERE side = 'debit' AND balance < 0"
    rows = await tx.all(f"{sql} LIMIT {FEW + 1}")
    if len(rows) > FEW:
        ids = [f"owed:{member}:{creditor}" for member in members for creditor in books.rules.creditors]
        rows = await among(tx, f"{sql} AND id", ids)
    for account, balance in rows:
        books.open[account] = balance
        books.debtors.add(account.split(":")[1])


async def _blocks(tx: Tx, books: Books, requests: Sequence[Request]) -> None:
    if not any(each.kind in GIVES for each in requests):
        return
    partners = {each.word("partner") for each in requests} | {each.partner for each in books.transfers.values()}
    sql = "SELECT partner, id, position, answer FROM transfers WHERE kind = 'block' AND partner"
    prepaid = {id_ for id_, each in books.rules.partners.items() if each.billing == "prepaid"}
    for partner, id_, position, answer in await among(tx, sql, partners & prepaid):
        books.blocks[partner].append(Block(f"block:{id_}", json.loads(answer)["price_mc"], position))
    ids = [each.account for some in books.blocks.values() for each in some]
    for account, balance in await among(tx, "SELECT id, balance FROM accounts WHERE id", ids):
        books.open[account] = balance


async def _crossing(tx: Tx, books: Books, requests: Sequence[Request]) -> None:
    """All that moved points of the lots of families that are to be parted."""
    members = {
        other for each in requests if each.kind == "unmerge" for other in books.family(each.word("member"))
    }  # fmt: skip
    sql = f"SELECT {LOT}, a.balance FROM lots l JOIN accounts a ON a.id = l.account WHERE l.member"  # noqa: S608
    for row in await among(tx, sql, members):
        books.add_lot(Lot(*row[:-1]), row[-1])
    positions: set[int] = set()
    for member in members:
        rows = await tx.all("SELECT position FROM transfers WHERE member = ?", member)
        positions |= {position for (position,) in rows}
    rows = await among(tx, f"SELECT {TRANSFER} FROM transfers WHERE position", positions)  # noqa: S608
    known = [transfer_of(row) for row in rows]
    for each in known:
        books.add_transfer(each)
    await _known(tx, books, [each.id for each in known])
    books.crossing = sorted((books.transfers[each.id] for each in known), key=lambda each: each.position)
    await _entries(tx, books, [each for each in books.transfers.values() if not each.entries])
    await _named(tx, books)
