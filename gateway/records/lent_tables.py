"""What rows of other venues come to in the tables: whom they lend stands there as our own customers do.

``source`` is where rows are read, ``tx`` where what follows is written: not the same while tables are made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from math import inf
from typing import Any, NamedTuple

from pydantic import ValidationError

from gateway.consent import told
from gateway.consent.ledger import Entry
from gateway.events.event import Event
from gateway.records import consents, customers, fold, journal_rows, lent, lent_merges, preferences, projector, promises
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Consent
from gateway.records.customers import Taken
from gateway.records.errors import Conflict, Erased
from gateway.records.fold import HOUSES, Folded, Told
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Tx

ALWAYS = -inf
"""Any time: whatever was ever agreed to had not ended then."""


class Read(NamedTuple):
    """What the rows say of a customer, and the ids of those that this venue wrote itself."""

    found: Folded
    here: frozenset[str]
    venue: str = ""
    """This one."""
    back: frozenset[str] = frozenset()
    """The types of what came back of this venue's own rows, which its journal has lost."""
    taken: frozenset[str] = frozenset()
    """The credentials that were taken back by those."""


def read(source: SealedDatabase, customer: str) -> Read:
    """Folds what is kept of a customer, with what this venue wrote of them."""
    own, others = lent.own_rows(source, customer), lent.rows_of(source, customer)
    found = fold.fold(customer, [*others, *own])
    venue = own_venue(source)
    back = [row for row in others if row.origin == venue]
    taken = frozenset(_text(row.data.get("credential")) for row in back if row.type == "credential.taken")
    return Read(found, frozenset(row.id for row in own), venue, frozenset(row.type for row in back), taken)


# --- whom others lend ------------------------------------------------------------------------------------------------


def show(tx: Tx, customer: str, now: float, brand: str = "") -> bool:
    """Puts into the tables what is known of somebody who is lent; False where they may not be known at ``now``.

    That is so by what the rows say of ``share_houses``, whatever the hub says.
    """
    said = read(tx.db, customer)
    found = said.found
    if found.born is None or found.until(HOUSES, now, brand) <= now or not tx.keyring.ids_of(customer):
        lent.hide(tx, customer)
        return False
    before = customers.get_customer(tx.db, customer) is not None
    _write(tx, said, brand)
    tx.db.conn.execute("UPDATE lent SET shown = 1 WHERE customer = ?", (customer,))
    if not before:
        again(tx, customer)
    return True


def again(tx: Tx, customer: str) -> None:
    """Applies once more what this venue wrote of somebody who is back, and what lasts: it was dark meanwhile."""
    for event in journal_rows.select(tx.db, "WHERE subject = ? ORDER BY number", customer):
        if event.data and event.type in LASTING:
            _apply(tx, event)


LASTING = frozenset({"preference.recorded", *told.ACTS})
"""What this venue wrote of somebody that outlives their being lent; the fold puts the rest into the tables."""


def _apply(tx: Tx, event: Event) -> None:
    tx.db.conn.execute("SAVEPOINT again")
    try:
        projector.apply(tx, event)
    except (Conflict, Erased, Taken, sqlite3.IntegrityError, KeyError, ValueError):
        tx.db.conn.execute("ROLLBACK TO again")
    tx.db.conn.execute("RELEASE again")


def _write(tx: Tx, said: Read, brand: str) -> None:
    _person(tx, said.found)
    _credentials(tx, said.found)
    _ledger(tx, said.found, said.here, brand)
    _preferences(tx, said)
    _owed(tx, said)


def _person(tx: Tx, found: Folded) -> None:
    newest = max([said.row.at for said in found.fields.values()], default=found.born.at if found.born else 0.0)
    facts = {name: found.value(name) for name in fold.FIELDS} | {"wishes": sorted(found.wishes), "meets": []}
    there = customers.get_customer(tx.db, found.customer)
    if there is None or any(getattr(there, name) != value for name, value in facts.items()):
        customers.put_customer(tx, found.customer, facts, newest)


