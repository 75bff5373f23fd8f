"""Everybody recognition has in memory, by customer and by identifier."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from gateway.recognition import belief
from gateway.recognition.evidence import Credential, Signal
from gateway.recognition.track import Track

FORGET_S = 900.0  # a customer who is away and unheard for so long is dropped from memory

_TIMES = frozenset(
    {"arrived_at", "at", "decided_at", "due", "first_at", "heard_at", "hinted_at", "left_at", "left_unseen_at"}
    | {
        "met_at",
        "on_stairs_at",
        "outside_at",
        "overdue",
        "seen_at",
        "silent_from",
        "since",
        "sure_at",
        "taught_at",
        "weighed_at",
        "told_at",
        "updated_at",
        "wake",
    }
)


class Tracks:
    """The customers heard lately or present, and whose each credential is."""

    __slots__ = ("_introduce", "_zones", "by_customer", "by_identifier")

    def __init__(self, zones: int, introduce: Callable[[Credential], None]) -> None:
        self._zones = zones
        self._introduce = introduce
        self.by_customer: dict[str, Track] = {}
        self.by_identifier: dict[str, tuple[Track, Credential]] = {}

    def of(self, customer: str) -> Track:
        """This customer, known or new."""
        track = self.by_customer.get(customer)
        if track is None:
            track = self.by_customer[customer] = Track(customer, belief.unknown(self._zones))
        return track

    def meet(self, identifier: str, customer: str) -> tuple[Track, Credential]:
        """A credential heard for the first time, or given to another customer since."""
        former = self.by_identifier.get(identifier)
        if former is not None:
            former[0].credentials.pop(identifier, None)
        track = self.of(customer)
        credential = track.credentials[identifier] = Credential(identifier)
        self._introduce(credential)
        known = self.by_identifier[identifier] = (track, credential)
        return known

    def drop(self, customer: str) -> Track | None:
        """Forgets this customer and everything they carry."""
        track = self.by_customer.pop(customer, None)
        if track is not None:
            for identifier in track.credentials:
                self.by_identifier.pop(identifier, None)
        return track

    def rewind(self, now: float, future: float) -> None:
        """Times later than ``future`` were a fast clock's: they become ``now``."""
        for track in self.by_customer.values():
            things: list[Track | Credential | Signal] = [track, *track.credentials.values(), *track.signals()]
            for thing in things:
                for name in _TIMES & set(thing.__slots__):
                    if future < getattr(thing, name) < float("inf"):
                        setattr(thing, name, now)

    def passed_by(self, before: float) -> Iterator[Collection[Credential]]:
        """The things of those who are away, were last heard before then, and were not likely inside."""
        for track in self.by_customer.values():
            has_been = max(track.left_by_exit_at, track.left_unseen_at) > track.heard_at - FORGET_S
            if not track.present and track.inside < 0.0 and track.heard_at < before and not has_been:
                yield track.credentials.values()

    def sweep(self, now: float) -> None:
        """Forgets customers who are away and have not been heard for long."""
        for track in list(self.by_customer.values()):
            if not track.present and now - max(track.seen_at, track.left_unseen_at) > FORGET_S:
                self.drop(track.customer)
