"""Who was erased where: the places that have to answer, their receipts, and lists of erasures from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gateway.core import sharing
from gateway.core.gateway import Gateway
from gateway.events.event import STAFF, News
from gateway.events.times import iso
from gateway.records import aliases, customers, erasure_list, erasure_receipts, journal_rows, quarantine, staff, tablets
from gateway.records.erasure_receipts import BACKUP, CLUB, LIST, TABLET, WEBHOOK, Erasure, Place
from gateway.records.seal import DESTROYED

LATELY = 200  # copies, the newest, by which the folders are known


class Taken(NamedTuple):
    """What came of lists from outside: customers who are erased by them, and whether the house is out of quarantine."""

    erased: int
    lifted: bool


def places(house: Gateway, records: Sequence[str]) -> list[dict[str, Any]]:
    """Every place beside the venue in which something of a person may lie, and when each was heard last.

    ``records`` are all of theirs.
    """
    found: list[tuple[str, str, float | None]]
    found = [(TABLET, each.id, each.last_seen) for each in tablets.every(house.store.reader)]
    found += [(BACKUP, folder, at) for folder, at in copies(house).items()]
    found += [(LIST, folder, None) for folder in house.config.backup.erasures]
    found += [(WEBHOOK, hook.name, None) for hook in house.config.webhooks if hook.partner is None]
    found += sharing.places(house, records)
    if house.club is not None and house.config.club.points:
        found += [(CLUB, each, None) for each in records]
    return [
        {"kind": kind, "place": place, "heard_at": iso(at) if at is not None else None} for kind, place, at in found
    ]


def copies(house: Gateway) -> dict[str, float | None]:
    """The folders of copies that this house knows of, and when a copy was made in each last (seconds since 1970)."""
    known: dict[str, float | None] = dict.fromkeys(house.config.backup.to)
    where = "WHERE type = 'records.backed_up' ORDER BY sequence DESC LIMIT ?"
    for event in journal_rows.select(house.store.reader, where, LATELY):
        if folder := event.data.get("to"):
            known[folder] = known.get(folder) or event.time
    return known


def copied(house: Gateway, folder: str, listed: int) -> list[News]:
    """What a copy says of erasures: in its folder the keys on the list's first ``listed`` lines are overwritten."""
    found = []
    for each in erasure_receipts.waiting(house.store.reader):
        entry = house.store.keyring.erasures.entry_of(map(bytes.fromhex, each.keys))
        here = any(place.kind == BACKUP and place.place == folder and place.done_at is None for place in each.places)
        if here and entry is not None and entry.number <= listed:
            data = {"erasure": each.id, "kind": BACKUP, "place": folder, "done": True}
            found.append(News("erasure.answered", each.id, data))
    return found


def receipt(house: Gateway, id_: str) -> dict[str, Any] | None:
    """The receipt of an erasure as it stands now, signed; None where there is none."""
    found = erasure_receipts.get(house.store.reader, id_)
    return shown(house, [found])[0] if found is not None else None


def every(house: Gateway) -> list[dict[str, Any]]:
    """The receipts of all erasures, the newest first."""
    return shown(house, erasure_receipts.every(house.store.reader))


def shown(house: Gateway, erasures: Iterable[Erasure]) -> list[dict[str, Any]]:
    """These receipts, signed, with places by the names that people know."""
    keyring = house.store.keyring
    names = {each.id: each.name for each in tablets.every(house.store.reader)}

    def name(place: Place) -> str:
        if place.kind == CLUB:
            return CLUB
        return names.get(place.place, place.place) if place.kind == TABLET else place.place

    keep = house.config.retention.proof_days
    return [
        erasure_receipts.shape(each, keyring.erasures.entry_of(map(bytes.fromhex, each.keys)), keyring.hand, name, keep)
        for each in erasures
    ]


async def take(house: Gateway, lists: Sequence[Sequence[str]], who: str) -> Taken:
    """Unites these lists of erasures with the house's, and erases whomever they name.

    Raises Damaged, with the line, for one that this house did not write.
    """
    hand = house.store.keyring.hand
    found = [erasure_list.checked(lines, hand) for lines in lists]
    # The list first: a start that comes in between goes on with it.
    united = await house.store.write(lambda tx: tx.keyring.erasures.take(found))
    gone = list(_erased_by(house, united.keys))
    await house.record(gone, who)
    await house.store.write(lambda tx: tx.keyring.destroy([key for key in united.keys if tx.keyring.has(key)]))
    folder, now = house.store.folder, house.memory.certain()
    reason = quarantine.reason(folder)
    given = united._replace(newest=max((each.newest for each in found), default=0.0))
    if reason is None or not found or quarantine.lacks(reason, given, now):
        return Taken(len(gone), False)
    await lift(house, "list", [who], "", len(gone))
    return Taken(len(gone), True)


async def lift(house: Gateway, because: str, by: list[str], reason: str, erased: int = 0) -> None:
    """Ends the quarantine: whoever was here before is a stranger until they are heard, and everything opens again."""
    quarantine.end(house.store.folder)
    house.memory.quarantined = None
    house.restore(house.memory.now())
    house.note(
        [
            News(
                "quarantine.ended",
                house.config.venue.id,
                {"because": because, "by": by, "reason": reason, "erased": erased},
                actor=by[0],
            )
        ]
    )


def _erased_by(house: Gateway, named: frozenset[bytes]) -> Iterator[News]:
    """Of every customer and colleague who is still known here and whose key a list names: that they are forgotten."""
    reader, keyring = house.store.reader, house.store.keyring
    sql = "SELECT holder FROM sealing.keys WHERE key_id = ? AND wrapped <> ?"
    rows = (reader.conn.execute(sql, (key, DESTROYED)).fetchone() for key in sorted(named))
    for holder in dict.fromkeys(row[0] for row in rows if row is not None):
        id_, keys = holder.removeprefix(STAFF), keyring.ids_of(holder)
        if holder != id_:
            if staff.get_staff(reader, id_) is not None:
                yield News("staff.removed", id_, {"staff": id_, "keys": keys, "tokens": []})
        elif customers.get_customer(reader, id_) is not None:
            begun = {
                "id": erasure_receipts.new_id(), "by": "house", "because": "restored",
                "venue": house.config.venue.id, "places": places(house, [id_]),
            }  # fmt: skip
            hashed = aliases.hash_of(reader, id_)
            yield News("customer.erased", id_, {"customer": id_, "keys": keys, "erasure": begun, "alias": hashed})
