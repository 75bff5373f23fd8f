"""The statements of the migration about what was told later than its number says; never edited once released."""

from __future__ import annotations

RECORDS_22 = """
CREATE TABLE told (                  -- events that others had overtaken before they were written
    sequence INTEGER PRIMARY KEY,    -- of the event
    told INTEGER                     -- the number under which it left; none while nobody was told
) STRICT;
CREATE INDEX told_by_number ON told (told);
"""
