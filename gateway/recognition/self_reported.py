"""Phones that say themselves where they are: once when they come, once when they leave, and for hours nothing."""

from __future__ import annotations

from gateway.recognition import departure
from gateway.recognition.evidence import signal_of
from gateway.recognition.plan import Plan
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.track import Track
from gateway.recognition.tracks import Tracks
from reader_drivers.sighting import Left, Sighting


def who_left(left: Left, customer: str, tracks: Tracks, settings: PresenceSettings) -> Track | None:
    """Who has left with this phone; None where it is in another zone still, or something else of theirs is heard."""
    track, credential = tracks.by_identifier.get(left.identifier, (None, None))
    if track is None or credential is None or track.customer != customer:
        return None
    for signal in credential.signals.values():
        if signal.reader == left.reader and left.antenna in (None, signal.antenna):
            signal.left_at = max(signal.left_at, left.at)
    stays = departure.speaks_for(track, credential, left.at, settings)
    return track if track.present and left.at >= track.arrived_at and not stays else None


def remember(sighting: Sighting, at: float, since: float, customer: str, tracks: Tracks, plan: Plan) -> None:
    """What a phone said before a restart, and a broker kept: who was here then, not before ``since``, is here still."""
    track = tracks.by_customer.get(customer)
    if track is None or not track.restored or at < since:
        return
    known = tracks.by_identifier.get(sighting.identifier)
    _, credential = known or tracks.meet(sighting.identifier, customer)
    signal = signal_of(credential, sighting, plan) if credential.self_reported and not credential.signals else None
    if signal is not None:
        signal.at = at
