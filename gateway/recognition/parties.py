"""Who arrives together? Tracks who come through the same zone within seconds of each other are a party."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

TOGETHER_S = 6.0  # a couple takes three seconds through a door, a family of five six
CHAIN_S = 40.0  # however long the row of arrivals, its first and last are not one party beyond this
LARGEST = 20  # who come one and a half seconds apart take half a minute; more than this is a rush and not a party

Tie = Callable[[str, str], bool | None]
"""Whether two customers are known to belong together, or known not to; None where nobody knows."""


def _nobody_knows(_one: str, _other: str) -> None:
    return None


@dataclass(slots=True)
class Party:
    """Customers who arrived together, in the order of their arrival, in this zone."""

    zone: str
    first_at: float
    last_at: float
    customers: list[str] = field(default_factory=list)


class Parties:
    """Groups arrivals as they come; times in seconds since 1970 UTC, in whatever order they arrive."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: list[Party] = []

    def arrived(self, customer: str, zone: str, at: float, tie: Tie = _nobody_knows) -> Party:
        """The party this arrival belongs to, itself included; a party of one as a rule."""
        self._open = [party for party in self._open if at - party.first_at <= CHAIN_S]
        for party in self._open:
            if _joins(party, customer, zone, at) and _fits(party, customer, tie):
                if customer not in party.customers:
                    party.customers.append(customer)
                party.first_at = min(party.first_at, at)
                party.last_at = max(party.last_at, at)
                return party
        party = Party(zone, at, at, [customer])
        self._open.append(party)
        return party

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds."""
        for party in self._open:
            party.first_at += by
            party.last_at += by


def _joins(party: Party, customer: str, zone: str, at: float) -> bool:
    """Near enough in place and time, and neither a procession nor a rush?"""
    span = max(party.last_at, at) - min(party.first_at, at)
    if party.zone != zone or span > CHAIN_S:
        return False
    if customer in party.customers:
        return True
    near = party.first_at - TOGETHER_S <= at <= party.last_at + TOGETHER_S
    return near and len(party.customers) < LARGEST


def _fits(party: Party, customer: str, tie: Tie) -> bool:
    """Belongs to one of them; or nobody knows of all of them, and they are not a couple or a family of their own.

    Among ten who come in together some are a couple, and two have associates of their own: with others of whom nobody
    knows anything they are one party all the same.
    """
    others = [other for other in party.customers if other != customer]
    known = [tie(other, customer) for other in others]
    if not known or any(known):
        return True
    if None not in known:
        return False
    return any(not any(tie(one, other) for other in others if other != one) for one in others)
