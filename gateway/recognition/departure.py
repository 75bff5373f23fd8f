"""When is silence a departure?"""

from __future__ import annotations

from gateway.recognition.evidence import Credential
from gateway.recognition.settings import PresenceSettings

MISSED_READS = 12.0  # so many expected reads in a row are not missed by chance
TAIL = 1.6  # the longest silence of a credential is beaten by this factor once in some hundred hours
PASSING_S = 20.0  # heard by a portal for less than this: walked through, and nobody inside can hear


def patience(credentials: list[Credential], settings: PresenceSettings) -> float:
    """Seconds of silence of all these credentials that mean their owner has left; the most talkative one decides."""
    waits = [max(MISSED_READS * c.gap, TAIL * c.longest) for c in credentials]
    longest = min(waits, default=settings.cap_s)
    return min(settings.cap_s, max(settings.floor_s, longest))


def only_passed(credentials: list[Credential], arrived_at: float) -> bool:
    """Nothing inside has heard this customer since arriving: only a portal, and only in passing."""
    for credential in credentials:
        for link in credential.links.values():
            if link.at < arrived_at or link.role in ("outer", "exit", "tap"):
                continue
            if link.role == "zone" or link.at - link.first_at > PASSING_S:
                return False
    return True
