"""The statements of the migration about passkeys; never edited once released."""

from __future__ import annotations

RECORDS_17 = """
CREATE TABLE passkeys (              -- what somebody signs in with instead of a PIN; its public half stands sealed
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,       -- SHA-256 of the id that the authenticator gave it
    staff TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    added_at REAL NOT NULL,
    used_at REAL,
    count INTEGER NOT NULL,          -- how often its authenticator says that it has signed
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_by_staff ON passkeys (staff, added_at);
"""
