"""What partners may be told of customers now, against what they have: made anew of the records at each sending.

A partner is sent the whole of what it may know of one customer, and the ids of what it is to let go of. So a body that
waited says nothing that has ended meanwhile, and one that comes twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from gateway.consent import days
from gateway.core.gateway import Gateway
from gateway.core.state import Memory
from gateway.events import venue_time
from gateway.events.catalogue import sensitive
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records import erasure_receipts, sharings
from gateway.records.aliases import OURS
from gateway.records.compact import comparable
from gateway.records.erasure_receipts import PARTNER
from gateway.records.lines import HOLDS
from gateway.records.lines import lines as lines_of
from gateway.records.preferences import Preference
from gateway.records.sharings import Sharing
from gateway.settings.privacy import SENDABLE

PURPOSE = "share_partners"
FACTS = "preferences."
CHANGED, STOPPED, ERASED = "sharing.changed", "sharing.stopped", "customer.erased"
MEMBERS = ("id", "category", "code", "value", "lang", "polarity", "basis", "at")
"""What a partner is told of a fact: never who recorded it, or when the customer was here."""


class Share(NamedTuple):
    """What a partner may know of a customer: kinds of data until the end of a day, and the facts of these kinds.

    ``until`` (seconds since 1970 UTC) is when it is to be looked at anew at the latest.
    """

    data: tuple[str, ...]
    last_day: str | None
    facts: tuple[Preference, ...]
    until: float


class Due(NamedTuple):
    """What a partner is to be told of one customer; ``share`` is None where nothing is shared any more.

    ``about`` are facts that it cannot have before this, ``fresh`` those that it has not acknowledged, ``ended`` those
    that it may have and is to let go of.
    """

    customer: str
    share: Share | None
    about: tuple[str, ...]
    fresh: tuple[str, ...]
    ended: tuple[str, ...]
    state: str
    known: bool
    """Whether the partner may have something of this customer already."""

    @property
    def kind(self) -> str:
        """What it is, as ``sharings`` calls it."""
        return sharings.STOP if self.share is None else sharings.CORRECTION if self.ended else sharings.NEWS


def share(memory: Memory, partner: str, brand: str, customer: str) -> Share | None:
    """What this partner may know of this customer now, by what they agreed to and by the settings; None: nothing."""
    now = memory.certain()
    known = memory.consenting.partners.get(partner)
    if known is None or memory.family.root(customer) != customer or memory.meet(customer) is None:
        return None
    if OURS.fullmatch(customer) is None:  # an id of before, which others chose and which may be a name
        return None
    alive = [
        one
        for one in memory.people.agreed(customer, now)
        if one.purpose == PURPOSE and one.partner == partner and one.brand in ("", brand)
    ]
    agreed = {kind for one in alive for kind in one.data}
    data = tuple(kind for kind in known.data if kind in agreed and kind in SENDABLE)
    if not data:
        return None
    until, last = min(one.until for one in alive), max(one.until for one in alive)
    day = days.last_day(last, venue_time.zone())
    known_of = memory.known.of(customer)
    facts: tuple[Preference, ...] = ()
    if now < known_of.agreed_until:  # what we may not keep, nobody is told
        holds = (line.fact for line in lines_of(known_of.facts, known_of.merged) if line.state == HOLDS)
        facts, until = tuple(each for each in holds if _fits(each, data)), min(until, known_of.agreed_until)
    return Share(data, day.isoformat() if day else None, facts, until)


def _fits(fact: Preference, data: Iterable[str]) -> bool:
    """Whether a fact is of one of these kinds, lasts, and says nothing of anybody's health."""
    return (
        FACTS + fact.category in data
        and fact.scope == "standing"
        and fact.holder is None
        and bool(fact.value.strip())
        and not sensitive({"category": fact.category, "polarity": fact.polarity})
    )


