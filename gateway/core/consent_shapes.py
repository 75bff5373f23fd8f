"""Consents as screens and programs are told of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from math import inf
from typing import Any

from gateway.consent import days
from gateway.consent.ledger import GIVING, STOPS
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.state import Memory
from gateway.events import venue_time
from gateway.events.times import iso
from gateway.records.consents import Consent


def act(memory: Memory, one: Consent, now: float) -> Shape:
    """One act of the ledger, with its state at ``now``."""
    last = days.last_day(one.until, venue_time.zone()) if one.act in GIVING else None
    until = one.until if one.act in GIVING else inf
    return {
        "id": one.id,
        "purpose": one.purpose,
        "brand": one.brand or None,
        "partner": one.partner or None,
        "data": list(one.data),
        "act": one.act,
        "state": state(one, now),
        "by": one.by,
        "witness": one.witness,
        "method": one.method,
        "document": one.document,
        "notice": dict(one.notice) if one.notice else None,
        "guardian": dict(one.guardian) if one.guardian else None,
        "granted_at": iso(one.granted_at),
        "last_day": last.isoformat() if last is not None else None,
        "expires": None if until == inf else iso(until),
        "lifts": list(one.lifts),
        "receipt": one.receipt,
        "renew": one.act in GIVING and memory.consenting.shelf.outdated(one.entry),
        "ask_after": ask_after(memory, [one]),
    }


def state(one: Consent, now: float) -> str:
    """What became of an act at ``now``: a consent is alive, has expired or was stopped; any other is what it is."""
    if one.act not in GIVING:
        return one.act
    if one.stopped_at is not None:
        return "stopped"
    return "alive" if now < one.until else "expired"


def stop(one: Consent) -> Shape:
    """A stop as whoever did not know of it is shown."""
    return {
        "id": one.id, "purpose": one.purpose, "brand": one.brand or None, "partner": one.partner or None,
        "act": one.act, "at": iso(one.granted_at), "by": one.by, "witness": one.witness,
    }  # fmt: skip


def ask_after(memory: Memory, acts: Iterable[Consent]) -> str | None:
    """From which day on somebody who refused may be asked again; None where nothing was refused."""
    refused = max((one.granted_at for one in acts if one.act == "refused"), default=None)
    if refused is None:
        return None
    day = days.day_of(refused, venue_time.zone())
    return (day + timedelta(days=memory.consenting.ask_again_days)).isoformat()


def child(memory: Memory, customer: str, now: float) -> bool:
    """Whether a guardian signed for the customer, who has not come of age since."""
    months = [one.guardian["comes_of_age"] for one in memory.people.acts(customer) if one.guardian]
    if not months:
        return False
    zone = venue_time.zone()
    return days.day_of(now, zone) <= days.before_month(max(months))


def asked_for(memory: Memory) -> Shape:
    """What this house asks for, before anybody is asked."""
    rows = _rows(memory, [], [], memory.certain(), is_child=False)
    return {"guardian_under": memory.consenting.guardian_under, "purposes": rows}


def purposes(memory: Memory, customer: str, now: float, brand: str = "") -> list[Shape]:
    """What the customer may be asked for, a row for each purpose (and partner), with what they said to it last.

    With ``brand`` what they said to another brand alone is left out.
    """
    acts, agreed = memory.people.acts(customer), memory.people.agreed(customer, now)
    if brand:
        acts, agreed = ([one for one in each if one.brand in ("", brand)] for each in (acts, agreed))
    return _rows(memory, acts, agreed, now, is_child=child(memory, customer, now))


def _rows(memory: Memory, acts: list[Consent], agreed: list[Consent], now: float, *, is_child: bool) -> list[Shape]:
    consenting = memory.consenting
    alive = {(one.purpose, one.partner): one for one in reversed(agreed)}
    rows = []
    for row in consenting.purposes.values():
        for partner in consenting.partners if row.partner else ("",):
            mine = [one for one in acts if one.purpose == row.id and one.partner in ("", partner)]
            notice = consenting.shelf.for_purpose(row.id)
            rows.append(
                {
                    "purpose": row.id,
                    "partner": partner or None,
                    "partner_name": consenting.partners[partner].name.by_language() if partner else None,
                    "data": list(consenting.partners[partner].data) if partner else [],
                    "labels": dict(row.labels),
                    "months": row.months,
                    **_said(memory, mine, alive.get((row.id, partner)), now),
                    "stops": [one.id for one in mine if one.act in STOPS],
                    "notice": {"id": notice.id, "version": notice.version} if notice else None,
                    "askable": not (row.adults and is_child),
                    "adults": row.adults,
                }
            )
    return rows


def _said(memory: Memory, mine: list[Consent], alive: Consent | None, now: float) -> dict[str, Any]:
    """What the customer says to one row: until when it is alive, or what they said last."""
    last = mine[-1] if mine else None
    if alive is not None:
        shown = act(memory, alive, now)
        return {
            "state": "alive", "since": shown["granted_at"], "last_day": shown["last_day"], "renew": shown["renew"],
            "receipt": alive.receipt, "ask_after": None,
        }  # fmt: skip
    return {
        "state": "never_asked" if last is None else state(last, now),
        "since": iso_or_none(last.granted_at if last else None),
        "last_day": None,
        "renew": False,
        "receipt": last.receipt if last else None,
        "ask_after": ask_after(memory, mine[-1:]),
    }
