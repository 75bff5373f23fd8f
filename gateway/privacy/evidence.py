"""What a data folder can show: its events within a span, its tables, its files; read only, also beside a gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway.consent.notices import Shelf
from gateway.consent.purposes import Purpose
from gateway.consent.signatures import groups
from gateway.core.consenting import Consenting
from gateway.events.event import Event
from gateway.events.times import DAY
from gateway.records import belonging, journal_rows, receipt_keys
from gateway.records.connection import SealedDatabase
from gateway.settings.venue import VenueConfig

YEAR_AND_A_SEASON = 400  # days: what is older proves nothing of today


@dataclass
class Evidence:
    """One house at one time: ``since`` and ``until`` in seconds since 1970 UTC."""

    config: VenueConfig
    folder: Path
    reader: SealedDatabase
    since: float
    until: float
    now: float

    @cached_property
    def zone(self) -> ZoneInfo:
        """The venue's own time."""
        return ZoneInfo(self.config.venue.timezone)

    def events(self, *types: str) -> Iterator[Event]:
        """The events of these types within the span, oldest first; those of the erased have no data."""
        marks = ", ".join("?" * len(types))
        where = f"type IN ({marks}) AND time >= ? AND time < ? ORDER BY number"
        return journal_rows.select(self.reader, f"WHERE {where}", *types, self.since, self.until)

    def all_events(self) -> Iterator[Event]:
        """Every event within the span, oldest first; those of which it was let go what they say have no data."""
        where = "WHERE time >= ? AND time < ? ORDER BY number"
        return journal_rows.select(self.reader, where, self.since, self.until, bare=True)

    def of_customer(self, customer: str, *types: str) -> Iterator[Event]:
        """The events of these types about one customer within the span, oldest first."""
        marks = ", ".join("?" * len(types))
        where = f"WHERE subject = ? AND type IN ({marks}) AND time >= ? AND time < ? ORDER BY number"
        return journal_rows.select(self.reader, where, customer, *types, self.since, self.until)

    @cached_property
    def shelf(self) -> Shelf:
        """Every version of every notice."""
        return self._asks.shelf

    @cached_property
    def purposes(self) -> dict[str, Purpose]:
        """Every purpose of this house."""
        return self._asks.purposes

    @cached_property
    def _asks(self) -> Consenting:
        asks = Consenting(self.config)
        asks.read(self.reader)
        return asks

    @cached_property
    def operator_key(self) -> str:
        """The operator's public key in groups of four; empty where there is none yet."""
        return operator_key(self.reader)

    @cached_property
    def is_demo(self) -> bool:
        """Whether the people of this folder are invented."""
        return belonging.is_demo(self.folder) is True

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query of the tables gives."""
        return list(self.reader.conn.execute(sql, values))

    def number(self, sql: str, *values: object) -> float:
        """The one number that a query gives, 0 where it gives none."""
        row = self.reader.conn.execute(sql, values).fetchone()
        return float(row[0]) if row and row[0] is not None else 0.0

    def day(self, at: float) -> str:
        """The day of the venue's calendar, ISO 8601."""
        return datetime.fromtimestamp(at, self.zone).date().isoformat()

    def files(self) -> Iterator[Path]:
        """Every file of the data folder, the broker's among them; no sockets, and nothing outside it."""
        return (path for path in sorted(self.folder.rglob("*")) if path.is_file() and not path.is_symlink())


def span(now: float, since: float | None, until: float | None) -> tuple[float, float]:
    """From when until when to look: the last 400 days where nothing is said."""
    end = now if until is None else until
    return (end - YEAR_AND_A_SEASON * DAY if since is None else since), end


def operator_key(reader: SealedDatabase) -> str:
    """The operator's public key as people compare it, in groups of four; empty where there is none yet."""
    key = receipt_keys.operator_key(reader.keyring)
    return groups(key) if key else ""
