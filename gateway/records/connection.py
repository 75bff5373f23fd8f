"""The database that a reader or the writer works on, with the keys to what is sealed in it."""

from __future__ import annotations

import sqlite_utils

from gateway.records.seal import Keyring
from gateway.records.sqlite_file import (
    SAFE_SQLITE,
    connect_to_read,
    connect_to_write,
    in_one,
    private_file,
    private_folder,
    sqlite3,
    sync_folder,
    warn_of_old_sqlite,
)

__all__ = [
    "SAFE_SQLITE",
    "SealedDatabase",
    "connect_to_read",
    "connect_to_write",
    "in_one",
    "private_file",
    "private_folder",
    "sqlite3",
    "sync_folder",
    "warn_of_old_sqlite",
]


class SealedDatabase(sqlite_utils.Database):
    """A database together with the keyring that opens what is sealed in it."""

    def __init__(self, connection: sqlite3.Connection, keyring: Keyring) -> None:
        super().__init__(connection, execute_plugins=False)
        self.keyring = keyring
