"""Facts of an older program that are in doubt, and whether an upgrade lost or changed any."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from gateway.records import preferences, schema, visits
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.facts import merge
from gateway.records.preferences import Preference
from gateway.records.sqlite_file import connect_to_read
from gateway.records.store import BEFORE_MIGRATION
from gateway.records.values import Catalogue

FACTS_SINCE = "0005_facts"
"""The migration from which on facts have codes."""
SETTLED = frozenset({"corrected", "retracted", "over"})


class Checked(NamedTuple):
    """How many facts there were before an upgrade and are now, which are in doubt, and which are not what they were."""

    before: int
    now: int
    doubts: list[Preference]
    different: list[str]


def unsettled(
    reader: SealedDatabase, catalogue: Catalogue, of_one: Callable[[str], Collection[str]] = lambda one: (one,)
) -> list[Preference]:
    """The facts in doubt that nobody has settled, the oldest first; opens every fact there is, some 10 µs each.

    ``of_one`` answers the records of one person by any of them.
    """
    open_visits = [visit.id for visit in visits.open_visits(reader)]
    people = {tuple(of_one(fact.customer)) for fact in _every(reader) if fact.doubt}
    found = []
    for records in people:
        facts = [fact for record in records for fact in preferences.facts_of(reader, record)]
        aside = merge(facts, open_visits, catalogue).aside
        found += [f for f in facts if f.doubt and (f.id not in aside or aside[f.id].state not in SETTLED)]
    return sorted(found, key=lambda fact: (fact.at, fact.id))


def check(reader: SealedDatabase, folder: Path, catalogue: Catalogue) -> Checked:
    """Holds the facts of ``reader`` against those in the copy that an upgrade set aside, where there is one."""
    now = {fact.id: fact for fact in _every(reader)}
    before = _before(reader, folder)
    rows = {id_: row for id_, row in (_rows(reader) if before is None else before)}  # noqa: C416 - of two kinds
    different = [id_ for id_, row in rows.items() if not _still(row, now.get(id_))]
    doubts = [fact for fact in now.values() if fact.doubt]
    return Checked(len(rows), len(now), doubts, sorted(different))


def _still(row: dict[str, Any], fact: Preference | None) -> bool:
    """Whether a fact says what it said; of an ended one-off it does not matter that it was let go."""
    if fact is None:
        return row["ended_at"] is not None
    return all(getattr(fact, name) == row[name] for name in ("customer", "visit", "at", "value", "basis", "by"))


def _before(reader: SealedDatabase, folder: Path) -> list[tuple[str, dict[str, Any]]] | None:
    copy = folder / BEFORE_MIGRATION
    if not copy.exists():
        return None
    with closing(SealedDatabase(connect_to_read(copy), reader.keyring)) as older:
        known = {one.name for one in schema.RECORDS.applied(older)}
        return None if FACTS_SINCE in known or not known else list(_rows(older))


def _rows(reader: SealedDatabase) -> Iterator[tuple[str, dict[str, Any]]]:
    """What stands on the disk of each fact that can be read."""
    held = reader.conn.execute("SELECT 1 FROM pragma_table_info('preferences') WHERE name = 'holder'").fetchone()
    where = "WHERE holder IS NULL" if held else ""  # what is for one visit alone is gone with it
    rows = reader.conn.execute(f"SELECT id, customer, visit, at, ended_at, sealed FROM preferences {where}")  # noqa: S608
    for id_, customer, visit, at, ended_at, sealed in rows:
        with suppress(Unreadable):
            facts = reader.keyring.open(customer, sealed, place=f"preferences/{id_}")
            yield id_, {**facts, "customer": customer, "visit": visit, "at": at, "ended_at": ended_at}


def _every(reader: SealedDatabase) -> Iterator[Preference]:
    for (customer,) in reader.conn.execute("SELECT DISTINCT customer FROM preferences ORDER BY customer").fetchall():
        yield from preferences.facts_of(reader, customer)
