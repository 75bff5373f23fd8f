"""What the gateway answers about security: what was noticed, and what two people opened."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Sent
from gateway.events.sent_security import Noticed


class Opening(Sent):
    """What waits to be confirmed, or is open: who asked, why, who confirmed, and until when.

    ``about_name`` is a customer's name: for whoever is to confirm it, and for who asked once it is open.
    """

    id: str
    kind: Literal["customer", "zone", "manager", "export", "quarantine"]
    about: str
    about_name: str | None
    reason: str
    a: str
    a_name: str | None
    b: str | None
    b_name: str | None
    state: Literal["waiting", "open"]
    until: Time


class ZoneStay(Sent):
    """Somebody came to a zone, or left it, as two people opened its history."""

    customer: str
    name: str | None
    address_as: str | None
    type: Literal["visit.arrived", "visit.moved", "visit.departed"]
    at: Time
    visit: str


class SecurityEvent(Noticed):
    """Something that whoever leads should know of: when, and who did it."""

    sequence: int
    time: Time
    type: str
    actor: str
    actor_name: str | None
