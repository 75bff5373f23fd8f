"""What a start needed and a gateway that is there does not: given back before the doors open."""

from __future__ import annotations

import ctypes
import gc

from gateway.records.connection import SealedDatabase


def settle(reader: SealedDatabase) -> None:
    """Keeps what is alive out of the collector's way from now on, and gives back what the start took beside it.

    The collector need not walk at every arrival what stays for good. SQLite's copy of pages that the start has read is
    let go (the kernel has them too), and what was freed goes back to the kernel where this is glibc.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    reader.conn.execute("PRAGMA shrink_memory")
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))
