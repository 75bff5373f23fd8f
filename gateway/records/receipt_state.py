"""Everything that a customer has said to what they were asked, as a receipt says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

from gateway.consent import days, ledger
from gateway.consent.ledger import GIVING, STOPS
from gateway.consent.purposes import ALWAYS
from gateway.consent.receipt import Act, Notice, Stand, State
from gateway.events import venue_time
from gateway.events.times import iso
from gateway.records import consents
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Consent, Cut

WHO = {"customer": "principal"}
"""How a receipt calls who said it, where that is not as the ledger does."""


def state_of(
    reader: SealedDatabase, customer: str, at: float, *, language: str = "", brand: str = "", cut: Cut = consents.never
) -> State:
    """How the customer stands to every purpose and partner at ``at`` (seconds since 1970 UTC).

    Of acts to one brand alone those of ``brand`` count; ``cut`` says when a new text ends a consent.
    """
    acts = [one for one in consents.ledger_of(reader, customer, cut) if not one.brand or one.brand == brand]
    rows = _rows(acts)
    stands = [_stand(row, at) for row in rows.values()]
    heard = {one.id: one for one in (_deciding(row, at) for row in rows.values())}.values()
    return State(customer, stands, _events(heard), _notice(acts), language)


def newest_brand(reader: SealedDatabase, customer: str) -> str:
    """The brand to which the customer said something last; empty where they never named one."""
    sql = "SELECT brand FROM consents WHERE customer = ? AND brand <> '' ORDER BY at DESC, id DESC LIMIT 1"
    row = reader.conn.execute(sql, (customer,)).fetchone()
    return row[0] if row else ""


def _rows(acts: Sequence[Consent]) -> dict[tuple[str, str], list[Consent]]:
    """The acts by purpose and partner, in the order in which purposes are asked; a stop of all partners is of each."""
    partners: dict[str, list[str]] = {}
    for one in acts:
        named = partners.setdefault(one.purpose, [])
        if one.partner and one.partner not in named:
            named.append(one.partner)
    order = {purpose: number for number, purpose in enumerate(ALWAYS)}
    found = {}
    for purpose in sorted(partners, key=lambda each: (order.get(each, len(order)), each)):
        for partner in sorted(partners[purpose]) or [""]:
            mine = [one for one in acts if one.purpose == purpose and one.partner in ("", partner)]
            found[purpose, partner] = mine
    return found


def _deciding(row: Sequence[Consent], at: float) -> Consent:
    """The act by which it stands so: the consent that is alive, else the newest stop or consent, else the question."""
    given = [one for one in row if one.act in GIVING]
    alive = [one for one in given if one.stopped_at is None and at < one.until]
    if alive:
        return max(alive, key=lambda one: (one.until, one.granted_at, one.id))
    said = [one for one in row if one.act in GIVING or one.act in STOPS] or list(row)
    return max(said, key=lambda one: (one.granted_at, one.id))


def _stand(row: Sequence[Consent], at: float) -> Stand:
    one = _deciding(row, at)
    partner = next((each.partner for each in row if each.partner), None)
    state = one.act
    if one.act in GIVING and not (one.stopped_at is None and at < one.until):
        state = "expired" if one.stopped_at is None else _stopped(one, row)
    return Stand(one.purpose, state, _last_day(one), partner, tuple(one.data) if partner else ())


def _stopped(one: Consent, row: Sequence[Consent]) -> str:
    """Which act ended a consent that is the newest of all: a stop that it did not name, as of another house."""
    stops = [stop for stop in row if stop.act in STOPS and stop.id not in one.lifts]
    covering = [stop for stop in stops if ledger.covers(stop.entry, one.entry)]
    return max(covering, key=lambda stop: (stop.granted_at, stop.id)).act if covering else "ended"


def _events(heard: Iterable[Consent]) -> list[Act]:
    """Acts in the order in which they happened, each by the id of its entry: by that a receipt bears it out."""
    return [_event(one) for one in sorted(heard, key=lambda one: (one.granted_at, one.id))]


def _event(one: Consent) -> Act:
    return Act(
        one.id,
        iso(one.granted_at),
        one.act,
        (f"{one.purpose}:{one.partner}" if one.partner else one.purpose,),
        _last_day(one),
        by=WHO.get(one.by, one.by),
        witness=one.witness,
        method=one.method or None,
        document=one.document,
        guardian=(one.guardian or {}).get("relation"),
    )


def _last_day(one: Consent) -> str | None:
    if one.act not in GIVING or one.until == inf:
        return None
    found = days.last_day(one.until, venue_time.zone())
    return found.isoformat() if found else None


def _notice(acts: Sequence[Consent]) -> Notice | None:
    """The text that was read last."""
    read: list[Mapping[str, Any]] = [one.notice for one in acts if one.notice]
    if not read:
        return None
    last = read[-1]
    return Notice(last["id"], last["version"], last["language"], last["hash"], last.get("shown_at"))
