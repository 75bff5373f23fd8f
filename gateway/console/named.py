"""Whom a client means where it names a customer: by what they are called outside, or by our id."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

WHOSE: ContextVar[Callable[[str], str]] = ContextVar("whose", default=str)
"""How the house that is asked finds who is named; set for each request."""


def whose(named: str) -> str:
    """The id of whoever is named so; the name itself where the house that is asked knows nobody of it."""
    return WHOSE.get()(named)
