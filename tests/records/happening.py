"""What may happen, each as the news of one event with whole data; times in seconds since 1970 UTC."""

from __future__ import annotations

from typing import Any

from gateway.events.event import Event, News
from gateway.events.times import iso, new_id
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


def merged(customer: str = "c-1", other: str = "c-2", merge: str = "m-1") -> News:
    return News("customer.merged", customer, {"customer": customer, "merge": merge, "other": other, "visit": None})


def unmerged(customer: str = "c-1", other: str = "c-2", merge: str = "m-1") -> News:
    return News("customer.unmerged", customer, {"customer": customer, "merge": merge, "other": other})


def told_apart(customer: str = "c-1", other: str = "c-2") -> News:
    return News("customer.told_apart", customer, {"customer": customer, "other": other})


def mistaken(customer: str = "c-1", mistake: str = "w-1") -> News:
    data: dict[str, Any] = {"customer": customer, "mistake": mistake, "alert": "a-1", "visit": "v-1", "zone": "door"}
    data |= {"credentials": ["k-1"], "note": "a boy", "by": "lina", "by_name": "Lina", "at": iso(1.0)}
    return News("customer.mistaken", customer, data)


def settled(customer: str = "c-1", mistake: str = "w-1") -> News:
    return News("customer.settled", customer, {"customer": customer, "mistake": mistake, "because": "it_was_them"})


def erased(customer: str = "c-1", receipt: str | None = None) -> News:
    data: dict[str, Any] = {"customer": customer, "keys": []}
    if receipt is not None:
        where = (("tablet", "d-1"), ("list", "/n"))
        places = [{"kind": kind, "place": place, "heard_at": None} for kind, place in where]
        data["erasure"] = {"id": receipt, "by": "staff", "because": "asked", "venue": "test", "places": places}
    return News("customer.erased", customer, data)


def lent_ended(customer: str, receipt: str | None = None) -> News:
    begun = erased(customer, receipt).data.get("erasure")
    data: dict[str, Any] = {"customer": customer, "venue": "flagship", "keys": [], "erasure": begun}
    return News("lent.ended", customer, {**data, "because": "recalled" if begun is None else "erased"})


def erasure_answered(receipt: str = "E-1", kind: str = "tablet", *, done: bool = True) -> News:
    place = "d-1" if kind == "tablet" else "/n"
    return News("erasure.answered", receipt, {"erasure": receipt, "kind": kind, "place": place, "done": done})


def passing_on(
    customer: str = "c-1", about: list[str] | None = None, *, ended: bool = False, stop: bool = False
) -> News:
    data = {"customer": customer, "recipient": "spa", "about": about or [], "ended": ["f-0"] if ended else []}
    more = {"data": ["preferences.food"], "members": ["value"], "stop": stop, "state": "ab" * 32}
    return News("person.passing_on", customer, {**data, **more})


def partner_answered(customer: str = "c-1", has: str = "f-1", *, stop: bool = False) -> News:
    data = {
        "customer": customer,
        "recipient": "spa",
        "has": [] if stop else [has],
        "stop": stop,
        "state": "ab" * 32,
        "by": None,
    }
    return News("partner.answered", customer, data)


def viewed(customer: str = "c-1") -> News:
    return News("customer.viewed", customer, {"customer": customer, "why": "card"})


def searched(found: list[str]) -> News:
    return News("customers.searched", "test", {"found": found})


def given(
    customer: str = "c-1", identifier: str = TAG, credential: str = "k-1", label: str = "", tid: str | None = None
) -> News:
    data = {"customer": customer, "credential": credential, "scheme": identifier.partition(":")[0]}
    return News("credential.given", customer, {**data, "identifier": identifier, "label": label, "tid": tid})


def receipted(customer: str = "c-1", receipt: str = "R-0199A1C2-7F3A-4D0C") -> News:
    return News("receipt.made", customer, {"customer": customer, "receipt": receipt, "document": {}})


