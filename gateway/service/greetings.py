"""Who came and how they were greeted, folded from what happened: one guest is one visit, however many cards it had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gateway.events.times import seconds

TYPES = (
    "visit.arrived", "alert.opened", "alert.escalated", "alert.released", "alert.handed_over", "card.shown",
    "alert.claimed", "alert.met", "alert.closed", "clock.moved",
)  # fmt: skip
IN_TIME_S = 15.0  # seconds: the moment of truth; who waits longer is greeted late

Ended = Literal["greeted", "missed", "waiting", "declined", "revoked", "wrong_person", "merged", "quiet"]
"""``quiet``: no card was made of it, because of a wish, or because it was told when it was over."""
NOBODY_MET = frozenset({"not_found", "wrong_person"})
Measured = Literal["met", "claimed"]
"""To the tap that somebody is with the customer, or to the claim where there was no such tap."""


class Event(Protocol):
    """What is needed of an event of the journal; ``time`` in seconds since 1970 UTC."""

    @property
    def type(self) -> str: ...
    @property
    def time(self) -> float: ...
    @property
    def actor(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


def told_late(event: Event) -> float:
    """For how many seconds nobody could be told what an ``alert.met`` says."""
    met_at = seconds(event.data.get("met_at"))
    return 0.0 if met_at is None else max(0.0, event.time - met_at)


OTHERWISE: Mapping[str, Ended] = {"revoked": "revoked", "wrong_person": "wrong_person", "merged": "merged"}


@dataclass(slots=True)
class _Card:
    """An arrival's card; all its times on the clock that only passes."""

    id: str
    zone: str | None
    opened_at: float
    claimed_at: float | None = None
    by: str | None = None
    met_at: float | None = None
    met_by: str | None = None
    outcome: str | None = None

    @property
    def greeted(self) -> tuple[float, str | None, Measured] | None:
        """When, by whom, and how that is known; None for who was not there after all, and for whom nobody took."""
        if self.outcome in NOBODY_MET:
            return None
        if self.met_at is not None:
            return self.met_at, self.met_by, "met"
        return (self.claimed_at, self.by, "claimed") if self.claimed_at is not None else None

    @property
    def ended(self) -> Ended:
        """What became of the customer."""
        if self.greeted is not None:
            return "greeted"
        if self.outcome in ("left", "not_found"):
            return "missed"
        return "waiting" if self.outcome is None else OTHERWISE.get(self.outcome, "declined")


@dataclass(slots=True, frozen=True)
class Guest:
    """How one visit went; ``at`` is when it began, in seconds since 1970 UTC.

    ``who`` was with them, or else claimed first. ``took`` are the seconds from the card to the greeting, ``own`` those
    since the card was theirs who greeted; None for who was not greeted.
    """

    visit: str
    customer: str
    at: float
    zone: str | None
    alert: str | None
    ended: Ended
    claimed: bool
    who: str | None
    measured: Measured | None
    took: float | None
    own: float | None


@dataclass(slots=True)
class _Visit:
    """One visit with its cards; a tuple, since a week may have ten thousand."""

    id: str
    customer: str
    at: float
    zone: str | None
    cards: tuple[_Card, ...] = ()


