"""What may happen, each as the news of one event with whole data; times in seconds since 1970 UTC."""

from __future__ import annotations

from typing import Any

from gateway.events.event import Event, News
from gateway.events.times import iso
from gateway.records.journal import Journal
from gateway.records.retention import Retention, applied
from gateway.records.store import Store

TAG = "epc:3034257BF7194E4000001A85"


def record(
    store: Store,
    journal: Journal,
    *news: News,
    at: float | None = None,
    actor: str = "lina",
    unless_erased: bool = False,
) -> list[Event]:
    """Records the news in one transaction, at ``at`` or one second after the last number; gives back the events."""
    now = 1_700_000_000.0 + journal.sequence if at is None else at
    events = [journal.event(each, actor, now) for each in news]
    store.call(lambda tx: journal.record(tx, events, unless_erased=unless_erased))
    return events


# --- customers -------------------------------------------------------------------------------------------------------

FACTS: dict[str, Any] = {
    "name": "Anna",
    "address_as": "",
    "language": "",
    "tier": "",
    "associate": None,
    "deputy": None,
    "wishes": [],
    "birthday": None,
    "meets": [],
}


def enrolled(customer: str = "c-1", **facts: Any) -> News:
    return News("customer.enrolled", customer, {**FACTS, **facts, "customer": customer, "source": "staff"})


def changed(customer: str = "c-1", **facts: Any) -> News:
    data = {"customer": customer, "changed": facts, "was": {name: FACTS[name] for name in facts}, "source": "staff"}
    return News("customer.changed", customer, data)


def wished(customer: str = "c-1", *wishes: str) -> News:
    return News("wish.changed", customer, {"customer": customer, "wishes": list(wishes), "was": []})


def erased(customer: str = "c-1") -> News:
    return News("customer.erased", customer, {"customer": customer, "keys": []})


def viewed(customer: str = "c-1") -> News:
    return News("customer.viewed", customer, {"customer": customer, "why": "card"})


def searched(found: list[str]) -> News:
    return News("customers.searched", "test", {"found": found})


def given(
    customer: str = "c-1", identifier: str = TAG, credential: str = "k-1", label: str = "", tid: str | None = None
) -> News:
    data = {"customer": customer, "credential": credential, "scheme": identifier.partition(":")[0]}
    return News("credential.given", customer, {**data, "identifier": identifier, "label": label, "tid": tid})


def taken(customer: str = "c-1", credential: str = "k-1", scheme: str = "epc") -> News:
    return News("credential.taken", customer, {"customer": customer, "credential": credential, "scheme": scheme})


def granted(
    customer: str = "c-1",
    purpose: str = "recognise_tag",
    *,
    lifts: list[str] | None = None,
    expires: float | None = None,
    **more: Any,
) -> News:
    how = {"method": "paper", "document": "form 7", "text_version": "3", "witness": "lina"}
    data: dict[str, Any] = {"customer": customer, "purpose": purpose, **how}
    data |= {"expires": None if expires is None else iso(expires), "lifts": lifts or []}
    return News("consent.granted", customer, data, **more)


def revoked(customer: str = "c-1", purpose: str = "recognise_tag", *, ends: list[str] | None = None) -> News:
    data = {"customer": customer, "purpose": purpose, "method": "spoken", "ends": ends or []}
    return News("consent.revoked", customer, data)


def preferred(customer: str = "c-1", id_: str = "f-1", value: str = "tea", at: float = 1.0, **more: Any) -> News:
    data: dict[str, Any] = {"id": id_, "customer": customer, "category": "drink", "value": value, "polarity": "do"}
    data |= {"basis": "stated", "at": iso(at), "scope": "standing", "visit": None, "by": "lina", "by_name": "Lina"}
    return News("preference.recorded", customer, {**data, "corrects": None, **more})


# --- visits ----------------------------------------------------------------------------------------------------------


def _presence(customer: str, visit: str, zone: str | None, at: float) -> dict[str, Any]:
    where = {"visit": visit, "customer": customer, "zone": zone, "at": iso(at), "since": iso(at), "confidence": 0.9}
    return {**where, "reason": "3 reads", "evidence": {"kind": "reads", "reads": 3}, "late": False}


def hinted(
    customer: str = "c-1", visit: str = "v-1", zone: str = "door", at: float = 1.0, alert: dict[str, Any] | None = None
) -> News:
    return News("visit.hinted", customer, {**_presence(customer, visit, zone, at), "alert": alert})


def arrived(
    customer: str = "c-1", visit: str = "v-1", zone: str = "door", at: float = 1.0, companions: int = 0
) -> News:
    data = {**_presence(customer, visit, zone, at), "party": f"p-{visit}", "companions": companions}
    return News("visit.arrived", customer, data)


def moved(
    customer: str = "c-1", visit: str = "v-1", zone: str | None = "bar", at: float = 2.0, *, resumed: bool = False
) -> News:
    data = {**_presence(customer, visit, zone, at), "resumed": resumed, "party": f"p-{visit}", "companions": 1}
    return News("visit.moved", customer, data)


def departed(customer: str = "c-1", visit: str = "v-1", at: float = 3.0) -> News:
    return News("visit.departed", customer, {**_presence(customer, visit, None, at), "because": None})


def companions(customer: str = "c-1", visit: str = "v-1", count: int = 2) -> News:
    return News("visit.companions", customer, {"visit": visit, "customer": customer, "companions": count})


# --- alerts, questions, what is owed ---------------------------------------------------------------------------------