def taken(customer: str = "c-1", credential: str = "k-1", scheme: str = "epc") -> News:
    return News("credential.taken", customer, {"customer": customer, "credential": credential, "scheme": scheme})


def granted(
    customer: str = "c-1",
    purpose: str = "recognise_tag",
    *,
    lifts: list[str] | None = None,
    expires: float | None = None,
    id: str | None = None,  # noqa: A002
    at: float = 1.0,
    **more: Any,
) -> News:
    """A consent as it is recorded now; ``id`` is that of the act and of its event."""
    id_ = id or new_id(at)
    data = {**_act(customer, purpose, id_, at, "given"), "text_version": "3", "signature": None, "last_day": None}
    data |= {"expires": None if expires is None else iso(expires), "lifts": lifts or [], **more}
    return News("consent.granted", customer, data, id=id_)


def revoked(
    customer: str = "c-1",
    purpose: str = "recognise_tag",
    *,
    ends: list[str] | None = None,
    at: float = 1.0,
    **more: Any,
) -> News:
    """A stop as it is recorded now."""
    id_ = new_id(at)
    data = {**_act(customer, purpose, id_, at, "withdrawn"), "method": "spoken", "ends": ends or [], **more}
    return News("consent.revoked", customer, data, id=id_)


def said(act: str, customer: str = "c-1", purpose: str = "recognise_tag", *, at: float = 1.0) -> News:
    """That somebody was asked, or refused."""
    id_ = new_id(at)
    return News(f"consent.{act}", customer, _act(customer, purpose, id_, at, act), id=id_)


def signed(customer: str = "c-1", *, at: float = 1.0) -> News:
    """Something that was written by hand on the glass."""
    data = {"id": new_id(at), "customer": customer, "at": iso(at), "media": "image/png"}
    return News("consent.signed", customer, {**data, "document": "sha256:00", "content": "iVBORw0KGgo="})


def published(id_: str = "tea", version: int = 1, *, material: bool = False) -> News:
    """A version of a notice."""
    texts = {"zh-CN": f"茶 {version}", "en": f"tea {version}"}
    data = {"id": id_, "version": version, "purposes": ["keep_preferences"], "texts": texts, "material": material}
    return News("notice.published", id_, data)


def _act(customer: str, purpose: str, id_: str, at: float, act: str) -> dict[str, Any]:
    none: dict[str, Any] = {"partner": None, "data": [], "notice": None, "guardian": None, "receipt": None}
    how = {"method": "paper", "document": "form 7", "witness": "lina", "by": "customer", "brand": ""}
    return {**none, **how, "id": id_, "customer": customer, "purpose": purpose, "act": act, "at": iso(at)}


def granted_before(
    customer: str = "c-1", purpose: str = "recognise_tag", lifts: list[str] | None = None, expires: float | None = None
) -> News:
    """A consent as it was recorded before acts were told apart."""
    how = {"method": "paper", "document": "form 7", "text_version": "3", "witness": "lina"}
    data: dict[str, Any] = {"customer": customer, "purpose": purpose, **how, "lifts": lifts or []}
    return News("consent.granted", customer, {**data, "expires": None if expires is None else iso(expires)})


def revoked_before(customer: str = "c-1", purpose: str = "recognise_tag") -> News:
    """A stop as it was recorded before acts were told apart."""
    data: dict[str, Any] = {"customer": customer, "purpose": purpose, "method": "spoken", "ends": []}
    return News("consent.revoked", customer, data)


def preferred(customer: str = "c-1", id_: str = "f-1", value: str = "tea", at: float = 1.0, **more: Any) -> News:
    data: dict[str, Any] = {"id": id_, "customer": customer, "category": "drink", "value": value, "polarity": "do"}
    data |= {"basis": "stated", "at": iso(at), "scope": "standing", "visit": None, "by": "lina", "by_name": "Lina"}
    data |= {"code": None, "lang": None, "corrects": [], "retracts": [], "replaces": [], "reason": None}
    return News("preference.recorded", customer, {**data, **more})


