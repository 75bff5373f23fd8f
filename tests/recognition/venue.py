"""A venue for recognition: a door with an outer and an inner reader, two rooms, an exit and a desk to tap at."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from gateway.recognition.moments import Moment
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.presence import Presence
from gateway.recognition.settings import PresenceSettings
from reader_drivers.sighting import Sighting

PLAN = Plan(
    zones=("entrance", "lounge", "bar"),
    readers={
        "street": ReaderPlace("outer"),
        "door": ReaderPlace("inner", "entrance"),
        "lounge": ReaderPlace("zone", "lounge"),
        "bar": ReaderPlace("zone", "bar"),
        "out": ReaderPlace("exit"),
        "desk": ReaderPlace("tap", "entrance"),
    },
)
PORTAL = Plan(zones=("entrance",), readers={"door": ReaderPlace("inner", "entrance"), "out": ReaderPlace("exit")})

TAG = "epc:3034AA00"
PHONE = "irk:00112233445566778899aabbccddeeff"


class Venue:
    """Plays sightings and pulses in the order of time, as the gateway would, and keeps what was said."""

    def __init__(self, plan: Plan = PLAN, settings: PresenceSettings | None = None) -> None:
        ids = count(1)
        self.presence = Presence(plan, new_visit=lambda: f"v{next(ids)}", settings=settings or PresenceSettings())
        self.moments: list[Moment] = []
        self.told_at: dict[str, float] = {}
        self.now = 0.0

    def until(self, at: float) -> None:
        """Pulses twice a second up to this time."""
        while self.now + 0.5 <= at:
            self.now += 0.5
            self._tell(self.presence.pulse(self.now), self.now)

    def sighting(self, reader: str, at: float, identifier: str = TAG, rssi: float | None = -60.0) -> Sighting:
        return Sighting(reader, None, identifier, rssi, None, at)

    def read(
        self,
        reader: str,
        at: float,
        rssi: float | None = -60.0,
        identifier: str = TAG,
        customer: str = "c1",
        antenna: int | str | None = None,
    ) -> Moment | None:
        self.until(at)
        moment = self.presence.see(Sighting(reader, antenna, identifier, rssi, None, at), customer)
        self._tell([moment] if moment else [], at)
        return moment

    def reads(
        self,
        reader: str,
        times: Iterable[float],
        rssi: float | None = -60.0,
        identifier: str = TAG,
        customer: str = "c1",
        antenna: int | str | None = None,
    ) -> None:
        for at in times:
            self.read(reader, at, rssi, identifier, customer, antenna)

    def said(self, *kinds: str) -> list[str]:
        """The kinds of moments told so far, of these kinds."""
        return [m.kind for m in self.moments if not kinds or m.kind in kinds]

    def _tell(self, moments: list[Moment], at: float) -> None:
        self.moments += moments
        self.told_at.update({m.kind: at for m in moments})


def every(seconds: float, start: float, end: float) -> list[float]:
    """Times from start up to end, this far apart."""
    return [start + i * seconds for i in range(int((end - start) / seconds + 1e-9))]
