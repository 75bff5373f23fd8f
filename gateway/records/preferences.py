"""What to do and what to avoid: facts with provenance. Nothing is overwritten; a correction is a new fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from gateway.events import times
from gateway.events.times import DAY
from gateway.records.allergens import code_of
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Conflict, Erased
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Tx
from reader_drivers.texts import folded

RANK = {"inferred": 0, "observed": 1, "stated": 2}
POLARITIES = ("do", "avoid", "allergy")
# Of these a customer likes several things at once; of every other category the newest word is the one that holds.
LISTS = {"conversation", "other"}
ONE_OFF_WITHOUT_VISIT = DAY  # seconds that a one-off lasts when it was recorded outside a visit


@dataclass(slots=True, frozen=True)
class Preference:
    """A fact: ``polarity`` do, avoid or allergy; ``basis`` stated, observed or inferred; ``scope`` standing or one_off.

    ``at`` and ``ended_at`` in seconds since 1970 UTC; ``corrects`` is the id of a fact that this one puts right, and an
    empty ``value`` puts nothing in its place.
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
    corrects: str | None = None
    ended_at: float | None = None

    def data(self) -> dict[str, Any]:
        """Its facts as an event holds them."""
        facts = {key: value for key, value in asdict(self).items() if key != "ended_at"}
        return times.written(facts, TIMES)


def from_data(data: dict[str, Any]) -> Preference:
    """What ``Preference.data`` gave, a preference again; members of later events about it are left out."""
    return Preference(**times.read({key: data[key] for key in FACTS}, TIMES))


Thing = tuple[str, str]  # category and value, as they compare

TIMES = frozenset({"at"})
FACTS = tuple(f.name for f in fields(Preference) if f.name != "ended_at")
SEALED = ("category", "value", "polarity", "basis", "by", "by_name", "corrects")
SAME = ("customer", "category", "value", "polarity", "basis", "scope", "by", "corrects")


def add(tx: Tx, fact: Preference, *, received: float | None = None) -> Preference:
    """Records ``fact``; the same again changes nothing. A one-off of a visit that is over has ended with it.

    A tablet's clock may run ahead: nothing was said later than ``received`` (now), or it would hold for ever.
    Raises ValueError for a polarity, basis or scope that is none, Conflict where the id is that of another fact.
    """
    if fact.polarity not in POLARITIES or fact.basis not in RANK or fact.scope not in ("standing", "one_off"):
        raise ValueError(
            "polarity is do, avoid or allergy; basis stated, observed or inferred; scope standing or one_off"
        )
    latest = times.now() if received is None else received
    fact = replace(fact, at=latest) if fact.at > latest else fact
    facts = {key: getattr(fact, key) for key in SEALED}
    sealed = tx.keyring.seal(fact.customer, facts, place=f"preferences/{fact.id}")
    try:
        tx.db.conn.execute(
            "INSERT INTO preferences (id, customer, visit, one_off, at, ended_at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (fact.id, fact.customer, fact.visit, fact.scope == "one_off", fact.at, _end_of(tx, fact), sealed),
        )
    except sqlite3.IntegrityError:
        if (there := get(tx.db, fact.id)) is None:
            raise
        if any(getattr(there, name) != getattr(fact, name) for name in SAME):
            raise Conflict(as_data(there)) from None
        return there
    return fact


def as_data(fact: Preference) -> dict[str, Any]:
    """A fact as its event holds it."""
    facts = {key: value for key, value in asdict(fact).items() if key != "ended_at"}
    return times.written(facts, {"at"})


def get(reader: SealedDatabase, preference: str) -> Preference | None:
    """The fact with this id, current or not."""
    return next(iter(_select(reader, "id = ?", preference)), None)


def facts_of(reader: SealedDatabase, customer: str) -> list[Preference]:
    """Every fact ever recorded of the customer, oldest first."""
    return _select(reader, "customer = ?", customer)


def end_visit(tx: Tx, visit: str, at: float) -> None:
    """Ends the one-offs of a visit."""
    tx.db.conn.execute(
        "UPDATE preferences SET ended_at = ? WHERE visit = ? AND one_off = 1 AND ended_at IS NULL", (at, visit)
    )


def resume_visit(tx: Tx, visit: str) -> None:
    """Lets the one-offs of a visit hold again: the customer is back, and it is the same visit."""
    tx.db.conn.execute("UPDATE preferences SET ended_at = NULL WHERE visit = ? AND one_off = 1", (visit,))


