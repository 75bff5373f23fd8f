"""What an event says to each who may see it, and the frame in which it is sent."""

from __future__ import annotations

from typing import NamedTuple

from gateway.console import scopes
from gateway.console.frames import Encoded
from gateway.console.tablet import Shape
from gateway.events.catalogue import Audience, seen_by
from gateway.events.event import Event

Scopes = frozenset[str] | None


def is_hint(sent: Shape) -> bool:
    """Whether this tells of somebody who may be at the door, or was and did not come in."""
    return bool(sent.get("stage") == "hint")


class Told(NamedTuple):
    """A frame: what it says, by our ids, and its text as it is sent."""

    body: Shape
    text: Encoded


def seen_as(
    audience: Audience, staff: str | None, event: Event, sent: Shape, source: str, given: Scopes = None
) -> Shape | None:
    """The event as this audience, and this person, may see it; None where they may not, or ``given`` scopes do not.

    It names customers by our ids. Of a hint one person is told that somebody may be at the door, and not who: its
    subject is the visit.
    """
    seen = seen_by(audience, event, sent) if scopes.hears(given, event.type) else None
    if seen is None:
        return None
    seen = scopes.parts(given, seen)
    body = event.envelope(source, seen)
    if is_hint(sent):
        if audience == "program":
            body["data"] = {**seen, "customer": event.subject}
        elif staff is not None and staff in sent["to"]:
            body["subject"] = sent["visit"]
        elif staff is not None:
            return None
    return body
