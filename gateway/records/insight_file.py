"""``insight.db``: what runs found, a row for each customer, sealed with their key; it may be deleted at any time.

Nothing in it is the truth: the next run makes the same of the records. Whoever ends ``insight`` is in no row of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.events.event import HOUSE
from gateway.records.errors import Erased, Unreadable
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import connect_to_read, private_file, sqlite3, transaction

FILE = "insight.db"
KEPT_DAYS = 400
FAULTS = (OSError, sqlite3.Error)
"""What a file may do that anybody may delete and another process writes: it is tried again."""
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, at REAL NOT NULL, day TEXT NOT NULL, begins TEXT NOT NULL, ends TEXT NOT NULL,
    position INTEGER NOT NULL, digest TEXT NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS rows (
    run TEXT NOT NULL, customer TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (run, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_by_customer ON rows (customer);
CREATE TABLE IF NOT EXISTS costs (
    run TEXT NOT NULL, entry TEXT NOT NULL, holder TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (run, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS costs_by_holder ON costs (holder);
"""

Document = dict[str, Any]


@dataclass(slots=True)
class Run:
    """What one run found: of the house, of each customer, and each cost with whose key seals it.

    ``at`` is when it was computed, in seconds since 1970 UTC, ``position`` how far the journal was then.
    """

    run: str
    at: float
    on: str
    begins: str
    ends: str
    position: int
    house: Document
    customers: dict[str, Document] = field(default_factory=dict)
    costs: list[tuple[str, str, Document]] = field(default_factory=list)
    """Entry, holder, and what is told of it."""

    @property
    def digest(self) -> str:
        """What stands for all that it found, whenever that was."""
        whole = [self.on, self.begins, self.ends, self.house, self.customers, sorted(self.costs, key=lambda c: c[0])]
        return sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def write(folder: Path, keyring: Keyring, run: Run, allowed: Callable[[], Collection[str]]) -> str:
    """Keeps a run in place of one of the same name, and lets go of old ones; answers its digest.

    ``allowed`` is asked last of all who may be in it: whoever has ended that meanwhile is not.
    """
    with _open(folder) as connection, transaction(connection):
        may = set(allowed())
        run.customers = {each: found for each, found in run.customers.items() if each in may}
        run.costs = [
            (entry, holder if holder in may else HOUSE, told if holder in may or holder == HOUSE else unnamed(told))
            for entry, holder, told in run.costs
        ]
        _forget(connection, run.run)
        digest = run.digest
        connection.execute(
            "INSERT INTO runs (run, at, day, begins, ends, position, digest, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run.run, run.at, run.on, run.begins, run.ends, run.position, digest,
             keyring.seal(HOUSE, run.house, place=f"insight/{run.run}")),
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO rows (run, customer, sealed) VALUES (?, ?, ?)",
            (
                (run.run, each, keyring.seal(each, found, place=f"insight/{run.run}/{each}"))
                for each, found in run.customers.items()
            ),
        )
        connection.executemany(
            "INSERT INTO costs (run, entry, holder, sealed) VALUES (?, ?, ?, ?)",
            (
                (run.run, entry, holder, keyring.seal(holder, told, place=f"insight/{run.run}/cost/{entry}"))
                for entry, holder, told in run.costs
            ),
        )
        for (old,) in connection.execute(
            "SELECT run FROM runs WHERE at < ?", (run.at - KEPT_DAYS * 86_400,)
        ).fetchall():
            _forget(connection, old)
    return digest


def unnamed(cost: Mapping[str, Any]) -> Document:
    """A cost without whom it was for: words could name them."""
    return {**cost, "customer": None, "reason": None, "expects": None}


def forget(folder: Path, keyring: Keyring, customers: Collection[str]) -> None:
    """These customers are in no row any more; what was spent on them stays as the house's, unnamed."""
    if not (folder / FILE).exists():
        return
    with _open(folder) as connection, transaction(connection):
        for each in customers:
            connection.execute("DELETE FROM rows WHERE customer = ?", (each,))
            theirs = connection.execute("SELECT run, entry, sealed FROM costs WHERE holder = ?", (each,)).fetchall()
            for run, entry, sealed in theirs:
                place = f"insight/{run}/cost/{entry}"
                try:
                    told = unnamed(keyring.open(each, sealed, place=place))
                except (Unreadable, Erased):
                    connection.execute("DELETE FROM costs WHERE run = ? AND entry = ?", (run, entry))
                    continue
                row = (HOUSE, keyring.seal(HOUSE, told, place=place), run, entry)
                connection.execute("UPDATE costs SET holder = ?, sealed = ? WHERE run = ? AND entry = ?", row)


def runs(folder: Path) -> list[tuple[str, float]]:
    """The runs that are kept and when each was computed, the newest last."""
    if not (folder / FILE).exists():
        return []
    try:
        with closing(connect_to_read(folder / FILE)) as connection:
            return connection.execute("SELECT run, at FROM runs ORDER BY at, run").fetchall()
    except sqlite3.OperationalError:  # made a moment ago and empty, or deleted just now
        return []


def digests(folder: Path) -> list[str]:
    """What stands for all that each run found, the newest last."""
    with closing(connect_to_read(folder / FILE)) as connection:
        return [row[0] for row in connection.execute("SELECT digest FROM runs ORDER BY at, run")]


def customers(folder: Path) -> set[str]:
    """Whoever is in a row of a run."""
    if not (folder / FILE).exists():
        return set()
    with closing(connect_to_read(folder / FILE)) as connection:
        found = {row[0] for row in connection.execute("SELECT DISTINCT customer FROM rows")}
        holders = connection.execute("SELECT DISTINCT holder FROM costs WHERE holder <> ?", (HOUSE,))
        return found | {row[0] for row in holders}


def read(folder: Path, keyring: Keyring, run: str) -> Run | None:
    """A run, with every row that can be opened; None where there is no such run."""
    if not (folder / FILE).exists():
        return None
    with closing(connect_to_read(folder / FILE)) as connection:
        head = connection.execute(
            "SELECT at, day, begins, ends, position, sealed FROM runs WHERE run = ?", (run,)
        ).fetchone()
        if head is None:
            return None
        at, on, begins, ends, position, sealed = head
        rows = connection.execute("SELECT customer, sealed FROM rows WHERE run = ?", (run,)).fetchall()
        costs = connection.execute("SELECT entry, holder, sealed FROM costs WHERE run = ?", (run,)).fetchall()
    house = keyring.open(HOUSE, sealed, place=f"insight/{run}")
    found = Run(run, at, on, begins, ends, position, house)
    found.customers = dict(_opened(keyring, [(each, each, f"insight/{run}/{each}", sealed) for each, sealed in rows]))
    told = [(entry, holder, f"insight/{run}/cost/{entry}", sealed) for entry, holder, sealed in costs]
    holders = {entry: holder for entry, holder, _ in costs}
    found.costs = [(entry, holders[entry], cost) for entry, cost in _opened(keyring, told)]
    return found


def _opened(keyring: Keyring, sealed: Sequence[tuple[str, str, str, bytes]]) -> Iterator[tuple[str, Document]]:
    for name, holder, place, value in sealed:
        try:
            yield name, keyring.open(holder, value, place=place)
        except (Unreadable, Erased):
            continue


def _forget(connection: sqlite3.Connection, run: str) -> None:
    for table in ("runs", "rows", "costs"):
        connection.execute(f"DELETE FROM {table} WHERE run = ?", (run,))  # noqa: S608 - ours


@contextmanager
def _open(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / FILE
    private_file(path)
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(_TABLES)
        yield connection
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
