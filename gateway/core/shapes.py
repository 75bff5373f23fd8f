"""What the outside sees of presences, alerts, asks and the rest: the shapes of events, answers and snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.events.times import iso
from gateway.recognition.expected import ExpectedVisit
from gateway.recognition.moments import Here
from gateway.records.customers import Customer
from gateway.records.lines import Line
from gateway.service.alert import Alert
from gateway.service.asks import Ask
from gateway.service.floor import Floor
from gateway.service.owed import Owed
from gateway.service.seating import Place

Shape = dict[str, Any]

UNNAMED = frozenset({"no_name", "anonymous"})  # wishes that keep a name off every screen


def iso_or_none(at: float | None) -> str | None:
    """A time as text; None stays None."""
    return None if at is None else iso(at)


def person(customer: Customer) -> Shape:
    """How a card or a list names a customer; a wish for no name is honoured here, before anything is shown."""
    hidden = unnamed(customer)
    return {
        "customer": customer.id,
        "name": None if hidden else customer.name,
        "address_as": None if hidden else customer.address_as or customer.name,
        "language": customer.language or None,
        "tier": customer.tier or None,
        "wishes": list(customer.wishes),
    }


def nobody(customer: str) -> Shape:
    """The same of somebody who is not known any more."""
    unknown = dict.fromkeys(("name", "address_as", "language", "tier"))
    return {"customer": customer, **unknown, "wishes": []}


def unnamed(customer: Customer) -> bool:
    """Whether the customer wants no name of theirs on any screen."""
    return not UNNAMED.isdisjoint(customer.wishes)


def nameless(data: Shape) -> Shape:
    """The same without the name, also where a card repeats it."""
    kept = {key: None if key in ("name", "address_as") else value for key, value in data.items()}
    card: Shape | None = kept.get("card")
    return {**kept, "card": nameless(card)} if card else kept


def presence(here: Here, customer: Customer, attendance: Shape) -> Shape:
    """Who is here, where, since when, how sure and why, and with whom."""
    return {**person(customer), **whereabouts(here), **attendance, "state": "present", "quiet_since": quiet_since(here)}


def quiet_since(here: Here) -> str | None:
    """When anything of theirs was heard last, where that is longer ago than is usual; else None."""
    return iso(here.seen_at) if here.quiet else None


def whereabouts(here: Here) -> Shape:
    """Where, since when, how sure and why."""
    return {
        "visit": here.visit,
        "zone": here.zone,
        "since": iso(here.since),
        "confidence": round(here.confidence, 3),
        "reason": here.reason,
        "evidence": here.evidence,
    }


def alert(a: Alert, card: Shape | None, about: Shape | None = None, *, aged_s: float = 0.0) -> Shape:
    """An alert with the card to show; a hint shows where and nothing else."""
    return {
        "id": a.id,
        "alert": a.id,
        "kind": a.kind,
        "state": a.state,
        "visit": a.visit,
        "customer": None if a.stage == "hint" else a.customer,
        "zone": a.zone or None,
        "card": card,
        "to": list(a.to),
        "by": a.by,
        "opened_at": iso(a.opened_at),
        "claimed_at": iso_or_none(a.claimed_at),
        "level": a.level,
        "outcome": a.outcome,
        "note": a.note,
        "party": a.party,
        "stage": a.stage,
        "about": about or {},
        "aged_s": round(aged_s, 1),
        "rated": a.rated,
        "accept_by": iso_or_none(a.accept_by),
        "handed_by": a.handed_by,
        "handed_because": a.handed_because,
        "met_at": iso_or_none(a.met_at),
    }


def preference(line: Line, floor: Floor, venue_name: Mapping[str, str] | None = None) -> Shape:
    """A preference with how we know it and whether it holds; who has left the staff keeps the name they had."""
    fact = line.fact
    return {
        "id": fact.id,
        "customer": fact.customer,
        "visit": fact.visit,
        "category": fact.category,
        "value": fact.value,
        "code": fact.code,
        "lang": fact.lang,
        "polarity": fact.polarity,
        "basis": fact.basis,
        "scope": fact.scope,
        "by": fact.by,
        "by_name": floor.name_of(fact.by) if floor.member(fact.by) else fact.by_name or fact.by,
        "at": iso(fact.at),
        "corrects": list(fact.corrects),
        "retracts": list(fact.retracts),
        "replaces": list(fact.replaces),
        "reason": fact.reason,
        "doubt": fact.doubt,
        "venue": fact.venue,
        "venue_name": venue_name,
        "state": line.state,
        "against": line.against,
        "told": line.told,
        "doubted": line.doubted,
    }


def ask(a: Ask, floor: Floor) -> Shape:
    """A question of a visit, with its answer."""
    return {
        "id": a.id,
        "visit": a.visit,
        "customer": a.customer,
        "question": a.question,
        "state": a.state,
        "by": a.by,
        "by_name": floor.name_of(a.by),
        "at": iso(a.at),
        "count": a.count,
        "answer": a.answer,
        "answered_by": a.answered_by,
        "answered_at": iso_or_none(a.answered_at),
        "served_by": a.served_by,
        "served_at": iso_or_none(a.served_at),
        "round": a.round,
        "menu": a.menu,
        "item": a.item,
        "labels": a.labels,
        "without": list(a.without),
        "despite": list(a.despite),
        "reason": a.reason,
        "note": a.note,
        "warnings": [dict(each) for each in a.warnings],
        "flagged": [dict(each) for each in a.flagged],
        "seen_by": a.seen_by,
        "seen_at": iso_or_none(a.seen_at),
    }


def place(p: Place) -> Shape:
    """A place inside a zone."""
    return {"place": p.place, "zone": p.zone, "kind": p.kind, "group": p.group}


def expected(e: ExpectedVisit, named: Shape, ended: bool) -> Shape:
    """A customer who is expected; ``named`` is how they are named, ``ended`` that they ended being recognised."""
    when = {"from": iso(e.begins), "until": iso(e.ends)}
    return {
        **named, "id": e.id, "place": e.place, **when, "note": None if ended else e.note, "ended": ended,
        "missed": e.missed,
    }  # fmt: skip


def owed(o: Owed, venue: str | None = None, venue_name: Mapping[str, str] | None = None) -> Shape:
    """A promise or a complaint; ``venue``: another, where it was recorded."""
    return {
        "id": o.id,
        "kind": o.kind,
        "customer": o.customer,
        "visit": o.visit,
        "text": o.text,
        "owner": o.owner,
        "due": iso_or_none(o.due),
        "deadline": iso_or_none(o.due),
        "recovery_cost": o.recovery_cost,
        "handed_from": o.handed_from,
        "handed_because": o.handed_because,
        "state": o.state,
        "by": o.by,
        "at": iso(o.at),
        "closed_by": o.closed_by,
        "closed_at": iso_or_none(o.closed_at),
        "note": o.note,
        "venue": venue,
        "venue_name": venue_name,
    }


def staff(member_id: str, floor: Floor, now: float) -> Shape:
    """A member of staff as colleagues see them."""
    member, shift = floor.member(member_id), floor.shift(member_id)
    return {
        "id": member_id,
        "name": floor.name_of(member_id),
        "on_shift": floor.on_shift(member_id, now),
        "connected": floor.connected(member_id),
        "zones": sorted(floor.zones_of(member_id)),
        "languages": list(member.languages) if member else [],
        "roles": sorted(member.roles) if member else [],
        "shift_until": iso_or_none(shift.until) if shift and floor.on_shift(member_id, now) else None,
    }
