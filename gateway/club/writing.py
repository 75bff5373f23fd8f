"""Booked transfers into the tables: gapless positions, the chain of hashes, and what is sealed with the commit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from gateway.club.books import POINTS, Books, Entry, Pending, Transfer
from gateway.hub.database import Tx, among

BEGINNING = bytes(32)
"""The hash before the first transfer."""
TRANSFERS = (
    "position", "id", "kind", "member", "partner", "venue", "sale", "of", "closes", "at", "booked_at", "by", "rule",
    "body", "answer", "hash",
)  # fmt: skip
ENTRIES = ("position", "n", "unit", "debit", "credit", "amount", "follows")
LOTS = ("account", "member", "issuer", "payer", "price", "block", "earned_at", "expires_at", "position", "n")


_encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def text_of(value: object) -> str:
    """Canonical JSON of what is our own: names of members are plain, numbers whole."""
    return _encoded(value)


def chained(before: bytes, body: str, entries: Iterable[Entry]) -> bytes:
    """The hash of a transfer behind another's."""
    return sha256(before + body.encode() + text_of([each.wire() for each in entries]).encode()).digest()


def side_of(account: str) -> str:
    """On which side of nothing an account stays."""
    kind = account.partition(":")[0]
    return "credit" if kind in ("lot", "reserved", "block", "pool") else "debit" if kind == "owed" else "both"


async def write(tx: Tx, club: str, booked: Sequence[Transfer], hash_: bytes, books: Books) -> bytes:
    """Writes transfers behind the one with this hash, accounts first and the seal last; the new hash."""
    await _accounts(tx, booked)
    rows = []
    for each in booked:
        hash_ = chained(hash_, each.body, each.entries)
        rows.append(
            (each.position, each.id, each.kind, each.member or None, each.partner or None, each.venue or None,
             each.sale or None, each.of or None, each.closes, each.at, each.booked_at, each.by or None,
             None if each.rule is None else text_of(each.rule), each.body, text_of(each.answer), hash_)
        )  # fmt: skip
    await tx.copy("transfers", TRANSFERS, rows)
    if lots := [tuple(lot) for each in booked for lot in each.lots]:
        await tx.copy("lots", LOTS, lots)
    if entries := [(each.position, *entry) for each in booked for entry in each.entries]:
        await tx.copy("entries", ENTRIES, entries)
    await _beside(tx, booked, books)
    last = booked[-1].position
    await tx.run("UPDATE heads SET position = ?, sealed = ?, hash = ? WHERE club = ?", last, last, hash_, club)
    return hash_


async def _accounts(tx: Tx, booked: Sequence[Transfer]) -> None:
    new = [lot.account for each in booked for lot in each.lots]
    units: dict[str, str] = {}
    for each in booked:
        for entry in each.entries:
            units[entry.debit] = units[entry.credit] = entry.unit
    rows = [(account, POINTS, "credit", 0) for account in new]
    asked = sorted(set(units) - set(new))
    there = {id_ for (id_,) in await among(tx, "SELECT id FROM accounts WHERE id", asked)}
    rows += [(account, units[account], side_of(account), 0) for account in asked if account not in there]
    if rows:
        await tx.copy("accounts", ("id", "unit", "side", "balance"), rows)


async def _beside(tx: Tx, booked: Sequence[Transfer], books: Books) -> None:
    """What is no posted row: members, who is joined with whom, and what waits to be resolved."""
    first: dict[str, tuple[Any, ...]] = {}
    for each in booked:
        if each.member:
            first.setdefault(each.member, (each.member, each.partner or None, None, each.booked_at, None))
    there = {id_ for (id_,) in await among(tx, "SELECT member FROM members WHERE member", first)}
    if new := [row for member, row in first.items() if member not in there]:
        await tx.copy("members", ("member", "partner", "customer", "joined", "left"), new)
    for each in booked:
        if each.kind == "reserve":
            pending = books.pending.get(each.id) or Pending(each.id, each.member, None)
            await tx.run("INSERT INTO pending VALUES (?, ?, ?)", *pending)
        if each.closes is not None:
            await tx.run("DELETE FROM pending WHERE id = ?", each.closes)
        if each.kind == "merge":
            other = each.answer["with"]
            await tx.run(
                'INSERT INTO joined_as (member, "with", "from") VALUES (?, ?, ?)', each.member, other, each.position
            )
        if each.kind == "unmerge":
            pair = (each.member, each.answer["with"])
            sql = """
            UPDATE joined_as SET until = ? WHERE until IS NULL
            AND ((member = ? AND "with" = ?) OR (member = ? AND "with" = ?))
            """
            await tx.run(sql, each.position, *pair, *reversed(pair))
