"""Passkeys of staff: public keys of authenticators, sealed with the key of the person whose they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.events.event import STAFF, Data, Event, News
from gateway.records import once
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.writer import Tx

COLUMNS = "id, staff, added_at, used_at, count, sealed"


@dataclass(slots=True, frozen=True)
class Passkey:
    """One passkey of a member of staff; times in seconds since 1970 UTC."""

    id: str
    staff: str
    added_at: float
    used_at: float | None
    count: int
    """How often its authenticator has signed, as it said when it was used last; 0 where it does not count."""
    name: str
    host: str
    """The host name of the console for which it was made: it signs for no other."""
    credential: bytes
    """The id that its authenticator gave it."""
    public_key: bytes
    """As COSE writes it."""


def find(reader: SealedDatabase, credential: bytes) -> Passkey | None:
    """The passkey whose authenticator calls it so; None for one that is unknown, removed, or cannot be read."""
    return next(iter(_select(reader, "WHERE hash = ?", hash_of(credential))), None)


def of_staff(reader: SealedDatabase, staff: str) -> list[Passkey]:
    """The passkeys of this person, oldest first."""
    return _select(reader, "WHERE staff = ? ORDER BY added_at, id", staff)


def ended_with_pin(reader: SealedDatabase, staff: str) -> list[News]:
    """What a new PIN takes away: passkeys were added with the one before, by whoever knew it."""
    rows = reader.conn.execute("SELECT id FROM passkeys WHERE staff = ? ORDER BY id", (staff,)).fetchall()
    return [News("passkey.removed", staff, {"passkey": id_, "staff": staff, "because": "new_pin"}) for (id_,) in rows]


def counts(reader: SealedDatabase) -> dict[str, int]:
    """How many each person has; nobody who has none."""
    return dict(reader.conn.execute("SELECT staff, count(*) FROM passkeys GROUP BY staff ORDER BY staff").fetchall())


def hash_of(credential: bytes) -> bytes:
    """What is kept in clear of the id that an authenticator gave."""
    return hashlib.sha256(credential).digest()


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Passkey]:
    found = []
    rows = reader.conn.execute(f"SELECT {COLUMNS} FROM passkeys {where}", values).fetchall()  # noqa: S608 - ours
    for id_, staff, added_at, used_at, count, sealed in rows:
        try:
            facts = reader.keyring.open(STAFF + staff, sealed, place=f"passkeys/{id_}")
        except Unreadable:
            continue
        credential, public_key = bytes.fromhex(facts["credential"]), bytes.fromhex(facts["public_key"])
        found.append(
            Passkey(id_, staff, added_at, used_at, count, facts["name"], facts["host"], credential, public_key)
        )
    return found


# --- what events change ----------------------------------------------------------------------------------------------


def add(tx: Tx, event: Event, data: Data) -> None:
    """Somebody has a passkey more."""
    facts = {name: data[name] for name in ("name", "host", "credential", "public_key")}
    row = {
        "id": data["passkey"],
        "hash": hash_of(bytes.fromhex(data["credential"])),
        "staff": data["staff"],
        "added_at": event.time,
        "count": data["count"],
        "sealed": tx.keyring.seal(STAFF + data["staff"], facts, place=f"passkeys/{data['passkey']}"),
    }
    once.insert(tx, "passkeys", row, same=("staff", "hash"))


def use(tx: Tx, event: Event, data: Data) -> None:
    """It was signed in with; a count is never taken back."""
    sql = "UPDATE passkeys SET used_at = max(ifnull(used_at, ?1), ?1), count = max(count, ?2) WHERE id = ?3"
    tx.db.conn.execute(sql, (event.time, data["count"], data["passkey"]))


def remove(tx: Tx, event: Event, data: Data) -> None:
    """It opens nothing any more."""
    tx.db.conn.execute("DELETE FROM passkeys WHERE id = ?", (data["passkey"],))


APPLIED: Mapping[str, Callable[[Tx, Event, Data], object]] = {
    "passkey.added": add,
    "passkey.used": use,
    "passkey.removed": remove,
}
