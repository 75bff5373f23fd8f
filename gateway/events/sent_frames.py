"""The frames of the live socket: what it begins with, what it says beside events, and what an event is."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Time
from gateway.events.sent import Alert, Ask, Me, Owed, Preference, Presence, Sent, Staff, Venue
from gateway.events.sent_equipment import Plan, Reader
from gateway.events.sent_house import Quarantine
from gateway.events.sent_rounds import ExpectedVisit, Menu, Place, Round


class Alerting(Sent):
    """After how many seconds an alert goes on, and then to a manager."""

    escalate_after_s: list[float]


class MomentRule(Sent):
    """Which kind of moment this venue tells, where (no zone: everywhere), after how long, and whom."""

    kind: str
    zones: list[str]
    after_minutes: float
    days: int
    to: Literal["holder", "owner", "zone", "manager"]


class State(Sent):
    """The whole floor for a tablet that starts, or was away too long; ``preferences`` are those of who is here.

    ``expected`` are those who may still come, ``rounds`` the open ones.

    A program is sent it without what says who somebody is, and who looks after equipment alone the readers and staff.
    """

    venue: Venue
    me: Me
    present: list[Presence]
    alerts: list[Alert]
    asks: list[Ask]
    promises: list[Owed]
    complaints: list[Owed]
    preferences: dict[str, list[Preference]]
    readers: list[Reader]
    staff: list[Staff]
    alerting: Alerting
    moments: list[MomentRule]
    plan: Plan | None
    places: list[Place]
    expected: list[ExpectedVisit]
    menus: list[Menu]
    rounds: list[Round]
    quarantine: Quarantine | None


class Stopped(Sent):
    """What a customer has ended: ``everything`` with an erasure, being recognised in ``visits``, ``preferences``."""

    customer: str
    ended: list[Literal["everything", "visits", "preferences"]]


class Hello(Sent):
    """The first frame, and once more when the clock was set; ``state`` is null where all after ``since`` follows.

    ``stopped``: what customers have ended since ``since``, or since a tablet holds what it recorded (``held``), to be
    taken before all else. A person's tablet is then told the whole state: what it missed might name them.
    """

    type: Literal["hello"]
    sequence: int
    build: str
    stopped: list[Stopped]
    state: State | None


class View(Sent):
    """Whom this person sees is otherwise, though nothing new happened: who went to a zone that is not theirs, or came.

    Of the visits that are ``gone`` a tablet shows nothing any more. Of the customers named in ``of`` it holds what this
    frame says, and nothing else: who is here, alerts, questions, preferences, promises and complaints.
    """

    type: Literal["view"]
    sequence: int
    gone: list[str]
    of: list[str]
    present: list[Presence]
    alerts: list[Alert]
    asks: list[Ask]
    promises: list[Owed]
    complaints: list[Owed]
    preferences: dict[str, list[Preference]]


class Tick(Sent):
    """We are here: at least every five seconds.

    ``quiet``: by visit, those who are here and have not been heard for longer than is usual, and since when. It is no
    event, since nothing has happened; null for who looks after equipment alone.
    """

    type: Literal["tick"]
    sequence: int
    time: Time
    quiet: dict[str, Time] | None


class LiveEvent(Sent):
    """One CloudEvent of the live socket; ``data`` is what its ``type`` says.

    ``recorded``: the disk has it; what recognition brings is told before that.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: Time
    sequence: int
    actor: str
    recorded: bool
    data: dict[str, Any]
