"""Customers over all venues, as head office sees them: whom the house may know, folded from the rows of every venue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gateway.events import hlc, times
from gateway.hub import bundles, scopes
from gateway.hub.database import Tx, first
from gateway.hub.deciding import Deciding
from gateway.hub.own_keys import OwnKeys
from gateway.records.chain import head_digest, read_head
from gateway.records.fold import Folded, Told, fold, together

PAGE = 200
"""Customers that are opened for one answer."""


class Person(NamedTuple):
    """One person: the record that is kept, the others that are the same person, and what all rows say."""

    id: str
    others: tuple[str, ...]
    folded: Folded
    rows: list[Told]
    merges: dict[str, str]
    """The merge by which each other record became this person's."""


async def told_of(tx: Tx, keys: OwnKeys, customer: str) -> list[Told]:
    """All rows of a customer that the hub may open; of one that it cannot, that it is there."""
    held = await Deciding(tx, keys, 0).data_keys(customer)
    sql = """
    SELECT origin, epoch, position, effective, head, sealed FROM events WHERE subject = ? AND head <> ''
    ORDER BY effective, origin, position
    """
    found = []
    for origin, epoch, position, effective, text, sealed in await tx.all(sql, customer):
        head, id_ = read_head(text), bundles.key_id_of(sealed) or b""
        key = held.get(id_)
        raw = None if key is None else bundles.open_body(key.key, sealed, head_digest(text))
        data = {} if raw is None else scopes.data_of(raw)
        at = (effective >> hlc.COUNTER_BITS) / 1000
        found.append(
            Told(head.id, head.type, customer, origin, epoch, position, effective, at, head.actor, data, id_)
        )  # fmt: skip
    return found


async def person(tx: Tx, keys: OwnKeys, customer: str) -> Person | None:
    """One person by any of their records; None where the house may not know them."""
    row = await first(tx, "SELECT scope FROM customers WHERE id = ? AND erased IS NULL", customer)
    if row is None or row[0] == "venue":
        return None
    root, seen = customer, {customer}
    while (above := await first(tx, "SELECT kept FROM merges WHERE other = ? AND undone = 0", root)) is not None:
        root = above[0]
        if root in seen:
            break
        seen.add(root)
    merges, new = {}, [root]
    while new:
        sql = "SELECT id, other FROM merges WHERE kept = ? AND undone = 0 ORDER BY other"
        for id_, other in await tx.all(sql, new.pop()):
            if other not in merges and other != root:
                merges[other] = id_
                new.append(other)
    records = [root, *merges]
    rows = [await told_of(tx, keys, each) for each in records]
    folds = [fold(each, mine) for each, mine in zip(records, rows, strict=True)]
    every = sorted((each for mine in rows for each in mine), key=lambda each: each.order)
    return Person(root, tuple(merges), together(*folds), every, merges)


async def page(tx: Tx, keys: OwnKeys, after: str, most: int = PAGE) -> tuple[list[Person], str]:
    """The next people behind an id, and the id to go on from; empty at the end."""
    sql = """
    SELECT c.id FROM customers c WHERE c.scope <> 'venue' AND c.erased IS NULL AND c.id > ?
    AND NOT EXISTS (SELECT 1 FROM merges m WHERE m.other = c.id AND m.undone = 0)
    ORDER BY c.id LIMIT ?
    """
    ids = [id_ for (id_,) in await tx.all(sql, after, most)]
    people = [each for id_ in ids if (each := await person(tx, keys, id_)) is not None]
    return people, ids[-1] if len(ids) == most else ""


def shown(found: Person, hub: str) -> dict[str, Any]:
    """A person in a list; what ``hub`` itself wrote is of no venue."""
    said = found.folded
    return {
        "customer": found.id,
        "also": list(found.others),
        "name": said.value("name"),
        "tier": said.value("tier"),
        "language": said.value("language"),
        "birthday": said.value("birthday"),
        "associate": said.value("associate"),
        "venues": sorted({row.origin for row in found.rows} - {hub}),
        "open": sum(owing.is_open for owing in said.owed.values()),
        "seen_at": times.iso(max(row.at for row in found.rows)) if found.rows else None,
    }


def whole(found: Person, hub: str) -> dict[str, Any]:
    """A person with all that rows say, newest first."""
    said = found.folded
    return {
        **shown(found, hub),
        "address_as": said.value("address_as"),
        "deputy": said.value("deputy"),
        "wishes": sorted(said.wishes),
        "facts": [
            {"category": fact.category, "value": fact.value, "polarity": fact.polarity, "basis": fact.basis}
            for fact in said.facts()
        ],
        "owed": [
            {"id": id_, "kind": each.facts.get("kind"), "text": each.facts.get("text"),
             "owner": each.facts.get("owner"), "open": each.is_open}
            for id_, each in sorted(said.owed.items())
        ],
        "merges": [{"merge": id_, "other": other} for other, id_ in sorted(found.merges.items())],
        "journal": [
            {"at": times.iso(row.at), "type": row.type, "venue": row.origin, "by": row.actor}
            for row in reversed(found.rows)
        ],
    }  # fmt: skip


def matches(found: Person, search: str) -> bool:
    """Whether somebody is who is looked for: by name, or by an id of theirs."""
    wanted = search.casefold().strip()
    return not wanted or any(
        wanted in each.casefold() for each in (found.folded.value("name"), found.id, *found.others)
    )


def alike(people: Iterable[Person]) -> list[tuple[Person, Person, str]]:
    """Pairs that may be one person, and why: the same identifier, or the same name and birthday. Never merged by us."""
    seen: dict[tuple[str, str], Person] = {}
    pairs: dict[tuple[str, str], tuple[Person, Person, str]] = {}
    for each in people:
        for why, what in _marks(each):
            first_ = seen.setdefault((why, what), each)
            if first_.id != each.id:
                pairs.setdefault((first_.id, each.id), (first_, each, why))
    return [pairs[each] for each in sorted(pairs)]


def _marks(found: Person) -> Sequence[tuple[str, str]]:
    name, birthday = found.folded.value("name"), found.folded.value("birthday")
    marks = [("identifier", said.value) for said in found.folded.credentials.values()]
    if name and birthday:
        marks.append(("name and birthday", f"{' '.join(str(name).casefold().split())}\0{birthday}"))
    return marks