def _credentials(tx: Tx, found: Folded) -> None:
    customer, db = found.customer, tx.db.conn
    there = {each.id: each for each in customers.credentials_of(tx.db, customer)}
    for id_ in there.keys() - found.credentials.keys():
        customers.remove_credential(tx, customer, id_)
    db.execute("DELETE FROM clashes WHERE customer = ?", (customer,))
    for id_, said in sorted(found.credentials.items()):
        label, tid = (_text(said.row.data.get(name)) for name in ("label", "tid"))
        try:
            if (each := there.get(id_)) is None or (each.label, each.tid or "") != (label, tid):
                customers.add_credential(tx, customer, said.value, label, tid or None, id=id_, at=said.row.at)
        except (Taken, Conflict):  # somebody else carries it: it is of neither until somebody decides
            fingerprint = tx.keyring.fingerprint(said.value)
            sql = "INSERT INTO clashes (customer, credential, fingerprint) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            db.execute(sql, (customer, id_, fingerprint))


def _ledger(tx: Tx, found: Folded, here: Collection[str], brand: str) -> None:
    """What they agreed to: nothing lasts longer than that other houses may know of them at all."""
    ends = found.until(HOUSES, ALWAYS, brand)
    theirs = {id_: row for id_, row in found.consents.items() if row.id not in here}
    ours = [_text(row.data.get("id")) or row.id for row in found.consents.values() if row.id in here]
    marks = ", ".join("?" * len(ours))
    sql = f"DELETE FROM consents WHERE customer = ? AND id NOT IN ({marks})"  # noqa: S608 - marks alone
    tx.db.conn.execute(sql, (found.customer, *ours))
    for act in _acts(found, theirs, ends):
        consents.write(tx, act)


# --- what others wrote of our own customers --------------------------------------------------------------------------


def learn(tx: Tx, customer: str, source: SealedDatabase | None = None) -> bool:
    """Puts into the tables what other venues wrote of a customer of ours; False where they are not known any more.

    Facts, debts and acts of the ledger; wishes that were set; what the customer is called is said at home alone, and
    counts where rows of our own came back.
    """
    said = read(source or tx.db, customer)
    if said.back and "@" not in customer:
        _came_back(tx, said)
    there = customers.get_customer(tx.db, customer)
    if there is None:
        return False
    elsewhere = {id_: row for id_, row in said.found.consents.items() if row.id not in said.here}
    for act in _acts(said.found, elsewhere):
        try:
            consents.write(tx, act)
        except Conflict:
            continue
    _preferences(tx, said)
    _owed(tx, said)
    wished = {wish: row for wish, row in said.found.wishes.items() if row.id not in said.here}
    missing = sorted(set(wished) - set(there.wishes))
    if missing:
        at = max(there.changed_at, *(wished[wish].at for wish in missing))
        customers.change_customer(tx, customer, {"wishes": [*there.wishes, *missing]}, at)
    return True


def _came_back(tx: Tx, said: Read) -> None:
    """Who they are and what they carry, by our own rows, as far as these are there: what they leave out stays."""
    found, customer = said.found, said.found.customer
    there = customers.get_customer(tx.db, customer)
    if found.erased or (there is None and found.born is None):
        return
    facts = {name: each.value for name, each in found.fields.items()}
    wishes = sorted({*found.wishes, *(there.wishes if there is not None else ())})
    before = {name: getattr(there, name) for name in customers.FACTS} if there is not None else {}
    alias = there.alias if there is not None else _text(found.born.data.get("alias")) or None if found.born else None
    whole = {**before, **facts, "wishes": wishes}
    if before != whole:
        newest = max((each.row.at for each in found.fields.values()), default=0.0)
        customers.put_customer(tx, customer, whole, max(newest, there.changed_at if there is not None else 0.0), alias)
    carried = {each.id for each in customers.credentials_of(tx.db, customer)}
    for id_ in carried & said.taken:
        customers.remove_credential(tx, customer, id_)
    for id_, each in sorted(found.credentials.items()):
        if id_ not in carried and each.row.id not in said.here:
            label, tid = (_text(each.row.data.get(name)) for name in ("label", "tid"))
            with suppress(Taken, Conflict):  # somebody else was given it since
                customers.add_credential(tx, customer, each.value, label, tid or None, id=id_, at=each.row.at)


