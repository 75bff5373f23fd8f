"""A data folder that no gateway holds: the command opens it, and records events as a gateway would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.commands.ending import fail
from gateway.events.event import News
from gateway.events.times import now
from gateway.records import quarantine
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.journal import Journal
from gateway.records.store import Store

if TYPE_CHECKING:
    from gateway.settings.venue import VenueConfig

ACTOR = "command-line"
REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, OSError, RuntimeError)
"""What may be wrong with a data folder, or be said by the gateway that holds it; each with words for people."""


class Alone:
    """The records of one folder, and the journal that changes them."""

    def __init__(self, store: Store, venue: str) -> None:
        self.store = store
        self._journal = Journal(store, origin=venue)

    def answers_by(self, config: VenueConfig) -> None:
        """From now on receipts name who answers for the data as these settings do."""
        from gateway.core.consenting import Consenting
        from gateway.core.receipt_frame import frame_of

        consenting = Consenting(config)
        consenting.read(self.store.reader)
        self._journal.frame, self._journal.cut = frame_of(config), consenting.cut

    def record(self, news: Sequence[News]) -> None:
        """Returns when all of it is on the disk; raises what the store raises, and then none of it is."""
        at = now()
        events = [self._journal.event(each, each.actor or ACTOR, at) for each in news]
        self.store.call(lambda tx: self._journal.record(tx, events))


def known(data: Path) -> None:
    """Ends with 1, in words, where the house is in quarantine and nobody may be shown or brought in."""
    try:
        quarantine.refuse(data)
    except quarantine.Quarantined as shut:
        fail(f"this house is {shut}")


@contextmanager
def opened(data: Path, venue: str = "") -> Iterator[Alone]:
    """The folder, made if need be, of this ``venue``, or of that which it names itself. Raises as ``Store.open``."""
    store = Store.open(data, source=f"/venues/{venue}" if venue else "")
    try:
        yield Alone(store, venue)
    finally:
        store.close()
