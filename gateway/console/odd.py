"""Sign-ins that are right and yet odd: whoever leads is told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from gateway.events import venue_time
from gateway.records import staff
from gateway.records.connection import SealedDatabase

NIGHT = (23, 5)  # from this hour of the venue until that one
MANY = 5  # wrong PINs of this device for this person just before

Because = Literal["new_device_at_night", "after_wrong_pins"]


def oddness(
    reader: SealedDatabase, who: str, source: str, tablet: str | None, wrong: int, now: float
) -> Because | None:
    """Why a sign-in is odd, None where it is not; ``wrong`` PINs came before it, ``now`` in seconds since 1970 UTC."""
    if wrong >= MANY:
        return "after_wrong_pins"
    hour = datetime.fromtimestamp(now, venue_time.zone()).hour
    known = staff.signed_in_on(reader, who, tablet) if tablet is not None else source == f"a browser of {who}"
    return None if known or NIGHT[1] <= hour < NIGHT[0] else "new_device_at_night"
