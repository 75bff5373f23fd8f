"""A data folder seen from outside: what its journal says happened."""

from __future__ import annotations

from pathlib import Path

from gateway.events.catalogue import check
from gateway.events.event import Event
from gateway.records.journal import Journal
from gateway.records.store import Store

MOST = 100_000


def told(data: Path) -> list[Event]:
    """Every event of a folder that no gateway holds, in order; each is what the catalogue says of its type."""
    store = Store.open(data, source="/venues/test")
    try:
        events = Journal(store, origin="").since(0, MOST)
    finally:
        store.close()
    assert events is not None
    for event in events:
        check(event)
    return [event for event in events if event.type != "epoch.began"]


def of(events: list[Event], *types: str) -> list[Event]:
    """Those of these types."""
    return [event for event in events if event.type in types]
