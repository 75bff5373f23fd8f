"""Staff, their shifts, and what proves who they are: tokens of programs and sessions of people, as SHA-256 only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from gateway.records import erasures, once
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Unreadable
from gateway.records.seal import STAFF
from gateway.records.writer import Tx

OF_TOKENS = "id, role, staff, created_at, name, scopes, until, used_at, used_from"


@dataclass(slots=True, frozen=True)
class Staff:
    """A member of staff; ``pin_hash`` is what the caller's password hasher made."""

    id: str
    name: str
    roles: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    pin_hash: str | None = field(default=None, repr=False)


@dataclass(slots=True, frozen=True)
class Shift:
    """Who works, in which zones, since and until when (seconds since 1970 UTC; None: until told)."""

    staff: str
    zones: list[str]
    since: float
    until: float | None


@dataclass(slots=True, frozen=True)
class Token:
    """A program's right to act, and as a member of staff where ``staff`` is set; times in seconds since 1970 UTC.

    ``scopes`` None: all that its role may. ``until`` None: it is from before tokens had an end.
    """

    id: str
    role: str
    staff: str | None
    created_at: float
    name: str = ""
    scopes: list[str] | None = None
    until: float | None = None
    used_at: float | None = None
    used_from: str | None = None


@dataclass(slots=True, frozen=True)
class Session:
    """A person signed in on a tablet; times in seconds since 1970 UTC."""

    staff: str
    created_at: float
    last_seen: float
    tablet: str | None = None
    """The paired tablet on which it began."""
    key: bytes | None = None
    """Whose signature each of its requests bears: the public half of the device's key."""
    locked_at: float | None = None
    """Since when the PIN is asked again."""


# --- staff ----------------------------------------------------------------------------------------------------------


def put_staff(tx: Tx, member: Staff, at: float) -> None:
    """Records the member of staff anew, PIN hash included."""
    holder = _holder(member.id)
    tx.keyring.renew(holder)
    facts = {key: value for key, value in asdict(member).items() if key != "id"}
    tx.db.conn.execute(
        "INSERT INTO staff (id, changed_at, sealed) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, sealed = excluded.sealed",
        (member.id, at, tx.keyring.seal(holder, facts, place="staff")),
    )


def get_staff(reader: SealedDatabase, staff: str) -> Staff | None:
    """The member of staff, or None."""
    return next(iter(_select(reader, "WHERE id = ?", staff)), None)


def list_staff(reader: SealedDatabase) -> list[Staff]:
    """Everyone, by id."""
    return _select(reader, "ORDER BY id")


def delete_staff(tx: Tx, staff: str, at: float, keys: Iterable[str] | None = None) -> bool:
    """Removes the member of staff with shift and sessions, revokes their tokens and destroys their keys.

    ``keys`` are the ids of those keys, in hex; all that they have where none are given.
    """
    removed = tx.db.conn.execute("DELETE FROM staff WHERE id = ?", (staff,)).rowcount
    tx.db.conn.execute("UPDATE tokens SET revoked_at = ? WHERE staff = ? AND revoked_at IS NULL", (at, staff))
    erasures.destroy(tx, _holder(staff), at, tx.keyring.ids_of(_holder(staff)) if keys is None else keys)
    return bool(removed)


def _holder(staff: str) -> str:
    return STAFF + staff


def _select(reader: SealedDatabase, where: str, *values: object) -> list[Staff]:
    found = []
    for id_, sealed in reader.conn.execute(f"SELECT id, sealed FROM staff {where}", values).fetchall():  # noqa: S608
        try:
            found.append(Staff(id=id_, **reader.keyring.open(_holder(id_), sealed, place="staff")))
        except Unreadable:
            continue
    return found


# --- shifts ----------------------------------------------------------------------------------------------------------


def start_shift(tx: Tx, shift: Shift) -> None:
    """Puts a member of staff on shift, in place of the shift before."""
    tx.db.conn.execute(
        "INSERT INTO shifts (staff, zones, since, until) VALUES (?, ?, ?, ?) ON CONFLICT (staff) DO UPDATE SET"
        " zones = excluded.zones, since = excluded.since, until = excluded.until",
        (shift.staff, json.dumps(shift.zones, ensure_ascii=False), shift.since, shift.until),
    )


def end_shift(tx: Tx, staff: str) -> bool:
    """Takes a member of staff off shift; False when not on it."""
    return bool(tx.db.conn.execute("DELETE FROM shifts WHERE staff = ?", (staff,)).rowcount)


def shifts(reader: SealedDatabase) -> list[Shift]:
    """The shifts that nobody has ended, by staff; also those that have run out, and whose end is not recorded yet."""
    rows = reader.conn.execute("SELECT staff, zones, since, until FROM shifts ORDER BY staff").fetchall()
    found = []
    for staff, zones, since, until in rows:
        try:
            found.append(Shift(staff, json.loads(zones), since, until))
        except ValueError:
            reader.keyring.damage.note(f"shifts/{staff}", "")
    return found


def shift(tx: Tx, by: float) -> None:
    """Moves the shifts that run and the sessions that have not ended by so many seconds."""
    tx.db.conn.execute("UPDATE shifts SET since = since + ?1, until = until + ?1", (by,))
    sql = "UPDATE sessions SET created_at = created_at + ?1, last_seen = last_seen + ?1 WHERE ended_at IS NULL"
    tx.db.conn.execute(sql, (by,))


