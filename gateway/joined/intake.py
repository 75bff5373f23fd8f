"""What the link asks of whoever keeps lent customers: the door between the two, and no more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from gateway.hub.rows import Row
from gateway.hub.wire import Epoch
from gateway.records.connection import SealedDatabase
from gateway.records.lent_merges import Settled
from gateway.records.writer import Tx

DataKeys = Mapping[tuple[str, bytes], bytes]
"""Data keys by customer, as the house calls them (``c-1@flagship``), and key id."""


class Item(NamedTuple):
    """One thing that a feed says; ``customer`` is how the house calls them, empty of a leaver.

    ``rows`` are open: of an ``event`` or a ``leaver`` one, of a ``lend`` all that tells so far; of ``recall`` and
    ``erase`` the row that caused it, or none. A ``lend`` too long for one message comes in ``part`` 1, 2, … until
    ``last``; the first part begins anew, and the feed's number counts on with the last.
    """

    number: int
    kind: str
    customer: str
    origin: str
    epoch: Epoch
    hlc: int
    rows: tuple[Row, ...] = ()
    part: int = 1
    last: bool = True
    names: Mapping[str, Mapping[str, str]] = {}
    """How the venues that wrote the rows are called, by language."""
    more: Mapping[str, Any] = {}
    """Members that this build does not know."""


@dataclass(slots=True)
class Effects:
    """What memory does once the disk has it; ``Intake.after`` is called with it on the gateway's loop."""

    changed: set[str] = field(default_factory=set)
    """Customers who are new, or of whom more or less is known."""
    gone: set[str] = field(default_factory=set)
    """Customers who are no longer known here: off the roster, cards away, presence ended."""
    settled: list[Settled] = field(default_factory=list)
    """Which records are of one person from now on, or of two again."""

    def add(self, other: Effects) -> None:
        """Takes in what happened later: what it says of a customer counts."""
        self.changed = (self.changed - other.gone) | other.changed
        self.gone = (self.gone - other.changed) | other.gone
        self.settled += other.settled


class Intake(Protocol):
    """Keeps what the hub lends. What takes a ``tx`` runs in the writer's thread, in the cursor's own transaction.

    A change may run twice, so what takes a ``tx`` changes nothing but the database; raising undoes the cursor too, and
    the hub says it all again.
    """

    def keys(self, tx: Tx, keys: DataKeys) -> None:
        """Data keys, unsealed from a bundle; they come before what they open, in the same transaction."""

    def news(self, tx: Tx, feed: str, items: Sequence[Item]) -> Effects:
        """What a feed says, in order. Of ``urgent``: recalls and erasures of whom others lent; no own customer's."""

    def snapshot(self, tx: Tx, feed: str, items: Sequence[Item], part: int, *, last: bool) -> Effects:
        """The same as a whole in parts from 1; when ``last`` has come, whom it did not name is forgotten."""

    def after(self, effects: Effects) -> None:
        """On the gateway's loop, once the disk has it: memory follows."""

    def heard(self, now: float, lease_days: float | None = None) -> None:
        """On the gateway's loop: the hub was heard at this time (seconds since 1970 UTC); leases count from here.

        ``lease_days`` is how long they last from now on, where the hub has said.
        """

    def hold(self, *, held: bool) -> None:
        """On the gateway's loop: while ``held`` nobody who is lent shows on any screen, nor is announced.

        So after a start, or a silence of more than 25 s, until ``urgent`` is read, or for 10 s without an answer.
        """

    def lent(self, reader: SealedDatabase, customers: Sequence[str]) -> set[str]:
        """Who of these is lent to this venue now; what it writes of them goes to the hub open, of others dark."""


class NoIntake:
    """Keeps nobody: for a venue that lends and borrows not."""

    def keys(self, tx: Tx, keys: DataKeys) -> None:
        """Forgets them."""

    def news(self, tx: Tx, feed: str, items: Sequence[Item]) -> Effects:
        """Passes over it."""
        return Effects()

    def snapshot(self, tx: Tx, feed: str, items: Sequence[Item], part: int, *, last: bool) -> Effects:
        """Passes over it."""
        return Effects()

    def after(self, effects: Effects) -> None:
        """Nothing follows."""

    def heard(self, now: float, lease_days: float | None = None) -> None:
        """No lease counts."""

    def hold(self, *, held: bool) -> None:
        """Nobody shows anyway."""

    def lent(self, reader: SealedDatabase, customers: Sequence[str]) -> set[str]:
        """Nobody is."""
        return set()