# --- both ------------------------------------------------------------------------------------------------------------


def _acts(found: Folded, of: Mapping[str, Told], ends: float = inf) -> Iterator[Consent]:
    by_id = {entry.id: entry for entry in found.entries}
    for row in of.values():
        entry = by_id.get(_text(row.data.get("id")) or row.id)
        if entry is not None:
            yield _act(found.customer, entry, row, min(entry.ends, ends) if entry.gives else inf)


def _act(customer: str, entry: Entry, row: Told, ends: float) -> Consent:
    data = row.data
    return Consent(
        customer, entry.purpose, _text(data.get("method")), _text(data.get("document")) or None, entry.at,
        None if ends == inf else ends, id=entry.id, lifts=tuple(sorted(entry.lifts)), brand=entry.brand,
        partner=entry.partner, act=entry.act, by=_text(data.get("by")) or "customer",
        witness=_text(data.get("witness")) or None, notice=_notice(data.get("notice")),
    )  # fmt: skip


def _notice(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) and {"id", "version"} <= value.keys() else None


def _preferences(tx: Tx, said: Read) -> None:
    """The facts of other venues that outlive a visit; what this venue recorded is there already."""
    for fact in said.found.facts():
        row = said.found.preferences.get(fact.id)
        if row is None or row.id in said.here or fact.scope != "standing":
            continue
        try:
            preferences.record(tx, {**fact.data(), "visit": None})
        except (Conflict, ValueError, TypeError, AttributeError):
            continue
        if row.origin != said.venue:
            lent.from_elsewhere(tx, fact.id, said.found.customer, row.origin)


def _owed(tx: Tx, said: Read) -> None:
    from gateway.events.alerts import OwedFacts  # a house that borrows nobody does without

    for id_, owing in said.found.owed.items():
        here = owing.row.id in said.here
        facts = {name: owing.facts.get(name) for name in OwedFacts.model_fields} | {"customer": said.found.customer}
        if not here:
            facts["visit"] = None
        if promises.get(tx.db, id_) == facts:
            continue
        try:
            OwedFacts.model_validate(facts)
            promises.save(tx, facts, at=owing.row.at)
        except (ValidationError, Conflict, KeyError, ValueError):
            continue
        if not here and owing.row.origin != said.venue:
            lent.from_elsewhere(tx, id_, said.found.customer, owing.row.origin)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


# --- tables made anew ------------------------------------------------------------------------------------------------


def before_replay(tx: Tx, source: SealedDatabase, subjects: Collection[str] | None = None) -> None:
    """Those who are lent are there before what the journal says of them is applied; all, or of these ``subjects``."""
    for each in lent.every(source):
        if each.shown and (subjects is None or each.customer in subjects):
            _person(tx, read(source, each.customer).found)
    for customer in lent.came_back(source, own_venue(source)):
        if subjects is None or customer in subjects:
            said = read(source, customer)
            if said.found.born is not None and said.found.born.id not in said.here:
                _came_back(tx, said)


def of_now(source: SealedDatabase, events: Iterable[Event]) -> Iterator[Event]:
    """Without what this venue wrote of the day of somebody before they were lent to it again."""
    after = {each.customer: each.after for each in lent.every(source)}
    for event in events:
        if event.sequence > after.get(event.subject, -1) or event.type in LASTING:
            yield event


def after_replay(tx: Tx, source: SealedDatabase, brand: str = "") -> None:
    """What other venues wrote counts once all that we wrote is applied."""
    shown = {each.customer for each in lent.every(source) if each.shown}
    for customer in _customers(source):
        if customer in shown:
            _write(tx, read(source, customer), brand)
        else:
            learn(tx, customer, source)
    lent_merges.settle(tx, own_venue(source), source)


def own_venue(source: SealedDatabase) -> str:
    """Which venue this is, by its own journal."""
    row = source.conn.execute("SELECT origin FROM epochs ORDER BY epoch DESC LIMIT 1").fetchone()
    return str(row[0]) if row is not None else ""


def _customers(source: SealedDatabase) -> Iterable[str]:
    return [row[0] for row in source.conn.execute("SELECT DISTINCT customer FROM lent_rows ORDER BY customer")]
