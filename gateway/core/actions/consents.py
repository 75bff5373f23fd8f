"""What customers say to what they are asked: agreeing, refusing, taking back; each an entry of the ledger."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from gateway.consent import asking, days, ledger
from gateway.consent.asking import BY_HAND, Told
from gateway.consent.ledger import GIVING, STOPS
from gateway.consent.purposes import RECOGNISE
from gateway.core import consent_shapes
from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known, no_longer_here, ours, recognised
from gateway.core.actions.ledger import in_every_record, written
from gateway.core.gateway import Gateway
from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import agreements, consents, customers
from gateway.records.consents import Consent
from gateway.records.customers import FOR_GOOD
from gateway.service.alert import Refused

STOP_UNKNOWN = "urn:moments:problem:stop-unknown"
OLD = frozenset({"purpose", "method", "document", "expires"})
"""What a program of before acts were told apart says of a consent, and nothing else; a person names the text."""
Said = Mapping[str, Any]


def say(house: Gateway, customer: str, told: Said, actor: Actor, now: float) -> Action:
    """One act of a customer; ``told`` is a body of ``POST …/consents``.

    Raises Refused: 409 for a stop that it does not name (``stops``) or an id that is another act's, 422 for what is
    missing.
    """
    may = ours if (told.get("act") or "given") in GIVING else known  # a stop is taken wherever it is said
    customer = may(house, customer).id
    there = _there(house, customer, told)
    if there is None:
        news, said = acts(house, customer, [told], actor, now)
        return Action(consent_shapes.act(house.memory, said[-1], now), 201, news=news)
    return Action(consent_shapes.act(house.memory, there, now), 201)


def acts(
    house: Gateway, customer: str, told: Sequence[Said], actor: Actor, now: float, *, child: bool | None = None,
    signature: Said | None = None,
) -> tuple[list[News], list[Consent]]:  # fmt: skip
    """The events of some acts of one customer and of what follows from them, and the acts; raises what ``say`` does.

    ``child``: whether the customer is one, as it was just said; None: as the ledger knows. ``signature`` is of all of
    them.
    """
    of_all, whole = _signed(customer, signature, now)
    news, said = [*of_all], list[Consent]()
    for each in told:
        signed, kept = _signed(customer, each.get("signature"), now)
        news += signed
        one = _act(house, customer, each, actor, now, child=child, signature=kept or whole)
        said += [*_in_place_of(house, one, now), one]
    made = [record for one in said for record in in_every_record(house, one, now)]
    news += [*_wished_again(house, customer, said, now), *written(house, customer, made, now)]
    return [*news, *_follows(house, customer, said, now)], said


def _wished_again(house: Gateway, customer: str, said: Sequence[Consent], now: float) -> list[News]:
    """Who signs to be recognised again, and names the stops, no longer wishes not to be."""
    person = house.customer(customer)
    signed = any(one.act in GIVING and one.purpose in RECOGNISE and one.notice is not None for one in said)
    if person is None or not signed or FOR_GOOD not in person.wishes:
        return []
    news = []
    for record in house.memory.family.all_of(customer):
        own = customers.get_customer(house.store.reader, record)
        if own is not None and FOR_GOOD in own.wishes:
            wishes = [wish for wish in own.wishes if wish != FOR_GOOD]
            news.append(News("wish.changed", record, {"customer": record, "wishes": wishes, "was": list(own.wishes)}))
    return news


def stop(
    house: Gateway, customer: str, purpose: str, actor: Actor, now: float, *, brand: str = "", partner: str = "",
    method: str = ledger.SPOKEN,
) -> Action:  # fmt: skip
    """The customer no longer agrees; what rested on it ends now. It is written down also where nothing was alive."""
    customer = known(house, customer).id
    if purpose not in house.memory.consenting.purposes:
        raise Refused(404, f"there is no purpose {purpose!r}")
    told = {"purpose": purpose, "act": "withdrawn", "method": method, "brand": brand, "partner": partner}
    return Action(None, 204, news=acts(house, customer, [told], actor, now)[0])


def _follows(house: Gateway, customer: str, said: Sequence[Consent], now: float) -> list[News]:
    """What follows from stops: who is not recognised by anything any more is not here."""
    stops = [one.entry for one in said if one.act in STOPS]
    if not stops:
        return []
    people = house.memory.people
    alive = house.brands.where_they_are(customer, people.agreed(customer, house.memory.clock.certain(now)))
    left = {one.purpose for one in alive if not any(ledger.covers(stop, one.entry) for stop in stops)}
    left |= {one.purpose for one in house.brands.where_they_are(customer, said) if one.act in GIVING}
    return [] if recognised(people.carried(customer), left) else no_longer_here(house, customer, now, "revoked")


# --- one act ---------------------------------------------------------------------------------------------------------


def _there(house: Gateway, customer: str, told: Said) -> Consent | None:
    """The act that was sent already, by its id; raises Refused(409) where the id is that of another."""
    there = consents.get(house.store.reader, told["id"]) if told.get("id") else None
    if there is None:
        return None
    said = (told["purpose"], told.get("act") or "given", told.get("partner") or "")
    same = house.memory.family.root(there.customer) == customer and told.get("brand") in (None, "", there.brand)
    if not same or said != (there.purpose, there.act, there.partner):
        raise Refused(409, "this id is another act's")
    return there


def _act(
    house: Gateway, customer: str, told: Said, actor: Actor, now: float, *, child: bool | None, signature: str | None
) -> Consent:
    consenting, zone = house.memory.consenting, venue_time.zone()
    one = _consent(house, customer, told, actor, now, signature)
    old = not actor.signed_in and {name for name, value in told.items() if value is not None} <= OLD
    row = consenting.purposes.get(one.purpose)
    said = Told(
        one.purpose, one.act, one.granted_at, one.method, one.witness, one.partner, one.data, one.notice,
        told["notice"]["shown_at"] if told.get("notice") else None, one.guardian, signature is not None,
        consent_shapes.child(house.memory, customer, now) if child is None else child,
    )  # fmt: skip
    partners = {id_: each.data for id_, each in consenting.partners.items()}
    wrong = asking.wrong_with(said, consenting.purposes, partners, consenting.shelf, zone)
    for why in wrong if not old or row is None else ():
        raise Refused(422, why)
    if one.act in GIVING and one.method == ledger.IMPORTED and not one.document and not old:
        raise Refused(422, "document: missing; what is imported names the file or the list that it came from")
    if one.act in GIVING and row is not None:
        _name_stops(house, one, told, old=old)
        last = days.end_of(asking.last_day(said, row, told.get("expires"), zone), zone)
        one.expires = one.until = min(last, told.get("expires") or last)
    return one


def _consent(house: Gateway, customer: str, told: Said, actor: Actor, now: float, signature: str | None) -> Consent:
    consenting, act = house.memory.consenting, told.get("act") or "given"
    at = min(told.get("at") or now, now)  # a tablet's clock may be fast; nobody records the future
    partner, brand = told.get("partner") or "", told.get("brand") or ""
    if brand and brand not in consenting.brands:
        raise Refused(422, f"brand: {brand!r} is none of {', '.join(consenting.brands) or 'this house, which has one'}")
    data = told.get("data")
    if data is None and partner in consenting.partners and act in GIVING:
        data = consenting.partners[partner].data
    method = told.get("method") or ""
    return Consent(
        customer, told["purpose"], method, told.get("document"), round(at * 1000) / 1000, None,
        witness=told.get("witness") or _witness(told, method, actor),
        id=told.get("id") or new_id(now), brand=brand or (house.brands.of_staff(actor.id) if act in GIVING else ""),
        partner=partner, act=act, by=told.get("by") or ("guardian" if told.get("guardian") else "customer"),
        data=tuple(data or ()), notice=_notice(house, told.get("notice")), guardian=told.get("guardian"),
        signature=signature if act in GIVING and (method == BY_HAND or told.get("guardian")) else None,
    )  # fmt: skip


def _witness(told: Said, method: str, actor: Actor) -> str | None:
    """Before whom it was where nobody is named: whoever records it, but for a program, and a customer on their own."""
    alone = method in asking.WITHOUT_WITNESS or (actor.program and told.get("notice") is not None)
    return None if alone else actor.id


def _notice(house: Gateway, told: Said | None) -> Said | None:
    """The text that was read, with its hash where that is not told."""
    if told is None:
        return None
    there = house.memory.consenting.shelf.get(told["id"], told["version"])
    known_hash = there.hash(told["language"]) if there is not None and told["language"] in there.texts else ""
    return {**told, "hash": told.get("hash") or known_hash, "shown_at": iso(told["shown_at"])}


def _name_stops(house: Gateway, one: Consent, told: Said, *, old: bool) -> None:
    """Writes down which stops a consent names; raises Refused(409) for one that was not shown where it was signed."""
    records, reader = house.memory.family.all_of(one.customer), house.store.reader
    every = agreements.revocations(reader, records, one.purpose, one.brand, one.partner)
    if not old and (unnamed := [id_ for id_ in every if id_ not in (told.get("lifts") or ())]):
        found = (consents.get(reader, id_) for id_ in unnamed)
        stops = [consent_shapes.stop(each) for each in found if each is not None]
        why = "the customer has said no since, and whoever asked did not know of it"
        raise Refused(409, why, type=STOP_UNKNOWN, stops=stops)
    one.lifts = tuple(sorted(every))


def _in_place_of(house: Gateway, one: Consent, now: float) -> list[Consent]:
    """What ends a consent that would last longer than the one that is given in its place, which names it."""
    if one.act not in GIVING:
        return []
    alive = house.memory.people.agreed(one.customer, house.memory.clock.certain(now))
    key = one.purpose, one.brand, one.partner
    if not any((each.purpose, each.brand, each.partner) == key and each.until > one.until for each in alive):
        return []
    over = Consent(
        one.customer, one.purpose, one.method, one.document, one.granted_at, None, witness=one.witness, id=new_id(now),
        brand=one.brand, partner=one.partner, act="ended", by="staff",
    )  # fmt: skip
    one.lifts = tuple(sorted({*one.lifts, over.id}))
    return [over]


def _signed(customer: str, signature: Said | None, now: float) -> tuple[list[News], str | None]:
    """What was written on the glass, as its event; and its id."""
    if signature is None:
        return [], None
    id_, document = new_id(now), f"sha256:{sha256(b64decode(signature['content'])).hexdigest()}"
    data = {
        "id": id_, "customer": customer, "at": iso(now), "media": signature["media"], "document": document,
        "content": signature["content"],
    }  # fmt: skip
    return [News("consent.signed", customer, data)], id_
