"""Counts work instead of timing it: statements of SQL, texts encoded, functions called. A busy machine changes none."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from gateway.records.sqlite_file import sqlite3

CHANGES_OR_ASKS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE")


class Count:
    """A number that others add to."""

    def __init__(self) -> None:
        self.n = 0


@contextmanager
def statements(connection: sqlite3.Connection) -> Iterator[Count]:
    """How many statements a connection runs that ask for something or change it; what a trigger does counts to it."""
    count = Count()

    def ran(sql: str) -> None:
        count.n += sql.lstrip().upper().startswith(CHANGES_OR_ASKS)

    connection.set_trace_callback(ran)
    try:
        yield count
    finally:
        connection.set_trace_callback(None)


def calls(does: Callable[[], object]) -> int:
    """How many functions are called, ours and others', in this thread; the same work gives the same number."""
    count, here = Count(), threading.get_ident()

    def called(_: FrameType, event: str, __: Any) -> None:
        if event in ("call", "c_call") and threading.get_ident() == here:
            count.n += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        does()
    finally:
        sys.setprofile(before)
    return count.n


def fewest(does: Callable[[], int], tries: int = 5) -> int:
    """The least of several counts: what else happens on the loop meanwhile only adds to one."""
    return min(does() for _ in range(tries))