def _end_of(tx: Tx, fact: Preference) -> float | None:
    if fact.scope != "one_off":
        return None
    if fact.visit is None:
        return fact.at + ONE_OFF_WITHOUT_VISIT
    row = tx.db.conn.execute("SELECT closed_at FROM visits WHERE id = ?", (fact.visit,)).fetchone()
    return row[0] if row else None


def _select(reader: SealedDatabase, where: str, value: str) -> list[Preference]:
    rows = reader.conn.execute(
        f"SELECT id, customer, visit, one_off, at, ended_at, sealed FROM preferences WHERE {where} ORDER BY at, rowid",  # noqa: S608
        (value,),
    ).fetchall()
    found = []
    for id_, customer, visit, one_off, at, ended_at, sealed in rows:
        try:
            facts = reader.keyring.open(customer, sealed, place=f"preferences/{id_}")
        except Erased:
            continue
        scope = "one_off" if one_off else "standing"
        found.append(Preference(id=id_, customer=customer, visit=visit, scope=scope, at=at, ended_at=ended_at, **facts))
    return found


# --- which facts hold ------------------------------------------------------------------------------------------------


def current(facts: Iterable[Preference], now: float) -> list[Preference]:
    """The facts of one customer that hold at ``now``; pure, and the same in whatever order the facts come.

    Corrections first; then what is over; then of each thing the best word: stated before observed before inferred, and
    of equals the newest. A wish to have something never outlives a better wish to avoid it. An allergy yields to
    nothing but a fact that names it and is as well founded.
    """
    known = {fact.id: fact for fact in facts}
    live = [fact for fact in known.values() if fact.ended_at is None or fact.ended_at > now]
    corrected = _corrected(live, known)
    standing = [fact for fact in live if fact.id not in corrected and fact.value.strip()]
    allergies = _best((fact for fact in standing if fact.polarity == "allergy"), _allergen)
    things = _best((fact for fact in standing if fact.polarity != "allergy"), _thing)
    avoided = [fact for fact in things.values() if fact.polarity == "avoid" and _allergen(fact) not in allergies]
    harmful = {_harm(fact.value) for fact in allergies.values()}
    liked = _best(
        (fact for fact in things.values() if fact.polarity == "do" and _harm(fact.value) not in harmful), _slot
    )
    order = {"allergy": 0, "avoid": 1, "do": 2}
    return sorted(
        [*allergies.values(), *avoided, *liked.values()], key=lambda fact: (order[fact.polarity], -fact.at, fact.id)
    )


def _corrected(live: list[Preference], known: dict[str, Preference]) -> set[str]:
    """Ids that a live fact puts right; not by a less founded fact, and not in a circle."""
    put_right = set()
    for fact in live:
        target = known.get(fact.corrects or "")
        if target is not None and RANK[fact.basis] >= RANK[target.basis] and not _circular(fact, known):
            put_right.add(target.id)
    return put_right


def _circular(fact: Preference, known: dict[str, Preference]) -> bool:
    seen: set[str] = set()
    at: Preference | None = fact
    while at is not None and at.id not in seen:
        seen.add(at.id)
        at = known.get(at.corrects or "")
    return at is not None and at.id == fact.id


def _best(facts: Iterable[Preference], of: Callable[[Preference], Thing]) -> dict[Thing, Preference]:
    best: dict[Thing, Preference] = {}
    for fact in facts:
        other = best.get(of(fact))
        if other is None or _weight(fact) > _weight(other):
            best[of(fact)] = fact
    return best


def _weight(fact: Preference) -> tuple[int, float, bool, str]:
    # Of two words said at once the careful one holds.
    return RANK[fact.basis], fact.at, fact.polarity == "avoid", fact.id


def _thing(fact: Preference) -> Thing:
    return _same(fact.category), _same(fact.value)


def _allergen(fact: Preference) -> Thing:
    code = code_of(fact.value)
    return ("", code) if code else _thing(fact)  # one allergy, in whatever language and category it was recorded


def _harm(value: str) -> str:
    return code_of(value) or _same(value)


def _slot(fact: Preference) -> Thing:
    category = _same(fact.category)
    return category, _same(fact.value) if category in LISTS else ""


def _same(text: str) -> str:
    return folded(text)
