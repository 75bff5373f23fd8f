"""What a consent needs to be one: a notice that was shown before, a witness, a guardian, a partner, a last day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from math import inf
from typing import Any

from gateway.consent import days
from gateway.consent.ledger import GIVING, IMPORTED, METHODS, SPOKEN
from gateway.consent.notices import Shelf
from gateway.consent.purposes import Purpose

OF_AGE_AT_MOST = 18
WITHOUT_WITNESS = frozenset({"own_page", IMPORTED})
BY_HAND = "signed_on_glass"


@dataclass(slots=True, frozen=True)
class Told:
    """What is said about one act: times in seconds since 1970 UTC; empty texts and None where nothing is said.

    ``partners`` are the partners of the house, with what each may be told. ``child``: the customer is under the age at
    which they answer for themselves. ``signed``: something was written by hand on the glass.
    """

    purpose: str
    act: str
    at: float
    method: str
    witness: str | None
    partner: str
    data: tuple[str, ...]
    notice: Mapping[str, Any] | None
    shown_at: float | None
    guardian: Mapping[str, Any] | None
    signed: bool
    child: bool


def wrong_with(
    told: Told, purposes: Mapping[str, Purpose], partners: Mapping[str, Collection[str]], shelf: Shelf, zone: tzinfo
) -> Iterator[str]:
    """What speaks against this act as it is told, a sentence each; nothing where it may be written down."""
    row = purposes.get(told.purpose)
    if row is None:
        yield f"purpose: {told.purpose!r} is none of {', '.join(purposes)}"
        return
    yield from _of_partner(told, row, partners)
    if told.method not in METHODS:
        yield f"method: expected one of {', '.join(METHODS)}"
    elif told.act in GIVING and told.method == SPOKEN:
        yield "method: what is only spoken is no consent; spoken are stops and refusals"
    if told.act not in GIVING:
        return
    yield from _of_notice(told, shelf)
    if told.method not in WITHOUT_WITNESS and not told.witness:
        yield "witness: missing; expected the member of staff before whom it was"
    if told.method == BY_HAND and not told.signed:
        yield "signature: missing; expected what was written on the glass"
    yield from _of_guardian(told, row, zone)


def _of_partner(told: Told, row: Purpose, partners: Mapping[str, Collection[str]]) -> Iterator[str]:
    if not row.partner:
        if told.partner:
            yield f"partner: {told.purpose} is about no partner"
        return
    if not told.partner:
        if told.act in GIVING or told.act == "asked":
            yield f"partner: missing; {told.purpose} is asked for one partner at a time"
        return
    if told.partner not in partners:
        known = ", ".join(partners) or "none that the settings name"
        yield f"partner: {told.partner!r} is none of the partners of this house ({known})"
    elif told.act in GIVING and (beyond := [each for each in told.data if each not in partners[told.partner]]):
        yield f"data: {', '.join(beyond)} is nothing that {told.partner} may be told"


def _of_notice(told: Told, shelf: Shelf) -> Iterator[str]:
    if told.method == IMPORTED and told.notice is None:
        return
    if told.notice is None or told.shown_at is None:
        yield "notice: missing; expected id, version, language and shown_at of the text that was read before"
        return
    notice = shelf.get(told.notice["id"], told.notice["version"])
    named = f"{told.notice['id']} {told.notice['version']}"
    if notice is None or told.notice["language"] not in notice.texts:
        yield f"notice: there is no {named} in {told.notice['language']}"
        return
    if told.purpose not in notice.purposes:
        yield f"notice: {named} is not about {told.purpose}"
    if told.notice.get("hash") not in (None, notice.hash(told.notice["language"])):
        yield f"notice: {named} has another text than the one whose hash is told"
    if told.shown_at >= told.at:
        yield "notice: shown_at is not before at; a text is read before it is agreed to"


def _of_guardian(told: Told, row: Purpose, zone: tzinfo) -> Iterator[str]:
    if told.guardian is None:
        if told.child:
            yield "guardian: missing; this customer is a child, and a guardian signs"
        return
    if row.adults:
        yield f"guardian: a child is not asked for {told.purpose}"
    for member in ("name", "relation"):
        if not told.guardian.get(member):
            yield f"guardian: {member} is missing"
    if not told.signed:
        yield "signature: missing; a guardian signs"
    try:
        last = days.before_month(told.guardian.get("comes_of_age") or "")
    except ValueError as wrong:
        yield f"guardian: comes_of_age: {wrong}"
        return
    today = days.day_of(told.at, zone)
    if not today <= last <= days.after_months(today, 12 * OF_AGE_AT_MOST):
        yield "guardian: comes_of_age is no month in which a child of today comes of age"


def last_day(told: Told, row: Purpose, wanted: float | None, zone: tzinfo) -> date:
    """The last day of a consent: that which is wanted, never longer than its purpose lasts at the most.

    One of which nobody knows which text was read counts for 90 days, whoever tells of it and whatever end they tell. A
    guardian's ends before the month in which the child comes of age.
    """
    today = days.day_of(told.at, zone)
    ends = [days.after_months(today, row.months)]
    if wanted is not None and wanted != inf and (day := days.last_day(wanted, zone)) is not None:
        ends.append(day)
    if told.notice is None:
        ends.append(today + timedelta(days=days.WITHOUT_NOTICE))
    if told.guardian is not None:
        ends.append(days.before_month(told.guardian["comes_of_age"]))
    return min(ends)
