"""Plays recordings through recognition, as fast as it can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from gateway.recognition.moments import Moment
from gateway.recognition.presence import Presence
from gateway.recognition.recording import Head, Read, Row, load
from gateway.recognition.roster import Roster
from gateway.recognition.settings import PresenceSettings
from reader_drivers.sighting import Sighting

PULSE_S = 0.5


@dataclass(slots=True)
class Event:
    """A moment, and the time on the recording's clock at which staff would have been told."""

    t: float
    moment: Moment

    def as_dict(self) -> dict[str, object]:
        """The line that ``moments replay`` prints."""
        m = self.moment
        return {
            "t": round(self.t, 3),
            "type": f"visit.{m.kind}",
            "customer": m.customer,
            "zone": m.zone,
            "confidence": m.confidence,
            "reason": m.reason,
        }


def replay_files(paths: Iterable[Path]) -> Iterator[dict[str, object]]:
    """The events of these recordings, each as ``moments replay`` prints it; raises BadRecording, OSError."""
    for path in paths:
        head, rows = load(path)
        for event in play(head, rows):
            yield event.as_dict()


def play(head: Head, rows: Iterable[Row], settings: PresenceSettings | None = None) -> Iterator[Event]:
    """The events of one recording, as its time passes, with a pulse twice a second."""
    ids = count(1)
    presence = Presence(head.plan(), new_visit=lambda: f"visit-{next(ids)}", settings=settings or PresenceSettings())
    roster = _roster(head)
    pulse_at: float | None = None
    for row in rows:
        if pulse_at is None:
            pulse_at = row.t
        while pulse_at <= row.t:
            for moment in presence.pulse(pulse_at):
                yield Event(pulse_at, moment)
            pulse_at += PULSE_S
        if isinstance(row, Read):
            news = _see(presence, roster, head, row)
            if news is not None:
                yield Event(row.t, news)


def _see(presence: Presence, roster: Roster, head: Head, row: Read) -> Moment | None:
    customer = roster.who(row.id, row.t) if head.customers else row.id
    if customer is None:
        return None
    return presence.see(Sighting(row.reader, row.antenna, row.id, row.rssi, None, row.t), customer)


def _roster(head: Head) -> Roster:
    roster = Roster()
    for customer, identifiers in head.customers.items():
        for identifier in identifiers:
            roster.admit(identifier, customer)
    return roster