class Greetings:
    """Takes events in order; guests are those who came, or for whom a card was opened, before ``until``."""

    def __init__(self, until: float = float("inf")) -> None:
        self._until = until
        self._moved = 0.0
        self._visits: dict[str, _Visit] = {}
        self._cards: dict[str, _Card] = {}
        self._greeters: dict[str, str] = {}
        self._rang: dict[tuple[str, str], float] = {}
        self._shown: dict[tuple[str, str], float] = {}

    def guests(self) -> list[Guest]:
        """Everybody, whoever came first in front."""
        return [self._told(visit) for visit in self._visits.values()]

    def take(self, event: Event) -> None:
        """One event; of an erased customer nothing is left but that it happened, which counts nothing."""
        data = event.data
        if event.type == "clock.moved":
            self._moved += float(data.get("by_s", 0.0))
        elif event.type == "visit.arrived" and data and event.time < self._until:
            self._visit(str(data["visit"]), str(data["customer"]), event.time, data.get("zone"))
        elif event.type == "alert.opened" and data.get("kind") == "arrival" and event.time < self._until:
            self._opened(data, event)
        elif event.type == "alert.closed" and data.get("outcome") == "greeted" and data.get("by"):
            self._greeters[str(data.get("visit"))] = str(data["by"])
        if (card := self._cards.get(str(data.get("alert")))) is not None:
            self._went_on(card, data, event)

    def _visit(self, visit: str, customer: str, at: float, zone: str | None) -> _Visit:
        return self._visits.setdefault(visit, _Visit(visit, customer, at, zone))

    def _opened(self, data: Mapping[str, Any], event: Event) -> None:
        alert, zone = str(data["alert"]), zone_of(data)
        if alert in self._cards:
            return
        visit = self._visit(str(data.get("visit", alert)), str(data.get("customer", "")), event.time, zone)
        card = self._cards[alert] = _Card(alert, zone, self._steady(event))
        visit.cards += (card,)
        self._rings(card, data, event)

    def _went_on(self, card: _Card, data: Mapping[str, Any], event: Event) -> None:
        at = self._steady(event)
        match event.type:
            case "alert.escalated" | "alert.released" | "alert.handed_over":
                self._rings(card, data, event)
            case "card.shown":
                self._shown.setdefault((card.id, str(data["staff"])), at)
            case "alert.claimed" if card.claimed_at is None:
                card.claimed_at, card.by = at, event.actor  # a hand-over later is another person's, no later greeting
            case "alert.met":
                there = data.get("met_at") is not None
                at -= told_late(event)  # a tablet that was out of reach tells it later
                card.met_at, card.met_by = (at, str(data.get("by") or event.actor)) if there else (None, None)
            case "alert.closed":
                card.outcome = str(data.get("outcome"))
                if card.outcome == "greeted" and card.claimed_at is None:
                    card.claimed_at = card.met_at = at  # greeting without a claim is said by who was there
                    card.by = card.met_by = self._greeters.get(str(data.get("visit")))

    def _rings(self, card: _Card, data: Mapping[str, Any], event: Event) -> None:
        for staff in data.get("to") or ():
            self._rang.setdefault((card.id, str(staff)), self._steady(event))

    def _told(self, visit: _Visit) -> Guest:
        """How it went: by the card that was greeted, else the last; who left and was greeted on coming back was."""
        cards = visit.cards
        card = next((c for c in cards if c.greeted is not None), cards[-1] if cards else None)
        facts = (visit.id, visit.customer, visit.at, visit.zone)
        if card is None:
            return Guest(*facts, None, "quiet", claimed=False, who=None, measured=None, took=None, own=None)
        claimed = any(c.claimed_at is not None for c in cards)
        if card.greeted is None:
            ended: Ended = "missed" if any(c.ended == "missed" for c in cards) else card.ended
            return Guest(*facts, card.id, ended, claimed, who=card.by, measured=None, took=None, own=None)
        at, who, measured = card.greeted
        own = max(0.0, at - min(self._theirs_since(card, who), at))
        return Guest(*facts, card.id, "greeted", claimed, who, measured, max(0.0, at - card.opened_at), own)

    def _theirs_since(self, card: _Card, staff: str | None) -> float:
        """Since when the card was this person's to take: on their screen, else rung with them, else open at all."""
        place = (card.id, staff or "")
        return self._shown.get(place, self._rang.get(place, card.opened_at))

    def _steady(self, event: Event) -> float:
        return event.time - self._moved


def zone_of(data: Mapping[str, Any]) -> str | None:
    """Where a card was opened; a card from before events were whole says it itself."""
    wanted = data.get("wanted") or data
    return wanted.get("zone") or None


def late(guests: Iterable[Guest]) -> list[Guest]:
    """Those who were greeted, and waited longer than the moment of truth."""
    return [g for g in guests if g.took is not None and g.took > IN_TIME_S]
