"""What customers agreed to, and what they took back.

A consent is alive while it has not expired and names, in ``lifts``, every revocation of its customer and purpose: no
clock and no order of arrival brings back what was taken back. Of several that do the newest counts. ``ended_at`` and
``ended_by`` in the table only say what follows from that.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.events.times import iso, new_id
from gateway.records import once
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Tx

PURPOSES = ("recognise_tag", "recognise_phone", "keep_preferences", "share_partners")


@dataclass(slots=True)
class Consent:
    """What a customer agreed to, how, to which text and before whom; ``id`` is that of the event that says so.

    Times in seconds since 1970 UTC, ``expires`` None where it does not; ``lifts`` are the revocations that it names.
    """

    customer: str
    purpose: str
    method: str
    document: str | None
    granted_at: float
    expires: float | None
    ended_at: float | None = None
    text_version: str | None = None
    witness: str | None = None
    id: str = ""
    lifts: tuple[str, ...] = ()


class Grant(NamedTuple):
    """A consent as far as it matters for whether it is alive."""

    id: str
    granted_at: float
    lifts: frozenset[str]


Ended = tuple[float | None, str | None]
"""When a consent ended and why; both None while it counts."""
NOWHERE_YET: Ended = None, "renewed"
"""Of a consent that has no row yet."""


def ended(grants: Iterable[Grant], stops: Mapping[str, float]) -> dict[str, Ended]:
    """How each of these grants of one purpose stands against its revocations (id → when); pure, in any order."""
    in_order = sorted(grants, key=lambda one: (one.granted_at, one.id))
    good = {one.id for one in in_order if stops.keys() <= one.lifts}
    found: dict[str, Ended] = {}
    for number, one in enumerate(in_order):
        later = [other.granted_at for other in in_order[number + 1 :] if one.id not in good or other.id in good]
        unnamed = [at for stop, at in stops.items() if stop not in one.lifts]
        revoked = max(one.granted_at, min(unnamed)) if unnamed else None
        if revoked is not None and not (later and later[0] <= revoked):
            found[one.id] = revoked, "revoked"
        else:
            found[one.id] = (later[0], "renewed") if later else (None, None)
    return found


def grant_consent(
    tx: Tx,
    customer: str,
    purpose: str,
    *,
    id: str | None = None,  # noqa: A002
    lifts: Collection[str] = (),
    method: str = "",
    document: str | None = None,
    text_version: str | None = None,
    witness: str | None = None,
    expires: float | None = None,
    at: float,
) -> Consent:
    """Records a consent given at ``at``; raises Conflict where its id is that of another."""
    if purpose not in PURPOSES:
        raise ValueError(f"unknown purpose {purpose!r}: one of {', '.join(PURPOSES)}")
    id_ = id or new_id(at)
    given = Consent(
        customer, purpose, method, document, at, expires, None, text_version, witness, id_, tuple(sorted(lifts))
    )
    grants, stops = _known(tx.db, customer, purpose)
    if id_ in grants:
        there = _get(tx.db, id_)
        if there is not None and as_data(there) != as_data(given):
            raise Conflict(as_data(there))
        return there or given
    grants[id_] = Grant(id_, at, frozenset(lifts)), NOWHERE_YET
    given.ended_at, by = _settle(tx, grants, stops)[id_]
    row = (id_, customer, purpose, at, expires, json.dumps(given.lifts), given.ended_at, by, _sealed(tx, given))
    try:
        tx.db.conn.execute("INSERT INTO consents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    except sqlite3.IntegrityError:
        if (there := _get(tx.db, id_)) is None:
            raise
        raise Conflict(as_data(there)) from None
    return given


def revoke_consent(tx: Tx, customer: str, purpose: str, at: float, *, id: str | None = None) -> bool:  # noqa: A002
    """Records that the customer took back what they agreed to so far; False when nothing was alive.

    Raises Conflict where the id is that of another revocation.
    """
    id_ = id or new_id(at)
    grants, stops = _known(tx.db, customer, purpose)
    alive = any(since is None for _, (since, _) in grants.values())
    if id_ not in stops:
        row = {"id": id_, "customer": customer, "purpose": purpose, "at": at}
        once.insert(tx, "revocations", row, same=("customer", "purpose"))
        stops[id_] = at
    _settle(tx, grants, stops)
    return alive


def revocations_of(reader: SealedDatabase, customer: str, purpose: str) -> list[str]:
    """The ids of the revocations that a new consent must name to be alive, oldest first."""
    sql = "SELECT id FROM revocations WHERE customer = ? AND purpose = ? ORDER BY at, id"
    return [row[0] for row in reader.conn.execute(sql, (customer, purpose))]


def last_revoked(reader: SealedDatabase, customer: str, purpose: str) -> float | None:
    """When the customer last took the consent back; None: never."""
    sql = "SELECT max(at) FROM revocations WHERE customer = ? AND purpose = ?"
    row = reader.conn.execute(sql, (customer, purpose)).fetchone()
    return row[0] if row else None


def withdrawn_from(reader: SealedDatabase, customer: str, purpose: str) -> float:
    """From when the customer does not agree to this any more, having agreed to it once or taken it back.

    In seconds since 1970 UTC: infinity where they agree for good or were never asked, minus infinity where it is over.
    """
    given, until = reader.conn.execute(
        "SELECT count(*), max(ifnull(expires, 9e999)) FILTER (WHERE ended_at IS NULL) FROM consents"
        " WHERE customer = ? AND purpose = ?",
        (customer, purpose),
    ).fetchone()
    if until is not None:
        return float(until)
    return float("-inf") if given or last_revoked(reader, customer, purpose) is not None else float("inf")


def withdrew(reader: SealedDatabase, customer: str, purpose: str, now: float) -> bool:
    """Whether the customer agreed to this once, or took it back, and does not agree at ``now``."""
    return now >= withdrawn_from(reader, customer, purpose)


def consents_of(reader: SealedDatabase, customer: str, now: float | None = None) -> list[Consent]:
    """The consents that count, by purpose; with ``now``, those that have not expired."""
    where = "customer = ? AND ended_at IS NULL AND (? IS NULL OR expires IS NULL OR expires > ?) ORDER BY purpose"
    return _select(reader, where, customer, now, now)


def as_data(consent: Consent) -> dict[str, Any]:
    """A consent as its event holds it, and its id."""
    one = consent
    facts: dict[str, Any] = {"id": one.id, "customer": one.customer, "purpose": one.purpose, "method": one.method}
    facts |= {"document": one.document, "text_version": one.text_version, "witness": one.witness}
    return facts | {"expires": None if one.expires is None else iso(one.expires), "lifts": sorted(one.lifts)}


def _known(db: SealedDatabase, customer: str, purpose: str) -> tuple[dict[str, tuple[Grant, Ended]], dict[str, float]]:
    grants = db.conn.execute(
        "SELECT id, granted_at, lifts, ended_at, ended_by FROM consents WHERE customer = ? AND purpose = ?",
        (customer, purpose),
    ).fetchall()
    stops = db.conn.execute(
        "SELECT id, at FROM revocations WHERE customer = ? AND purpose = ?", (customer, purpose)
    ).fetchall()
    known = {id_: (Grant(id_, at, frozenset(json.loads(lifts))), (end, by)) for id_, at, lifts, end, by in grants}
    return known, dict(stops)


def _settle(tx: Tx, grants: Mapping[str, tuple[Grant, Ended]], stops: Mapping[str, float]) -> Mapping[str, Ended]:
    """Writes down which consent counts; what ends comes first, since of each purpose one counts at most."""
    stands = ended((one for one, _ in grants.values()), stops)
    before = {id_: end for id_, (_, end) in grants.items() if end is not NOWHERE_YET}
    changed = [(*end, id_) for id_, end in stands.items() if end != before.get(id_, end)]
    for row in sorted(changed, key=lambda row: row[0] is None):
        tx.db.conn.execute("UPDATE consents SET ended_at = ?, ended_by = ? WHERE id = ?", row)
    return stands


def _sealed(tx: Tx, consent: Consent) -> bytes:
    facts = {key: getattr(consent, key) for key in ("method", "document", "text_version", "witness")}
    return tx.keyring.seal(consent.customer, facts, place=f"consents/{consent.id}")


def _get(reader: SealedDatabase, consent: str) -> Consent | None:
    return next(iter(_select(reader, "id = ?", consent)), None)


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Consent]:
    rows = reader.conn.execute(
        f"SELECT id, customer, purpose, granted_at, expires, lifts, ended_at, sealed FROM consents WHERE {where}",  # noqa: S608
        values,
    ).fetchall()
    return [
        Consent(
            customer=customer,
            purpose=purpose,
            granted_at=granted_at,
            expires=expires,
            ended_at=ended_at,
            id=id_,
            lifts=tuple(json.loads(lifts)),
            **reader.keyring.open(customer, sealed, place=f"consents/{id_}"),
        )
        for id_, customer, purpose, granted_at, expires, lifts, ended_at, sealed in rows
    ]