# --- tokens and sessions ---------------------------------------------------------------------------------------------


def put_token(tx: Tx, token: Token, hash_: bytes) -> None:
    """Records a bearer token by the SHA-256 of its secret; raises Conflict where its id is another's."""
    scopes = None if token.scopes is None else json.dumps(token.scopes)
    row = {
        "id": token.id, "hash": hash_, "role": token.role, "staff": token.staff, "created_at": token.created_at,
        "name": token.name, "scopes": scopes, "until": token.until,
    }  # fmt: skip
    once.insert(tx, "tokens", row, same=("hash", "role", "staff", "scopes", "until"))


def limit_token(tx: Tx, token: str, until: float) -> None:
    """Gives a token of before tokens had an end one; one that has an end keeps it."""
    tx.db.conn.execute("UPDATE tokens SET until = ? WHERE id = ? AND until IS NULL", (until, token))


def use_token(tx: Tx, token: str, at: float, source: str) -> None:
    """Keeps in mind when a token was used last, and from where."""
    tx.db.conn.execute("UPDATE tokens SET used_at = ?, used_from = ? WHERE id = ?", (at, source, token))


def find_token(reader: SealedDatabase, secret: str) -> Token | None:
    """The token, unless it is unknown or revoked."""
    return next(iter(_tokens(reader, "hash = ?", hash_of(secret))), None)


def list_tokens(reader: SealedDatabase) -> list[Token]:
    """The tokens that are good, oldest first."""
    return _tokens(reader, "1 ORDER BY created_at")


def _tokens(reader: SealedDatabase, where: str, *values: object) -> list[Token]:
    """Those that nobody has ended; of one whose scopes cannot be read nothing is known, and it lets nobody in."""
    sql = f"SELECT {OF_TOKENS} FROM tokens WHERE revoked_at IS NULL AND {where}"  # noqa: S608 - ours
    found = []
    for id_, role, whose, at, name, scopes, until, used_at, used_from in reader.conn.execute(sql, values).fetchall():
        try:
            held = None if scopes is None else list(map(str, json.loads(scopes)))
        except (ValueError, TypeError):
            reader.keyring.damage.note(f"tokens/{id_}", "")
            continue
        found.append(Token(id_, role, whose, at, name, held, until, used_at, used_from))
    return found


def door_of_token(reader: SealedDatabase, token: str) -> str | None:
    """The SHA-256 in hex of the secret of the token with this id; None when there is no good one."""
    row = reader.conn.execute("SELECT hash FROM tokens WHERE id = ? AND revoked_at IS NULL", (token,)).fetchone()
    return row[0].hex() if row else None


def revoke_token(tx: Tx, token: str, at: float) -> str | None:
    """Ends the token with this id, and answers its SHA-256 in hex; None when there is no good one."""
    sql = "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL RETURNING hash"
    row = tx.db.conn.execute(sql, (at, token)).fetchone()
    return row[0].hex() if row else None


def put_session(tx: Tx, session: Session, hash_: bytes) -> None:
    """Records a sign-in by the SHA-256 of its cookie; raises Conflict where that is another's."""
    once.insert(tx, "sessions", {"hash": hash_, **asdict(session)}, same=("staff", "tablet"))


def find_session(reader: SealedDatabase, secret: str) -> Session | None:
    """The session, unless it is unknown or ended; how old it may be is the caller's rule."""
    row = reader.conn.execute(
        "SELECT staff, created_at, last_seen, tablet, key, locked_at FROM sessions WHERE hash = ? AND ended_at IS NULL",
        (hash_of(secret),),
    ).fetchone()
    return Session(*row) if row else None


def whose_session(reader: SealedDatabase, secret: str) -> str | None:
    """Who signed in with this cookie, whether or not that has ended since; None for a cookie that we never gave."""
    row = reader.conn.execute("SELECT staff FROM sessions WHERE hash = ?", (hash_of(secret),)).fetchone()
    return row[0] if row else None


def signed_in_on(reader: SealedDatabase, staff: str, tablet: str) -> bool:
    """Whether somebody has signed in on this paired tablet, as far as sessions are kept."""
    sql = "SELECT 1 FROM sessions WHERE staff = ? AND tablet = ? LIMIT 1"
    return reader.conn.execute(sql, (staff, tablet)).fetchone() is not None


def end_session(tx: Tx, hash_: bytes, at: float) -> bool:
    """Signs out, by the SHA-256 of the cookie; False when it had ended."""
    sql = "UPDATE sessions SET ended_at = ? WHERE hash = ? AND ended_at IS NULL"
    return bool(tx.db.conn.execute(sql, (at, hash_)).rowcount)


def lock_session(tx: Tx, hash_: bytes, at: float | None) -> None:
    """From ``at`` on the PIN is asked again; None: it was given."""
    tx.db.conn.execute("UPDATE sessions SET locked_at = ? WHERE hash = ?", (at, hash_))


def end_sessions_of(tx: Tx, staff: str, at: float) -> int:
    """Signs a member of staff out everywhere (a changed PIN, a lost tablet); answers how many sessions."""
    sql = "UPDATE sessions SET ended_at = ? WHERE staff = ? AND ended_at IS NULL"
    return int(tx.db.conn.execute(sql, (at, staff)).rowcount)


def hash_of(secret: str) -> bytes:
    """What is kept of a token's or a session's secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
