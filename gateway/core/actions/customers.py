"""Customers, their credentials and what they agreed to."""

from __future__ import annotations

from typing import Any

from gateway.core.action import Action, Actor, News
from gateway.core.gateway import Gateway, alert_row
from gateway.core.shapes import UNNAMED, Shape
from gateway.events.times import new_id
from gateway.recognition.identifiers import purpose_of
from gateway.records import customers
from gateway.records.customers import Customer
from gateway.service.alert import Refused

ONE_LOOK = 300.0  # seconds
MOST_LOOKS = 10_000
FOR_GOOD = "do_not_recognise"


def known(house: Gateway, customer: str) -> Customer:
    """The customer's facts; raises Refused(404)."""
    found = house.memory.person(customer)
    if found is None:
        raise Refused(404, "there is no such customer")
    return found


def look(house: Gateway, customer: str, who: str, now: float) -> None:
    """Writes down that somebody looked at this customer; a page that refreshes itself is one look."""
    looks = house.memory.looks
    if now - looks.get((who, customer), 0.0) < ONE_LOOK:
        return
    if len(looks) >= MOST_LOOKS:
        looks.clear()
    looks[who, customer] = now
    house.note([News("customer.viewed", customer, {"customer": customer}, who)])


def read(house: Gateway, who: str, shown: list[Shape]) -> None:
    """Writes down that a program was given the names of these customers, once for each of their visits.

    A program is sent no names; it may ask for them, and then it has looked.
    """
    now = house.memory.now()
    for one in shown:
        here = house.memory.presence.where(one["customer"])
        if here is not None and house.memory.looks.get((who, one["customer"]), 0.0) < here.since:
            look(house, one["customer"], who, now)


def put(house: Gateway, customer: str, facts: dict[str, Any], actor: Actor, now: float) -> Action:
    """Makes a customer, or changes what is known of one; a birthday or friends that are not said stay as they are."""
    before = house.memory.person(customer)
    facts = {"birthday": before.birthday if before else None, "meets": before.meets if before else [], **facts}
    news = [News("customer.changed", customer, _named(customer, facts))]
    if before is not None and set(before.wishes) != set(facts["wishes"]):
        news.append(News("wish.changed", customer, {"customer": customer, "wishes": facts["wishes"]}))
    return Action(
        {"id": customer, **facts},
        200 if before else 201,
        news=news,
        changes=[
            lambda tx: (customers.change_customer if before else customers.put_customer)(tx, customer, facts, now)
        ],
        after=[
            lambda: re_enrol(house, customer, now),
            lambda: _honour(house, customer, facts["wishes"]),
            lambda: house.moment_rules.reconsider(customer, now),
        ],
    )


def wish(house: Gateway, customer: str, wishes: list[str], actor: Actor, now: float, *, keeper: bool) -> Action:
    """How the customer wants to be treated from now on; nothing else of them changes.

    Not to be recognised any more is a revocation: only a ``keeper`` of the customers' records takes it back, and no
    tablet that was out of reach when it was said.
    """
    before = known(house, customer)
    if not keeper and FOR_GOOD in before.wishes and FOR_GOOD not in wishes:
        wishes = [*wishes, FOR_GOOD]
    changed = put(
        house, customer, {**{key: getattr(before, key) for key in customers.FACTS}, "wishes": wishes}, actor, now
    )
    changed.answer = {"customer": customer, "wishes": wishes}
    return changed


def erase(house: Gateway, customer: str, actor: Actor, now: float) -> Action:
    """Forgets a customer: facts, credentials, preferences, and the key to everything else that names them."""
    known(house, customer)
    return Action(
        None,
        204,
        news=[News("customer.erased", customer, {"customer": customer})],
        changes=[lambda tx: customers.erase_customer(tx, customer, now)],
        after=[
            lambda: house.memory.roster.withdraw_customer(customer),
            lambda: house.memory.ledger.forget_customer(customer),
            lambda: _end_visit(house, customer, now),
            lambda: house.memory.desk.forget_customer(customer),
        ],
    )


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
    return Action(
        {"id": id_, "scheme": scheme, "label": label},
        201,
        news=[News("credential.given", customer, {"customer": customer, "credential": id_, "scheme": scheme})],
        changes=[lambda tx: customers.add_credential(tx, customer, identifier, label, tid, id=id_, at=now)],
        after=[lambda: re_enrol(house, customer, now), lambda: _trust(house, customer, identifier)],
    )


