"""The venue's own values of the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from typing import Any

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.records import house_documents, preferences, venue_values
from gateway.records.values import Value
from gateway.records.venue_values import BadValue
from gateway.service.alert import Refused


def used(house: Gateway) -> set[str]:
    """The codes that facts have; for a thread, a second for 100,000 facts."""
    with closing(house.store.open_reader()) as reader:
        return preferences.codes(reader)


def put(house: Gateway, code: str, told: dict[str, Any], used: Collection[str]) -> Action:
    """Adds the value, or changes the one that is there as far as ``told``."""
    before = house.memory.known.catalogue.get(code)
    category, _, word = code.partition(".")
    facts = before.data() if before is not None else {"category": category, "polarity": "do", "about": word}
    whole = {**facts, "code": code, **told}
    if "labels" not in whole:
        raise Refused(422, f"labels: {code} has none in zh-CN and en")
    names = {name: tuple(whole.get(name, ())) for name in ("aliases", "contains")}
    value = Value(**{**whole, **names})
    document = house_documents.get(house.store.reader, house_documents.CATALOGUE)
    try:
        changed = venue_values.put(document, value, used)
    except BadValue as bad:
        raise Refused(422, str(bad)) from None
    return Action(value.data(), 200 if before is not None else 201, news=[_news(house, changed)])


def remove(house: Gateway, code: str, used: Collection[str]) -> Action:
    """Takes the value out, or hides it where facts have it."""
    document = house_documents.get(house.store.reader, house_documents.CATALOGUE)
    changed = venue_values.remove(document, code, used)
    if changed is None:
        raise Refused(404, f"there is no value {code}")
    return Action(None, 204, news=[_news(house, changed)])


def _news(house: Gateway, document: dict[str, Any]) -> News:
    return News("catalogue.changed", house.config.venue.id, document)
