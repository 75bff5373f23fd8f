"""The classes of records that are let go after their time; asked by the command line, which imports nothing for it."""

from __future__ import annotations

from typing import Literal

Kind = Literal["presence", "visits", "journal", "skeleton", "receipts", "sessions", "answers", "customers"]
"""A class of records: each has a time of its own in ``[retention]``."""
