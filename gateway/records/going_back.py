"""Back at the release before, and forward again, without losing a record: the journal has them all.

While a program is at work that does not know every table, the number of the first event that it wrote is kept, and
nothing of the journal is let go. Once one is back that knows them all, it makes the tables anew from the journal.
"""

from __future__ import annotations

import logging
from pathlib import Path

from gateway.records import numbers, rebuild, schema
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged
from gateway.records.journal_rows import last
from gateway.records.numbers import WITHOUT
from gateway.records.writer import Tx

log = logging.getLogger(__name__)


def go_on(db: SealedDatabase, folder: Path) -> None:
    """Writes down that this program does not know all that is here, or makes good what one did not that wrote here."""
    unknown = schema.unknown(schema.RECORDS, db)
    since = numbers.get(db, WITHOUT)
    if unknown and since is None:
        log.warning(
            "a newer program has written here (%s): what it added waits for it, and nothing is lost", ", ".join(unknown)
        )
        with db.transaction():
            numbers.put(db, WITHOUT, last(db).number + 1)
    elif not unknown and since is not None:
        _catch_up(db, folder, since)


def _catch_up(db: SealedDatabase, folder: Path, since: int) -> None:
    try:
        with db.transaction():
            if last(db).number >= since:
                log.warning("an older program has written here since event %d: the tables are made anew", since)
                rebuild.anew(Tx(db, db.keyring), folder)
            numbers.forget(Tx(db, db.keyring), WITHOUT)
    except (Damaged, rebuild.Incomplete) as error:
        log.error("what an older program wrote is in the journal, and not in every table: %s", error)
