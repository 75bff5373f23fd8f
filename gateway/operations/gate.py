"""Who is connected, by address: nobody takes the place of all others, and a manager always finds one.

A connection is silent until it has asked something, and idle between two requests. Silent ones cost others their place,
so they are the first to go: the oldest of an address that has too many. In a full house idle ones go after them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.addresses import network_of
from gateway.operations.overruns import Kind, Overruns

MOST = 3_000  # connections in all: a thousand tablets that come back at once, each with two
RESERVED = 100  # of them, the last, for managers who are signed in; a quarter where there are few
SILENT_EACH = 64  # of one address; a browser holds six
EACH = 256  # of one address, whatever they do; from this machine, where a proxy or a bench may be, as many as there are


@dataclass(slots=True, eq=False)
class Guest:
    """One connection; ``close`` ends it at once, whatever it is doing."""

    address: str
    close: Callable[[], None] = lambda: None
    busy: bool = False


@dataclass(slots=True)
class _Address:
    guests: dict[Guest, None] = field(default_factory=dict)
    silent: dict[Guest, None] = field(default_factory=dict)  # the longest silent first
    idle: dict[Guest, None] = field(default_factory=dict)

    @property
    def dispensable(self) -> int:
        """How many could go without harm."""
        return len(self.silent) + len(self.idle)


class Gate:
    """Admits connections and knows which are silent; what it refuses or ends it tells of as these kinds.

    ``trusts`` are addresses that may have as many connections as they ask something on; None: all may.
    """

    def __init__(
        self, overruns: Overruns, *, most: int = MOST, trusts: frozenset[str] | None = frozenset(),
        full: Kind = "connections", silent: Kind = "silent",
    ) -> None:  # fmt: skip
        self._overruns = overruns
        self._most = most
        self._trusts = trusts
        self._full, self._silent = full, silent
        self._addresses: dict[str, _Address] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def crowded(self) -> bool:
        """Whether only the places are left that are kept for managers."""
        return self._count > self._most - min(RESERVED, self._most // 4)

    def enter(self, host: str | None) -> Guest | None:
        """A new connection, silent; None where there is no place for it."""
        guest = Guest(network_of(host))
        known = self._addresses.get(guest.address) or _Address()
        if len(known.silent) >= SILENT_EACH:
            self._overruns.note(self._silent, guest.address)
            self._end(next(iter(known.silent)))
        elif self._has_enough(guest.address, known) or (self._count >= self._most and not self._make_room()):
            self._overruns.note(self._full, guest.address)
            return None
        known = self._addresses.setdefault(guest.address, known)
        known.guests[guest] = known.silent[guest] = None
        self._count += 1
        return guest

    def speaks(self, guest: Guest) -> None:
        """It has asked something."""
        known = self._addresses.get(guest.address)
        if known is not None and not guest.busy:
            guest.busy = True
            known.silent.pop(guest, None)
            known.idle.pop(guest, None)

    def rests(self, guest: Guest) -> None:
        """It has its answer, and asks nothing more for now."""
        known = self._addresses.get(guest.address)
        if known is not None and guest.busy and guest in known.guests:
            guest.busy = False
            known.idle[guest] = None

    def slow(self, guest: Guest) -> None:
        """It began a request that did not come to an end in time."""
        self._overruns.note("slow", guest.address)

    def leave(self, guest: Guest) -> None:
        """The connection is over; a second call does nothing."""
        known = self._addresses.get(guest.address)
        if known is None or guest not in known.guests:
            return
        del known.guests[guest]
        known.silent.pop(guest, None)
        known.idle.pop(guest, None)
        self._count -= 1
        if not known.guests:
            del self._addresses[guest.address]

    def _has_enough(self, address: str, known: _Address) -> bool:
        return len(known.guests) >= EACH and self._trusts is not None and address not in self._trusts

    def _make_room(self) -> bool:
        """Ends the longest silent connection, else an idle one, of whoever has most of them."""
        worst = max(self._addresses.values(), key=lambda each: each.dispensable)
        if not worst.dispensable:
            return False
        guest = next(iter(worst.silent or worst.idle))
        self._overruns.note(self._silent, guest.address)
        self._end(guest)
        return True

    def _end(self, guest: Guest) -> None:
        self.leave(guest)
        guest.close()
