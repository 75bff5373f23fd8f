"""Keys are made anew while the house goes on: begun, done, recorded; what a kill leaves half done is finished.

Each rotation is written down in ``keys.db`` before anything of it is done, with the id of the event that will tell of
it. Its steps may be done twice. So a start finds what is unfinished, finishes it and tells of it once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from gateway.events.event import News
from gateway.events.times import DAY, born, iso, new_id
from gateway.records import anchor, credentials_anew, journal_rows, master_key, master_rotation, receipt_keys
from gateway.records.compact import compact
from gateway.records.connection import SealedDatabase
from gateway.records.house_secrets import PINS
from gateway.records.seal import KEEP_HEAD, Keyring
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store
from gateway.records.writer import Tx

ROTATED = "keys.rotated"
PERIODS: Mapping[str, int] = {
    "master": 365, "receipts": 730, "operator": 1825, "chain": 365, "pins": 365, "broker": 365, "ca": 1825,
}  # fmt: skip
"""Days after which each is due again."""
Record = Callable[[News], object]
"""Records what happened, and returns when the disk has it."""
Steps = Mapping[str, Callable[[Store], None]]
"""What is to be done between the beginning and the event, by what is made anew; each may be done twice."""


class CannotRotate(RuntimeError):
    """These keys cannot be made anew here; the text says why, and what to do."""


class Pending(NamedTuple):
    """A rotation that is not finished: of what, the event that will tell of it, and what that event will say."""

    what: str
    event: str
    data: dict[str, Any]


def pending(keyring: Keyring) -> Pending | None:
    """The one that is not finished; None where none is."""
    rows = keyring.select("SELECT what, facts FROM rotation")
    return Pending(rows[0][0], **json.loads(rows[0][1])) if rows else None


def last(keyring: Keyring) -> dict[str, float]:
    """When each kind of key was last made anew, in seconds since 1970 UTC."""
    return dict(keyring.select("SELECT what, at FROM rotated"))


def kinds(keyring: Keyring, reader: SealedDatabase, now: float) -> list[dict[str, Any]]:
    """Of each kind when it was made anew (None: never), in how many days of that it is due, and whether that is over.

    What never was is as old as the records; times in seconds since 1970 UTC.
    """
    began = reader.conn.execute("SELECT min(began) FROM epochs").fetchone()[0]
    known, going = last(keyring), pending(keyring)
    return [
        {
            "what": what,
            "rotated_at": known.get(what),
            "due_days": days,
            "overdue": now - (known.get(what) or began or now) > days * DAY,
            "under_way": going is not None and going.what == what,
        }
        for what, days in PERIODS.items()
    ]


def rotate(
    store: Store, what: str, record: Record, *, at: float, stolen: float | None = None, also: Steps | None = None,
    because: str = "asked",
) -> None:  # fmt: skip
    """Makes these keys anew, and whatever was left half done before it; for a thread, beside a house that runs.

    ``at`` is now and ``stolen`` since when the old key is in other hands, in seconds since 1970 UTC; ``also`` are the
    steps of what stands outside the records. Raises CannotRotate, and what the store raises: then it is finished at
    the next start.
    """
    finish(store, record, also)
    if what not in BEGIN:
        raise CannotRotate(f"nothing here is called {what!r}")
    if what == "master" and (path := master_key.credential()) is not None:
        raise CannotRotate(
            f"the master key is a credential of the system ({path}), which no program may change:"
            " move it into the data folder as master.key, rotate, and make it a credential again"
        )
    data: dict[str, Any] = {"what": what, "id": None, "kid": None, "because": because, "stolen": None}
    if stolen is not None:
        data["stolen"] = _stolen(store.reader, stolen)
    begun = Pending(what, new_id(at), data)
    store.call(lambda tx: _begin(tx, begun))
    finish(store, record, also)


def finish(store: Store, record: Record, also: Steps | None = None) -> str | None:
    """Finishes the rotation that is not; of what it was, None where there was none."""
    found = pending(store.keyring)
    if found is None:
        return None
    {**STEPS, **(also or {})}.get(found.what, _nothing)(store)
    if not store.reader.conn.execute("SELECT 1 FROM journal WHERE id = ?", (found.event,)).fetchone():
        record(News(ROTATED, journal_rows.newest_epoch(store.reader)[1], found.data, id=found.event))
    store.call(lambda tx: _end(tx, found))
    return found.what


def make_signing_keys(store: Store, venue: str, at: float) -> None:
    """Makes the keys that sign receipts where there are none yet; ``at`` in seconds since 1970 UTC."""

    def make(tx: Tx) -> None:
        if receipt_keys.current(tx.keyring, "receipts") is None:
            with tx.keyring.changing() as connection:
                receipt_keys.make(connection, tx.keyring, venue, day_of(at))

    if receipt_keys.current(store.keyring, "receipts") is None:
        store.call(make)


def of_customer(customer: str) -> News:
    """What happened when a customer is given another data key: it is made with that event.

    What the keys from before sealed they still open, and an erasure destroys them all.
    """
    data = {"what": "customer", "id": customer, "kid": None, "because": "asked", "stolen": None}
    return News(ROTATED, customer, data)


def day_of(at: float) -> date:
    """The day, UTC, of a time in seconds since 1970 UTC."""
    return datetime.fromtimestamp(at, UTC).date()


def _stolen(reader: SealedDatabase, since: float) -> dict[str, Any]:
    """Since when, and where the journal stood then."""
    sql = "SELECT epoch, position FROM journal WHERE time < ? ORDER BY number DESC LIMIT 1"
    row = reader.conn.execute(sql, (since,)).fetchone() or (0, 0)
    head = {"venue": journal_rows.newest_epoch(reader)[1], "epoch": row[0], "position": row[1]}
    return {"at": iso(since), "head": head}


# --- the beginning: written down, and done as far as it is one step ---------------------------------------------------


def _begin(tx: Tx, begun: Pending) -> None:
    if (there := pending(tx.keyring)) is not None:
        if there.event == begun.event:  # a change may run twice
            return
        raise CannotRotate(f"the keys of {there.what} are being made anew just now; try again")
    before = tx.keyring.secrets.mark()
    try:
        with tx.keyring.changing() as connection:
            BEGIN[begun.what](tx, connection, begun)
    except BaseException:
        tx.keyring.secrets.undo(before)
        raise
    if (masters := _masters(tx.keyring)) is not None:  # only now does the disk know the one that wraps from here on
        wrapping = tx.keyring.wrapping
        wrapping.admit(wrapping.unwrap(masters.next, master_rotation.NEXT), newest=True)


def _masters(keyring: Keyring) -> master_rotation.Masters | None:
    rows = keyring.select("SELECT next, previous FROM rotation WHERE next IS NOT NULL")
    return master_rotation.Masters(*rows[0]) if rows else None


def _write_down(connection: sqlite3.Connection, begun: Pending, masters: tuple[bytes, bytes] | None = None) -> None:
    facts = compact({"event": begun.event, "data": begun.data})
    row = (begun.what, facts, *(masters or (None, None)))
    connection.execute("INSERT INTO rotation (id, what, facts, next, previous) VALUES (1, ?, ?, ?, ?)", row)


def _begin_secrets(tx: Tx, connection: sqlite3.Connection, begun: Pending) -> None:
    tx.keyring.secrets.renew(connection, *RENEWED[begun.what])
    _write_down(connection, begun)


def _begin_chain(tx: Tx, connection: sqlite3.Connection, begun: Pending) -> None:
    head = tx.keyring.kept_head()
    _begin_secrets(tx, connection, begun)
    if head is not None:
        connection.execute(KEEP_HEAD, tx.keyring.proved_head(*head))


def _begin_master(tx: Tx, connection: sqlite3.Connection, begun: Pending) -> None:
    keyring = tx.keyring
    old = master_key.read_master(keyring.folder)
    if old is None:
        raise CannotRotate(f"{keyring.folder}: no master key")
    keyring.secrets.renew(connection, *RENEWED["master"])
    _write_down(connection, begun, master_rotation.begin(old))


def _begin_receipts(tx: Tx, connection: sqlite3.Connection, begun: Pending) -> None:
    _sign_anew(tx, connection, begun, "receipts", receipt_keys.renew_receipts)


def _begin_operator(tx: Tx, connection: sqlite3.Connection, begun: Pending) -> None:
    _sign_anew(tx, connection, begun, "operator", receipt_keys.renew_operator)


def _sign_anew(
    tx: Tx, connection: sqlite3.Connection, begun: Pending, use: receipt_keys.Use,
    renew: Callable[[sqlite3.Connection, Keyring, str, date], str],
) -> None:  # fmt: skip
    before = receipt_keys.current(tx.keyring, use)
    if before is None:
        raise CannotRotate("no key signs receipts here yet: it is made when the gateway starts")
    begun.data["kid"] = renew(connection, tx.keyring, journal_rows.newest_epoch(tx.db)[1], day_of(born(begun.event)))
    begun.data["id"] = before.kid
    if begun.data["stolen"] is not None:
        receipt_keys.mark_stolen(connection, before.kid, begun.data["stolen"])
    _write_down(connection, begun)


def _only_written_down(tx: Tx, connection: sqlite3.Connection, begun: Pending) -> None:
    _write_down(connection, begun)


# --- what takes many steps --------------------------------------------------------------------------------------------


def _nothing(store: Store) -> None:
    """It was one step, and is done."""


def _wrap_all(store: Store) -> None:
    """Wraps every key with the new master key, hashes every identifier anew, and puts the new key in place."""
    masters = _masters(store.keyring)
    if masters is None:
        return  # only its event was missing
    at: int | None = 0
    while at is not None:
        at = store.call(lambda tx, after=at: _wrap_some(tx, after))  # type: ignore[misc]
    store.call(_wrap_secrets)
    credentials_anew.everywhere(store)
    new = store.keyring.wrapping.unwrap(masters.next, master_rotation.NEXT)
    master_key.replace_master(store.folder, new)
    store.call(lambda tx: _settle_master(tx, new))


def _wrap_some(tx: Tx, after: int) -> int | None:
    with tx.keyring.changing() as connection:
        return master_rotation.wrap_anew(connection, tx.keyring.wrapping, after)


def _wrap_secrets(tx: Tx) -> None:
    with tx.keyring.changing() as connection:
        tx.keyring.secrets.keep(connection)
        receipt_keys.wrap_anew(connection, tx.keyring)


def _settle_master(tx: Tx, new: bytes) -> None:
    with tx.keyring.changing() as connection:
        master_rotation.end(connection, new)
        connection.execute("UPDATE rotation SET next = NULL, previous = NULL")
    tx.keyring.fold()  # of the old key nothing stays behind in the WAL
    tx.keyring.wrapping.only(new)


def _prove_anew(store: Store) -> None:
    """Where the chain was cut is proved by the new key, in the records and in the snapshot."""
    store.call(lambda tx: anchor.prove_anew(tx.db))
    store.call(lambda tx: store.anchor.change(anchor.prove_anew))


def _end(tx: Tx, done: Pending) -> None:
    with tx.keyring.changing() as connection:
        connection.execute("DELETE FROM rotation")
        connection.execute("INSERT OR REPLACE INTO rotated (what, at) VALUES (?, ?)", (done.what, born(done.event)))


RENEWED: Mapping[str, tuple[str, ...]] = {"master": ("identifiers",), "chain": ("salts", "proofs"), "pins": (PINS,)}
"""The secrets of which a rotation begins another generation."""
BEGIN: Mapping[str, Callable[[Tx, sqlite3.Connection, Pending], None]] = {
    "master": _begin_master,
    "receipts": _begin_receipts,
    "operator": _begin_operator,
    "chain": _begin_chain,
    "pins": _begin_secrets,
    "broker": _only_written_down,
    "ca": _only_written_down,
}
STEPS: Steps = {"master": _wrap_all, "chain": _prove_anew}
