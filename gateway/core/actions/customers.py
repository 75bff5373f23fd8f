"""Customers, their credentials and what they agreed to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Literal

from gateway.core import facts as events
from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.core.shapes import iso_or_none
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.recognition.identifiers import purpose_of
from gateway.records import consents, customers
from gateway.records.customers import FOR_GOOD, Credential, Customer
from gateway.records.ids import damaged
from gateway.service.alert import AlertNews, Refused
from gateway.service.owed import Owed


def known(house: Gateway, customer: str) -> Customer:
    """The customer's facts; raises Refused(404)."""
    found = house.customer(customer)
    if found is None:
        raise Refused(404, "there is no such customer")
    return found


def put(house: Gateway, customer: str, facts: dict[str, Any], now: float) -> Action:
    """Makes a customer, or changes what is known of one; a birthday or friends that are not said stay as they are."""
    before = house.customer(customer)
    facts = {"birthday": before.birthday if before else None, "meets": before.meets if before else [], **facts}
    whole = {**facts, **{key: facts[key] or "" for key in ("address_as", "language", "tier")}}
    answer = {"id": customer, **facts}
    if before is None:
        if why := damaged(customer):
            raise Refused(422, f"customer: {customer!r} {why}")
        enrolled = {"customer": customer, **{key: whole[key] for key in customers.FACTS}, "source": "staff"}
        return Action(answer, 201, news=[News("customer.enrolled", customer, enrolled)])
    changed = {key: whole[key] for key in customers.FACTS if whole[key] != getattr(before, key)}
    if not changed:
        return Action(answer)
    was = {key: getattr(before, key) for key in changed}
    news = [
        News("customer.changed", customer, {"customer": customer, "changed": changed, "was": was, "source": "staff"})
    ]
    if "wishes" in changed:
        news.append(
            News("wish.changed", customer, {"customer": customer, "wishes": changed["wishes"], "was": was["wishes"]})
        )
    after = replace(before, **changed)
    return Action(answer, news=news + _follows(house, after, now))


def wish(house: Gateway, customer: str, wishes: list[str], now: float, *, keeper: bool) -> Action:
    """How the customer wants to be treated from now on; nothing else of them changes.

    Not to be recognised any more is a revocation: only a ``keeper`` of the customers' records takes it back, and no
    tablet that was out of reach when it was said.
    """
    before = known(house, customer)
    if not keeper and FOR_GOOD in before.wishes and FOR_GOOD not in wishes:
        wishes = [*wishes, FOR_GOOD]
    answer = {"customer": customer, "wishes": wishes}
    if wishes == before.wishes:
        return Action(answer)
    changed = News("wish.changed", customer, {"customer": customer, "wishes": wishes, "was": list(before.wishes)})
    return Action(answer, news=[changed, *_follows(house, replace(before, wishes=wishes), now)])


def erase(house: Gateway, customer: str, now: float) -> Action:
    """Forgets a customer: facts, credentials, preferences, and the keys to everything else that names them."""
    known(house, customer)
    keys = house.store.keyring.ids_of(customer)
    erased = News("customer.erased", customer, {"customer": customer, "keys": keys})
    return Action(None, 204, news=[*_no_longer_here(house, customer, now, "erased"), erased])


def give(house: Gateway, customer: str, identifier: str, label: str, tid: str | None, now: float) -> Action:
    """Gives a tag or phone to a customer; it is recognised from now on where they agreed to it."""
    known(house, customer)
    identifier = house.memory.as_heard(identifier)
    owner = customers.owner_of(house.store.reader, identifier)
    if owner not in (None, customer):
        raise Refused(409, "the identifier belongs to another customer")
    made = next((c for c in customers.credentials_of(house.store.reader, customer) if c.identifier == identifier), None)
    id_ = made.id if made else new_id(now)
    scheme = identifier.partition(":")[0]
    answer = {"id": id_, "scheme": scheme, "label": label}
    data = {
        "customer": customer, "credential": id_, "scheme": scheme, "identifier": identifier, "label": label, "tid": tid,
    }  # fmt: skip
    return Action(answer, 201, news=[News("credential.given", customer, data)])


