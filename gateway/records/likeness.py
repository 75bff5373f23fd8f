"""What is compared of customers to find who is in the records twice; for a thread with its own reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gateway.records import customers, day, merges
from gateway.records.connection import SealedDatabase
from gateway.records.duplicates import Record

GIVEN = ("credential.given",)


def records(reader: SealedDatabase) -> Iterator[Record]:
    """Everybody, with every tag and phone that the journal says was theirs; of one person of several records one."""
    things: dict[str, set[bytes]] = defaultdict(set)
    parts = {each.other: each.kept for each in merges.live(reader)}

    def root(customer: str) -> str:
        while customer in parts:
            customer = parts[customer]
        return customer

    for event in day.events(reader, GIVEN, 0.0, float("inf")):
        if event.data:
            things[root(event.data["customer"])].add(reader.keyring.fingerprint(event.data["identifier"]))
    for customer, fingerprint in reader.conn.execute("SELECT customer, fingerprint FROM credentials"):
        things[root(customer)].add(bytes(fingerprint))
    for each in customers.customers(reader):
        if each.id not in parts:
            yield Record(each.id, each.name, each.birthday, each.associate, frozenset(things[each.id]))
