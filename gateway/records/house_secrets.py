"""The house's own secrets: what identifiers are hashed with, what numbers are salted with, what proves the journal.

At first each follows from the master key. One that is made anew, and all of them once the master key is, stand in
``keys.db``, wrapped by it. Those from before stay: what was made with them is still known by them.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping

from gateway.records.keyed_hash import Hashing, hashing
from gateway.records.master_key import Wrapping
from gateway.records.sqlite_file import sqlite3

LABELS: Mapping[str, bytes] = {
    "identifiers": b"moments identifiers",
    "lists": b"moments journal",
    "proofs": b"moments journal",
    "salts": b"moments salts",
    "hand": b"moments signing",
}
"""By name, what each follows from the master key by; ``lists`` proves erasures and copies and stays as it is, as
``hand`` does, which signs them."""
PINS = "pins"
"""Peppers of PINs: there is none until the first is made."""


class HouseSecrets:
    """The secrets by name, the newest generation first."""

    def __init__(self, connection: sqlite3.Connection, master: bytes, wrapping: Wrapping) -> None:
        self._wrapping = wrapping
        self._known: dict[str, dict[int, bytes]] = {
            name: {0: hmac.digest(master, label, "sha256")} for name, label in LABELS.items()
        }
        self._known[PINS] = {}
        self._newest_first: dict[str, list[bytes]] = {}
        self._hashings: dict[str, list[Hashing]] = {}
        for name, generation, wrapped in _rows(connection):
            self._known.setdefault(name, {})[generation] = wrapping.unwrap(wrapped, _bound(name, generation))

    def all(self, name: str) -> list[bytes]:
        """Every generation, the newest first."""
        kept = self._newest_first  # another thread may put an empty one in its place
        found = kept.get(name)
        if found is None:
            known = self._known[name]
            found = kept[name] = [known[generation] for generation in sorted(known, reverse=True)]
        return found

    def hashings(self, name: str) -> list[Hashing]:
        """What hashes by every generation, the newest first."""
        kept = self._hashings
        found = kept.get(name)
        if found is None:
            found = kept[name] = [hashing(key) for key in self.all(name)]
        return found

    def of(self, name: str, generation: int) -> bytes | None:
        """One generation; None where there is none."""
        return self._known[name].get(generation)

    def newest(self, name: str) -> int:
        """The number of the newest generation; minus one where there is none."""
        return max(self._known[name], default=-1)

    def keep(self, connection: sqlite3.Connection) -> None:
        """Writes down all, wrapped by the newest master key; inside a transaction of the caller."""
        rows = [
            (name, generation, self._wrapping.wrap(secret, _bound(name, generation)))
            for name, known in self._known.items()
            for generation, secret in known.items()
        ]
        connection.executemany("INSERT OR REPLACE INTO secrets (name, generation, wrapped) VALUES (?, ?, ?)", rows)

    def renew(self, connection: sqlite3.Connection, *names: str) -> None:
        """A new generation of each, written down inside a transaction of the caller."""
        for name in names:
            self._known[name][self.newest(name) + 1] = os.urandom(32)
        self._newest_first, self._hashings = {}, {}
        self.keep(connection)

    def mark(self) -> dict[str, dict[int, bytes]]:
        """What ``undo`` may come back to."""
        return {name: dict(known) for name, known in self._known.items()}

    def undo(self, mark: dict[str, dict[int, bytes]]) -> None:
        """Forgets what was renewed since, which the disk did not take."""
        self._known, self._newest_first, self._hashings = mark, {}, {}


def _rows(connection: sqlite3.Connection) -> list[tuple[str, int, bytes]]:
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'secrets'").fetchone()
    return connection.execute("SELECT name, generation, wrapped FROM secrets").fetchall() if there else []


def _bound(name: str, generation: int) -> bytes:
    return f"secret {name} {generation}".encode()
