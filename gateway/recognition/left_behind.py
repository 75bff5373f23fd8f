"""Keys left behind? Two things of one customer that are clearly in different places for a while."""

from __future__ import annotations

from dataclasses import dataclass

LEFT_AFTER_S = 45.0  # a coat at the cloakroom is no news, keys on a table while their owner leaves the room are
FRESH_S = 20.0  # both heard within this time
CLEAR_DB = 6.0  # louder in its zone than anywhere else, or it is not clear where it is


@dataclass(slots=True)
class Whereabouts:
    """Where one credential is by itself: its loudest zone (None: unknown), by how many dB, and when last heard.

    ``deaf``: a reader that heard it last is lost, so that its silence says nothing.
    """

    identifier: str
    zone: str | None
    lead_db: float
    heard_at: float
    deaf: bool = False


@dataclass(slots=True)
class LeftBehind:
    """Two things of a customer have been in two zones since ``since``: ``stays`` has not moved, ``goes`` has."""

    customer: str
    stays: str
    stays_in: str
    goes: str
    goes_in: str
    since: float


class LeftBehindWatch:
    """Notices, per customer, things that part; hints once each time."""

    __slots__ = ("_since", "_together_in")

    def __init__(self) -> None:
        self._since: dict[str, tuple[float, bool]] = {}
        self._together_in: dict[str, str] = {}

    def consider(self, customer: str, things: list[Whereabouts], now: float) -> LeftBehind | None:
        """A hint for staff once two things have been clearly in two zones for 45 s; call it every few seconds."""
        clear = [t for t in things if t.zone and t.lead_db >= CLEAR_DB and now - t.heard_at <= FRESH_S]
        zones = {t.zone for t in clear}
        if len(zones) < 2:
            self._since.pop(customer, None)
            if zones and len(clear) > 1:
                self._together_in[customer] = str(clear[0].zone)
            return None
        since, hinted = self._since.setdefault(customer, (now, False))
        before = self._together_in.get(customer)
        if hinted or before not in zones or now - since < LEFT_AFTER_S:
            return None
        self._since[customer] = (since, True)
        stays = next(t for t in clear if t.zone == before)
        goes = next(t for t in clear if t.zone != before)
        return LeftBehind(customer, stays.identifier, str(stays.zone), goes.identifier, str(goes.zone), since)

    def forget(self, customer: str) -> None:
        """This customer has left."""
        self._since.pop(customer, None)
        self._together_in.pop(customer, None)
