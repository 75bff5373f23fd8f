"""The database that a reader or the writer works on, with the keys to what is sealed in it."""

from __future__ import annotations

from gateway.records.migrations import Database
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3


class SealedDatabase(Database):
    """A database together with the keyring that opens what is sealed in it."""

    def __init__(self, connection: sqlite3.Connection, keyring: Keyring) -> None:
        super().__init__(connection)
        self.keyring = keyring
