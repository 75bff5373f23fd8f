"""The sockets on which the house is reached, bound before anything else, and how many connections there is room for."""

from __future__ import annotations

import resource
import socket
from pathlib import Path

from gateway.operations.gate import MOST, Gate
from gateway.operations.overruns import Overruns
from gateway.settings.venue import Console
from gateway.sockets import bound, more_files

THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
FILES = 8_192  # open at once: live sockets, readers, the broker's door twice, and what SQLite needs
SPARE = 24  # descriptors that no connection takes: readers, a copy that is made, a reader of the records
LEAST = 8  # connections, however few descriptors there are


def listen(console: Console) -> socket.socket:
    """A bound socket for the console, and files enough for whom it lets in; raises CannotListen."""
    more_files(FILES)
    return bound(console.host, console.port, f"[console] listen: {console.listen}")


def listen_for_trust(console: Console) -> socket.socket | None:
    """A bound socket for the page that says how to trust us; None where there is none. Raises CannotListen."""
    where = console.trust_listen
    return None if where is None else bound(*where, f"[console] trust_page: {where[0]}:{where[1]}")


def gate_of(console: Console, overruns: Overruns) -> Gate:
    """Who may come in: as many of one address as one may have, where a proxy does not hide whose they are."""
    return Gate(overruns, most=_most(), trusts=None if console.behind_proxy else THIS_MACHINE)


def _most() -> int:
    """How many connections there is a descriptor for, when readers, records and copies have theirs."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    there = Path("/proc/self/fd")
    if soft == resource.RLIM_INFINITY or not there.is_dir():
        return MOST
    return max(LEAST, min(MOST, soft - len(list(there.iterdir())) - SPARE))