def older(
    id_: str, category: str, value: str, polarity: str = "do", corrects: str | None = None, customer: str = "c-1"
) -> News:
    """A fact as it was recorded before there was a catalogue."""
    told = preferred(customer, id_, value, category=category, polarity=polarity, corrects=corrects).data
    later = ("code", "lang", "retracts", "replaces", "reason")
    return News("preference.recorded", customer, {name: value for name, value in told.items() if name not in later})


# --- visits ----------------------------------------------------------------------------------------------------------


def forgotten(visit: str = "v-1") -> News:
    return News("visit.forgotten", visit, {"visit": visit, "keys": []})


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
        "met_at": None,
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
        "round": None,
        "menu": None,
        "item": None,
        "labels": None,
        "without": [],
        "despite": [],
        "reason": None,
        "note": None,
        "warnings": [],
        "flagged": [],
        "seen_by": None,
        "seen_at": None,
        "slip": False,
        "takes": None,
        "gives_back": None,
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


def token_limited(token: str = "t-1", until: float = 1_800_000_000.0) -> News:
    said = {"token": token, "name": "", "role": "integration", "until": iso(until)}
    return News("token.limited", token, said)


def token_used(token: str = "t-1", at: float = 1_700_000_000.0) -> News:
    return News("token.used", token, {"token": token, "at": iso(at), "source": "10.0.0.0/24"})


def token_revoked(token: str = "t-1") -> News:
    return News("token.revoked", token, {"token": token})


def tablet_paired(tablet: str = "d-1", hash_: str = "cc") -> News:
    return News("tablet.paired", tablet, {"tablet": tablet, "name": "bar 1", "hash": hash_, "paired_by": "lina"})


def tablet_bound(tablet: str = "d-1", key: str = "04aa") -> News:
    return News("tablet.bound", tablet, {"tablet": tablet, "name": "bar 1", "key": key})


def tablet_wiped(tablet: str = "d-1") -> News:
    return News("tablet.wiped", tablet, {"tablet": tablet, "name": "bar 1"})


def passkey_added(passkey: str = "p-1", staff: str = "lina", credential: str = "0a0b") -> News:
    facts = {"name": "phone", "host": "moments.test", "credential": credential, "public_key": "a501", "count": 1}
    return News("passkey.added", staff, {"passkey": passkey, "staff": staff, **facts})


def passkey_used(passkey: str = "p-1", staff: str = "lina", count: int = 2) -> News:
    return News("passkey.used", staff, {"passkey": passkey, "staff": staff, "count": count})


def passkey_removed(passkey: str = "p-1", staff: str = "lina") -> News:
    return News("passkey.removed", staff, {"passkey": passkey, "staff": staff, "because": "removed"})


def session_locked(session: str = "aa", staff: str = "lina") -> News:
    return News("session.locked", staff, {"session": session, "staff": staff})


def session_unlocked(session: str = "aa", staff: str = "lina") -> News:
    return News("session.unlocked", staff, {"session": session, "staff": staff})


def tablet_revoked(tablet: str = "d-1") -> News:
    return News("tablet.revoked", tablet, {"tablet": tablet, "name": "bar 1"})


def catalogue_changed(version: int = 1) -> News:
    row = {"code": "drink.house_tea", "category": "drink", "polarity": "do", "about": "house_tea"}
    values = [{**row, "labels": {"zh-CN": "本店茶", "en": f"House tea {version}"}}]
    return News("catalogue.changed", "house", {"version": version, "values": values, "retired": []})


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


def expected_visit(customer: str, id_: str, begins: float, ends: float, **more: Any) -> News:
    when = {"begins": iso(begins), "ends": iso(ends)}
    data = {"id": id_, "customer": customer, "place": "12A", **when, "note": None, "removed": False}
    return News("expected.changed", customer, {**data, **more})


def missed_visit(customer: str, id_: str, begins: float, ends: float) -> News:
    data = {"id": id_, "customer": customer, "place": "12A", "begins": iso(begins), "ends": iso(ends), "note": None}
    return News("expected.missed", customer, data)


