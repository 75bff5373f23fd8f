"""How events change the tables: nothing else does. Applying one twice is applying it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.events.catalogue import CATALOGUE, holder_of
from gateway.events.event import VISIT, Data, Event
from gateway.events.times import DAY, seconds
from gateway.records import (
    admissions,
    alerts,
    aliases,
    asks,
    consent_acts,
    customers,
    erasure_receipts,
    erasures,
    expected,
    gatherings,
    house_documents,
    left_names,
    lent,
    merges,
    mistakes,
    numbers,
    page_events,
    passkeys,
    preferences,
    programs,
    promises,
    receipts,
    retention,
    rounds,
    seats,
    sharings,
    staff,
    statements,
    visit_facts,
    visits,
)
from gateway.records.errors import Conflict, Erased
from gateway.records.sqlite_file import sqlite3
from gateway.records.staff import Shift, Staff
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


def replay(tx: Tx, events: Iterable[Event], damaged: list[int] | None = None) -> None:
    """Applies events of the journal again, some of which may tell of somebody who was erased since.

    With ``damaged`` those that cannot be applied, since what they rest on cannot be read, are passed over and named.
    """
    for event in events:
        if event.holder != holder_of(event.type, event.subject) and not event.holder.startswith(VISIT):
            continue  # of who was erased before it came: only that it happened is kept
        try:
            APPLIED[event.type](tx, event, event.data)
        except (sqlite3.IntegrityError, Conflict, Erased) as error:
            if not isinstance(error, sqlite3.IntegrityError):
                pass
            elif event.type in OF_STAFF or event.holder.startswith(VISIT):
                continue  # what is known of who left or was erased is dark, that they worked or were here is not
            if not damaged:
                raise
            damaged.append(event.sequence)


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
    asks.put(tx, _of_ask(data), at=event.time)
    _order(tx, event, data)


def _answer(tx: Tx, event: Event, data: Data) -> None:
    asks.save(tx, _of_ask(data), at=event.time)
    _order(tx, event, data)


def _of_ask(data: Data) -> Data:
    return {name: value for name, value in data.items() if name not in ("takes", "gives_back", "because")}


def _order(tx: Tx, event: Event, data: Data) -> None:
    if "round" in data:  # else it is from before rounds
        rounds.order(tx, event, data)
        rounds.count(tx, event, data)


# --- seats -----------------------------------------------------------------------------------------------------------


def _sit(tx: Tx, event: Event, data: Data) -> None:
    seats.take(tx, data["visit"], data["customer"], data["place"], _at(data["at"]), data["because"])


def _stand(tx: Tx, event: Event, data: Data) -> None:
    seats.free(tx, data["visit"], _at(data["at"]), data["because"])


def _expect(tx: Tx, event: Event, data: Data) -> None:
    if data.get("removed"):
        expected.remove(tx, data["id"], data["customer"], event.time)
        return
    row = data["id"], data["customer"], _at(data["begins"]), _at(data["ends"]), data["place"], data["note"]
    expected.put(tx, row, event.time, missed=event.type == "expected.missed")


def _expect_once(tx: Tx, event: Event, data: Data) -> None:
    """As it was said before a customer could be expected more than once."""
    removed = not (data["begins"] and data["ends"])
    _expect(tx, event, {**data, "id": data["customer"], "place": None, "note": None, "removed": removed})


def _owe(tx: Tx, event: Event, data: Data) -> None:
    promises.make(tx, data, at=event.time)


def _owed(tx: Tx, event: Event, data: Data) -> None:
    promises.save(tx, data, at=event.time)


# --- customers -------------------------------------------------------------------------------------------------------


def _enrol(tx: Tx, event: Event, data: Data) -> None:
    customers.enrol(tx, data["customer"], _facts(data, customers.FACTS), event.time, data.get("alias"))


def _change(tx: Tx, event: Event, data: Data) -> None:
    customers.change_customer(tx, data["customer"], _facts(data["changed"], customers.FACTS), event.time)
    merges.said(tx, data["customer"], data["changed"])


def _wish(tx: Tx, event: Event, data: Data) -> None:
    customers.change_customer(tx, data["customer"], {"wishes": data["wishes"]}, event.time)
    merges.said(tx, data["customer"], ["wishes"])


def _merge(tx: Tx, event: Event, data: Data) -> None:
    merges.merge(tx, data["merge"], data["customer"], data["other"], event.time)


def _unmerge(tx: Tx, event: Event, data: Data) -> None:
    merges.undo(tx, data["merge"], event.time)


def _tell_apart(tx: Tx, event: Event, data: Data) -> None:
    merges.tell_apart(tx, data["customer"], data["other"], event.time)


def _mistake(tx: Tx, event: Event, data: Data) -> None:
    mistakes.say(tx, data, event.time)


def _settle(tx: Tx, event: Event, data: Data) -> None:
    mistakes.settle(tx, data["mistake"], event.time)


def _erase(tx: Tx, event: Event, data: Data) -> None:
    _keep_name(tx, event, data)
    customers.erase_customer(tx, data["customer"], event.time, data["keys"])
    lent.forget(tx, data["customer"])  # a record of theirs may be another venue's
    erasure_receipts.begin(tx, event.sequence, event.time, data)
    if data.get("alias") is not None:
        aliases.keep_erased(tx, data["alias"], (data.get("erasure") or {}).get("id"))
    expected.sweep(tx, event.time)
    rounds.stand(tx, event, data)


def _end_lent(tx: Tx, event: Event, data: Data) -> None:
    """What was lent is gone already; of who was erased the keys are listed, so that no copy brings them back."""
    lent.told(tx, data["customer"])
    if data["because"] == "erased":
        erasures.destroy(tx, data["customer"], event.time, data["keys"])
        erasure_receipts.begin(tx, event.sequence, event.time, data)
        keys = [bytes.fromhex(key) for key in data["keys"]]
        tx.after_commit.append(lambda: tx.keyring.erasures.add(keys))


def _keep_name(tx: Tx, event: Event, data: Data) -> None:
    """A webhook that knows the customer by another name is told by that."""
    erasure = data.get("erasure") or {}
    told = any(each["kind"] == erasure_receipts.WEBHOOK for each in erasure.get("places", ()))
    called = aliases.of(tx.db, data["customer"]) if told else None
    if called is not None:
        left_names.keep(tx, data["customer"], erasure["id"], called, event.time)


def _give(tx: Tx, event: Event, data: Data) -> None:
    customers.add_credential(
        tx, data["customer"], data["identifier"], data["label"], data["tid"], id=data["credential"], at=event.time
    )


def _take(tx: Tx, event: Event, data: Data) -> None:
    customers.remove_credential(tx, data["customer"], data["credential"])


def _prefer(tx: Tx, event: Event, data: Data) -> None:
    preferences.record(tx, data, event.holder if event.holder.startswith(VISIT) else None)


def _forget_visit(tx: Tx, event: Event, data: Data) -> None:
    preferences.forget(tx, VISIT + data["visit"], event.time, data["keys"])


# --- the house -------------------------------------------------------------------------------------------------------


def _staff(tx: Tx, event: Event, data: Data) -> None:
    facts = {name: data[name] for name in ("name", "roles", "zones", "languages", "pin_hash")}
    staff.put_staff(tx, Staff(data["staff"], **facts), event.time)
    if data["new_pin"] or data.get("signs_out"):
        staff.end_sessions_of(tx, data["staff"], event.time)


def _leave(tx: Tx, event: Event, data: Data) -> None:
    staff.delete_staff(tx, data["staff"], event.time, data["keys"])


def _start_shift(tx: Tx, event: Event, data: Data) -> None:
    staff.start_shift(tx, Shift(data["staff"], data["zones"], _at(data["since"]), seconds(data["until"])))


def _end_shift(tx: Tx, event: Event, data: Data) -> None:
    staff.end_shift(tx, data["staff"])


def _document(name: str, member: str | None = None) -> Applier:
    def keep(tx: Tx, event: Event, data: Data) -> None:
        house_documents.put(tx, name, data if member is None else data[member], event.time)

    return keep


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
    seats.shift(tx, data["by_s"])
    rounds.shift(tx, data["by_s"])


def _begin_epoch(tx: Tx, event: Event, data: Data) -> None:
    row = (event.epoch, event.origin, data["parent_epoch"], data["parent_position"], event.time)
    columns = "epoch, origin, parent_epoch, parent_position, began"
    known = tx.db.conn.execute(f"SELECT {columns} FROM epochs WHERE epoch = ?", row[:1]).fetchone()  # noqa: S608 - ours
    if known is None:
        tx.db.conn.execute(f"INSERT INTO epochs ({columns}) VALUES (?, ?, ?, ?, ?)", row)  # noqa: S608 - ours
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
    "visit.forgotten": _forget_visit,
    "visit.companions": lambda tx, event, data: visit_facts.count(tx, data["visit"], data["companions"]),
    **{name: _alert for name in CATALOGUE if name.startswith("alert.")},
    "ask.opened": _ask,
    **dict.fromkeys(("ask.answered", "ask.served", "order.flagged"), _answer),
    "places.changed": _document(house_documents.PLACES, "places"),
    "place.taken": _sit,
    "place.freed": _stand,
    "expected.changed": _expect,
    "expected.missed": _expect,
    "menu.changed": rounds.change_menu,
    "round.started": rounds.change,
    "round.changed": rounds.change,
    "round.ended": rounds.change,
    "promise.made": _owe,
    "promise.kept": _owed,
    "promise.handed_over": _owed,
    "complaint.opened": _owe,
    "complaint.closed": _owed,
    "complaint.handed_over": _owed,
    "preference.recorded": _prefer,
    "customer.enrolled": _enrol,
    "customer.changed": _change,
    "customer.expected": _expect_once,
    "customer.erased": _erase,
    "lent.ended": _end_lent,
    "erasure.answered": lambda tx, event, data: erasure_receipts.answer(tx, event.time, data),
    "customer.merged": _merge,
    "customer.unmerged": _unmerge,
    "customer.told_apart": _tell_apart,
    "customer.mistaken": _mistake,
    "customer.settled": _settle,
    "wish.changed": _wish,
    "receipt.made": receipts.keep,
    "credential.given": _give,
    "credential.taken": _take,
    **dict.fromkeys(("consent.asked", "consent.granted", "consent.refused", "consent.revoked"), consent_acts.apply),
    "consent.signed": consent_acts.sign,
    "notice.published": consent_acts.publish,
    "staff.changed": _staff,
    "staff.removed": _leave,
    "shift.started": _start_shift,
    "shift.ended": _end_shift,
    "session.began": admissions.sign_in,
    "session.ended": admissions.sign_out,
    "session.locked": admissions.lock,
    "session.unlocked": admissions.unlock,
    **programs.APPLIED,
    **passkeys.APPLIED,
    "tablet.paired": admissions.pair,
    "tablet.bound": admissions.bind,
    "tablet.revoked": admissions.lose,
    "tablet.wiped": admissions.wipe,
    "catalogue.changed": _document(house_documents.CATALOGUE),
    "plan.changed": _document(house_documents.PLAN),
    "walk.ended": _document(house_documents.WALK_TEST),
    "areas.learnt": _document(house_documents.AREAS, "areas"),
    "rooms.learnt": _document(house_documents.ROOMS, "rooms"),
    "retention.applied": _let_go,
    **page_events.APPLIED,
    **sharings.APPLIED,
    **statements.APPLIED,
    **gatherings.APPLIED,
    **house_documents.APPLIED,
    "clock.moved": _move_clock,
    "epoch.began": _begin_epoch,
}
OF_STAFF = frozenset({"shift.started", "session.began", "passkey.added"})
