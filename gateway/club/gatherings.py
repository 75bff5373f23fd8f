"""A gathering from its draft to its reckoning: who is invited by which rule, seats, a line of who waits, who was there.

Pure: no clock, no store. Nothing in it goes by what somebody is worth but the list ``value``, which gives half the
seats at the most; who waits goes first by the order of answering.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Literal, NamedTuple

Kind = Literal["contest", "tasting", "course", "owners", "salon", "online"]
State = Literal["draft", "open", "closed", "under_way", "over", "reckoned", "cancelled"]
Standing = Literal["listed", "sent", "accepted", "waiting", "declined", "lapsed", "withdrawn", "attended", "not_seen"]
By = Literal["value", "interest", "relation", "woken", "membership", "named"]
NEXT: Mapping[State, frozenset[State]] = {
    "draft": frozenset({"open", "cancelled"}),
    "open": frozenset({"closed", "cancelled"}),
    "closed": frozenset({"under_way", "cancelled"}),
    "under_way": frozenset({"over", "cancelled"}),
    "over": frozenset({"reckoned"}),
    "reckoned": frozenset(),
    "cancelled": frozenset(),
}
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
QUIET_DAYS = 30
UNANSWERED = 2
EARLY_MS = HOUR_MS // 2
LONG_ENOUGH_MS = 10 * 60_000


class Refused(Exception):
    """What is not done; ``code`` names why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


# --- who is invited ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guest:
    """What is known of a customer that a list may go by."""

    id: str
    agreed: bool = False
    """Consent ``invitations``, alive."""
    undisturbed: bool = False
    unanswered: int = 0
    """Invitations in a row without an answer."""
    last_invited: int | None = None
    complaint: bool = False
    value: bool = False
    """On the list of the tier, or of what insight says."""
    interests: frozenset[str] = frozenset()
    meets: frozenset[str] = frozenset()
    """Whom they agreed to meet, who agreed too."""
    silent_days: int | None = None
    """Of who was here often once: days since."""
    member: bool = False
    """A proof of ownership is alive."""


@dataclass(frozen=True, slots=True)
class Row:
    """A rule of a list; ``reason`` is what whoever is invited may be told."""

    by: By
    reason: str
    most: int | None = None
    days: int = 90
    category: str = ""
    named: frozenset[str] = frozenset()


class Listed(NamedTuple):
    """Somebody on the list, by which rules, and where the draw put them."""

    customer: str
    reasons: tuple[str, ...]
    drawn: str


class Drawn(NamedTuple):
    """Who is invited; who might have been, and is what it is compared with; and for whom an owner decides."""

    chosen: tuple[Listed, ...]
    others: tuple[Listed, ...]
    for_owners: tuple[str, ...]


def draw(gathering: str, customer: str) -> str:
    """Where chance puts somebody: anybody can work it out again, and nobody can choose it."""
    return sha256(f"{gathering}\x00{customer}".encode()).hexdigest()


def is_out(guest: Guest, now: int) -> bool:
    """Whether somebody is invited to nothing just now, whatever the rule."""
    recently = guest.last_invited is not None and now - guest.last_invited < QUIET_DAYS * DAY_MS
    return not guest.agreed or guest.undisturbed or guest.unanswered >= UNANSWERED or recently


def _fits(row: Row, guest: Guest, chosen: Collection[str]) -> bool:
    match row.by:
        case "value":
            return guest.value
        case "interest":
            return row.category in guest.interests
        case "relation":
            return bool(guest.meets & set(chosen))
        case "woken":
            return guest.silent_days is not None and guest.silent_days >= row.days
        case "membership":
            return guest.member
        case "named":
            return guest.id in row.named


