"""Who agrees to a purpose, of everybody at once; nothing that is sealed is opened."""

from __future__ import annotations

from collections.abc import Collection
from math import inf

from gateway.consent.ledger import Entry
from gateway.records import consents, merges
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Cut, never


def persons(reader: SealedDatabase) -> dict[str, str]:
    """Of every record that is part of another the one that is kept, however often it was merged."""
    into = {one.other: one.kept for one in merges.live(reader)}
    found: dict[str, str] = {}
    for other, kept in into.items():
        while kept in into:
            kept = into[kept]
        found[other] = kept
    return found


def agreeing(reader: SealedDatabase, purpose: str, now: float, cut: Cut = never) -> set[str]:
    """The persons who agree to this at ``now``: in one of their records, and have ended it in none."""
    alive: set[str] = set()
    rows = reader.conn.execute(
        "SELECT customer, at, until, brand, notice FROM consents WHERE purpose = ? AND stopped_at IS NULL"
        " AND act IN ('given', 'renewed') AND (until IS NULL OR until > ?)",
        (purpose, now),
    )
    for customer, at, until, brand, notice in rows.fetchall():
        end = inf if until is None else until
        if cut is not never:
            end = min(end, cut(Entry("", purpose, "given", at, end, brand=brand, notice=notice)))
        if now < end:
            alive.add(customer)
    return _of_persons(reader, purpose, alive, now, cut)


def _of_persons(reader: SealedDatabase, purpose: str, alive: Collection[str], now: float, cut: Cut) -> set[str]:
    """Of those of whom there are several records, who has ended it in none of them."""
    part_of = persons(reader)
    if not part_of:
        return set(alive)
    several: dict[str, list[str]] = {}
    for other, kept in part_of.items():
        several.setdefault(kept, [kept]).append(other)
    found = {part_of.get(each, each) for each in alive}
    ended = {
        kept
        for kept, every in several.items()
        if kept in found and any(consents.withdrew(reader, each, purpose, now, cut) for each in every)
    }
    return found - ended
