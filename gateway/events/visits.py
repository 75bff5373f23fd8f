"""What happens to a visit: from a hint at the door to the last word about it."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.alerts import AlertFacts
from gateway.events.data import Data, Hex, Time


class Presence(Data):
    """Where somebody is, since when, how sure and why; ``at`` is the read that decided it."""

    visit: str
    customer: str
    zone: str | None
    at: Time
    since: Time
    confidence: float
    reason: str
    evidence: dict[str, Any]
    late: bool


class Hinted(Presence):
    """Somebody may be at the door; ``alert`` is the hint one person was given, None where nobody was."""

    alert: AlertFacts | None


class Arrived(Presence):
    """A visit begins; ``party`` is the id of those who came together."""

    party: str
    companions: int


class Moved(Presence):
    """Another zone; ``resumed``: the visit had been said to be over and was not."""

    resumed: bool
    party: str | None
    companions: int


class Departed(Presence):
    """The visit is over; ``because`` says so where it was not that the customer left."""

    because: Literal["revoked", "erased", "merged", "wrong_person"] | None


class Companions(Data):
    """How many a customer has brought along: counted, never named."""

    visit: str
    customer: str
    companions: int


class Forgotten(Data):
    """What was said for a visit alone is forgotten; ``keys`` are the ids of the data keys destroyed with this event."""

    visit: str
    keys: list[Hex]


class Reviewed(Data):
    """How a visit was, in the words of who was there."""

    id: str
    visit: str
    customer: str
    satisfaction: int
    about: Literal["product", "person", "place"] | None
    outcome: str | None
    note: str | None
    by: str
    at: Time