def place_taken(customer: str, visit: str, place: str, at: float) -> News:
    data = {"visit": visit, "customer": customer, "place": place, "zone": "bar", "was": None, "because": "staff"}
    return News("place.taken", customer, {**data, "by": "lina", "at": iso(at)})


def place_freed(customer: str, visit: str, place: str, at: float) -> News:
    data = {"visit": visit, "customer": customer, "place": place, "because": "staff", "by": "lina", "at": iso(at)}
    return News("place.freed", customer, data)


def places_changed(count: int) -> News:
    places = [{"place": f"T{n}", "zone": "bar", "kind": "table", "group": None} for n in range(count)]
    return News("places.changed", "test", {"places": places})


def menu_changed(menu: str, stock: int, counted: list[str], *, removed: bool = False) -> News:
    dish = {"id": "rice", "labels": {"zh-CN": "饭", "en": "Rice"}, "allergens": [], "may_contain": []}
    items = [{**dish, "ingredients": [], "without": [], "stock": stock}, {**dish, "id": "soup", "ingredients": [],
             "without": [], "stock": None}]  # fmt: skip
    data = {"menu": menu, "question": "lunch", "items": items, "counted": counted, "removed": removed}
    return News("menu.changed", "test", data)


def round_started(id_: str, at: float) -> News:
    rows = [{"row": 0, "place": "12A", "visit": None, "state": "empty"}]
    data = {"id": id_, "question": "lunch", "zones": ["bar"], "menu": "lunch", "rows": rows, "by": "lina"}
    return News("round.started", id_, {**data, "at": iso(at)})


def round_changed(id_: str, change: str, at: float, **more: Any) -> News:
    nothing = dict.fromkeys(("rows", "order", "takes", "gives_back", "menu", "acknowledged", "late_since"))
    data = {"id": id_, "change": change, **nothing, "by": "lina", "at": iso(at), **more}
    return News("round.changed", id_, data)


def seat_order(id_: str, at: float, **more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("labels", "note", "served_by", "served_at", "seen_by", "seen_at"))
    order = {"id": id_, "place": "12A", "item": "rice", "answer": "Rice", "without": [], "by": "lina", "at": iso(at)}
    return {**order, **nothing, "cancelled": False, "flagged": [], **more}


def round_ended(id_: str, at: float) -> News:
    return News("round.ended", id_, {"id": id_, "by": "lina", "at": iso(at)})


def areas_learnt(areas: list[Any]) -> News:
    return News("areas.learnt", "test", {"areas": areas})


def rooms_learnt(rooms: dict[str, Any], because: str = "kept") -> News:
    return News("rooms.learnt", "test", {"rooms": rooms, "because": because})


def clock_moved(by: float, *, woke: bool = False) -> News:
    return News("clock.moved", "test", {"by_s": by, "woke": woke})


def retained(now: float, keep: Retention) -> News:
    return News("retention.applied", "test", applied(now, keep))


def page_linked(customer: str, link: str) -> News:
    return News("page.linked", customer, {"customer": customer, "link": link, "because": "staff"})


def page_closed(customer: str) -> News:
    return News("page.closed", customer, {"customer": customer})


def digits_chosen(customer: str, digits: str) -> News:
    return News("page.digits_chosen", customer, {"customer": customer, "digits": digits})


def digits_refused(customer: str, tries: int) -> News:
    return News("page.digits_refused", customer, {"customer": customer, "tries": tries})


def page_opened(customer: str) -> News:
    return News("page.opened", customer, {"customer": customer})


def person_imported(customer: str) -> News:
    row = {"id": customer, "changed_at": iso(1.0), "data": {**FACTS, "name": "From elsewhere"}}
    data = {"customer": customer, "house": "pudong", "exported_at": iso(1.0), "reason": None, "document": "sha256:00"}
    return News(
        "person.imported", customer, {**data, "rows": {"customers": [row]}, "kept": {"journal": []}, "left_out": 0}
    )
