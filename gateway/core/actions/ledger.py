"""Acts of the ledger as their events hold them, and the stops that follow from a wish."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gateway.consent import days, ledger
from gateway.consent.ledger import GIVING, SPOKEN, STOPS
from gateway.consent.purposes import RECOGNISE
from gateway.core import receipting
from gateway.core.gateway import Gateway
from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import consents
from gateway.records.consents import Consent
from gateway.records.customers import FOR_GOOD

TYPES: Mapping[str, str] = {
    "asked": "consent.asked", "given": "consent.granted", "renewed": "consent.granted", "refused": "consent.refused",
    "withdrawn": "consent.revoked", "ended": "consent.revoked", "invalid": "consent.revoked",
}  # fmt: skip


def written(house: Gateway, customer: str, made: Sequence[Consent], now: float) -> list[News]:
    """The events of these acts of one person, and of the receipt of them where this house makes any."""
    rows = [_data(house, each, now) for each in made]
    receipt, keeps = receipting.made(customer, rows, now)
    for one, data in zip(made, rows, strict=True):
        data["receipt"] = one.receipt = receipt
    return [*(News(TYPES[one.act], one.customer, data) for one, data in zip(made, rows, strict=True)), *keeps]


def in_every_record(house: Gateway, one: Consent, now: float) -> list[Consent]:
    """An act as it goes into the ledgers of a person: a stop into that of every record that ever gave consent to it."""
    if one.act not in STOPS:
        return [one]
    made, reader = [one], house.store.reader
    for record in house.memory.family.all_of(one.customer)[1:]:
        if consents.given(reader, record, one.purpose):
            facts = {name: getattr(one, name) for name in one.__dataclass_fields__}
            made.append(Consent(**{**facts, "id": new_id(now), "customer": record}))
    return made


def of_wish(
    house: Gateway, customer: str, wishes: Collection[str], was: Collection[str], actor: str | None, now: float
) -> list[News]:
    """The wish not to be recognised is a stop of both ways to be: when it is said, and once more when it is taken back.

    So whoever takes it back has to be asked again.
    """
    if (FOR_GOOD in wishes) == (FOR_GOOD in was):
        return []
    made = [
        each
        for purpose in sorted(RECOGNISE)
        for each in in_every_record(house, stopped(house, customer, purpose, actor, now), now)
    ]
    if FOR_GOOD in was:  # what was said then stops already
        made = [each for each in made if _alive(house, each, now)]
    return written(house, customer, made, now) if made else []


def stopped(house: Gateway, customer: str, purpose: str, witness: str | None, now: float) -> Consent:
    """A customer's word that they do not agree to this any more, to whichever brand or partner."""
    at = round(now * 1000) / 1000
    return Consent(
        customer, purpose, SPOKEN, None, at, None, witness=witness, id=new_id(now), act="withdrawn", by="customer"
    )


def _alive(house: Gateway, stop: Consent, now: float) -> list[str]:
    """The consents that a stop ends."""
    alive = consents.consents_of(house.store.reader, stop.customer, house.memory.clock.certain(now))
    return [each.id for each in alive if ledger.covers(stop.entry, each.entry)]


def _data(house: Gateway, one: Consent, now: float) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": one.id, "customer": one.customer, "brand": one.brand, "purpose": one.purpose,
        "partner": one.partner or None, "data": list(one.data), "act": one.act, "at": iso(one.granted_at),
        "by": one.by, "witness": one.witness, "method": one.method, "document": one.document,
        "notice": dict(one.notice) if one.notice else None, "guardian": dict(one.guardian) if one.guardian else None,
        "receipt": None,
    }  # fmt: skip
    if one.act in GIVING:
        last = days.last_day(one.until, venue_time.zone())
        data |= {"text_version": None, "expires": iso(one.until), "last_day": last.isoformat() if last else None}
        data |= {"lifts": list(one.lifts), "signature": one.signature}
    elif TYPES[one.act] == "consent.revoked":
        data["ends"] = _alive(house, one, now)
    return data
