"""An alert: a moment given to a member of staff."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from gateway.events import times
from gateway.service.routing import Routing, Wanted

Outcome = Literal["greeted", "not_found", "declined", "left", "revoked", "wrong_person", "merged"]
State = Literal["open", "claimed", "closed"]
Stage = Literal["hint", "card"]
Because = Literal["released", "handed_over", "shift_ended", "tablet_lost"]
TIMES = frozenset({"opened_at", "claimed_at", "closed_at", "accept_by", "met_at"})


class Refused(Exception):
    """An act that cannot be done; ``status`` is its HTTP meaning, ``extra`` what the person should see with it."""

    def __init__(self, status: int, reason: str, **extra: Any) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.extra = extra


@dataclass(slots=True)
class Alert:
    """A moment given to a member of staff; times in seconds since 1970 UTC.

    ``stage`` hint is silent and names nobody. ``party`` are those who came together. ``about`` says what a kind
    beside arrival is about: ``from``, ``minutes``, ``days``, ``promise`` (its id), ``with`` (customers).
    """

    id: str
    kind: str
    visit: str
    customer: str
    wanted: Wanted
    opened_at: float
    state: State = "open"
    to: list[str] = field(default_factory=list)
    by: str | None = None
    claimed_at: float | None = None
    closed_at: float | None = None
    level: int = 0
    outcome: Outcome | None = None
    note: str | None = None
    asked: set[str] = field(default_factory=set)
    stage: Stage = "card"
    party: str | None = None
    about: dict[str, Any] = field(default_factory=dict)
    rated: bool | None = None
    accept_by: float | None = None
    """Until when the colleague in ``to`` may accept what was handed over; None where nothing was."""
    handed_by: str | None = None
    """Who had the customer before."""
    handed_because: Because | None = None
    """Why they have not any more."""
    met_at: float | None = None
    """Since when somebody is with the customer, where one tap said so."""

    @property
    def zone(self) -> str:
        """Where the customer is."""
        return self.wanted.zone

    @property
    def matter(self) -> str:
        """What makes it another than one of its kind and customer: a promise, an order and what speaks against that."""
        order = self.about.get("order")
        if order is not None:
            return "/".join([str(order["ask"]), *sorted(str(each["fact"]) for each in order["warnings"])])
        return str(self.about.get("promise", ""))

    @property
    def urgency(self) -> tuple[bool, bool, int, float]:
        """What sorts several at once: a complaint, a promise that is due, the tier, and who waits longest."""
        return (not self.wanted.complaint, not self.wanted.due, self.wanted.tier, self.opened_at)

    def let_go(self, because: Because, now: float) -> None:
        """Takes the customer from who has them: the alert begins anew, and says who had them."""
        self.handed_by, self.handed_because = self.by, because
        self.state, self.by, self.claimed_at, self.accept_by = "open", None, None, None
        self.level, self.opened_at = 0, now

    def in_zone(self, zone: str) -> Alert:
        """The alert of somebody who is in ``zone`` now; nobody is rung again for it."""
        moved = self.copy()
        moved.wanted = replace(self.wanted, zone=zone)
        return moved

    def shifted(self, by: float) -> Alert:
        """The same with all its times so many seconds later."""
        later = self.copy()
        later.opened_at += by
        later.claimed_at, later.closed_at, later.accept_by, later.met_at = (
            None if at is None else at + by for at in (self.claimed_at, self.closed_at, self.accept_by, self.met_at)
        )
        return later

    def copy(self) -> Alert:
        """A copy, to be changed while something is decided."""
        return replace(self, to=list(self.to), asked=set(self.asked))

    def data(self) -> dict[str, Any]:
        """Its facts as an event holds them."""
        facts = {name: getattr(self, name) for name in FACTS}
        facts |= {
            "wanted": self.wanted.data(),
            "to": list(self.to),
            "asked": sorted(self.asked),
            "about": {**self.about},
        }
        return times.written({"alert": self.id, **facts}, TIMES)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Alert:
        """The alert that ``data`` was made of; facts that it does not hold yet are as usual."""
        facts = times.read({name: data[name] for name in FACTS if name in data}, TIMES)
        facts |= {"id": data["alert"], "wanted": Wanted(**data["wanted"]), "asked": set(data["asked"])}
        return cls(**facts)


FACTS = tuple(f.name for f in fields(Alert) if f.name != "id")


@dataclass(slots=True)
class AlertNews:
    """An alert changed: ``type`` is the event's, ``actor`` who did it (a staff id, or ``gateway``).

    ``routing`` says why it went to whom, where it went to somebody.
    """

    type: str
    alert: Alert
    actor: str = "gateway"
    routing: Routing | None = None
