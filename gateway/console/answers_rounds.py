"""What only HTTP answers about seats and files of them; what the live socket sends too is in ``gateway.events``."""

from __future__ import annotations

from gateway.console.answers_problems import BadRow
from gateway.events.sent import Sent
from gateway.events.sent_rounds import ExpectedCustomer


class ExpectedAnswer(Sent):
    """What became of one row, counted from 1: its ``status``, and why where it was refused."""

    row: int
    status: int
    detail: str | None
    expected: ExpectedCustomer | None


class SeatTaken(Sent):
    """Where a guest sits now; null: nowhere."""

    visit: str
    customer: str
    place: str | None
    zone: str | None


class FileRead(Sent):
    """What a file brought: how many rows, how many of them changed something, and which were kept back."""

    rows: int
    changed: int
    problems: list[BadRow]
