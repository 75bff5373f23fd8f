"""The ledger of consent on the disk: every act of a customer, and how each consent stands by all of them.

What is alive is the rule of ``gateway.consent.ledger``. ``stopped_at`` and ``until`` in the table only say what follows
from the other rows, so that a start need not work it out for everybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from gateway.consent import ledger
from gateway.consent.ledger import GIVING, STOPS, Entry
from gateway.consent.purposes import ALWAYS, RECOGNISE
from gateway.events.times import iso, new_id
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Altered, Conflict, Erased
from gateway.records.schema_consent import BEFORE_9
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Tx

PURPOSES = ALWAYS
Cut = Callable[[Entry], float]
"""When something else ends a consent, such as a new text; in seconds since 1970 UTC."""
OLD_FACTS = ("method", "document", "text_version", "witness")
FACTS = (*OLD_FACTS, "by", "data", "notice", "guardian", "signature", "receipt")
COLUMNS = "id, customer, purpose, brand, partner, act, at, expires, lifts, notice, old, stopped_at, until, sealed"


def never(_: Entry) -> float:
    """The cut of who knows of none."""
    return inf


@dataclass(slots=True)
class Consent:
    """One act of the ledger: what a customer said to what, how, to which text and before whom.

    Times in seconds since 1970 UTC; ``expires`` is None where it does not. ``lifts`` are the stops that it names. How
    it stands: ``stopped_at`` is None while nothing stopped it, ``until`` infinity where it has no end.
    """

    customer: str
    purpose: str
    method: str
    document: str | None
    granted_at: float
    expires: float | None
    stopped_at: float | None = None
    text_version: str | None = None
    witness: str | None = None
    id: str = ""
    lifts: tuple[str, ...] = ()
    brand: str = ""
    partner: str = ""
    act: str = "given"
    by: str = "customer"
    data: tuple[str, ...] = ()
    notice: Mapping[str, Any] | None = None
    guardian: Mapping[str, Any] | None = None
    signature: str | None = None
    receipt: str | None = None
    old: bool = False
    until: float = field(default=inf)

    @property
    def entry(self) -> Entry:
        """It as far as it matters for what is alive."""
        return Entry(
            self.id,
            self.purpose,
            self.act,
            self.granted_at,
            inf if self.expires is None else self.expires,
            frozenset(self.lifts),
            self.brand,
            self.partner,
            f"{self.notice['id']}/{self.notice['version']}" if self.notice else None,
            self.old,
        )


# --- what changes ----------------------------------------------------------------------------------------------------


def write(tx: Tx, act: Consent) -> Consent:
    """Adds an act to the ledger; the same again changes nothing. Raises Conflict where its id is that of another."""
    one = act.entry
    sql = f"INSERT INTO consents ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - ours
    row = (
        act.id, act.customer, act.purpose, act.brand, act.partner, act.act, act.granted_at, act.expires,
        json.dumps(sorted(act.lifts)), one.notice, int(act.old), None, act.expires, _sealed(tx, act),
    )  # fmt: skip
    try:
        tx.db.conn.execute(sql, row)
    except sqlite3.IntegrityError:
        there = get(tx.db, act.id)
        if there is None:
            raise
        if as_data(there) != as_data(act):
            raise Conflict(as_data(there)) from None
        return there
    _settle(tx.db, act.customer, act.purpose)
    return get(tx.db, act.id) or act


def settle(tx: Tx, customers: Iterable[str]) -> None:
    """Works out anew how the consents of these customers stand: rows of theirs came from another house."""
    for customer in customers:
        for (purpose,) in tx.db.conn.execute(
            "SELECT DISTINCT purpose FROM consents WHERE customer = ?", (customer,)
        ).fetchall():
            _settle(tx.db, customer, purpose)


def _settle(db: SealedDatabase, customer: str, purpose: str) -> None:
    """Writes down how the consents to this stand by all that is known of it."""
    known = {id_: now for id_, *now in db.conn.execute(
        "SELECT id, stopped_at, until FROM consents WHERE customer = ? AND purpose = ?", (customer, purpose)
    )}  # fmt: skip
    for id_, stands in ledger.standing(entries_of(db, customer, purpose)).items():
        row = [stands.stopped_at, None if stands.until == inf else stands.until]
        if known[id_] != row:
            db.conn.execute("UPDATE consents SET stopped_at = ?, until = ? WHERE id = ?", (*row, id_))


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
    """Adds a consent as it was recorded before acts were told apart; raises what ``write`` does."""
    if purpose not in PURPOSES:
        raise ValueError(f"unknown purpose {purpose!r}: one of {', '.join(PURPOSES)}")
    given = Consent(customer, purpose, method, document, at, expires, None, text_version, witness, old=True)
    given.id, given.lifts = id or new_id(at), tuple(sorted(lifts))
    return write(tx, given)


def revoke_consent(tx: Tx, customer: str, purpose: str, at: float, *, id: str | None = None) -> bool:  # noqa: A002
    """Adds a stop as it was recorded before acts were told apart; False when nothing was alive. Raises as ``write``."""
    alive = any(one.purpose == purpose for one in consents_of(tx.db, customer))
    write(tx, Consent(customer, purpose, "", None, at, None, act="withdrawn", id=id or new_id(at), old=True))
    return alive


def carry(tx: Tx) -> None:
    """Brings over what stood in the tables of the other shape, in one transaction: what was alive is alive."""
    there = [row[0] for row in tx.db.conn.execute("SELECT name FROM sqlite_master WHERE name IN (?, ?)", BEFORE_9)]
    if not there:
        return
    with tx.db.transaction():
        conn = tx.db.conn
        if "consents_before_9" in there:
            conn.execute(
                f"INSERT INTO consents ({COLUMNS}) SELECT id, customer, purpose, '', '', 'given', granted_at, expires,"  # noqa: S608
                " lifts, NULL, 1, NULL, expires, sealed FROM consents_before_9 ORDER BY rowid"
            )
        if "revocations_before_9" in there:
            rows = conn.execute("SELECT id, customer, purpose, at FROM revocations_before_9 ORDER BY rowid").fetchall()
            for id_, customer, purpose, at in rows:
                try:
                    revoke_consent(tx, customer, purpose, at, id=id_)
                except Erased:
                    continue
        for customer, purpose in conn.execute("SELECT DISTINCT customer, purpose FROM consents").fetchall():
            _settle(tx.db, customer, purpose)
        for table in reversed(BEFORE_9):
            conn.execute(f"DROP TABLE IF EXISTS {table}")


# --- what is so ------------------------------------------------------------------------------------------------------


def entries_of(reader: SealedDatabase, customer: str, purpose: str | None = None) -> list[Entry]:
    """The acts of a customer as far as they matter for what is alive, oldest first; opens nothing that is sealed."""
    sql = (
        "SELECT id, purpose, act, at, expires, lifts, brand, partner, notice, old FROM consents"
        " WHERE customer = ? AND (? IS NULL OR purpose = ?) ORDER BY at, id"
    )
    return [
        Entry(
            id_, of, act, at, inf if expires is None else expires, frozenset(_lifts(lifts)), brand, partner, notice,
            bool(old),
        )
        for id_, of, act, at, expires, lifts, brand, partner, notice, old in reader.conn.execute(
            sql, (customer, purpose, purpose)
        )
    ]  # fmt: skip


def revocations_of(
    reader: SealedDatabase, customer: str, purpose: str, brand: str = "", partner: str = ""
) -> list[str]:
    """The ids of the stops that a new consent must name to be alive, oldest first."""
    entries = entries_of(reader, customer, purpose)
    return [stop.id for stop in ledger.stops_of(entries, purpose, brand, partner)]


def last_revoked(reader: SealedDatabase, customer: str, purpose: str) -> float | None:
    """When the customer last refused or took back; None: never."""
    return max((one.at for one in entries_of(reader, customer, purpose) if one.stops), default=None)


def taken_back(reader: SealedDatabase, customer: str, purpose: str) -> float | None:
    """When the customer last ended this; None: never. A consent that another one took the place of was not ended."""
    entries = entries_of(reader, customer, purpose)
    renewed = {(id_, one.at) for one in entries if one.gives for id_ in one.lifts}
    ended = (one.at for one in entries if one.stops and not (one.act == "ended" and (one.id, one.at) in renewed))
    return max(ended, default=None)


def answered(reader: SealedDatabase, customer: str, purpose: str) -> bool:
    """Whether the customer was ever asked about this and answered, with yes or no."""
    return any(one.stops or one.gives for one in entries_of(reader, customer, purpose))


def agreed_until(reader: SealedDatabase, customer: str, purpose: str, cut: Cut = never) -> float:
    """Until when the customer agrees to this, in seconds since 1970 UTC; minus infinity where they do not."""
    alive = (one for one in consents_of(reader, customer, cut=cut) if one.purpose == purpose)
    return max((one.until for one in alive), default=-inf)


def withdrew(reader: SealedDatabase, customer: str, purpose: str, now: float, cut: Cut = never) -> bool:
    """Whether the customer answered once, and does not agree at ``now``."""
    return answered(reader, customer, purpose) and now >= agreed_until(reader, customer, purpose, cut)


def consents_of(reader: SealedDatabase, customer: str, now: float | None = None, cut: Cut = never) -> list[Consent]:
    """The consents that count, by purpose, brand and partner; with ``now``, those whose last day is not over."""
    where = "customer = ? AND stopped_at IS NULL AND act IN ('given', 'renewed') ORDER BY purpose, brand, partner"
    return longest(_within(_select(reader, where, customer), cut), now)


def given(reader: SealedDatabase, customer: str, purpose: str, cut: Cut = never) -> list[Consent]:
    """Every consent ever given to this purpose, whatever became of it, oldest first."""
    where = "customer = ? AND purpose = ? AND act IN ('given', 'renewed') ORDER BY at, id"
    return _within(_select(reader, where, customer, purpose), cut)


def ledger_of(reader: SealedDatabase, customer: str, cut: Cut = never) -> list[Consent]:
    """Every act of a customer, oldest first."""
    return _within(_select(reader, "customer = ? ORDER BY at, id", customer), cut)


def longest(found: Iterable[Consent], now: float | None) -> list[Consent]:
    """Of several consents to one thing the one that lasts longest, where ``now`` is before its end."""
    best: dict[tuple[str, str, str], Consent] = {}
    for one in found:
        if now is not None and now >= one.until:
            continue
        key, there = (one.purpose, one.brand, one.partner), None
        there = best.get(key)
        if there is None or (one.until, one.granted_at, one.id) > (there.until, there.granted_at, there.id):
            best[key] = one
    return list(best.values())


def recognised(reader: SealedDatabase, now: float, cut: Cut = never) -> dict[str, dict[str, float]]:
    """Who agrees to be recognised at ``now``: until when, by customer and purpose; a second for 500,000."""
    found: dict[str, dict[str, float]] = {}
    marks = ", ".join("?" * len(RECOGNISE))
    rows = reader.conn.execute(
        "SELECT customer, purpose, at, until, brand, notice FROM consents"  # noqa: S608 - marks alone
        " WHERE stopped_at IS NULL AND act IN ('given', 'renewed') AND (until IS NULL OR until > ?)"
        f" AND purpose IN ({marks})",
        (now, *sorted(RECOGNISE)),
    )
    for customer, purpose, at, until, brand, notice in rows:
        end = inf if until is None else until
        if cut is not never:
            end = min(end, cut(Entry("", purpose, "given", at, end, brand=brand, notice=notice)))
        mine = found.setdefault(customer, {})
        if now < end > mine.get(purpose, -inf):
            mine[purpose] = end
    return found


def as_data(consent: Consent) -> dict[str, Any]:
    """An act as its event holds it, and its id."""
    one = consent
    facts: dict[str, Any] = {"id": one.id, "customer": one.customer, "purpose": one.purpose, "method": one.method}
    facts |= {"document": one.document, "text_version": one.text_version, "witness": one.witness}
    facts |= {"expires": None if one.expires is None else iso(one.expires), "lifts": sorted(one.lifts)}
    return facts | {"act": one.act, "brand": one.brand, "partner": one.partner or None, "data": list(one.data)}


def get(reader: SealedDatabase, id: str) -> Consent | None:  # noqa: A002
    """The act with this id, or None."""
    return next(iter(_select(reader, "id = ?", id)), None)


def _within(found: list[Consent], cut: Cut) -> list[Consent]:
    if cut is not never:
        for one in found:
            if one.act in GIVING:
                one.until = min(one.until, cut(one.entry))
    return found


def _sealed(tx: Tx, act: Consent) -> bytes:
    names = (OLD_FACTS if act.act in GIVING else ()) if act.old else FACTS
    facts = {key: getattr(act, key) for key in names}
    if "data" in facts:
        facts["data"] = list(act.data)
    return tx.keyring.seal(act.customer, facts, place=f"consents/{act.id}")


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Consent]:
    rows = reader.conn.execute(f"SELECT {COLUMNS} FROM consents WHERE {where}", values).fetchall()  # noqa: S608
    return [_read(reader, *row) for row in rows]


def _read(reader: SealedDatabase, id_: str, customer: str, *row: Any) -> Consent:
    purpose, brand, partner, act, at, expires, lifts, _, old, stopped_at, until, sealed = row
    try:
        how: dict[str, Any] = {"method": "", "document": None, **reader.keyring.open(
            customer, sealed, place=f"consents/{id_}"
        )}  # fmt: skip
    except Altered:  # alive or not as before, and nobody knows how it was said
        how = {"method": "", "document": None}
    how["data"] = tuple(how.get("data") or ())
    return Consent(
        customer=customer, purpose=purpose, granted_at=at, expires=expires, stopped_at=stopped_at, id=id_,
        lifts=tuple(_lifts(lifts)), brand=brand, partner=partner, act=act, old=bool(old),
        until=inf if until is None else until, **how,
    )  # fmt: skip


def _lifts(text: str) -> list[str]:
    """The stops that a consent names; none where that cannot be read any more: then any of them stops it."""
    try:
        named = json.loads(text)
    except ValueError:
        return []
    return [str(one) for one in named] if isinstance(named, list) else []


__all__ = [
    "PURPOSES",
    "STOPS",
    "Consent",
    "Cut",
    "agreed_until",
    "answered",
    "as_data",
    "carry",
    "consents_of",
    "entries_of",
    "get",
    "given",
    "grant_consent",
    "last_revoked",
    "ledger_of",
    "longest",
    "never",
    "recognised",
    "revocations_of",
    "revoke_consent",
    "settle",
    "taken_back",
    "withdrew",
    "write",
]  # fmt: skip
