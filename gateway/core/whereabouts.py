"""Who is where, on the house's clock: recognition hears and thinks on the steady one, which nobody sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.core.clock import Clock
from gateway.recognition.beside import Beside
from gateway.recognition.labels import Label
from gateway.recognition.learnt import Learnt
from gateway.recognition.left_behind import Whereabouts as OfOneThing
from gateway.recognition.moments import Evidence, Here, Moment
from gateway.recognition.plan import Plan
from gateway.recognition.presence import Presence
from gateway.recognition.replanned import onward
from gateway.recognition.settings import PresenceSettings
from reader_drivers.sighting import Left, Sighting


class Whereabouts:
    """Recognition as the house asks it: sightings have steady times, everything else the house's."""

    def __init__(self, presence: Presence, clock: Clock) -> None:
        self._presence = presence
        self._clock = clock

    def see(self, sighting: Sighting, customer: str) -> Moment | None:
        """One read; rarely a moment."""
        moment = self._presence.see(sighting, customer)
        return moment if moment is None else self._of_house(moment)

    def left(self, left: Left, customer: str) -> Moment | None:
        """A phone says that it has left."""
        moment = self._presence.left(left, customer)
        return moment if moment is None else self._of_house(moment)

    def pulse(self, now: float) -> list[Moment]:
        """What time alone has changed."""
        return [self._of_house(moment) for moment in self._presence.pulse(now - self._clock.moved)]

    def reader_lost(self, reader: str, at: float) -> None:
        """Nobody leaves because this reader is silent."""
        self._presence.reader_lost(reader, at - self._clock.moved)

    def reader_back(self, reader: str, at: float) -> None:
        """This reader hears again."""
        self._presence.reader_back(reader, at - self._clock.moved)

    def end(self, customer: str, at: float, reason: str) -> Moment | None:
        """This customer is not recognised any more."""
        moment = self._presence.end(customer, at - self._clock.moved, reason)
        return moment if moment is None else self._of_house(moment)

    def ending(self, customer: str, at: float, reason: str) -> Moment | None:
        """What ``end`` would tell; nothing changes."""
        moment = self._presence.ending(customer, at - self._clock.moved, reason)
        return moment if moment is None else self._of_house(moment)

    def restore(self, customer: str, visit: str, zone: str, since: float, seen_at: float, now: float) -> None:
        """Present again after a restart, without greeting."""
        moved = self._clock.moved
        self._presence.restore(customer, visit, zone, since - moved, seen_at - moved, now - moved)

    def recent(self, customer: str, visit: str, departed_at: float) -> None:
        """Left before the restart."""
        self._presence.recent(customer, visit, departed_at - self._clock.moved)

    def replan(self, plan: Plan, settings: PresenceSettings) -> None:
        """The venue is so from now on, and who is here stays here."""
        self._presence = onward(self._presence, plan, settings)

    def here(self) -> list[Here]:
        """Everybody who is present."""
        return [self._shown(here) for here in self._presence.here()]

    def where(self, customer: str) -> Here | None:
        """Where this customer is; None while away."""
        here = self._presence.where(customer)
        return here if here is None else self._shown(here)

    def things(self, customer: str) -> list[OfOneThing]:
        """Where each thing of a customer is by itself, in steady times."""
        return self._presence.whereabouts(customer)

    @property
    def learnt(self) -> Learnt:
        """What the venue has taught."""
        return self._presence.learnt

    def taught(self, label: Label) -> bool:
        """Staff have said where somebody is, or is not; False where nothing could be learnt from it."""
        return self._presence.taught(replace(label, at=label.at - self._clock.moved))

    def placed(self, customer: str, zone: str, at: float, evidence: Evidence) -> None:
        """Staff have seen this customer in a zone."""
        self._presence.placed(customer, zone, at - self._clock.moved, evidence)

    def apart(self) -> Presence:
        """Recognition of a thing that is nobody's, in steady times; what it is taught, this knows."""
        return self._presence.apart()

    @property
    def beside(self) -> Beside:
        """What else than readers speaks of who comes and goes, in steady times; who is expected, in the house's."""
        return self._presence.beside

    def clock_shifts(self) -> Mapping[str, float]:
        """Seconds added to the times of readers whose clocks are wrong."""
        return self._presence.clock_shifts()

    def drifts(self) -> dict[str, float]:
        """Readers that hear otherwise than they used to, and by how many dB."""
        return self._presence.drifts()

    def _of_house(self, moment: Moment) -> Moment:
        moved = self._clock.moved
        return replace(moment, at=moment.at + moved, since=moment.since + moved)

    def _shown(self, here: Here) -> Here:
        here.since += self._clock.moved
        here.seen_at += self._clock.moved
        return here
