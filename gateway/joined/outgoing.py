"""What of the journal goes to the hub, and how: open where the customer agreed to the house, else dark.

What it was sent is marked once the hub has said that it has it; what was not marked is sent again, and counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.hub import bundles, rows, scopes
from gateway.hub.bundles import DataKey
from gateway.hub.wire import Message
from gateway.joined import darkness, escrow, known
from gateway.joined.boxes import Box
from gateway.joined.intake import Intake
from gateway.records import chain, hub_cursors, journal_rows, lent
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.hub_cursors import Life, Shared

ROOM = 600 * 1024  # bytes of rows in one message, which is 1 MiB at the most
AT_ONCE = (rows.ERASED, "consent.revoked", "staff.left")
GIVES = ("consent.granted", "customer.merged", "customer.unmerged")
"""What may make known again whom the hub has forgotten: by the end of a consent, of which no row tells."""
_ROW = "position, type, subject, holder, head, sealed, hash"


class Line(NamedTuple):
    """One row of the journal."""

    position: int
    type: str
    subject: str
    holder: str
    head: str
    sealed: bytes
    hash: bytes

    @property
    def customer(self) -> str:
        """Whom it tells of under a key of theirs; empty of the house, of staff, and of a visit alone."""
        return self.subject if self.type == rows.ERASED or self.holder == self.subject else ""


@dataclass(slots=True)
class Marks:
    """What is noted once the hub has a batch."""

    epoch: int
    position: int
    hash: bytes
    shared: dict[str, Shared] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """Messages, one of which is of ``events``, that the hub answers; and what is noted then."""

    messages: list[Message]
    marks: Marks
    rows: int
    told_of: frozenset[str] = frozenset()
    """Customers of whom the hub is told openly from here on, and whose keys it has once it has heard the next batch."""
    more: bool = False
    """Whether another batch follows, though the journal holds nothing more."""


class Outgoing:
    """Reads the journal for one connection; belongs to one thread. ``held`` says how far the hub has each epoch."""

    def __init__(self, reader: SealedDatabase, box: Box, brand: str, intake: Intake) -> None:
        self._reader = reader
        self._box = box
        self._brand = brand
        self._intake = intake
        self._backup = darkness.backup_keys(reader.keyring)[0]
        self._shared: dict[str, Shared] = {}
        self._state: dict[str, str] = {}
        self._waiting: dict[str, Shared] = {}
        """Whose keys follow the batch that went last: the hub has them once it has heard the next."""
        self._linked: set[str] = set()
        """Who was merged with somebody whom the hub knows: it has to hear of that, and of nothing else of theirs."""
        self._ending: set[str] = set()
        """Whose last stop went with a batch: what was said of them goes dark with the next."""
        self._swept = False
        self.held: dict[int, int] = {}

    def begin(self) -> None:
        """A connection begins: what is marked on the disk counts, and nothing else."""
        self._shared = hub_cursors.shared(self._reader)
        self._state = hub_cursors.state(self._reader)
        self._waiting = {}
        self._ending = set()
        self._swept = False
        self.held = {epoch: sent.position for epoch, sent in hub_cursors.epochs(self._reader).items()}

    # --- batches ------------------------------------------------------------------------------------------------------

    def batch(self, life: Life, after: int, before: bytes, now: float) -> Batch | None:
        """The rows behind ``after``, and what has to be said before them; None where there is nothing to say."""
        lines = self._lines(life, after)
        first, facts = escrow.news(self._reader.keyring, self._state)
        self._state |= facts
        marks = Marks(life.epoch, after, before, self._waiting, facts)
        self._waiting = {}
        pairs = self._pairs(lines)
        asked = {*self._own(lines), *(other for _, other in pairs)}
        house = known.may_be_known(self._reader, asked, self._brand, now)
        lent = self._intake.lent(self._reader, sorted({one.customer for one in lines if "@" in one.customer}))
        granted = {one.customer for one in lines if one.type in GIVES} | {other for _, other in pairs}
        self._linked = {kept for kept, other in pairs if self._is_open(other)} - house
        if not self._swept:
            house |= known.everybody(self._reader, self._brand, now)
            self._ending |= {customer for customer, there in self._shared.items() if there.open} - house
            self._swept = True
        concealed = self._concealed(life, after, house, marks)
        keys, fresh = self._widened(house, granted)
        keys += self._sealed(self._more_keys(self._linked))
        if not (lines or first or keys or marks.shared):
            return None
        self.held[life.epoch] = after  # what was sent is heard before what follows it
        first += self._conceals(concealed)
        first += self._reveals(fresh, _decides)
        wires = [self._wire(one, one.customer in house or one.customer in lent) for one in lines]
        if lines:
            marks.position, marks.hash = lines[-1].position, lines[-1].hash
        decided = {one.customer for one in lines if _decides(one.type)}
        self._ending |= {customer for customer in decided if self._is_open(customer)} - house - self._linked
        self.held[life.epoch] = marks.position  # of who stopped before, the hub keeps nothing open without their keys
        events: Message = {
            "type": "events", "epoch": life.epoch, "after": after, "before": before.hex(), "rows": wires,
            "backlog": max(0, life.last - marks.position),
        }  # fmt: skip
        messages = [*first, events, *keys, *self._reveals(fresh, _tells)]
        return Batch(messages, marks, len(lines), frozenset(self._waiting), bool(self._ending) and bool(lines))

    def _lines(self, life: Life, after: int) -> list[Line]:
        sql = f"SELECT {_ROW} FROM journal WHERE number > ? AND epoch = ? ORDER BY number LIMIT ?"  # noqa: S608 - ours
        found: list[Line] = []
        used = 0
        for row in self._reader.conn.execute(sql, (life.base + after, life.epoch, rows.MOST)):
            line = Line(*row)
            used += (len(line.head) + len(line.sealed)) * 4 // 3 + 400
            if found and used > ROOM:
                break
            found.append(line)
        return found

    @staticmethod
    def _own(lines: Iterable[Line]) -> list[str]:
        return sorted({one.customer for one in lines if one.customer and "@" not in one.customer})

    def _wire(self, line: Line, may_be_known: bool) -> Message:
        looked = "@" in line.customer and line.type in scopes.LOOKS  # their own venue shows them who
        plain = may_be_known and (looked or _tells(line.type))
        if not plain and _decides(line.type):  # a stop is told to whoever was told more
            plain = self._is_open(line.customer) and (line.customer not in self._linked or line.type in scopes.MERGES)
            plain |= "@" in line.customer
        plain |= line.type == "staff.left"
        if plain:
            return darkness.plain(line.position, line.head, line.sealed, line.hash)
        return darkness.dark(self._backup, line.position, line.head, line.sealed, line.hash)

    # --- who may know -------------------------------------------------------------------------------------------------

    def _widened(self, house: Iterable[str], granted: Collection[str]) -> tuple[list[Message], list[str]]:
        """Keys of those of whom the hub has not all yet, or may have let it go; and who they are.

        They come behind the row by which the customer agreed: were the line cut before it, the hub could read of
        somebody who never let it, for as far as it knows.
        """
        keys: list[DataKey] = []
        fresh: list[str] = []
        for customer in sorted(house):
            there = self._shared.get(customer, Shared(False, frozenset()))
            if not there.open or customer in granted:
                there = Shared(True, frozenset())
            if not there.keys:
                fresh.append(customer)
            self._shared[customer] = there
            keys += self._more_keys([customer])
        return self._sealed(keys), fresh

    def _more_keys(self, customers: Iterable[str]) -> list[DataKey]:
        """The keys of these that the hub has not; it has them once it has heard the next batch."""
        found: list[DataKey] = []
        for customer in customers:
            there = self._shared.get(customer, Shared(False, frozenset()))
            if new := known.keys_of(self._reader, customer, there.keys):
                found += new
                ids = there.keys | {each.key_id.hex() for each in new}
                self._shared[customer] = self._waiting[customer] = Shared(True, ids)
        return found

    def _sealed(self, keys: Sequence[DataKey]) -> list[Message]:
        box = self._box
        return [bundles.seal(part, box.id, box.hub, box.hub_open) for part in escrow.parts(keys)]

    def _is_open(self, customer: str) -> bool:
        there = self._shared.get(customer)
        return there is not None and there.open

    def _pairs(self, lines: Iterable[Line]) -> list[tuple[str, str]]:
        """Who was merged with whom, or is not after all: kept, other."""
        found = []
        for line in lines:
            if line.type in scopes.MERGES:
                with suppress(Unreadable):
                    data = journal_rows.open_data(self._reader, line.holder, line.head, line.sealed)
                    found.append((line.customer, str(data.get("other"))))
        return found

    def _reveals(self, customers: Sequence[str], which: Callable[[str], bool]) -> Iterator[Message]:
        """What the hub holds dark of these customers, open, of the types that are asked for."""
        for epoch, lines in self._heard(customers, which).items():
            for part in _parts([darkness.plain(*line) for line in lines]):
                yield {"type": "reveal", "epoch": epoch, "rows": part}

    def _conceals(self, customers: Sequence[str]) -> Iterator[Message]:
        """What the hub held open of these customers, dark: were it lost here, they could not be given it back."""
        for epoch, lines in self._heard(customers, _tells).items():
            for part in _parts([darkness.dark(self._backup, *line) for line in lines]):
                yield {"type": "conceal", "epoch": epoch, "rows": part}

    def _heard(
        self, customers: Iterable[str], which: Callable[[str], bool]
    ) -> dict[int, list[tuple[int, str, bytes, bytes]]]:
        """What the hub has of these customers by epoch: position, head, body and hash of each row."""
        sql = f"SELECT epoch, {_ROW} FROM journal WHERE subject = ? AND holder = subject ORDER BY sequence"  # noqa: S608
        found: dict[int, list[tuple[int, str, bytes, bytes]]] = {}
        for customer in customers:
            for epoch, *rest in self._reader.conn.execute(sql, (customer,)):
                line = Line(*rest)
                if line.position <= self.held.get(epoch, 0) and which(line.type):
                    found.setdefault(epoch, []).append((line.position, line.head, line.sealed, line.hash))
            for text, position, head, sealed, hash_ in lent.own_back(self._reader, customer):
                if which(chain.read_head(head).type):
                    found.setdefault(int(text), []).append((position, head, sealed, hash_))
        return found

    def _concealed(self, life: Life, after: int, house: set[str], marks: Marks) -> list[str]:
        """Of whom the hub has all stops, and may know no more: their later rows are dark altogether."""
        found = []
        self._ending -= house | self._linked
        for customer in sorted(self._ending):
            if self._decides_later(life, customer, after):
                continue
            self._ending.discard(customer)
            if self._is_open(customer):
                self._shared[customer] = marks.shared[customer] = Shared(False, frozenset())
                found.append(customer)
        return found

    def _decides_later(self, life: Life, customer: str, position: int) -> bool:
        sql = "SELECT type FROM journal WHERE subject = ? AND number > ?"
        found = self._reader.conn.execute(sql, (customer, life.base + position))
        return any(_decides(type_) for (type_,) in found)

    # --- out of turn --------------------------------------------------------------------------------------------------

    def ahead(self, life: Life, after: int) -> Iterator[Message]:
        """Stops, erasures and leavers behind ``after``, of whom the hub knows."""
        marks = ", ".join("?" * len(AT_ONCE))
        sql = f"SELECT {_ROW} FROM journal WHERE type IN ({marks}) AND number > ? AND epoch = ? ORDER BY number"  # noqa: S608
        found = []
        for row in self._reader.conn.execute(sql, (*AT_ONCE, life.base + after, life.epoch)):
            line = Line(*row)
            if line.type == "staff.left" or self._is_open(line.customer):
                found.append(darkness.plain(line.position, line.head, line.sealed, line.hash))
        for part in _parts(found):
            yield {"type": "ahead", "epoch": life.epoch, "rows": part}


def _tells(type_: str) -> bool:
    return _decides(type_) or scopes.tells(type_)


def _decides(type_: str) -> bool:
    return type_ in scopes.DECIDING or type_ == rows.ERASED


def _parts(wires: Sequence[Message]) -> Iterator[list[Message]]:
    """Rows in messages of their size."""
    part: list[Message] = []
    used = 0
    for wire in wires:
        size = len(wire.get("dark") or wire["head"] + wire["sealed"]) + 200
        if part and (used + size > ROOM or len(part) == rows.MOST):
            yield part
            part, used = [], 0
        part.append(wire)
        used += size
    if part:
        yield part
