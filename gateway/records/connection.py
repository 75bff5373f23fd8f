"""The database that a reader or the writer works on, with the keys to what is sealed in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlite_utils

from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3


class SealedDatabase(sqlite_utils.Database):
    """A database together with the keyring that opens what is sealed in it."""

    def __init__(self, connection: sqlite3.Connection, keyring: Keyring) -> None:
        super().__init__(connection, execute_plugins=False)
        self.keyring = keyring

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction: on the disk when the block ends, undone where it raises."""
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.conn.execute("COMMIT")
        except BaseException:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            raise
