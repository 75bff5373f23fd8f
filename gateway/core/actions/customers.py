"""Customers, their credentials and what they agreed to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Literal

from gateway.core import facts as events
from gateway.core import forgetting
from gateway.core.action import Action
from gateway.core.actions import ledger
from gateway.core.gateway import Gateway
from gateway.core.table import freed
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.recognition.identifiers import purpose_of
from gateway.records import aliases, customers, erasure_receipts
from gateway.records.aliases import wrong_alias
from gateway.records.customers import FOR_GOOD, Credential, Customer
from gateway.service.alert import AlertNews, Refused
from gateway.service.owed import Owed


def known(house: Gateway, customer: str) -> Customer:
    """The customer's facts; raises Refused(404)."""
    found = house.customer(customer)
    if found is None:
        raise Refused(404, "there is no such customer")
    return found


def ours(house: Gateway, customer: str) -> Customer:
    """The same of one who is a customer of this venue; raises Refused(403) for who is lent, and says where they are."""
    found = known(house, customer)
    venue = house.memory.people.borrowed.venue(found.id)
    if venue is not None:
        raise Refused(403, f"this customer is lent by {venue}: that is done there")
    return found


def still_recognised(house: Gateway, customer: str) -> None:
    """Raises Refused(403) for who has ended being recognised: what belongs to a visit of theirs comes too late."""
    if house.memory.people.unrecognised(customer):
        raise Refused(403, "the customer no longer agrees to be recognised")


def put(house: Gateway, customer: str, facts: dict[str, Any], now: float) -> Action:
    """Makes a customer, or changes what is known of one; a birthday or friends that are not said stay as they are.

    Somebody new gets an id of ours, and ``customer`` is what others call them. Raises Refused(409) for what somebody
    was called who was erased: it is not anybody else's.
    """
    before = house.customer(house.names.ours(customer))
    if before is not None:
        ours(house, before.id)
    alias, customer = customer, before.id if before else aliases.new_id()
    facts = {"birthday": before.birthday if before else None, "meets": before.meets if before else [], **facts}
    whole = {**facts, **{key: facts[key] or "" for key in ("address_as", "language", "tier")}}
    answer = {"id": customer, **facts}
    if before is None:
        if why := wrong_alias(alias):
            raise Refused(422, f"customer: {alias!r} {why}")
        if aliases.erased(house.store.reader, alias):  # what a tablet noted about them before would be the new one's
            raise Refused(409, f"{alias} was erased here; whoever comes again is a new customer, with another id")
        enrolled = {
            "customer": customer, "alias": alias, **{key: whole[key] for key in customers.FACTS}, "source": "staff",
        }  # fmt: skip
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
        news += _in_every_record(house, customer, changed["wishes"])
        news += ledger.of_wish(house, customer, changed["wishes"], was["wishes"], None, now)
    after = replace(before, **changed)
    return Action(answer, news=news + _follows(house, after, now))


def wish(house: Gateway, customer: str, wishes: list[str], now: float, *, keeper: bool) -> Action:
    """How the customer wants to be treated from now on; nothing else of them changes.

    Not to be recognised any more is a revocation: only a ``keeper`` of the customers' records takes it back, and no
    tablet that was out of reach when it was said.
    """
    before = known(house, customer)
    customer = before.id
    if not keeper and FOR_GOOD in before.wishes and FOR_GOOD not in wishes:
        wishes = [*wishes, FOR_GOOD]
    answer = {"customer": customer, "wishes": wishes}
    if wishes == before.wishes:
        return Action(answer)
    changed = News("wish.changed", customer, {"customer": customer, "wishes": wishes, "was": list(before.wishes)})
    stops = ledger.of_wish(house, customer, wishes, before.wishes, None, now)
    told = [changed, *_in_every_record(house, customer, wishes), *stops]
    return Action(answer, news=[*told, *_follows(house, replace(before, wishes=wishes), now)])


def erase(
    house: Gateway, customer: str, now: float, *, by: Literal["customer", "staff", "house"] = "staff",
    because: Literal["asked", "no_consent"] = "asked",
) -> Action:  # fmt: skip
    """Forgets a customer: facts, credentials, preferences, and the keys to everything else that names them.

    Of a person of whom there are several records all are forgotten, the one that is kept last. Answers the number of
    the receipt, which every place that may hold something of theirs completes as it answers.
    """
    customer = (known if by == "house" else ours)(house, customer).id
    every = house.memory.family.all_of(customer)
    begun = {
        "id": erasure_receipts.new_id(), "by": by, "because": because, "venue": house.config.venue.id,
        "places": forgetting.places(house, every),
    }  # fmt: skip
    reader, keyring = house.store.reader, house.store.keyring
    erased = [
        News("customer.erased", each, {
            "customer": each, "keys": keyring.ids_of(each), "erasure": begun, "alias": aliases.hash_of(reader, each),
        })
        for each in reversed(every)
    ]  # fmt: skip
    gone = no_longer_here(house, customer, now, "erased")
    return Action({"erasure": begun["id"]}, 202, news=[*gone, *erased])


