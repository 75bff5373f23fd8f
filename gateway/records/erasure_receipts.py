"""What became of each erasure, place by place: rows made of events, completed as places answer.

A receipt names nobody but by an id that means nothing, says which line of the list of erasures holds the destroyed
keys, and is signed whenever it is shown.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.events.times import DAY, iso, seconds
from gateway.records.connection import SealedDatabase
from gateway.records.erasure_list import Entry
from gateway.records.signing import Hand
from gateway.records.writer import Tx

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
SIGNED = "erasure"
VENUE, TABLET, BACKUP, LIST, WEBHOOK, PARTNER = "venue", "tablet", "backup", "list", "webhook", "partner"
CLUB = "club"
"""The books of the club, at the hub; its place is the record that they have to forget."""
WHAT: Mapping[str, str] = {
    VENUE: "records, journal, search, learned words, repeats of answers",
    BACKUP: "keys overwritten, list written",
    LIST: "list written",
    CLUB: "points ended, member number of nobody",
}


@dataclass(slots=True, frozen=True)
class Place:
    """Where something of the erased may lie; times in seconds since 1970 UTC, None where it has not happened."""

    kind: str
    place: str
    told_at: float | None = None
    done_at: float | None = None
    heard_at: float | None = None
    by: str | None = None
    """Who had it from a partner in another way; None: the place has answered itself."""


@dataclass(slots=True, frozen=True)
class Erasure:
    """Who was erased when, by whom, why, which keys went, and the number of the event; with its places."""

    id: str
    whose: str
    at: float
    by: str
    because: str
    keys: tuple[str, ...]
    sequence: int
    places: tuple[Place, ...] = field(default=())


def new_id() -> str:
    """The number of a receipt: ``E-`` and 12 random characters."""
    return "E-" + "".join(secrets.choice(ALPHABET) for _ in range(12))


# --- as events say ---------------------------------------------------------------------------------------------------


def begin(tx: Tx, sequence: int, at: float, data: Mapping[str, Any]) -> None:
    """Makes the receipt of ``customer.erased``; of one person with several records each event adds its keys."""
    said = data.get("erasure")
    if said is None:  # of an older program
        return
    db = tx.db.conn
    row = db.execute("SELECT keys FROM erasure_receipts WHERE id = ?", (said["id"],)).fetchone()
    known = json.loads(row[0]) if row else []
    keys = json.dumps([*known, *(key for key in data["keys"] if key not in known)])
    db.execute(
        "INSERT INTO erasure_receipts (id, whose, at, by_whom, because, keys, sequence) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET"
        " keys = excluded.keys, whose = excluded.whose, sequence = max(sequence, excluded.sequence)",
        (said["id"], data["customer"], at, said["by"], said["because"], keys, sequence),
    )
    db.execute(
        "INSERT OR IGNORE INTO erasure_places (erasure, kind, place, told_at, done_at, heard_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (said["id"], VENUE, said["venue"], at, at, at),
    )
    for each in said["places"]:
        heard = seconds(each["heard_at"]) if each["heard_at"] else None
        db.execute(
            "INSERT OR IGNORE INTO erasure_places (erasure, kind, place, heard_at) VALUES (?, ?, ?, ?)",
            (said["id"], each["kind"], each["place"], heard),
        )


def answer(tx: Tx, at: float, data: Mapping[str, Any]) -> None:
    """A place has answered: it was ``told``, or it has ``done`` what it was told."""
    column = "done_at" if data["done"] else "told_at"
    sql = f"UPDATE erasure_places SET {column} = ?, heard_at = ? WHERE erasure = ? AND kind = ? AND place = ?"  # noqa: S608
    where = data["erasure"], data["kind"], data["place"]
    if tx.db.conn.execute(f"{sql} AND {column} IS NULL", (at, at, *where)).rowcount and data.get("by"):
        by = "UPDATE erasure_places SET by_whom = ? WHERE erasure = ? AND kind = ? AND place = ?"
        tx.db.conn.execute(by, (data["by"], *where))


# --- reading ---------------------------------------------------------------------------------------------------------


def get(reader: SealedDatabase, id_: str) -> Erasure | None:
    """The receipt with this number; None where there is none."""
    return next(iter(_select(reader, "WHERE id = ?", id_)), None)


def every(reader: SealedDatabase) -> list[Erasure]:
    """All of them, the newest first."""
    return _select(reader, "ORDER BY at DESC, id")


def waiting_for(reader: SealedDatabase, partner: str) -> list[Erasure]:
    """Those that this partner has not answered yet, oldest first."""
    where = "WHERE id IN (SELECT erasure FROM erasure_places WHERE done_at IS NULL AND kind = ? AND place = ?)"
    return _select(reader, f"{where} ORDER BY at, id", PARTNER, partner)


def waiting_for_club(reader: SealedDatabase) -> list[tuple[str, str]]:
    """Of which record, by its id, the club's books have not heard, with the number of the erasure."""
    sql = "SELECT erasure, place FROM erasure_places WHERE done_at IS NULL AND kind = ? ORDER BY erasure, place"
    return [(row[0], row[1]) for row in reader.conn.execute(sql, (CLUB,)).fetchall()]


