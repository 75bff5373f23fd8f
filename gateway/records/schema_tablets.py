"""The statements of the migrations about tablets and what binds them; never edited once released."""

from __future__ import annotations

RECORDS_13 = """
ALTER TABLE tablets ADD COLUMN key BLOB;         -- public half of the device's own key, 65 bytes; null: from before
ALTER TABLE tablets ADD COLUMN bound_at REAL;
ALTER TABLE tablets ADD COLUMN wiped_at REAL;    -- when a tablet that was let go said that it keeps nothing any more
ALTER TABLE sessions ADD COLUMN key BLOB;        -- whose signature each request of this session bears
ALTER TABLE sessions ADD COLUMN locked_at REAL;  -- since when the PIN is asked again, also after a new start
"""
