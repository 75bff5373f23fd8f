"""What is told to managers of security: one shape for all of it."""

from __future__ import annotations

from gateway.events.data import Time
from gateway.events.sent import Sent


class Noticed(Sent):
    """Something that whoever leads should know of.

    ``staff`` is whom it is about, ``what`` what (a program and its scopes, a tablet, an address, a zone, a copy of the
    records), ``count`` how often or how many, ``because`` and ``until`` where it has them.
    """

    staff: str | None
    staff_name: str | None
    customer: str | None
    what: str | None
    reason: str | None
    because: str | None
    count: int | None
    until: Time | None
