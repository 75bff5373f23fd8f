"""Rows of our own that this box has lost: it was put back, and the hub kept what it wrote since.

They are of an epoch that goes on no more, so they do not become rows of our journal again: like those of other venues
they are kept beside it, and what they say of our own customers counts from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.hub import bundles, rows, scopes
from gateway.hub.problems import HubProblem
from gateway.hub.rows import Row
from gateway.hub.wire import Epoch, Message, Unfit, digest, number
from gateway.hub.wire import rows as array
from gateway.joined import darkness
from gateway.joined.intake import DataKeys, Effects
from gateway.records import hub_cursors, lent, lent_tables
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.hub_cursors import Life
from gateway.records.lent import Came
from gateway.records.writer import Tx

BACK = "back/"
"""Before an epoch: the fact among those of the hub that says behind which position rows are to come back."""


@dataclass(slots=True)
class Returned:
    """One message of rows: those that could be opened, where the next begin, and whether there are more."""

    rows: list[Row]
    position: int
    more: bool
    erased: list[str] = field(default_factory=list)
    """Own customers who were erased while we had that epoch."""


def ask(tx: Tx, life: Life) -> None:
    """Notes that rows of an epoch are to come back: from behind what the hub surely had when this copy was made."""
    held = hub_cursors.epochs(tx.db).get(life.epoch)
    position = min(held.position if held is not None else 0, life.last)
    sql = "INSERT INTO hub_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
    tx.db.conn.execute(sql, (f"{BACK}{life.epoch}", str(position)))


def lost(reader: SealedDatabase) -> tuple[int, int] | None:
    """The oldest epoch of which rows are to come back, and behind which position."""
    sql = "SELECT name, value FROM hub_state WHERE name LIKE ?"
    found = [(int(name.removeprefix(BACK)), int(value)) for name, value in reader.conn.execute(sql, (f"{BACK}%",))]
    return min(found, default=None)


def go_on(tx: Tx, epoch: int, position: int | None) -> None:
    """Rows of this epoch are there up to here; None: all of them."""
    if position is None:
        tx.db.conn.execute("DELETE FROM hub_state WHERE name = ?", (f"{BACK}{epoch}",))
    else:
        hub_cursors.note(tx, {f"{BACK}{epoch}": str(position)})


def read(said: Message, venue: str, backup: list[bytes]) -> Returned:
    """Rows as the hub gives them back, opened where they are dark; raises Unfit where they are not what they say."""
    epoch, after = said.get("epoch"), number(said.get("after"), "after")
    wires = array(said.get("rows"), "rows", rows.MOST)
    if not isinstance(epoch, int) or isinstance(epoch, bool):
        raise Unfit("rows came back of an epoch that is none of ours")
    try:
        whole = rows.batch(venue, epoch, after, digest(said.get("before"), "before"), wires)
        found = [each for row in whole if (each := _opened(row, venue, epoch, backup)) is not None]
    except HubProblem as problem:
        raise Unfit(f"rows that came back: {problem}") from None
    backlog = said.get("backlog")
    more = isinstance(backlog, int) and backlog > 0 and bool(wires)
    erased = [
        row.head.subject
        for row in found
        if row.head is not None and row.head.type == rows.ERASED and "@" not in row.head.subject
    ]
    return Returned(found, after + len(wires), more, erased)


def _opened(row: Row, venue: str, epoch: Epoch, backup: list[bytes]) -> Row | None:
    if row.head is not None:
        return row
    inner = darkness.opened(backup, row.dark, row.hash) if row.dark else None
    if inner is None:
        return None
    wire = {"position": row.position, "head": inner[0], "sealed": inner[1], "hash": row.hash.hex()}
    plain = rows.one(venue, epoch, row.position, wire)
    return plain if (plain.head_digest, plain.body_digest) == (row.head_digest, row.body_digest) else None


def keep(tx: Tx, venue: str, back: Iterable[Row], keys: DataKeys, escrow: Mapping[bytes, bytes]) -> set[str]:
    """Keeps what tells of customers, of our own with the keys that open it; of whom there is more from now on.

    Keys of who is lent come with the lend.
    """
    changed: set[str] = set()
    for row in back:
        head = row.head
        if head is None or head.holder != head.subject or not scopes.tells(head.type):
            continue
        there = tx.db.conn.execute("SELECT 1 FROM journal WHERE id = ?", (head.id,)).fetchone()
        if there is None and ("@" in head.subject or _unlock(tx, venue, head.subject, row.sealed, keys, escrow)):
            came = Came(venue, str(head.epoch), row.position, row.stamp or 0, row.text, row.sealed, row.hash)
            if lent.keep(tx, head.subject, [came]):
                changed.add(head.subject)
    return changed


def apply(tx: Tx, customers: Iterable[str], now: float, brand: str) -> Effects:
    """What came back of these counts; who is lent is shown by it, or gone, as they may be known at ``now``."""
    effects = Effects()
    for customer in sorted(customers):
        if "@" not in customer:
            if lent_tables.learn(tx, customer):
                effects.changed.add(customer)
        elif lent.get(tx.db, customer) is not None:
            (effects.changed if lent_tables.show(tx, customer, now, brand) else effects.gone).add(customer)
    return effects


def _unlock(
    tx: Tx, venue: str, customer: str, sealed: bytes, keys: DataKeys, escrow: Mapping[bytes, bytes]
) -> bool:  # fmt: skip
    """Whether the key of a row is there, or came back; of who was erased none does."""
    key_id = bundles.key_id_of(sealed)
    if key_id is None or tx.db.conn.execute("SELECT 1 FROM erasures WHERE key_id = ?", (key_id,)).fetchone():
        return False
    if tx.keyring.has(key_id):
        return True
    key = keys.get((f"{customer}@{venue}", key_id))
    if key is None and (wrapped := escrow.get(key_id)) is not None:
        try:
            key = tx.keyring.unwrap(key_id, customer, wrapped)
        except Unreadable:
            return False
    if key is None:
        return False
    tx.keyring.bring(customer, key_id, key)
    return True


def had_by(reader: SealedDatabase, life: Life) -> float:
    """When the last row was written that we have of this epoch, in seconds since 1970 UTC.

    What the hub has heard is written down later than it hears it: in doubt a stop is the later of the two.
    """
    row = reader.conn.execute("SELECT time FROM journal WHERE number = ?", (life.base + life.last,)).fetchone()
    return float(row[0]) if row is not None else 0.0
