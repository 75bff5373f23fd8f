"""The words staff used lately, read back from what they recorded; for a thread with its own reader."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.records.allergens import code_of
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Erased

LATELY = 5_000  # records looked through, the newest first: some 50 ms


def values(reader: SealedDatabase) -> Iterator[tuple[str, str, str]]:
    """Category, value and customer of what is liked, the newest first; an allergy is of its own category, by its code.

    What one customer avoids is left out: offered to the next with one tap, it would be served.
    """
    for _, customer, fact in _newest(reader, "preferences"):
        if fact["polarity"] == "allergy":
            yield "allergy", code_of(fact["value"]) or fact["value"], customer
        elif fact["polarity"] != "avoid":
            yield fact["category"], fact["value"], customer


def asks(reader: SealedDatabase) -> Iterator[tuple[str, str | None, str]]:
    """Question, answer (None while open) and customer of what was asked, the newest first."""
    for _, customer, ask in _newest(reader, "asks"):
        yield ask["question"], ask["answer"], customer


def _newest(reader: SealedDatabase, table: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    rows = reader.conn.execute(
        f"SELECT id, customer, sealed FROM {table} ORDER BY rowid DESC LIMIT ?",  # noqa: S608 - ours
        (LATELY,),
    )
    for id_, customer, sealed in rows:
        try:
            yield id_, customer, reader.keyring.open(customer, sealed, place=f"{table}/{id_}")
        except Erased:
            continue
