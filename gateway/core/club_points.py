"""The points of a guest as they are shown here: worked out at the hub, told as of when, and to nobody unasked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.core.actions.statements import agrees
from gateway.core.club_line import Answer, Away
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events import venue_time
from gateway.events.event import FORGOTTEN, Event
from gateway.events.times import DAY, iso, seconds
from gateway.service.alert import Refused

PURPOSE = "club_points"
SOON_DAYS = 100  # what ends later is not said on a card
CONCERNS = ("consent.", "customer.merged", "customer.unmerged")
MOST = 2_000
"""Guests whose points are remembered, for when the hub is away; in memory alone."""


class Points:
    """What the hub said last of each guest; it ends with the consent, and with the process."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[Shape, float]] = {}

    async def of(self, house: Gateway, customer: str) -> Shape:
        """The line of a guest: ``shown``, ``away`` (the hub has not said it since the start), or ``off``."""
        now = house.memory.now()
        if not house.config.club.points or house.club is None or not agrees(house, customer, PURPOSE, now):
            self._said.pop(customer, None)
            return nothing(customer, "off")
        line = await self.asked(house, customer, known=False)
        if agrees(house, customer, PURPOSE, house.memory.now()):
            return line
        self._said.pop(customer, None)  # it ended while the hub was asked
        return nothing(customer, "off")

    def heard(self, house: Gateway, event: Event) -> None:
        """Forgets the line of whoever says anything about what they agree to, is forgotten, or is one with another."""
        if self._said and (event.type in FORGOTTEN or event.type.startswith(CONCERNS)):
            self._said.pop(event.subject, None)
            self._said.pop(house.memory.family.root(event.subject), None)

    async def asked(self, house: Gateway, customer: str, *, known: bool) -> Shape:
        """The same for the guest themselves; ``known``: nobody is given a number by it, and it is not remembered."""
        now = house.memory.now()
        try:
            number = await ask(house, "POST", "members", {"customer": customer, "known": known})
            if number.status >= 400:
                self._said.pop(customer, None)
                return nothing(customer, "off")
            found = await ask(house, "GET", f"members/{number.body['member']}")
        except Away:
            before = self._said.get(customer)
            return nothing(customer, "away") if before is None else {**before[0], "as_of": iso(before[1])}
        if found.status >= 400:
            return nothing(customer, "away")
        shown = _shown(customer, number.body, found.body, now)
        self._said.pop(customer, None)
        if known:
            return shown
        self._said[customer] = (shown, now)
        if len(self._said) > MOST:
            del self._said[next(iter(self._said))]
        return shown


async def ask(house: Gateway, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
    """What the hub says; raises Away, and Refused(404) where this venue is of no club."""
    if house.club is None:
        raise Refused(404, "this venue is of no club")
    return await house.club.ask(method, path, body)


def nothing(customer: str, state: str) -> Shape:
    """A line that says nothing."""
    return {
        "customer": customer, "state": state, "member": None, "club": None, "points": None, "reserved": None,
        "owed": None, "ending": None, "as_of": None,
    }  # fmt: skip


def _shown(customer: str, number: Mapping[str, Any], found: Mapping[str, Any], now: float) -> Shape:
    return nothing(customer, "shown") | {
        "member": number["member"], "club": number["name"], "points": found["points"], "reserved": found["reserved"],
        "owed": found["owed"], "ending": _ending(found["expiring"], now),
    }  # fmt: skip


def _ending(expiring: list[Mapping[str, Any]], now: float) -> Shape | None:
    """What ends first, where that is soon, with its last day."""
    for each in expiring:
        at = seconds(each["at"]) or 0.0
        if at - now <= SOON_DAYS * DAY:
            return {"points": each["points"], "day": last_day(at)}
    return None


def last_day(at: float) -> str:
    """The last whole day before points end, by the venue's calendar."""
    return datetime.fromtimestamp(at - 0.001, venue_time.zone()).date().isoformat()