def alert_facts(customer: str = "c-1", alert: str = "a-1", visit: str = "v-1", **more: Any) -> dict[str, Any]:
    wanted = {"zone": "door", "associate": None, "deputy": None, "language": None, "owner": None, "complaint": False}
    facts: dict[str, Any] = {
        "alert": alert,
        "kind": "arrival",
        "visit": visit,
        "customer": customer,
        "wanted": {**wanted, "due": False, "tier": 1, "manager": False},
        "opened_at": iso(1.0),
        "state": "open",
        "to": ["lina"],
        "by": None,
        "claimed_at": None,
        "closed_at": None,
        "level": 0,
        "outcome": None,
        "note": None,
        "asked": ["lina"],
        "stage": "card",
        "party": None,
        "about": {},
        "rated": None,
        "accept_by": None,
        "handed_by": None,
        "handed_because": None,
    }
    return {**facts, **more}


def alert_news(type_: str = "alert.opened", customer: str = "c-1", **more: Any) -> News:
    data = alert_facts(customer, **more)
    routed = type_ in ("alert.opened", "alert.escalated", "alert.released", "alert.handed_over", "alert.waited")
    routing = {"rule": "first", "candidates": ["lina"], "passed_over": [{"staff": "ben", "why": "off_shift"}]}
    return News(type_, customer, {**data, "routing": routing} if routed else data)


def ask_news(type_: str = "ask.opened", customer: str = "c-1", id_: str = "q-1", **more: Any) -> News:
    facts: dict[str, Any] = {
        "id": id_,
        "visit": "v-1",
        "customer": customer,
        "question": "still or sparkling?",
        "by": "lina",
        "at": iso(1.0),
        "state": "open",
        "count": 1,
        "answer": None,
        "answered_by": None,
        "answered_at": None,
        "served_by": None,
        "served_at": None,
    }
    return News(type_, customer, {**facts, **more})


def owed_news(type_: str = "promise.made", customer: str = "c-1", id_: str = "p-1", **more: Any) -> News:
    facts: dict[str, Any] = {
        "id": id_,
        "kind": type_.partition(".")[0],
        "customer": customer,
        "visit": None,
        "text": "a call",
        "owner": "lina",
        "by": "lina",
        "at": iso(1.0),
        "due": None,
        "state": "open",
        "closed_by": None,
        "closed_at": None,
        "note": None,
        "recovery_cost": None,
        "handed_from": None,
        "handed_because": None,
    }
    return News(type_, customer, {**facts, **more})


# --- the house -------------------------------------------------------------------------------------------------------


def staff_changed(staff: str = "lina", *, new_pin: bool = True, **more: Any) -> News:
    facts: dict[str, Any] = {
        "staff": staff,
        "name": staff.title(),
        "roles": ["floor"],
        "zones": ["bar"],
        "languages": ["en"],
    }
    facts |= {"pin_hash": "$argon2id$x", "hired": True, "new_pin": new_pin}
    return News("staff.changed", staff, {**facts, **more})


def staff_removed(staff: str = "lina") -> News:
    return News("staff.removed", staff, {"staff": staff, "keys": [], "tokens": []})


def shift_started(staff: str = "lina", since: float = 1.0, until: float | None = None) -> News:
    data = {"staff": staff, "zones": ["入口"], "since": iso(since), "until": None if until is None else iso(until)}
    return News("shift.started", staff, data)


def shift_ended(staff: str = "lina") -> News:
    return News("shift.ended", staff, {"staff": staff, "because": "ended", "handed": [], "kept": []})


def session_began(session: str = "aa", staff: str = "lina", tablet: str | None = None) -> News:
    return News("session.began", staff, {"session": session, "staff": staff, "tablet": tablet})


def session_ended(session: str = "aa", staff: str = "lina") -> News:
    return News("session.ended", staff, {"session": session, "staff": staff, "because": "signed_out"})


def token_made(token: str = "t-1", hash_: str = "bb", staff: str | None = None) -> News:
    return News("token.made", token, {"token": token, "hash": hash_, "role": "integration", "staff": staff})


def token_revoked(token: str = "t-1") -> News:
    return News("token.revoked", token, {"token": token})


def tablet_paired(tablet: str = "d-1", hash_: str = "cc") -> News:
    return News("tablet.paired", tablet, {"tablet": tablet, "name": "bar 1", "hash": hash_, "paired_by": "lina"})


def tablet_revoked(tablet: str = "d-1") -> News:
    return News("tablet.revoked", tablet, {"tablet": tablet, "name": "bar 1"})


def plan_changed(width: float = 10.0) -> News:
    return News("plan.changed", "test", {"width": width, "height": 5.0, "zones": [], "readers": []})


def walk_ended(passed: bool = True) -> News:
    return News(
        "walk.ended",
        "test",
        {"tag": "…1A85", "places": [], "zones": {}, "passed": passed, "at": iso(1.0), "by": "lina"},
    )


def expected(customer: str = "c-1", begins: float | None = 1.0, ends: float | None = 9e9) -> News:
    times = {"begins": None if begins is None else iso(begins), "ends": None if ends is None else iso(ends)}
    return News("customer.expected", customer, {"customer": customer, **times})


def areas_learnt(areas: list[Any]) -> News:
    return News("areas.learnt", "test", {"areas": areas})


def rooms_learnt(rooms: dict[str, Any], because: str = "kept") -> News:
    return News("rooms.learnt", "test", {"rooms": rooms, "because": because})


def clock_moved(by: float, *, woke: bool = False) -> News:
    return News("clock.moved", "test", {"by_s": by, "woke": woke})


def retained(now: float, keep: Retention) -> News:
    return News("retention.applied", "test", applied(now, keep))
