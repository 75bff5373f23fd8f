"""What a person agreed to of whom there are several records: what was taken back in one is taken back in all.

Of each purpose a consent counts that names every stop in any of the records. Of those given before the records
were merged each record's own newest is looked at, and the one that ends first holds; what had ended by then is none. A
consent given since is the person's own word, and holds alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gateway.consent import ledger
from gateway.records import consents
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Consent, Cut, never


def agreed(
    reader: SealedDatabase, records: Sequence[str], merged_at: float, now: float | None = None, cut: Cut = never
) -> list[Consent]:
    """The consents that count, by purpose; with ``now``, those that have not expired. ``records[0]`` is kept."""
    if len(records) == 1:
        return consents.consents_of(reader, records[0], now, cut)
    found = []
    for key in _asked(reader, records):
        counts = _counts(reader, records, key, merged_at, cut)
        if counts is not None and (now is None or counts.until > now):
            found.append(counts)
    return found


def ever_stopped(reader: SealedDatabase, record: str, purposes: Collection[str]) -> bool:
    """Whether somebody has ever stopped one of these: a look at an index, of whom nothing is opened."""
    marks, stops = ", ".join("?" * len(purposes)), ", ".join(f"'{each}'" for each in sorted(ledger.STOPS))
    sql = f"SELECT 1 FROM consents WHERE customer = ? AND purpose IN ({marks}) AND act IN ({stops}) LIMIT 1"  # noqa: S608
    return reader.conn.execute(sql, (record, *purposes)).fetchone() is not None


def revocations(
    reader: SealedDatabase, records: Sequence[str], purpose: str, brand: str = "", partner: str = ""
) -> list[str]:
    """The ids of the stops that a new consent must name to be alive."""
    return [stop for record in records for stop in consents.revocations_of(reader, record, purpose, brand, partner)]


def withdrew(
    reader: SealedDatabase, records: Sequence[str], merged_at: float, purpose: str, now: float, cut: Cut = never
) -> bool:
    """Whether the person answered once, and does not agree at ``now``; see ``consents.withdrew``."""
    asked = any(consents.answered(reader, each, purpose) for each in records)
    return asked and now >= agreed_until(reader, records, merged_at, purpose, cut)


def agreed_until(
    reader: SealedDatabase, records: Sequence[str], merged_at: float, purpose: str, cut: Cut = never
) -> float:
    """Until when the person agrees to this; as ``consents.agreed_until`` says it of one record."""
    if len(records) == 1:
        return consents.agreed_until(reader, records[0], purpose, cut)
    counts = (one for one in agreed(reader, records, merged_at, None, cut) if one.purpose == purpose)
    return max((one.until for one in counts), default=float("-inf"))


Key = tuple[str, str, str]


def _asked(reader: SealedDatabase, records: Sequence[str]) -> list[Key]:
    """What the person ever agreed to, by any record: purpose, brand and partner."""
    entries = (one for record in records for one in consents.entries_of(reader, record))
    return sorted({(one.purpose, one.brand, one.partner) for one in entries if one.gives})


def _counts(reader: SealedDatabase, records: Sequence[str], key: Key, merged_at: float, cut: Cut) -> Consent | None:
    purpose, brand, partner = key
    every = [one for record in records for one in consents.entries_of(reader, record, purpose)]
    stops = {stop.id for stop in ledger.stops_of(every, purpose, brand, partner)}
    good = [
        [one for one in consents.given(reader, record, purpose, cut) if _is(one, key) and stops <= set(one.lifts)]
        for record in records
    ]
    longest = [max(each, key=_order) for each in good if each]
    since = [one for each in good for one in each if one.granted_at >= merged_at]
    if since:
        found = max(since, key=_order)
    else:
        before = [each for each in longest if each.until > merged_at]
        if not before:
            return None
        found = min(before, key=lambda each: (each.until, each.id))
    return replace(found, customer=records[0])


def _is(consent: Consent, key: Key) -> bool:
    return (consent.purpose, consent.brand, consent.partner) == key


def _order(consent: Consent) -> tuple[float, float, str]:
    return consent.until, consent.granted_at, consent.id
