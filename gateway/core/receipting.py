"""What makes receipts: of each act of consent one, of everything that a customer agreed to, refused and ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.core.action import Action
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records.receipts import new_receipt_id


def made(customer: str, acts: Sequence[Mapping[str, Any]], now: float) -> tuple[str | None, list[News]]:
    """A receipt of acts that are written down at ``now``: its id, and the event that makes it, behind them.

    What it says is made in that transaction, of the tables as they are then; ``acts`` only say that there were some.
    """
    if not acts:
        return None, []
    receipt = new_receipt_id(now)
    return receipt, [News("receipt.made", customer, {"customer": customer, "receipt": receipt, "document": {}})]


def asked_for(customer: str, now: float) -> Action:
    """A receipt of today, of everything that holds without a new act."""
    receipt, news = made(customer, [{}], now)
    return Action({"id": receipt, "at": iso(now)}, 201, news=news)
