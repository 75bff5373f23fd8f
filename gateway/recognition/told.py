"""Phones that say themselves where they are: once when they come, once when they leave, and for hours nothing."""

from __future__ import annotations

from gateway.recognition import departure
from gateway.recognition.evidence import link_of
from gateway.recognition.people import People
from gateway.recognition.person import Person
from gateway.recognition.plan import Plan
from gateway.recognition.settings import PresenceSettings
from reader_drivers.sighting import Left, Sighting


def who_left(left: Left, customer: str, people: People, settings: PresenceSettings) -> Person | None:
    """Who has left with this phone; None where it is in another zone still, or something else of theirs is heard."""
    person, credential = people.by_identifier.get(left.identifier, (None, None))
    if person is None or credential is None or person.customer != customer:
        return None
    for link in credential.links.values():
        if link.reader == left.reader and left.antenna in (None, link.antenna):
            link.left_at = max(link.left_at, left.at)
    stays = departure.speaks_for(person, credential, left.at, settings)
    return person if person.present and left.at >= person.arrived_at and not stays else None


def remember(sighting: Sighting, at: float, since: float, customer: str, people: People, plan: Plan) -> None:
    """What a phone said before a restart, and a broker kept: who was here then, not before ``since``, is here still."""
    person = people.by_customer.get(customer)
    if person is None or not person.restored or at < since:
        return
    known = people.by_identifier.get(sighting.identifier)
    _, credential = known or people.meet(sighting.identifier, customer)
    link = link_of(credential, sighting, plan) if credential.told and not credential.links else None
    if link is not None:
        link.at = at
