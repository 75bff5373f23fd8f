"""Facts about customers as they were recorded, with provenance: never changed, and put right by other facts.

Which of them hold is the merge's to say (``facts.py``); what an older program recorded is read by ``older_facts.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

from gateway.events import times
from gateway.events.times import DAY
from gateway.records import erasures, older_facts
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict, Unreadable
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Tx

POLARITIES = ("do", "avoid", "allergy")
BASES = ("stated", "observed", "inferred")
ONE_OFF_WITHOUT_VISIT = DAY  # seconds that a one-off of an older program lasted when it was recorded outside a visit


@dataclass(slots=True, frozen=True)
class Preference:
    """A fact: ``polarity`` do, avoid or allergy; ``basis`` stated, observed or inferred; ``scope`` standing or one_off.

    ``at`` in seconds since 1970 UTC. ``code`` is a value of the catalogue, None: own words, in ``lang``. ``corrects``,
    ``retracts`` and ``replaces`` are ids of facts that it ends or goes against, and one without a ``value`` only names.
    ``doubt``: what is to be asked of a fact that an older program recorded (``polarity``). ``holder``: whose key seals
    it, where that is not the customer's. ``venue`` is where it was recorded, None: here.
    """

    id: str
    customer: str
    category: str
    value: str
    polarity: str
    basis: str
    at: float
    scope: str = "standing"
    visit: str | None = None
    by: str = ""
    by_name: str = ""
    code: str | None = None
    lang: str | None = None
    corrects: tuple[str, ...] = ()
    retracts: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    reason: str | None = None
    doubt: str | None = None
    holder: str | None = None
    venue: str | None = None

    def data(self) -> dict[str, Any]:
        """It as an event holds it."""
        facts = {key: getattr(self, key) for key in FACTS}
        return times.written({**facts, **{name: list(facts[name]) for name in NAMING}}, TIMES)


def from_data(data: Mapping[str, Any]) -> Preference:
    """What an event holds, a fact again; members of later events about it are left out."""
    return _read(times.read({key: data[key] for key in FACTS if key in data}, TIMES))


TIMES = frozenset({"at"})
NAMING = ("corrects", "retracts", "replaces")
FACTS = tuple(f.name for f in fields(Preference) if f.name not in ("doubt", "holder", "venue"))
CLEAR = ("id", "customer", "visit", "scope", "at")
SEALED = tuple(name for name in FACTS if name not in CLEAR)
SAME = ("customer", "category", "code", "value", "polarity", "basis", "scope", "by", *NAMING, "reason")


def add(tx: Tx, fact: Preference) -> None:
    """Records ``fact``; see ``record``."""
    record(tx, fact.data())


def record(tx: Tx, data: Mapping[str, Any], holder: str | None = None) -> None:
    """Records a fact as its event holds it; the same again changes nothing.

    ``holder`` is whose key seals it, where that is not the customer's. A one-off of a visit that is over has ended with
    it. Raises ValueError for a polarity, basis or scope that is none,
    Conflict where the id is that of another fact.
    """
    fact = from_data(data)
    if fact.polarity not in POLARITIES or fact.basis not in BASES or fact.scope not in ("standing", "one_off"):
        raise ValueError(
            "polarity is do, avoid or allergy; basis stated, observed or inferred; scope standing or one_off"
        )
    facts = {key: data[key] for key in SEALED if key in data}
    sealed = tx.keyring.seal(holder or fact.customer, facts, place=f"preferences/{fact.id}")
    try:
        tx.db.conn.execute(
            "INSERT INTO preferences (id, customer, visit, one_off, at, ended_at, sealed, holder)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (fact.id, fact.customer, fact.visit, fact.scope == "one_off", fact.at, _end_of(tx, fact), sealed, holder),
        )
    except sqlite3.IntegrityError:
        if (there := get(tx.db, fact.id)) is None:
            raise
        if not same(there, fact):
            raise Conflict(there.data()) from None


def same(one: Preference, other: Preference) -> bool:
    """Whether two say the same of the same customer, whenever it was said."""
    return all(getattr(one, name) == getattr(other, name) for name in SAME)


def get(reader: SealedDatabase, preference: str) -> Preference | None:
    """The fact with this id, whether it holds or not."""
    return next(iter(_select(reader, "id = ?", preference)), None)


def facts_of(reader: SealedDatabase, customer: str) -> list[Preference]:
    """Every fact ever recorded of the customer, oldest first."""
    return _select(reader, "customer = ?", customer)


def newest(reader: SealedDatabase, since: float, most: int) -> list[Preference]:
    """The customers' facts since ``since`` (seconds since 1970 UTC), the newest first, without those of one visit."""
    return _select(reader, "at >= ? AND holder IS NULL", since, "at DESC, rowid DESC LIMIT ?", most)


