"""Which records are of one person by the word of head office or another venue, brought into the table of merges.

What was merged or told apart here stands there by events of our own; what others say names each merge by its id, and
an undoing of it holds in whatever order the two are heard.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from gateway.records import fold, lent, merges
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict
from gateway.records.fold import Told
from gateway.records.writer import Tx

MERGED, UNMERGED = "customer.merged", "customer.unmerged"


class Settled(NamedTuple):
    """What changed: all of ``other`` counts for ``kept``, or is ``undone``."""

    id: str
    kept: str
    other: str
    undone: bool


def settle(tx: Tx, venue: str, source: SealedDatabase | None = None) -> list[Settled]:
    """Brings the table in line with what others said; what of it changed. Again is nothing, and changes nothing."""
    found: list[Settled] = []
    source = source or tx.db
    for customer in lent.merging(source):
        rows = sorted(lent.merge_rows(source, customer), key=lambda row: row.order)
        ours = [row for row in lent.own_rows(source, customer) if row.type == UNMERGED]
        undone: dict[str, float] = {}
        for row in (*rows, *ours):
            if row.type == UNMERGED:
                undone[_merge(row)] = min(row.at, undone.get(_merge(row), row.at))
        said = {id_: row for row in rows if row.type == MERGED and (id_ := _merge(row))}
        for id_ in dict.fromkeys((*said, *undone)):
            before = merges.get(tx.db, id_)
            if id_ in said:
                _merge_by(tx, id_, said[id_], venue)
            there = merges.get(tx.db, id_)
            if there is not None and id_ in undone:
                merges.undo(tx, id_, undone[id_])
            after = merges.get(tx.db, id_)
            if (before is None) != (after is None):
                one = before or after
                found += [Settled(id_, one.kept, one.other, after is None)] if one is not None else []
    return found


def _merge_by(tx: Tx, id_: str, row: Told, venue: str) -> None:
    other = _here(fold.called(str(row.data.get("other") or ""), row.origin), venue)
    with suppress(Conflict):  # by another merge they are of one person already, or of another: that one stands
        merges.merge(tx, id_, row.subject, other, row.at)


def _merge(row: Told) -> str:
    found = row.data.get("merge") or (row.id if row.type == MERGED else "")
    return found if isinstance(found, str) and len(found) <= 200 else ""


def _here(customer: str, venue: str) -> str:
    """How this venue calls whom the house calls so."""
    called, _, home = customer.rpartition("@")
    return called if home == venue else customer