def due(house: Gateway, partner: str, brand: str, customer: str) -> Due | None:
    """What this partner is to be told of this customer now; None: it has what it may have."""
    there = sharings.get(house.store.reader, partner, customer)
    found = share(house.memory, partner, brand, customer)
    has = there.has if there is not None else ()
    if found is None:
        if there is None or there.stopped_at is not None:
            return None
        return Due(customer, None, (), (), has, digest(None), known=True)
    ids = [fact.id for fact in found.facts]
    state = digest(found)
    ended = tuple(each for each in has if each not in ids)
    settled = there is not None and there.stopped_at is None and there.waits_since is None
    if settled and there is not None and there.told == state and not ended:
        return None
    about = tuple(each for each in ids if each not in has)
    fresh = tuple(each for each in ids if there is None or each not in there.acknowledged)
    return Due(customer, found, about, fresh, ended, state, known=there is not None and there.stopped_at is None)


def shared(house: Gateway, partner: str, customer: str) -> bool:
    """Whether this customer agrees now that something is shared with this partner."""
    return share(house.memory, partner, brand_of(house, partner), customer) is not None


def brand_of(house: Gateway, partner: str) -> str:
    """The brand whose consents count for this partner: as its webhook says, else the usual one."""
    named = (hook.brand for hook in house.config.webhooks if hook.partner == partner)
    return next(named, None) or house.memory.consenting.brand


def digest(found: Share | None) -> str:
    """What tells two states of a sharing apart."""
    said: Any = None if found is None else [sorted(f.id for f in found.facts), sorted(found.data), found.last_day]
    return hashlib.sha256(comparable(said).encode()).hexdigest()


def body(found: Due, *, identity: str, source: str, now: float) -> dict[str, Any]:
    """The CloudEvent that tells it; the customer is named by our own id, which means nothing."""
    data: dict[str, Any] = {"customer": found.customer}
    if found.share is not None:
        facts = [{name: fact.data()[name] for name in MEMBERS} for fact in found.share.facts]
        data |= {
            "data": list(found.share.data), "last_day": found.share.last_day, "facts": facts,
            "ended": list(found.ended),
        }  # fmt: skip
    return _event(STOPPED if found.share is None else CHANGED, found.customer, data, identity, source, now)


def erasure_body(customer: str, receipt: str, *, source: str, now: float) -> dict[str, Any]:
    """The CloudEvent that tells that a customer was erased; its id is the same at each try."""
    return _event(ERASED, customer, {"customer": customer, "erasure": receipt}, receipt, source, now)


def _event(type_: str, subject: str, data: dict[str, Any], identity: str, source: str, now: float) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": identity, "source": source, "type": type_, "subject": subject, "time": iso(now),
        "data": data,
    }  # fmt: skip


# --- what is written down of it --------------------------------------------------------------------------------------


def leaving(found: Due, partner: str) -> News:
    """That it is on its way, and that the partner may have it from now on."""
    sent = found.share
    return News("person.passing_on", found.customer, {
        "customer": found.customer, "recipient": partner, "about": list(found.about), "ended": list(found.ended),
        "data": list(sent.data) if sent else [], "members": list(MEMBERS) if sent and sent.facts else [],
        "stop": sent is None, "state": found.state,
    }, partner)  # fmt: skip


def acknowledged(house: Gateway, found: Due, partner: str, by: str | None = None) -> list[News]:
    """That the partner has it: of each fact that it did not have, and of what put right each that it had.

    ``by`` is who of the staff had that from the partner in another way.
    """
    has = [fact.id for fact in found.share.facts] if found.share else []
    answered = {
        "customer": found.customer, "recipient": partner, "has": has, "stop": found.share is None, "state": found.state,
        "by": by,
    }  # fmt: skip
    about: list[str | None] = [*found.fresh]
    if found.share is not None and found.ended:
        about += [each for each in _namers(house, found.customer, found.ended) if each not in about]
    told = [_passed_on(house, found, partner, each) for each in about or [None]]
    return [News("partner.answered", found.customer, answered, partner), *told]


def _passed_on(house: Gateway, found: Due, partner: str, about: str | None) -> News:
    data = {
        "customer": found.customer, "recipient": partner, "kind": "partner",
        "type": STOPPED if found.share is None else CHANGED, "about": about,
        "members": list(MEMBERS) if about in found.fresh else [], "sequence": house.journal.sequence,
    }  # fmt: skip
    return News("person.passed_on", found.customer, data, partner)