def holders_of(reader: SealedDatabase, customer: str) -> list[str]:
    """Whose keys seal facts of this customer, beside their own: those of visits."""
    sql = "SELECT DISTINCT holder FROM preferences WHERE customer = ? AND holder IS NOT NULL ORDER BY holder"
    return [row[0] for row in reader.conn.execute(sql, (customer,))]


def codes(reader: SealedDatabase) -> set[str]:
    """The codes that any fact has; opens every one, some 10 µs each."""
    found = set()
    for id_, holder, sealed in reader.conn.execute("SELECT id, ifnull(holder, customer), sealed FROM preferences"):
        with suppress(Unreadable):
            facts = reader.keyring.open(holder, sealed, place=f"preferences/{id_}")
            found.add(facts.get("code") or "")
    return found - {""}


def forget(tx: Tx, holder: str, at: float, keys: Iterable[str]) -> None:
    """Removes what is sealed with the key of a visit, and destroys ``keys`` (ids in hex) once that is committed."""
    tx.db.conn.execute("DELETE FROM preferences WHERE holder = ?", (holder,))
    tx.db.conn.execute("DELETE FROM idempotency WHERE holder = ?", (holder,))
    erasures.destroy(tx, holder, at, keys)


def end_visit(tx: Tx, visit: str, at: float) -> None:
    """Ends the one-offs of a visit: so long after that they may be let go."""
    tx.db.conn.execute(
        "UPDATE preferences SET ended_at = ? WHERE visit = ? AND one_off = 1 AND ended_at IS NULL", (at, visit)
    )


def resume_visit(tx: Tx, visit: str) -> None:
    """Lets the one-offs of a visit go on: the customer is back, and it is the same visit."""
    tx.db.conn.execute("UPDATE preferences SET ended_at = NULL WHERE visit = ? AND one_off = 1", (visit,))


def _end_of(tx: Tx, fact: Preference) -> float | None:
    if fact.scope != "one_off":
        return None
    if fact.visit is None:
        return fact.at + ONE_OFF_WITHOUT_VISIT
    row = tx.db.conn.execute("SELECT closed_at FROM visits WHERE id = ?", (fact.visit,)).fetchone()
    return row[0] if row else None


def _select(
    reader: SealedDatabase, where: str, value: object, order: str = "at, rowid", *more: object
) -> list[Preference]:
    rows = reader.conn.execute(
        "SELECT id, customer, visit, one_off, at, sealed, holder,"  # noqa: S608 - ours
        " (SELECT venue FROM elsewhere WHERE elsewhere.id = preferences.id) FROM preferences"
        f" WHERE {where} ORDER BY {order}",
        (value, *more),
    ).fetchall()
    found = []
    for id_, customer, visit, one_off, at, sealed, holder, venue in rows:
        try:
            facts = reader.keyring.open(holder or customer, sealed, place=f"preferences/{id_}")
        except Unreadable:
            continue
        scope = "one_off" if one_off else "standing"
        clear = {"id": id_, "customer": customer, "visit": visit, "scope": scope, "at": at}
        found.append(_read({**facts, **clear, "holder": holder, "venue": venue}))
    return found


def _read(facts: Mapping[str, Any]) -> Preference:
    whole = facts if "code" in facts else older_facts.now(facts)
    return Preference(**{**whole, **{name: tuple(whole[name]) for name in NAMING}})
