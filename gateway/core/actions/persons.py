"""One person's file, as a running house writes and reads it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Literal, NamedTuple

from gateway.consent.trust import Trust
from gateway.core import persons
from gateway.core.action import Action
from gateway.core.actions.customers import known
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.records import person_file, person_rows

By = Literal["customer", "staff"]


class Exported(NamedTuple):
    """The file and what it is called."""

    name: str
    raw: bytes


async def export(house: Gateway, customer: str, by: By, actor: str, reason: str | None) -> Exported:
    """Everything about one person; that it leaves is written down before it does. Raises Refused(404)."""
    person = known(house, customer).id
    raw = await asyncio.to_thread(_written, house, person)
    data = {"customer": person, "by": by, "reason": reason, "document": person_file.document_of(raw)}
    await house.record([News("person.exported", person, data)], actor)
    return Exported(f"person-{person}.zip", raw)


def _written(house: Gateway, person: str) -> bytes:
    venue = house.config.venue
    with closing(house.store.open_reader()) as reader:
        reader.conn.execute("BEGIN")  # one moment, whatever happens meanwhile
        tables = {table: person_rows.columns(reader, table) for table in person_rows.tables(reader)}
        records = persons.records_of(reader, person)
        of_house = {"id": venue.id, "name": venue.name.by_language()}
        file = person_file.gathered(reader, records, house.memory.consenting.brand, of_house, house.memory.now())
        return person_file.written(file, tables)


async def bring(house: Gateway, raw: bytes, actor: str, reason: str | None, *, check: bool, trust: Trust) -> Shape:
    """Takes in somebody's file; with ``check`` it only says what that would bring. ``trust``: whose receipts count.

    Raises NoPerson for a file that is not in order, and Refused(409) where somebody here stands in its way.
    """
    file = await asyncio.to_thread(person_file.read, raw)
    document = person_file.document_of(raw)

    def planned() -> persons.Brought:
        with closing(house.store.open_reader()) as reader:
            return persons.plan(reader, file, document, house.memory.consenting.brand, trust, reason)

    found = await asyncio.to_thread(planned)
    if not check:

        def decide() -> Action:
            persons.strangers(house.store.reader, file)
            persons.free(house.store.reader, file.rows)
            return Action(None, news=[found.news], rests_on=frozenset(file.records))

        await house.act(decide, actor)
    return {**found.shape(), "house": file.house["id"], "recorded": not check}


def trust_of(house: Gateway, also: object = None) -> Trust:
    """Whose receipts this house takes for true: its own operator's, and those of an exported file of keys ``also``.

    Raises BadTrust.
    """
    return persons.trusting(house.store.keyring, also)