def give(house: Gateway, customer: str, identifier: str, label: str, tid: str | None, now: float) -> Action:
    """Gives a tag or phone to a customer; it is recognised from now on where they agreed to it."""
    news = giving(house, ours(house, customer).id, identifier, label, tid, now)
    data = news[0].data
    return Action({"id": data["credential"], "scheme": data["scheme"], "label": label}, 201, news=news)


def giving(house: Gateway, customer: str, identifier: str, label: str, tid: str | None, now: float) -> list[News]:
    """The event that gives a tag or phone to a customer; raises Refused(409) for somebody else's and for a door's."""
    identifier = house.memory.as_heard(identifier)
    if identifier in house.config.fixed_tags:
        raise Refused(409, "this tag is fixed at a door and stays nobody's")
    owner = customers.owner_of(house.store.reader, identifier)
    if owner is not None and house.memory.people.borrowed.venue(owner) is not None:
        owner = None  # by another venue's word: what is given here is in dispute, and of neither
    if owner not in (None, *house.memory.family.all_of(customer)):
        raise Refused(409, "the identifier belongs to another customer")
    customer = owner or customer
    made = next((c for c in customers.credentials_of(house.store.reader, customer) if c.identifier == identifier), None)
    id_, scheme = made.id if made else new_id(now), identifier.partition(":")[0]
    data = {
        "customer": customer, "credential": id_, "scheme": scheme, "identifier": identifier, "label": label, "tid": tid,
    }  # fmt: skip
    return [News("credential.given", customer, data)]


def take_back(house: Gateway, customer: str, credential: str, now: float) -> Action:
    """Takes a tag or phone back; it is a stranger's from now on."""
    customer = ours(house, customer).id
    every = house.memory.people.carried(customer)
    found = next((c for c in every if c.id == credential), None)
    if found is None:
        raise Refused(404, "there is no such credential")
    return Action(None, 204, news=taking(house, customer, [found], now))


# --- what follows ----------------------------------------------------------------------------------------------------


def reconsidered(
    house: Gateway, person: Customer, now: float, *, changed: Collection[Owed] = (), settled: str | None = None,
    quiet: str | None = None, ended: str | None = None,
) -> list[AlertNews]:  # fmt: skip
    """The customer's card as it goes on once ``person`` and what is owed (``changed``) hold; see ``Desk``."""
    rules, dues = house.moment_rules, house.memory.dues.with_(*changed)
    return house.memory.desk.reconsidered(
        person.id,
        lambda zone: rules.wanted(person, zone, now, dues=dues),
        now,
        quiet=quiet,
        ended=ended,
        settled=settled,
    )


def _follows(house: Gateway, after: Customer, now: float) -> list[News]:
    """What follows from a customer's facts as they are ``after`` a change: cards that go on, or end."""
    here = house.memory.presence.where(after.id)
    if FOR_GOOD in after.wishes:
        return no_longer_here(house, after.id, now, "revoked")
    quiet = here.visit if here is not None and "do_not_disturb" in after.wishes else None
    return [events.alert(n) for n in reconsidered(house, after, now, quiet=quiet)]


def no_longer_here(
    house: Gateway, customer: str, now: float, because: Literal["revoked", "erased", "wrong_person"]
) -> list[News]:
    """The customer is not to be recognised any more: the visit ends, and the card leaves every tablet."""
    moment = house.memory.presence.ending(customer, now, "no longer to be recognised")
    if moment is None:
        return []
    ended = [events.alert(n) for n in house.memory.desk.revoked(moment.visit, now)]
    goes = freed(house.memory, moment.visit, now)
    return [*ended, *goes, News("visit.departed", customer, events.visit(moment, None, because))]


def taking(house: Gateway, customer: str, things: Collection[Credential], now: float) -> list[News]:
    """What it comes to that these of a customer's things are taken back."""
    ids = {each.id for each in things}
    left = [each for each in house.memory.people.carried(customer) if each.id not in ids]
    taken = [
        News(
            "credential.taken", each.customer, {"customer": each.customer, "credential": each.id, "scheme": each.scheme}
        )
        for each in things
    ]
    alive = {each.purpose for each in house.memory.people.agreed(customer, house.memory.clock.certain(now))}
    return taken if recognised(left, alive) else [*taken, *no_longer_here(house, customer, now, "revoked")]


def _in_every_record(house: Gateway, customer: str, wishes: list[str]) -> list[News]:
    """Who does not want to be recognised any more is not by any of their records, whatever becomes of a merge."""
    news = []
    for record in house.memory.family.all_of(customer)[1:] if FOR_GOOD in wishes else ():
        own = customers.get_customer(house.store.reader, record)
        if own is not None and FOR_GOOD not in own.wishes:
            data = {"customer": record, "wishes": [*own.wishes, FOR_GOOD], "was": list(own.wishes)}
            news.append(News("wish.changed", record, data))
    return news


def recognised(carried: Collection[Credential], alive: Collection[str]) -> bool:
    """Whether one of these things is recognised where these purposes are agreed to."""
    return any(purpose_of(c.identifier) in alive for c in carried)