def _namers(house: Gateway, customer: str, ended: Iterable[str]) -> list[str]:
    """The facts that put these right, took them back or took their place."""
    gone = set(ended)
    facts = house.memory.known.of(customer).facts
    return [each.id for each in facts if gone & {*each.corrects, *each.retracts, *each.replaces}]


# --- where somebody is erased ----------------------------------------------------------------------------------------


def places(house: Gateway, records: Iterable[str]) -> list[tuple[str, str, float | None]]:
    """The partners that may have something of this person, and since when nothing was heard from each.

    One without a webhook is told by people, and nobody knows of what: so whoever was ever agreed with is asked.
    """
    every, reader = list(records), house.store.reader
    reached = {hook.partner for hook in house.config.webhooks}
    found = {partner: at for partner, at in sharings.agreed_with(reader, every).items() if partner not in reached}
    for each in sharings.of_customers(reader, every):
        found[each.partner] = max(each.answered_at or each.sent_at, found.get(each.partner, 0.0))
    return [(PARTNER, partner, at) for partner, at in sorted(found.items())]


# --- for people ------------------------------------------------------------------------------------------------------


def listed(house: Gateway) -> list[dict[str, Any]]:
    """Every partner, of how many customers it has something, and what it has not answered yet, since when."""
    reader, config = house.store.reader, house.config
    names = {each.id: each.name.by_language() for each in config.partners}
    hooks = {hook.partner: hook.name for hook in config.webhooks if hook.partner is not None}
    waits: dict[str, list[dict[str, Any]]] = {}
    for each in sharings.waiting(reader):
        waits.setdefault(each.partner, []).append(_waits(each))
    for erasure in erasure_receipts.waiting(reader):
        for place in erasure.places:
            if place.kind == PARTNER and place.done_at is None:
                row = {
                    "what": "erasure", "customer": erasure.whose, "erasure": erasure.id, "since": iso(erasure.at),
                    "told_at": iso(place.told_at) if place.told_at is not None else None,
                }  # fmt: skip
                waits.setdefault(place.place, []).append(row)
    counted = sharings.counted(reader)
    for partner in {*names, *counted} - hooks.keys():
        stops = [*_told_by_people(house, partner), *_never_sent(house, partner)]
        waits.setdefault(partner, []).extend(stops)
        may_have = {customer for customer in sharings.asked(reader, partner) if shared(house, partner, customer)}
        counted[partner] = len(may_have | {each["customer"] for each in stops})
    return [
        {
            "partner": id_, "name": names.get(id_), "webhook": hooks.get(id_), "customers": counted.get(id_, 0),
            "waiting": waits.get(id_, []),
        }
        for id_ in [*names, *sorted({*waits, *counted} - names.keys())]
    ]  # fmt: skip


def _told_by_people(house: Gateway, partner: str) -> list[dict[str, Any]]:
    """The stops of which no webhook tells this partner: it had one when it was sent something."""
    return [
        {**_waits(each), "what": sharings.STOP}
        for each in sharings.of_partner(house.store.reader, partner)
        if each.stopped_at is None and each.waits_since is None and not shared(house, partner, each.customer)
    ]


def _never_sent(house: Gateway, partner: str) -> list[dict[str, Any]]:
    """The stops of those of whom this partner knows by people alone, and of which nobody has said that it knows."""
    found, reader = [], house.store.reader
    for customer, (at, ended) in sharings.agreed(reader, partner).items():
        if not shared(house, partner, customer) and unanswered(sharings.get(reader, partner, customer), at):
            since = iso(ended if ended is not None else at)
            found.append(
                {"what": sharings.STOP, "customer": customer, "erasure": None, "since": since, "told_at": None}
            )
    return sorted(found, key=lambda each: (str(each["since"]), str(each["customer"])))


def unanswered(row: Sharing | None, agreed_at: float) -> bool:
    """Whether a partner that no webhook reaches has not said yet that it let go of what was agreed to at that time."""
    return row is None or (row.stopped_at is not None and row.stopped_at < agreed_at)


def _waits(each: Sharing) -> dict[str, Any]:
    since = iso(each.waits_since) if each.waits_since is not None else iso(each.sent_at)
    return {"what": each.what, "customer": each.customer, "erasure": None, "since": since, "told_at": None}
