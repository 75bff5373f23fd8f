"""How events change the tables: nothing else does. Applying one twice is applying it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.events.catalogue import CATALOGUE, holder_of
from gateway.events.event import Data, Event
from gateway.events.times import DAY, read, seconds
from gateway.records import (
    alerts,
    asks,
    consents,
    customers,
    house_documents,
    numbers,
    preferences,
    promises,
    retention,
    staff,
    tablets,
    visit_facts,
    visits,
)
from gateway.records.errors import Conflict
from gateway.records.preferences import Preference
from gateway.records.sqlite_file import sqlite3
from gateway.records.staff import Session, Shift, Staff, Token
from gateway.records.tablets import Tablet
from gateway.records.visit_facts import VisitFacts
from gateway.records.visits import Visit
from gateway.records.writer import Tx

MOVED = "clock_moved"  # the counter that knows which move of the clock the tables had last
Applier = Callable[[Tx, Event, Data], object]
"""How events of one type change the tables; it takes the event and, once more, its data."""


def apply(tx: Tx, event: Event) -> None:
    """Changes the tables as ``event`` says.

    Raises Conflict where an id that it brings is that of something else, Taken for an identifier of somebody else's,
    Erased where its customer is not known any more.
    """
    applier = APPLIED.get(event.type)
    if applier is not None:
        applier(tx, event, event.data)


def replay(tx: Tx, events: Iterable[Event]) -> None:
    """Applies events of the journal again, some of which may tell of somebody who was erased since."""
    for event in events:
        if event.holder != holder_of(event.type, event.subject):
            continue  # of who was erased before it came: only that it happened is kept
        try:
            APPLIED[event.type](tx, event, event.data)
        except sqlite3.IntegrityError:
            if event.type not in OF_STAFF:  # what is known of who has left is dark, that they worked is not
                raise


# --- visits ----------------------------------------------------------------------------------------------------------


def _arrive(tx: Tx, event: Event, data: Data) -> None:
    since = _at(data["since"])
    zone = data["zone"] or ""
    visit = Visit(
        data["visit"], data["customer"], zone, since, since, data["confidence"], data["reason"], data["evidence"]
    )
    if not visits.open(tx, visit):
        alerts.move(tx, visit.id, zone)
    if data["party"] is not None:
        visit_facts.save(tx, VisitFacts(visit.id, data["party"], data["companions"]))


def _move(tx: Tx, event: Event, data: Data) -> None:
    if data["resumed"]:
        _arrive(tx, event, data)
        return
    zone = data["zone"] or ""
    why = {"confidence": data["confidence"], "reason": data["reason"], "evidence": data["evidence"]}
    visits.move(tx, data["visit"], zone, _at(data["at"]), **why)
    alerts.move(tx, data["visit"], zone)


def _depart(tx: Tx, event: Event, data: Data) -> None:
    visits.close(tx, data["visit"], _at(data["at"]), reason=data["reason"], evidence=data["evidence"])


def _hint(tx: Tx, event: Event, data: Data) -> None:
    if data["alert"] is not None:
        _alert(tx, event, data["alert"])


# --- alerts, questions, what is owed ---------------------------------------------------------------------------------


def _alert(tx: Tx, event: Event, data: Data) -> None:
    alerts.save(tx, {name: value for name, value in data.items() if name != "routing"}, at=event.time)


def _ask(tx: Tx, event: Event, data: Data) -> None:
    asks.put(tx, data, at=event.time)


def _answer(tx: Tx, event: Event, data: Data) -> None:
    asks.save(tx, data, at=event.time)


def _owe(tx: Tx, event: Event, data: Data) -> None:
    promises.make(tx, data, at=event.time)


def _owed(tx: Tx, event: Event, data: Data) -> None:
    promises.save(tx, data, at=event.time)


# --- customers -------------------------------------------------------------------------------------------------------


def _enrol(tx: Tx, event: Event, data: Data) -> None:
    customers.enrol(tx, data["customer"], _facts(data, customers.FACTS), event.time)


def _change(tx: Tx, event: Event, data: Data) -> None:
    customers.change_customer(tx, data["customer"], _facts(data["changed"], customers.FACTS), event.time)


def _wish(tx: Tx, event: Event, data: Data) -> None:
    customers.change_customer(tx, data["customer"], {"wishes": data["wishes"]}, event.time)


def _erase(tx: Tx, event: Event, data: Data) -> None:
    customers.erase_customer(tx, data["customer"], event.time, data["keys"])
    house_documents.expect(tx, data["customer"], None, event.time)


def _give(tx: Tx, event: Event, data: Data) -> None:
    customers.add_credential(
        tx, data["customer"], data["identifier"], data["label"], data["tid"], id=data["credential"], at=event.time
    )


def _take(tx: Tx, event: Event, data: Data) -> None:
    customers.remove_credential(tx, data["customer"], data["credential"])


def _grant(tx: Tx, event: Event, data: Data) -> None:
    facts = {name: data[name] for name in ("method", "document", "text_version", "witness", "lifts")}
    consents.grant_consent(
        tx,
        data["customer"],
        data["purpose"],
        id=event.id,
        expires=seconds(data["expires"]),
        at=event.time,
        **facts,
    )


def _revoke(tx: Tx, event: Event, data: Data) -> None:
    consents.revoke_consent(tx, data["customer"], data["purpose"], event.time, id=event.id)


def _prefer(tx: Tx, event: Event, data: Data) -> None:
    fact = Preference(**read(data, {"at"}))
    preferences.add(tx, fact, received=fact.at)


# --- the house -------------------------------------------------------------------------------------------------------


def _staff(tx: Tx, event: Event, data: Data) -> None:
    facts = {name: data[name] for name in ("name", "roles", "zones", "languages", "pin_hash")}
    staff.put_staff(tx, Staff(data["staff"], **facts), event.time)
    if data["new_pin"]:
        staff.end_sessions_of(tx, data["staff"], event.time)


def _leave(tx: Tx, event: Event, data: Data) -> None:
    staff.delete_staff(tx, data["staff"], event.time, data["keys"])


def _start_shift(tx: Tx, event: Event, data: Data) -> None:
    staff.start_shift(tx, Shift(data["staff"], data["zones"], _at(data["since"]), seconds(data["until"])))


def _end_shift(tx: Tx, event: Event, data: Data) -> None:
    staff.end_shift(tx, data["staff"])


def _sign_in(tx: Tx, event: Event, data: Data) -> None:
    if data["tablet"] is not None:
        tablets.seen(tx, data["tablet"], event.time)
    session = Session(data["staff"], event.time, event.time, data["tablet"])
    staff.put_session(tx, session, bytes.fromhex(data["session"]))


def _sign_out(tx: Tx, event: Event, data: Data) -> None:
    staff.end_session(tx, bytes.fromhex(data["session"]), event.time)


def _make_token(tx: Tx, event: Event, data: Data) -> None:
    token = Token(data["token"], data["role"], data["staff"], event.time)
    staff.put_token(tx, token, bytes.fromhex(data["hash"]))


def _revoke_token(tx: Tx, event: Event, data: Data) -> None:
    staff.revoke_token(tx, data["token"], event.time)


def _pair(tx: Tx, event: Event, data: Data) -> None:
    tablet = Tablet(data["tablet"], data["name"], event.time, data["paired_by"], event.time)
    tablets.put(tx, tablet, bytes.fromhex(data["hash"]))


def _lose_tablet(tx: Tx, event: Event, data: Data) -> None:
    tablets.revoke(tx, data["tablet"], event.time)


def _document(name: str, member: str | None = None) -> Applier:
    def keep(tx: Tx, event: Event, data: Data) -> None:
        house_documents.put(tx, name, data if member is None else data[member], event.time)

    return keep


def _expect(tx: Tx, event: Event, data: Data) -> None:
    times = (_at(data["begins"]), _at(data["ends"])) if data["begins"] and data["ends"] else None
    house_documents.expect(tx, data["customer"], times, event.time)


def _let_go(tx: Tx, event: Event, data: Data) -> None:
    retention.let_go(tx, data)


def _move_clock(tx: Tx, event: Event, data: Data) -> None:
    """What lasts goes on as if nobody had set the clock: it began so long ago, and has so long to go, as before."""
    if numbers.again(tx, MOVED, event.sequence):
        return  # the others say what is so; this one by how much it is otherwise
    lately = event.time - data["by_s"] - DAY  # whoever is back within the day goes on with a visit that is over
    visits.shift(tx, data["by_s"], lately)
    alerts.shift(tx, data["by_s"], lately)
    staff.shift(tx, data["by_s"])


def _begin_epoch(tx: Tx, event: Event, data: Data) -> None:
    row = (event.epoch, event.origin, data["parent_epoch"], data["parent_position"], event.time)
    known = tx.db.conn.execute("SELECT * FROM epochs WHERE epoch = ?", row[:1]).fetchone()
    if known is None:
        tx.db.conn.execute("INSERT INTO epochs VALUES (?, ?, ?, ?, ?)", row)
    elif known != row:
        raise Conflict({"epoch": known[0], "origin": known[1]})


def _facts(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _at(time: str) -> float:
    return seconds(time) or 0.0


APPLIED: Mapping[str, Applier] = {
    "visit.hinted": _hint,
    "visit.arrived": _arrive,
    "visit.moved": _move,
    "visit.departed": _depart,
    "visit.companions": lambda tx, event, data: visit_facts.count(tx, data["visit"], data["companions"]),
    **{name: _alert for name in CATALOGUE if name.startswith("alert.")},
    "ask.opened": _ask,
    "ask.answered": _answer,
    "ask.served": _answer,
    "promise.made": _owe,
    "promise.kept": _owed,
    "promise.handed_over": _owed,
    "complaint.opened": _owe,
    "complaint.closed": _owed,
    "complaint.handed_over": _owed,
    "preference.recorded": _prefer,
    "customer.enrolled": _enrol,
    "customer.changed": _change,
    "customer.expected": _expect,
    "customer.erased": _erase,
    "wish.changed": _wish,
    "credential.given": _give,
    "credential.taken": _take,
    "consent.granted": _grant,
    "consent.revoked": _revoke,
    "staff.changed": _staff,
    "staff.removed": _leave,
    "shift.started": _start_shift,
    "shift.ended": _end_shift,
    "session.began": _sign_in,
    "session.ended": _sign_out,
    "token.made": _make_token,
    "token.revoked": _revoke_token,
    "tablet.paired": _pair,
    "tablet.revoked": _lose_tablet,
    "plan.changed": _document(house_documents.PLAN),
    "walk.ended": _document(house_documents.WALK_TEST),
    "areas.learnt": _document(house_documents.AREAS, "areas"),
    "rooms.learnt": _document(house_documents.ROOMS, "rooms"),
    "retention.applied": _let_go,
    "clock.moved": _move_clock,
    "epoch.began": _begin_epoch,
}
OF_STAFF = frozenset({"shift.started", "session.began"})
