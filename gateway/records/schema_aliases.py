"""The statements of the migration about the names that other systems give customers; never edited once released."""

from __future__ import annotations

RECORDS_19 = """
ALTER TABLE customers ADD COLUMN alias BLOB;     -- keyed hash of what others call them, which is sealed beside it
CREATE UNIQUE INDEX customers_by_alias ON customers (alias) WHERE alias IS NOT NULL;
CREATE TABLE erased_aliases (        -- what somebody was called who was erased: nobody's, while the receipt is kept
    hash BLOB PRIMARY KEY,
    erasure TEXT REFERENCES erasure_receipts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
"""
