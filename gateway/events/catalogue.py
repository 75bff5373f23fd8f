"""Every type of event: what it holds, whose key seals it, who is sent it, and which members name somebody.

What stands in no list here is sent to nobody. ``docs/events.md`` and ``/asyncapi.json`` are made from these rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.events import alerts, customers, house, visits
from gateway.events.data import Data
from gateway.events.event import HOUSE, STAFF, Event
from gateway.events.examples import example_of

Audience = Literal["service", "technical", "program"]
"""``service`` looks after customers, ``technical`` after equipment alone, ``program`` is software without a person."""
Holder = Literal["customer", "staff", "house"]

NOBODY: frozenset[Audience] = frozenset()
SERVICE: frozenset[Audience] = frozenset({"service"})
STAFF_ONLY: frozenset[Audience] = frozenset({"service", "technical"})
EVERYONE: frozenset[Audience] = frozenset({"service", "technical", "program"})
WITH_PROGRAMS: frozenset[Audience] = frozenset({"service", "program"})

NAMING = frozenset({"name", "address_as", "card", "about", "alerts", "preferences", "asks"})


@dataclass(slots=True, frozen=True)
class Row:
    """One type of event.

    ``holder`` is whose key seals ``data``: the customer's or the member of staff's who is its subject, or the house's.
    ``to`` are the audiences that are sent it; ``person``: of them only whom its ``to`` names. ``program`` are the
    members that a program is sent, and no others. ``names`` are the members that say what a customer is called or known
    by: who looks after equipment alone is not sent them.
    """

    data: type[Data]
    holder: Holder
    to: frozenset[Audience] = NOBODY
    program: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    person: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WHERE = _words(
    "visit customer zone since confidence reason sightings_at state late party companions wishes asks quiet_since"
)
_ALERT = _words(
    "id alert kind state visit customer zone to by opened_at claimed_at level outcome party stage accept_by"
    " handed_by handed_because"
)
_ASK = _words("id visit customer state by at count answered_by answered_at served_by served_at")
_OWED = _words("id kind customer visit owner due state by at closed_by closed_at handed_from handed_because")
_FACT = _words("id customer visit category polarity basis scope by at")
_READER = _words("reader id driver role zone zones state reason firmware reads_per_s last_sighting since rejected")
_STAFF = _words("id on_shift connected zones languages roles shift_until removed")
_CONSENT = _words("customer purpose expires")
LISTS: Mapping[str, frozenset[str]] = {
    "present": _WHERE - {"asks"}, "alerts": _ALERT, "asks": _ASK, "promises": _OWED, "complaints": _OWED,
    "readers": _READER, "staff": _STAFF,
}  # fmt: skip
"""What a program is sent of each row in the state that it begins with."""


def _of_customer(data: type[Data], program: frozenset[str]) -> Row:
    return Row(data, "customer", WITH_PROGRAMS, program, NAMING)


def _visit(data: type[Data]) -> Row:
    return _of_customer(data, _WHERE)


def _alert(data: type[Data]) -> Row:
    return _of_customer(data, _ALERT)


def _ask() -> Row:
    return _of_customer(alerts.AskFacts, _ASK)


def _owed() -> Row:
    return _of_customer(alerts.OwedFacts, _OWED)


def _staff(data: type[Data], *, holder: Holder = "staff") -> Row:
    return Row(data, holder, EVERYONE, _STAFF)


def _reader() -> Row:
    return Row(house.ReaderChanged, "house", EVERYONE, _READER)


CATALOGUE: Mapping[str, Row] = {
    # --- who is here
    "visit.hinted": Row(visits.Hinted, "customer", WITH_PROGRAMS, _WHERE | _ALERT, NAMING, person=True),
    "visit.arrived": _visit(visits.Arrived),
    "visit.moved": _visit(visits.Moved),
    "visit.departed": _visit(visits.Departed),
    "visit.companions": _visit(visits.Companions),
    "visit.reviewed": Row(
        visits.Reviewed, "customer", WITH_PROGRAMS, _words("id visit customer satisfaction about by at")
    ),
    # --- who looks after them
    "alert.opened": _alert(alerts.AlertGiven),
    "alert.escalated": _alert(alerts.AlertGiven),
    "alert.claimed": _alert(alerts.AlertFacts),
    "alert.released": _alert(alerts.AlertGiven),
    "alert.handed_over": _alert(alerts.AlertGiven),
    "alert.closed": _alert(alerts.AlertFacts),
    "alert.rated": _alert(alerts.AlertFacts),
    "alert.waited": _alert(alerts.AlertGiven),
    "alert.reconsidered": Row(alerts.AlertFacts, "customer"),
    "ask.opened": _ask(),
    "ask.answered": _ask(),
    "ask.served": _ask(),
    "promise.made": _owed(),
    "promise.kept": _owed(),
    "promise.handed_over": _owed(),
    "complaint.opened": _owed(),
    "complaint.closed": _owed(),
    "complaint.handed_over": _owed(),
    # --- what is known of them, and what they agreed to
    "preference.recorded": _of_customer(customers.PreferenceFacts, _FACT),
    "preference.served": _of_customer(customers.PreferenceServed, _FACT | {"served_by", "served_at"}),
    "customer.enrolled": _of_customer(customers.Enrolled, _words("customer")),
    "customer.changed": _of_customer(customers.Changed, _words("customer")),
    "customer.erased": Row(customers.Erased, "house", EVERYONE, _words("customer"), NAMING),
    "customer.viewed": Row(customers.Viewed, "customer"),
    "customer.expected": Row(customers.Expected, "customer"),
    "customer.doubted": Row(customers.Doubted, "customer", SERVICE, names=NAMING),
    "wish.changed": _of_customer(customers.WishChanged, _words("customer wishes")),
    "credential.given": _of_customer(customers.CredentialGiven, _words("customer credential scheme")),
    "credential.taken": _of_customer(customers.CredentialTaken, _words("customer credential scheme")),
    "consent.granted": _of_customer(customers.ConsentGranted, _CONSENT),
    "consent.revoked": _of_customer(customers.ConsentRevoked, _CONSENT),
    "customers.searched": Row(customers.Searched, "house"),
    "customers.exported": Row(customers.Exported, "house"),
    "customers.imported": Row(customers.Imported, "house"),
    # --- the house
    "staff.changed": _staff(house.StaffChanged),
    "staff.removed": _staff(house.StaffRemoved, holder="house"),
    "staff.connected": _staff(house.StaffConnected, holder="house"),
    "shift.started": _staff(house.ShiftStarted, holder="house"),
    "shift.ended": _staff(house.ShiftEnded, holder="house"),
    "session.began": Row(house.SessionBegan, "house"),
    "session.ended": Row(house.SessionEnded, "house"),
    "sign_in.refused": Row(house.SignInRefused, "house"),
    "token.made": Row(house.TokenMade, "house"),
    "token.revoked": Row(house.TokenRevoked, "house"),
    "tablet.paired": Row(house.TabletPaired, "house", STAFF_ONLY),
    "tablet.revoked": Row(house.TabletRevoked, "house", STAFF_ONLY),
    "reader.lost": _reader(),
    "reader.quiet": _reader(),
    "reader.back": _reader(),
    "plan.changed": Row(house.PlanChanged, "house", EVERYONE, _words("width height zones readers")),
    "walk.ended": Row(house.WalkEnded, "house", STAFF_ONLY),
    "areas.learnt": Row(house.AreasLearnt, "house"),
    "rooms.learnt": Row(house.RoomsLearnt, "house"),
    "retention.applied": Row(house.RetentionApplied, "house"),
    "webhook.ended": Row(house.WebhookEnded, "house", STAFF_ONLY),
    "limit.reached": Row(house.LimitReached, "house", STAFF_ONLY),
    "clock.moved": Row(house.ClockMoved, "house"),
    "records.backed_up": Row(house.BackedUp, "house"),
    "epoch.began": Row(house.EpochBegan, "house"),
}


def holder_of(type: str, subject: str) -> str:  # noqa: A002
    """Whose key seals an event of this type about this subject."""
    kind = CATALOGUE[type].holder
    return subject if kind == "customer" else STAFF + subject if kind == "staff" else HOUSE


def seen_by(audience: Audience, event: Event, sent: Mapping[str, Any]) -> dict[str, Any] | None:
    """What this audience may see of ``sent``, the members of an event as it leaves; None: it is not sent it at all."""
    row = CATALOGUE[event.type]
    if audience not in row.to:
        return None
    if audience == "program":
        kept = {name: value for name, value in sent.items() if name in row.program}
        return {**kept, "asks": _rows(kept["asks"], _ASK)} if "asks" in kept else kept
    return {name: value for name, value in sent.items() if audience == "service" or name not in row.names}


def state_for_programs(state: Mapping[str, Any]) -> dict[str, Any]:
    """The whole state as a program begins with it: no more of anything than its events hold."""
    return {**state, **{name: _rows(state[name], members) for name, members in LISTS.items()}, "preferences": {}}


def _rows(rows: Iterable[Mapping[str, Any]], members: frozenset[str]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name in members} for row in rows]


def example(type: str) -> dict[str, Any]:  # noqa: A002
    """What an event of this type may hold."""
    return example_of(CATALOGUE[type].data)


def check(event: Event) -> None:
    """Raises pydantic's ValidationError where the data is not what the catalogue says."""
    CATALOGUE[event.type].data.model_validate(event.data, strict=True)
