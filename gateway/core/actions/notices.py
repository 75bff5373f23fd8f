"""The texts that people read before they are asked, and whom to ask again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from gateway.consent.notices import Notice
from gateway.core import consent_shapes
from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import News
from gateway.events.times import iso
from gateway.records import consents, merges, unconsented
from gateway.records.connection import SealedDatabase
from gateway.records.values import LANGUAGES
from gateway.service.alert import Refused

SOON = 30 * 86_400.0  # seconds before its end in which a consent is listed as one to ask for again


def publish(house: Gateway, told: Mapping[str, Any], now: float) -> Action:
    """A new version of a notice, or further languages of one.

    Raises Refused: 404 where there is no such version, 409 for another text in place of one that is there, 422 for a
    purpose that there is not, or texts that are missing.
    """
    shelf, id_ = house.memory.consenting.shelf, told["id"]
    before = next((each for each in shelf.newest() if each.id == id_), None)
    if told["version"] is not None:
        return _translated(house, shelf.get(id_, told["version"]), told)
    wanted = told["purposes"] or (before.purposes if before else None)
    if wanted is None:
        raise Refused(422, f"purposes: missing; {id_} is a new notice")
    if unknown := [each for each in wanted if each not in house.memory.consenting.purposes]:
        raise Refused(422, f"purposes: {', '.join(unknown)} is none of {', '.join(house.memory.consenting.purposes)}")
    if missing := [language for language in LANGUAGES if not told["texts"].get(language, "").strip()]:
        raise Refused(422, f"texts: none in {' and '.join(missing)}")
    version = before.version + 1 if before else 1
    notice = Notice(id_, version, tuple(wanted), dict(told["texts"]), told["material"], now)
    return _published(house, notice)


def _translated(house: Gateway, there: Notice | None, told: Mapping[str, Any]) -> Action:
    if there is None:
        raise Refused(404, f"there is no version {told['version']} of {told['id']}")
    for language, text in told["texts"].items():
        if there.texts.get(language, text) != text:
            raise Refused(409, f"{there.key} is there in {language}, and no text is ever another one: add a version")
    if there.published_at == 0.0:
        raise Refused(409, f"{there.key} comes with the product: add a version of your own")
    texts = {**there.texts, **told["texts"]}
    return _published(house, Notice(there.id, there.version, there.purposes, texts, there.material, there.published_at))


def _published(house: Gateway, notice: Notice) -> Action:
    return Action(_shape(notice, newest=True), 201, news=[News("notice.published", notice.id, notice.data())])


def shapes(house: Gateway, *, every: bool) -> list[Shape]:
    """The newest version of each notice, or every one."""
    shelf = house.memory.consenting.shelf
    newest = {each.key for each in shelf.newest()}
    return [_shape(each, newest=each.key in newest) for each in (shelf.every() if every else shelf.newest())]


def _shape(notice: Notice, *, newest: bool) -> Shape:
    return {
        **notice.data(),
        "hashes": {language: notice.hash(language) for language in notice.texts},
        "published_at": iso(notice.published_at) if notice.published_at else None,
        "newest": newest,
    }


# --- whom to ask -----------------------------------------------------------------------------------------------------


def without_consent(house: Gateway, reader: SealedDatabase, now: float) -> Iterator[tuple[str, float]]:
    """Persons without any live consent at ``now``, and since when; one of several records counts by all of them."""
    cut = house.memory.consenting.cut
    found = dict(unconsented.without(reader, now, cut))
    for customer, since in found.items():
        if merges.root(reader, customer) != customer:
            continue
        records = house.memory.family.all_of(customer)
        if all(each in found for each in records):
            yield customer, max(since, *(found[each] for each in records))


def unasked(house: Gateway) -> list[Shape]:
    """Customers without any live consent, the longest first; for a thread."""
    with closing(house.store.open_reader()) as reader:
        rows = sorted(without_consent(house, reader, house.memory.certain()), key=lambda row: row[1])
        return [{**named(reader, customer), "since": iso(since)} for customer, since in rows]


def renewals(house: Gateway) -> list[Shape]:
    """Customers whose consents are to be asked again, what ends first on top; for a thread."""
    memory, now = house.memory, house.memory.certain()
    found = []
    with closing(house.store.open_reader()) as reader:
        for (customer,) in reader.conn.execute("SELECT DISTINCT customer FROM consents").fetchall():
            alive = consents.consents_of(reader, customer, now, memory.consenting.cut)
            due = [each for each in alive if memory.consenting.shelf.outdated(each.entry) or each.until < now + SOON]
            if due:
                shown = [consent_shapes.act(memory, each, now) for each in sorted(due, key=lambda one: one.until)]
                found.append((min(each.until for each in due), customer, shown))
        return [
            {**named(reader, customer), "consents": shown}
            for _, customer, shown in sorted(found, key=lambda row: row[:2])
        ]


def named(reader: SealedDatabase, customer: str) -> Shape:
    """A customer as a list names them."""
    person = merges.person(reader, customer)
    return {
        "id": customer,
        "name": person.name if person else None,
        "address_as": person.address_as or None if person else None,
    }
