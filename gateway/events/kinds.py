"""Words that are asked by who imports nothing else for them: the classes of records, why a fact was taken back."""

from __future__ import annotations

from typing import Literal

Kind = Literal["presence", "visits", "journal", "skeleton", "receipts", "sessions", "answers", "customers"]
"""A class of records: each has a time of its own in ``[retention]``."""
Reason = Literal["mistaken", "no_longer", "duplicate", "slip", "customer_asked"]
"""Why a fact about a customer was taken back."""
