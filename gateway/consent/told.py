"""Acts of the ledger, out of events as another house wrote them: whatever cannot be read there restricts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from gateway.consent.ledger import Entry
from gateway.events import times

ACTS = {"consent.granted": "given", "consent.revoked": "withdrawn", "consent.refused": "refused"}
"""The types of events that are acts, and which act each is where it does not say so itself."""


def entry_of(id_: str, type_: str, data: Mapping[str, Any], at: float) -> Entry | None:
    """An act of the ledger, of an event of a consent; None where it is none. Texts that are no time have no end."""
    purpose = data.get("purpose")
    if type_ not in ACTS or not isinstance(purpose, str):
        return None
    act = data.get("act")
    lifts = data.get("lifts")
    return Entry(
        id=_word(data.get("id")) or id_,
        purpose=purpose,
        act=act if isinstance(act, str) and act != "asked" else ACTS[type_],
        at=at,
        ends=_ends(data.get("expires")),
        lifts=frozenset(each for each in lifts if isinstance(each, str)) if isinstance(lifts, list) else frozenset(),
        brand=_word(data.get("brand")),
        partner=_word(data.get("partner")),
    )


def known_as(entries: Iterable[tuple[str, Entry]]) -> list[Entry]:
    """The entries of several events, each ``(id of the event, entry)``; a grant may name the event or the act."""
    pairs = list(entries)
    also = {event: entry.id for event, entry in pairs}
    return [
        Entry(
            entry.id, entry.purpose, entry.act, entry.at, entry.ends,
            frozenset(also.get(each, each) for each in entry.lifts), entry.brand, entry.partner,
        )
        for _, entry in pairs
    ]  # fmt: skip


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _ends(value: object) -> float:
    """When a consent ends; of an end that cannot be read it is over: what restricts wins."""
    if value is None:
        return inf
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            found = times.seconds(value)
        except (ValueError, OverflowError):
            return 0.0
        return inf if found is None else found
    return 0.0
