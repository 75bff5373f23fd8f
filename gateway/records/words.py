"""The words staff used lately, read back from what they recorded; for a thread with its own reader."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.records import customers, preferences, staff
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable

LATELY = 5_000  # records looked through, the newest first: some 50 ms


def own_words(reader: SealedDatabase, since: float) -> Iterator[tuple[str, str, str, str, str]]:
    """Category, words, language, polarity and customer of what was recorded in own words, the newest first.

    Of facts since ``since`` (seconds since 1970 UTC); nothing of what was for one visit alone.
    """
    for fact in preferences.newest(reader, since, LATELY):
        if fact.code is None and fact.value:
            yield fact.category, fact.value, fact.lang or "en", fact.polarity, fact.customer


def names(reader: SealedDatabase) -> Iterator[str]:
    """What customers and colleagues are called."""
    for member in staff.list_staff(reader):
        yield member.name
    for customer in customers.customers(reader):
        yield customer.name
        yield customer.address_as


def asks(reader: SealedDatabase) -> Iterator[tuple[str, str | None]]:
    """Question and answer (None while open) of what was asked, the newest first."""
    for ask in _newest(reader, "asks"):
        yield ask["question"], ask["answer"]


def _newest(reader: SealedDatabase, table: str) -> Iterator[dict[str, str]]:
    rows = reader.conn.execute(
        f"SELECT id, customer, sealed FROM {table} ORDER BY rowid DESC LIMIT ?",  # noqa: S608 - ours
        (LATELY,),
    )
    for id_, customer, sealed in rows:
        try:
            yield reader.keyring.open(customer, sealed, place=f"{table}/{id_}")
        except Unreadable:
            continue