def take_back(house: Gateway, customer: str, credential: str, now: float) -> Action:
    """Takes a tag or phone back; it is a stranger's from now on."""
    known(house, customer)
    every = customers.credentials_of(house.store.reader, customer)
    found = next((c for c in every if c.id == credential), None)
    if found is None:
        raise Refused(404, "there is no such credential")
    taken = News("credential.taken", customer, {"customer": customer, "credential": credential, "scheme": found.scheme})
    left = [c for c in every if c.id != credential]
    ended = [] if _recognised(left, _alive(house, customer, now)) else _no_longer_here(house, customer, now, "revoked")
    return Action(None, 204, news=[taken, *ended])


def grant(
    house: Gateway, customer: str, purpose: str, method: str | None, document: str | None, expires: float | None,
    actor: Actor, now: float,
) -> Action:  # fmt: skip
    """The customer agrees to a purpose; the grant names the revocations it lifts, those that are known now."""
    known(house, customer)
    consent = consents.Consent(customer, purpose, method or "", document, now, expires)
    data = {
        "customer": customer,
        "purpose": purpose,
        "method": method or "",
        "document": document,
        "text_version": None,
        "witness": actor.id,
        "expires": iso_or_none(expires),
        "lifts": consents.revocations_of(house.store.reader, customer, purpose),
    }
    return Action(house.views.consent(consent), 201, news=[News("consent.granted", customer, data)])


def revoke(house: Gateway, customer: str, purpose: str, now: float) -> Action:
    """The customer no longer agrees; what rested on it ends now."""
    known(house, customer)
    alive = consents.consents_of(house.store.reader, customer, house.memory.clock.certain(now))
    ends = [c.id for c in alive if c.purpose == purpose]
    if not ends:
        raise Refused(404, "there is no such consent")
    revoked = News(
        "consent.revoked", customer, {"customer": customer, "purpose": purpose, "method": "spoken", "ends": ends}
    )
    left = {c.purpose for c in alive} - {purpose}
    carried = customers.credentials_of(house.store.reader, customer)
    ended = [] if _recognised(carried, left) else _no_longer_here(house, customer, now, "revoked")
    return Action(None, 204, news=[revoked, *ended])


# --- what follows ----------------------------------------------------------------------------------------------------


def reconsidered(
    house: Gateway, person: Customer, now: float, *, changed: Collection[Owed] = (), settled: str | None = None,
    quiet: str | None = None, ended: str | None = None,
) -> list[AlertNews]:  # fmt: skip
    """The customer's card as it goes on once ``person`` and what is owed (``changed``) hold; see ``Desk``."""
    rules, ledger = house.moment_rules, house.memory.ledger.with_(*changed)
    return house.memory.desk.reconsidered(
        person.id,
        lambda zone: rules.wanted(person, zone, now, ledger=ledger),
        now,
        quiet=quiet,
        ended=ended,
        settled=settled,
    )


def _follows(house: Gateway, after: Customer, now: float) -> list[News]:
    """What follows from a customer's facts as they are ``after`` a change: cards that go on, or end."""
    here = house.memory.presence.where(after.id)
    if FOR_GOOD in after.wishes:
        return _no_longer_here(house, after.id, now, "revoked")
    quiet = here.visit if here is not None and "do_not_disturb" in after.wishes else None
    return [events.alert(n) for n in reconsidered(house, after, now, quiet=quiet)]


def _no_longer_here(house: Gateway, customer: str, now: float, because: Literal["revoked", "erased"]) -> list[News]:
    """The customer is not to be recognised any more: the visit ends, and the card leaves every tablet."""
    moment = house.memory.presence.ending(customer, now, "no longer to be recognised")
    if moment is None:
        return []
    ended = [events.alert(n) for n in house.memory.desk.revoked(moment.visit, now)]
    return [*ended, News("visit.departed", customer, events.visit(moment, None, because))]


def _alive(house: Gateway, customer: str, now: float) -> set[str]:
    at = house.memory.clock.certain(now)
    return {c.purpose for c in consents.consents_of(house.store.reader, customer, at)}


def _recognised(carried: Collection[Credential], alive: Collection[str]) -> bool:
    return any(purpose_of(c.identifier) in alive for c in carried)
