"""Customers without any consent that is alive, found without holding everybody in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import inf
from operator import itemgetter

from gateway.consent.ledger import GIVING, Entry
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Cut, never

_ALIVE = "stopped_at IS NULL AND act IN ('given', 'renewed')"
_ACTS = """
SELECT c.id, c.changed_at, s.purpose, s.act, s.at, s.stopped_at, s.until, s.brand, s.notice
  FROM customers c LEFT JOIN consents s ON s.customer = c.id
"""
# What no new text has cut is alive by the rows alone, and most customers need not be looked at.
_SUSPECTS = f"""{_ACTS}
 WHERE NOT EXISTS (
   SELECT 1 FROM consents a WHERE a.customer = c.id AND a.{_ALIVE} AND (a.until IS NULL OR a.until > :now)
 ) ORDER BY c.rowid
"""  # noqa: S608 - constants of this module
_EVERYBODY = f"{_ACTS} ORDER BY c.rowid"
_KINDS = f"SELECT purpose, brand, notice, min(at) FROM consents WHERE {_ALIVE} GROUP BY purpose, brand, notice"  # noqa: S608


def without(reader: SealedDatabase, now: float, cut: Cut = never) -> Iterator[tuple[str, float]]:
    """Every customer without any consent that is alive at ``now``, and since when they have none.

    Of who never gave one that is since they first answered, and of who was never asked since their record changed last.
    """
    rows = reader.conn.execute(_EVERYBODY if _any_is_cut(reader, cut) else _SUSPECTS, {"now": now})
    for (customer, changed_at), acts in groupby(rows, itemgetter(0, 1)):
        ended, refused = -inf, inf
        for _, _, purpose, act, at, stopped_at, until, brand, notice in acts:
            if act in GIVING:
                end = inf if until is None else until
                end = min(end, cut(Entry("", purpose, act, at, end, brand=brand, notice=notice)))
                end = end if stopped_at is None else min(end, stopped_at)
                ended = max(ended, inf if stopped_at is None and now < end else end)
            elif act is not None:
                refused = min(refused, at)
        since = ended if ended > -inf else refused if refused < inf else changed_at
        if since != inf:
            yield customer, min(since, now)


def _any_is_cut(reader: SealedDatabase, cut: Cut) -> bool:
    """Whether a new text ends any consent: of each kind the oldest is ended first."""
    return cut is not never and any(
        cut(Entry("", purpose, "given", at, brand=brand, notice=notice)) < inf
        for purpose, brand, notice, at in reader.conn.execute(_KINDS)
    )
