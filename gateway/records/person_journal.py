"""What the journal says of one person, who looked at them and who was passed on what: lines, each whole.

Lines of another house, which came in a file, stand beside our own. What only opens doors is left out, and of an event
that tells of several people the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from gateway.events.event import Event
from gateway.events.times import iso
from gateway.records import journal_rows, lent
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable

Line = dict[str, Any]
"""``id``, ``at``, ``type``, ``by`` (who acted), ``house`` and ``data``, what the catalogue says of the type."""

OF_SEVERAL = {"customers.searched": "found", "customers.listed": "listed", "customers.exported": None}
"""Events that tell of several people, and the member that names them; none: everybody who was known."""
LOOKS = frozenset({"customer.viewed", "access.overridden", "card.shown", "person.exported", *OF_SEVERAL})
"""What somebody saw of a person: a sheet, a card, a list, a search, a file."""
CARRIED = frozenset({"person.imported"})
"""How somebody came here: all that it holds stands as its own."""
HIDDEN = {
    "page.linked": "link",
    "page.digits_chosen": "digits",
    "customer.told_apart": "other",
    "receipt.made": "document",
}
"""Members that only open doors, name somebody else, or stand in a file of their own."""


def lines(reader: SealedDatabase, records: Collection[str]) -> list[Line]:
    """Every line about one person, by all their ``records``, oldest first; opens each event, some 20 µs."""
    found = {line["id"]: line for line in brought(reader, records)}
    found |= {line["id"]: line for line in _elsewhere(reader, records)}
    found |= {line["id"]: line for line in _own(reader, records)}
    return sorted(found.values(), key=lambda line: (line["at"], line["id"]))


def brought(reader: SealedDatabase, records: Iterable[str]) -> Iterator[Line]:
    """The lines that came with them from another house."""
    for kept in kept_of(reader, records):
        yield from kept.get("journal", ())


def kept_of(reader: SealedDatabase, records: Iterable[str]) -> list[dict[str, Any]]:
    """What came with these customers from other houses and has no row of its own here, in order."""
    found = []
    for record in records:
        rows = reader.conn.execute("SELECT id, sealed FROM brought WHERE customer = ? ORDER BY at, id", (record,))
        for id_, sealed in rows.fetchall():
            try:
                found.append(reader.keyring.open(record, sealed, place=f"brought/{id_}"))
            except Unreadable:
                continue
    return found


def _elsewhere(reader: SealedDatabase, records: Iterable[str]) -> Iterator[Line]:
    """Who looked at them in another house, to which they are lent."""
    for record in records:
        for row in lent.rows_of(reader, record):
            if row.type in LOOKS:
                at, data = iso(row.at), dict(row.data)
                yield {"id": row.id, "at": at, "type": row.type, "by": row.actor, "house": row.origin, "data": data}


def _own(reader: SealedDatabase, records: Collection[str]) -> Iterator[Line]:
    marks = ", ".join("?" * len(records))
    for event in journal_rows.select(reader, f"WHERE subject IN ({marks}) ORDER BY number", *records):
        if event.data and event.type not in CARRIED:
            hidden = HIDDEN.get(event.type)
            yield _line(event, {name: value for name, value in event.data.items() if name != hidden})
    since = first_known(reader, records)
    for type_, member in OF_SEVERAL.items():
        for event in journal_rows.select(reader, "WHERE type = ? ORDER BY number", type_):
            if member is None and since is not None and event.time >= since:
                yield _line(event, {"customer": next(iter(records))})
            elif member is not None and (named := set(records) & set(event.data.get(member, ()))):
                yield _line(event, {"customer": min(named), "where": event.data.get("where", "search")})


def first_known(reader: SealedDatabase, records: Collection[str]) -> float | None:
    """Since when one of these customers is known here, as far as the journal still says; None: it says nothing."""
    marks = ", ".join("?" * len(records))
    sql = f"SELECT min(time) FROM journal WHERE subject IN ({marks})"  # noqa: S608 - marks alone
    row = reader.conn.execute(sql, tuple(records)).fetchone()
    return row[0] if row else None


def _line(event: Event, data: dict[str, Any]) -> Line:
    return {
        "id": event.id, "at": iso(event.time), "type": event.type, "by": event.actor, "house": event.origin,
        "data": data,
    }  # fmt: skip


def recipients(every: Iterable[Line]) -> list[dict[str, Any]]:
    """Who received something of this person: of what kinds, which members, how often, and when first and last.

    ``waits_since``: something is on its way to a partner since then, which may have it and has not answered.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in every:
        if line["type"] not in ("person.passed_on", "person.passing_on", "partner.answered"):
            continue
        data = line["data"]
        kind = data.get("kind", "partner")
        one = found.setdefault((kind, data["recipient"]), {
            "recipient": data["recipient"], "kind": kind, "first": line["at"], "last": line["at"],
            "times": 0, "types": [], "members": [], "waits_since": None,
        })  # fmt: skip
        if line["type"] == "person.passed_on":
            one["last"], one["times"] = line["at"], one["times"] + 1
            one["types"] = sorted({*one["types"], data["type"]})
            one["members"] = sorted({*one["members"], *data["members"]})
        else:
            answered = line["type"] == "partner.answered"
            one["waits_since"] = None if answered else one["waits_since"] or line["at"]
    return list(found.values())


Who = tuple[str, str]
"""Somebody else: of which kind, and how they are called."""


class PassedOn(NamedTuple):
    """Who has which fact since when, by fact: as far as they may have it, and as far as they acknowledged it.

    ``stopped``: when each acknowledged that nothing of this person is shared any more.
    """

    had: dict[str, dict[Who, str]]
    told: dict[str, dict[Who, str]]
    stopped: dict[Who, list[str]]


def passed_on(every: Iterable[Line]) -> PassedOn:
    """What others have of this person's facts, by the lines about that."""
    found = PassedOn({}, {}, {})
    for line in every:
        data = line["data"]
        if line["type"] == "person.passing_on":
            for about in data["about"]:
                found.had.setdefault(about, {}).setdefault(("partner", data["recipient"]), line["at"])
        elif line["type"] == "person.passed_on":
            who = (data["kind"], data["recipient"])
            if data["type"] == "sharing.stopped":
                found.stopped.setdefault(who, []).append(line["at"])
            if data["about"] is not None:
                found.had.setdefault(data["about"], {}).setdefault(who, line["at"])
                found.told.setdefault(data["about"], {}).setdefault(who, line["at"])
    return found
