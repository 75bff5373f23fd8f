"""A venue whose zones or readers are others from now on: recognition goes on, and nobody is greeted anew."""

from __future__ import annotations

from gateway.recognition.learnt import Learnt
from gateway.recognition.plan import Plan
from gateway.recognition.presence import Presence
from gateway.recognition.settings import PresenceSettings


def onward(before: Presence, plan: Plan, settings: PresenceSettings) -> Presence:
    """The same venue by another plan: who is here is here as after a restart, and what was learnt is known."""
    learnt = Learnt(plan)
    learnt.take_back(before.learnt.document())
    learnt.version = before.learnt.version
    after = Presence(plan, new_visit=str, settings=settings, learnt=learnt)
    after._visits = before._visits.onward(settings.reentry_s)
    after._clocks, after._drift = before._clocks, before._drift
    after._lost.update({reader: at for reader, at in before._lost.items() if reader in plan.readers})
    after.beside.expected = before.beside.expected
    after._now, after._pulsed_at, after._swept_at = before._now, before._pulsed_at, before._swept_at
    for track in before._tracks.by_customer.values():
        if track.present:
            zone = before._plan.zones[track.state - 1]
            after.restore(track.customer, track.visit, zone, track.since, track.seen_at, before._now)
            after._tracks.of(track.customer).arrived_at = track.arrived_at
    return after