def _trust(house: Gateway, customer: str, identifier: str) -> None:
    """What was just handed out is what it is; a chip's number that was wrong in the records is mended so."""
    house.memory.chips.forget(identifier)
    house.memory.doubts.pop(customer, None)


def take_back(house: Gateway, customer: str, credential: str, now: float) -> Action:
    """Takes a tag or phone back; it is a stranger's from now on."""
    known(house, customer)
    found = next((c for c in customers.credentials_of(house.store.reader, customer) if c.id == credential), None)
    if found is None:
        raise Refused(404, "there is no such credential")
    told = {"customer": customer, "credential": credential, "scheme": found.scheme}
    return Action(
        None,
        204,
        news=[News("credential.taken", customer, told)],
        changes=[lambda tx: customers.remove_credential(tx, customer, credential)],
        after=[lambda: re_enrol(house, customer, now)],
    )


def grant(
    house: Gateway, customer: str, purpose: str, method: str | None, document: str | None, expires: float | None,
    actor: Actor, now: float,
) -> Action:  # fmt: skip
    """The customer agrees to a purpose."""
    known(house, customer)
    consent = customers.Consent(customer, purpose, method or "", document, now, expires)
    return Action(
        house.views.consent(consent),
        201,
        news=[News("consent.granted", customer, {"customer": customer, "purpose": purpose})],
        changes=[
            lambda tx: customers.grant_consent(
                tx, customer, purpose, method=method or "", document=document, expires=expires, at=now
            )
        ],
        after=[lambda: re_enrol(house, customer, now)],
    )


def revoke(house: Gateway, customer: str, purpose: str, actor: Actor, now: float) -> Action:
    """The customer no longer agrees; what rested on it ends now."""
    known(house, customer)
    if not any(c.purpose == purpose for c in customers.consents_of(house.store.reader, customer, now)):
        raise Refused(404, "there is no such consent")
    return Action(
        None,
        204,
        news=[News("consent.revoked", customer, {"customer": customer, "purpose": purpose})],
        changes=[lambda tx: customers.revoke_consent(tx, customer, purpose, now)],
        after=[lambda: re_enrol(house, customer, now)],
    )


def re_enrol(house: Gateway, customer: str, now: float) -> None:
    """Brings the roster in line with the records; a visit that rested on what is gone ends."""
    memory = house.memory
    memory.roster.withdraw_customer(customer)
    person = memory.person(customer)
    recognise = person is not None and "do_not_recognise" not in person.wishes
    live = {c.purpose: c.expires for c in customers.consents_of(house.store.reader, customer, now)}
    enrolled = 0
    for credential in customers.credentials_of(house.store.reader, customer) if recognise else []:
        purpose = purpose_of(credential.identifier)
        if purpose in live:
            memory.roster.admit(credential.identifier, customer, live[purpose], credential.tid)
            enrolled += 1
    if not enrolled:
        _end_visit(house, customer, now)


def _end_visit(house: Gateway, customer: str, now: float) -> None:
    """Nobody is recognised any more: the card goes from every tablet."""
    memory = house.memory
    here = memory.presence.where(customer)
    moment = memory.presence.end(customer, now, "no longer to be recognised")
    if here is not None:
        memory.asks.close_visit(here.visit)
        revoked = memory.desk.revoked(here.visit, now)
        house.note([house.alert_news(n) for n in revoked], [alert_row(n) for n in revoked])
    if moment is not None:
        house.moment(moment, now)


def _honour(house: Gateway, customer: str, wishes: list[str]) -> None:
    """A wish not to be disturbed ends the alert that is open."""
    here = house.memory.presence.where(customer)
    if here is not None and "do_not_disturb" in wishes:
        ended = house.memory.desk.quiet(here.visit, house.memory.now())
        house.note([house.alert_news(n) for n in ended], [alert_row(n) for n in ended])


def _named(customer: str, facts: dict[str, Any]) -> Shape:
    unnamed = not UNNAMED.isdisjoint(facts["wishes"])
    return {
        "customer": customer,
        "name": None if unnamed else facts["name"],
        "address_as": None if unnamed else facts["address_as"],
        "language": facts["language"],
        "tier": facts["tier"],
    }
