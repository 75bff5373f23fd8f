"""Of whom the hub may know: what customers agreed to, and what it was sent of them so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gateway.consent import ledger
from gateway.hub.bundles import DataKey
from gateway.hub.scopes import HOUSES
from gateway.records import consents, hub_cursors
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.seal import DESTROYED


def may_be_known(reader: SealedDatabase, customers: Iterable[str], brand: str, now: float) -> set[str]:
    """Who of these own customers may be known in the house now; of records that are one person all of them, or none."""
    found = set()
    for customer, group in hub_cursors.same_person(reader, customers).items():
        if all(_agrees(reader, each, brand, now) for each in group):
            found.add(customer)
    return found


def everybody(reader: SealedDatabase, brand: str, now: float) -> set[str]:
    """All own customers who may be known in the house now."""
    return may_be_known(reader, hub_cursors.customers_with(reader, HOUSES), brand, now)


def _agrees(reader: SealedDatabase, customer: str, brand: str, now: float) -> bool:
    return bool(ledger.alive(consents.entries_of(reader, customer, HOUSES), HOUSES, now, brand=brand))


def keys_of(reader: SealedDatabase, customer: str, but: Collection[str] = ()) -> list[DataKey]:
    """The data keys of a customer that still open something, but for those with these ids (hex)."""
    keyring = reader.keyring
    found = []
    sql = "SELECT key_id, wrapped FROM keys WHERE holder = ? AND wrapped <> ? ORDER BY position"
    for key_id, wrapped in keyring.select(sql, customer, DESTROYED):
        if key_id.hex() in but:
            continue
        try:
            found.append(DataKey(customer, bytes(key_id), keyring.unwrap(key_id, customer, wrapped)))
        except Unreadable:
            continue
    return found