def waiting(reader: SealedDatabase) -> list[Erasure]:
    """Those of which a place has not answered yet, oldest first."""
    return _select(reader, "WHERE id IN (SELECT erasure FROM erasure_places WHERE done_at IS NULL) ORDER BY at, id")


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Erasure]:
    sql = f"SELECT id, whose, at, by_whom, because, keys, sequence FROM erasure_receipts {where}"  # noqa: S608 - ours
    return [
        Erasure(
            row[0], row[1], row[2], row[3], row[4], tuple(json.loads(row[5])), row[6], tuple(_places(reader, row[0]))
        )
        for row in reader.conn.execute(sql, values).fetchall()
    ]


def _places(reader: SealedDatabase, id_: str) -> Iterable[Place]:
    sql = (
        "SELECT kind, place, told_at, done_at, heard_at, by_whom FROM erasure_places WHERE erasure = ?"
        " ORDER BY kind <> 'venue', kind, place"
    )
    return [Place(*row) for row in reader.conn.execute(sql, (id_,)).fetchall()]


# --- the receipt -----------------------------------------------------------------------------------------------------


def shape(
    erasure: Erasure, entry: Entry | None, hand: Hand, names: Callable[[Place], str], keep_days: float
) -> dict[str, Any]:
    """The receipt as it is shown, signed; ``names`` says what a place is called now."""
    done = [each.done_at for each in erasure.places]
    dark = max((at for at in done if at is not None), default=None) if None not in done else None
    facts = {
        "erasure": erasure.id,
        "customer": erasure.whose,
        "at": iso(erasure.at),
        "by": erasure.by,
        "because": erasure.because,
        "entry": {"n": entry.number, "hash": f"sha256:{entry.hash}"} if entry else None,
        "places": [_place(each, names(each)) for each in erasure.places],
        "dark_at": iso(dark) if dark is not None else None,
        "kept": [{"what": "proof of consent without a name", "until": iso(erasure.at + keep_days * DAY)[:10]}],
    }
    return {**facts, "proof": {"house": hand.public.hex(), "sig": hand.sign(SIGNED, facts)}}


def _place(place: Place, name: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"place": name, "kind": place.kind, "what": WHAT.get(place.kind)}
    shown["told_at"] = iso(place.told_at) if place.told_at is not None else None
    shown["done_at"] = iso(place.done_at) if place.done_at is not None else None
    heard = place.heard_at is not None and place.done_at is None
    shown["by"] = place.by
    shown["not_heard_since"] = iso(place.heard_at) if heard and place.heard_at is not None else None
    return shown
