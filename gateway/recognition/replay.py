"""Plays recordings through recognition, as fast as it can."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from gateway.recognition.common_time import corrected
from gateway.recognition.labels import Label
from gateway.recognition.learnt import Learnt
from gateway.recognition.moments import Moment
from gateway.recognition.presence import Presence
from gateway.recognition.recording import Head, Read, Row, Sensing, load
from gateway.recognition.roster import Roster
from gateway.recognition.settings import PresenceSettings
from reader_drivers.sighting import Sensed, Sighting

PULSE_S = 0.5
SETTLE_S = 10.0  # what the last reads have begun is decided in this time: an arrival, or the way out


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


def replay_files(paths: Iterable[Path], note: Callable[[str], None] = lambda _: None) -> Iterator[dict[str, object]]:
    """The events of these recordings, each as ``moments replay`` prints it; raises BadRecording, OSError.

    ``note`` is told of what was left out.
    """
    for path in paths:
        head, rows = load(path)
        unknown = Counter(row.reader for row in rows if isinstance(row, Read) and row.reader not in head.readers)
        if unknown:
            names = ", ".join(sorted(unknown))
            note(f"{path}: {unknown.total()} reads left out, of readers that the head does not name: {names}")
        for event in play(head, rows):
            yield event.as_dict()


def play(
    head: Head,
    rows: Iterable[Row],
    settings: PresenceSettings | None = None,
    learnt: Learnt | None = None,
    labels: Iterable[Label] = (),
) -> Iterator[Event]:
    """The events of one recording, as its time passes, with a pulse twice a second.

    Readers' clocks are set right as it goes on, as far as beacons that several of them heard have told by then. Time
    goes on for ten seconds after the last line. Silence after the end is no departure: nobody listened.
    """
    ids = count(1)
    settings = settings or PresenceSettings()
    presence = Presence(head.plan(), new_visit=lambda: f"visit-{next(ids)}", settings=settings, learnt=learnt)
    roster = _roster(head)
    todo = deque(sorted(labels, key=lambda label: label.at))
    now: float | None = None
    pulse_at = 0.0
    for row in corrected(rows):
        if now is None:
            now = pulse_at = row.t
        for at in _pulses(pulse_at, row.t, settings.linger_s + SETTLE_S):
            yield from (Event(at, moment) for moment in presence.pulse(at))
            pulse_at = at + PULSE_S
        now = max(now, row.t)
        while todo and todo[0].at <= now:
            presence.taught(todo.popleft())
        if isinstance(row, Read):
            news = _see(presence, roster, head, row)
            if news is not None:
                yield Event(now, news)
        elif isinstance(row, Sensing):
            presence.beside.sensors.sense(Sensed(row.sensor, None, "", None, None, row.t, None, row.kind, row.on))
    for at in _pulses(pulse_at, pulse_at + SETTLE_S, SETTLE_S) if now is not None else ():
        for moment in presence.pulse(at):
            if moment.kind != "departed" or moment.evidence["kind"] == "exit":
                yield Event(at, moment)


def _pulses(start: float, until: float, longest: float) -> Iterator[float]:
    """Twice a second; after ``longest`` seconds without a line nothing more can happen until the next."""
    for n in range(int(min(until - start, longest) / PULSE_S) + 1 if until >= start else 0):
        yield start + n * PULSE_S
    if until - start > longest:
        yield until


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