def invite(gathering: str, seats: int, rows: Sequence[Row], guests: Collection[Guest], now: int) -> Drawn:
    """Whom the rules of a list choose for so many seats: added up, and drawn where more are eligible than there are."""
    there = [guest for guest in guests if not is_out(guest, now)]
    for_owners = tuple(sorted(guest.id for guest in there if guest.complaint))
    there = sorted((guest for guest in there if not guest.complaint), key=lambda each: draw(gathering, each.id))
    reasons: dict[str, list[str]] = {}
    eligible: dict[str, list[str]] = {}
    # Relations last: they go by whom the other rules chose.
    for row in sorted(rows, key=lambda each: each.by == "relation"):
        most = seats if row.most is None else row.most
        if row.by == "value":
            most = min(most, seats // 2)
        for guest in there:
            if not _fits(row, guest, list(reasons)):
                continue
            eligible.setdefault(guest.id, []).append(row.reason)
            if guest.id in reasons:
                reasons[guest.id].append(row.reason)
            elif most > 0 and len(reasons) < seats:
                reasons[guest.id] = [row.reason]
                most -= 1
    order = [(guest.id, draw(gathering, guest.id)) for guest in there]
    return Drawn(
        tuple(Listed(id_, tuple(reasons[id_]), at) for id_, at in order if id_ in reasons),
        tuple(Listed(id_, tuple(eligible[id_]), at) for id_, at in order if id_ in eligible and id_ not in reasons),
        for_owners,
    )


# --- answers and seats ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invitation:
    """One customer's; ``companions`` take seats and are a number."""

    customer: str
    standing: Standing = "listed"
    companions: int = 0
    answered_at: int | None = None
    offered_until: int | None = None

    @property
    def seats(self) -> int:
        """How many seats it takes."""
        holds = self.standing in ("accepted", "attended", "not_seen") or self.offered_until is not None
        return 1 + self.companions if holds else 0


@dataclass(frozen=True, slots=True)
class Gathering:
    """One gathering with its invitations."""

    id: str
    kind: Kind
    begins: int
    ends: int
    places: int
    offer_hours: int = 24
    state: State = "draft"
    invitations: Mapping[str, Invitation] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many seats nobody has."""
        return self.places - sum(each.seats for each in self.invitations.values())

    def line(self) -> list[str]:
        """Who waits, in the order of answering."""
        waiting = [each for each in self.invitations.values() if each.standing == "waiting"]
        return [each.customer for each in sorted(waiting, key=lambda each: (each.answered_at or 0, each.customer))]

    def with_(self, *changed: Invitation) -> Gathering:
        """With these invitations instead of those of the same customers."""
        return replace(self, invitations={**self.invitations, **{each.customer: each for each in changed}})


def moved(found: Gathering, to: State) -> Gathering:
    """In another state; raises Refused ``state``. Opened, the invitations are sent; closed, who waits waits no more."""
    if to not in NEXT[found.state]:
        raise Refused("state")
    made = replace(found, state=to)
    if to == "open":
        return made.with_(*(replace(each, standing="sent") for each in made.invitations.values()))
    if to == "closed":
        ended = [each for each in made.invitations.values() if each.standing in ("sent", "waiting")]
        return made.with_(*(replace(each, standing="lapsed", offered_until=None) for each in ended))
    return made


def passed(found: Gathering, now: int) -> Gathering:
    """As the clock has it: what was offered in vain goes to the next in line, and the evening begins and ends."""
    late = [each for each in found.invitations.values() if each.offered_until is not None and each.offered_until <= now]
    if late:
        found = found.with_(*(replace(each, standing="lapsed", offered_until=None) for each in late))
    if found.state == "open":
        found = _offered(found, now)
    if found.state == "closed" and now >= found.begins:
        found = moved(found, "under_way")
    if found.state == "under_way" and now >= found.ends:
        found = moved(found, "over")
    return found


def accepted(found: Gathering, customer: str, companions: int, now: int) -> Gathering:
    """Somebody comes, with so many; waits where there is no seat for all of them. Raises Refused."""
    mine = _open_of(found, customer)
    if companions < 0:
        raise Refused("companions")
    back = found.with_(replace(mine, standing="sent", companions=0, offered_until=None))
    fits = back.free >= 1 + companions
    if mine.seats and not fits:
        raise Refused("companions")  # what they have stays theirs, and no more is there
    standing: Standing = "accepted" if fits and (mine.seats or not back.line()) else "waiting"
    first = mine.answered_at if mine.standing == "waiting" and mine.answered_at is not None else now
    return _offered(
        back.with_(replace(mine, standing=standing, companions=companions, answered_at=first, offered_until=None)), now
    )


def declined(found: Gathering, customer: str, now: int) -> Gathering:
    """Somebody does not come, or not after all; their seats are offered to the first in line."""
    mine = found.invitations.get(customer)
    if mine is None or found.state not in ("open", "closed"):
        raise Refused("state")
    standing: Standing = "withdrawn" if mine.standing == "accepted" else "declined"
    made = replace(mine, standing=standing, companions=0, answered_at=now, offered_until=None)
    found = found.with_(made)
    return _offered(found, now) if found.state == "open" else found


def _open_of(found: Gathering, customer: str) -> Invitation:
    mine = found.invitations.get(customer)
    if mine is None or found.state != "open" or mine.standing in ("listed", "lapsed"):
        raise Refused("state")
    return mine


def _offered(found: Gathering, now: int) -> Gathering:
    """Offers free seats to who waits, in order; who is first waits until there is room for all of theirs."""
    for customer in found.line():
        mine = found.invitations[customer]
        if mine.offered_until is not None:
            continue
        if found.free < 1 + mine.companions:
            break
        found = found.with_(replace(mine, offered_until=now + found.offer_hours * HOUR_MS))
    return found


# --- who was there ----------------------------------------------------------------------------------------------------


class Stay(NamedTuple):
    """A time that somebody was heard in one of the gathering's zones."""

    customer: str
    begins: int
    ends: int


class Attendance(NamedTuple):
    """When somebody came in and went out."""

    customer: str
    came: int
    went: int


def attendance(found: Gathering, stays: Iterable[Stay], recognised: Collection[str]) -> dict[str, Attendance]:
    """Who of the list was there: heard for ten minutes between half an hour before and the end.

    Who has not agreed to be recognised is never in it: a host marks them by hand.
    """
    heard: dict[str, list[tuple[int, int]]] = {}
    for stay in stays:
        begins, ends = max(stay.begins, found.begins - EARLY_MS), min(stay.ends, found.ends)
        if ends > begins and stay.customer in found.invitations and stay.customer in recognised:
            heard.setdefault(stay.customer, []).append((begins, ends))
    return {
        customer: Attendance(customer, min(begins for begins, _ in spans), max(ends for _, ends in spans))
        for customer, spans in sorted(heard.items())
        if _together(spans) >= LONG_ENOUGH_MS
    }


def _together(spans: Sequence[tuple[int, int]]) -> int:
    """How long spans last that may overlap."""
    total, until = 0, 0
    for begins, ends in sorted(spans):
        total += max(0, ends - max(begins, until))
        until = max(until, ends)
    return total


def settled(found: Gathering, there: Collection[str]) -> Gathering:
    """Over: who accepted was there, or was not seen, which is not that they did not come; a host settles those."""
    return found.with_(
        *(
            replace(each, standing="attended" if each.customer in there else "not_seen")
            for each in found.invitations.values()
            if each.standing == "accepted" or each.customer in there
        )
    )


def marked(found: Gathering, customer: str) -> Gathering:
    """A host says that somebody was there."""
    mine = found.invitations.get(customer)
    if mine is None or found.state not in ("under_way", "over"):
        raise Refused("state")
    return found.with_(replace(mine, standing="attended"))


def costs(cents: int, attended: Collection[str]) -> dict[str, int]:
    """What each who was there cost: the whole divided, and the cents left over to the first by id."""
    if not attended:
        return {}
    each, rest = divmod(cents, len(attended))
    return {customer: each + (at < rest) for at, customer in enumerate(sorted(attended))}
