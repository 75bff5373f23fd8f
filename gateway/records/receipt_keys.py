"""The keys that sign receipts: the operator's, which stands on the door sign, and the house's, certified by it.

Private halves stand in ``keys.db``, wrapped by the master key, and are gone once another key took their place; public
ones stay for ever. Days are UTC's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from gateway.consent.signatures import b64, certificate, groups, kid_of, new_private, public_of, sign, unb64
from gateway.consent.trust import FORMAT
from gateway.records.compact import compact
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3

Use = Literal["operator", "receipts"]
CERTIFIES = """
SELECT kid, wrapped FROM receipt_keys WHERE use = 'operator' AND wrapped IS NOT NULL ORDER BY number DESC LIMIT 1
"""
LASTS = 730  # days of a house's key
EARLY = 30  # days before its end at which it is replaced by itself


@dataclass(slots=True, frozen=True)
class Public:
    """One key, as it stands in the records: the days of its use, who certified it, and since when it was stolen."""

    kid: str
    use: Use
    begins: str
    ends: str | None
    certified: dict[str, Any]
    stolen: dict[str, Any] | None
    retired: bool


@dataclass(slots=True, frozen=True)
class Signer:
    """What signs a receipt now, and the keys that go with it into its proof."""

    kid: str
    private: bytes
    keys: list[dict[str, Any]]

    def sign(self, context: str, value: object) -> str:
        """The signature over ``context``, a line feed and the canonical value."""
        return sign(self.private, context, value)


def every(keyring: Keyring) -> list[Public]:
    """Every key there ever was, oldest first."""
    sql = "SELECT kid, use, begins, ends, certified, stolen, wrapped IS NULL FROM receipt_keys ORDER BY number"
    return [
        Public(kid, use, begins, ends, json.loads(certified), json.loads(stolen) if stolen else None, bool(retired))
        for kid, use, begins, ends, certified, stolen, retired in keyring.select(sql)
    ]


def current(keyring: Keyring, use: Use) -> Public | None:
    """The key of this use that signs now; None before the first."""
    return next((each for each in reversed(every(keyring)) if each.use == use and not each.retired), None)


def due(keyring: Keyring, day: date) -> bool:
    """Whether there is no key for receipts that is good on this day and for a while."""
    now = current(keyring, "receipts")
    if now is None or current(keyring, "operator") is None:
        return True
    return day.isoformat() < now.begins or (day + timedelta(EARLY)).isoformat() > (now.ends or "9999")


def signer(keyring: Keyring) -> Signer:
    """What signs now; raises LookupError where no key was made."""
    own, operator = current(keyring, "receipts"), current(keyring, "operator")
    if own is None or operator is None:
        raise LookupError("no key for receipts was made yet")
    crossed = [each.certified["crossed"] for each in every(keyring) if each.certified.get("crossed")]
    keys = [own.certified, {"operator": operator.certified["key"], "kid": operator.kid}, *crossed]
    return Signer(own.kid, _private(keyring, own.kid), keys)


def operator_key(keyring: Keyring) -> str | None:
    """The operator's public key, base64url, as it stands on the door sign; None before the first."""
    found = current(keyring, "operator")
    return None if found is None else str(found.certified["key"])


def exported(keyring: Keyring) -> dict[str, Any]:
    """All public keys, for whoever checks receipts: nothing in it is secret, nor about anybody."""
    operators, keys = [], []
    for each in every(keyring):
        if each.use == "operator":
            key = each.certified["key"]
            one = {"kid": each.kid, "key": key, "sign": groups(key), "from": each.begins, "until": each.ends}
            operators.append({**one, "stolen": each.stolen, "crossed": each.certified["crossed"]})
        else:
            keys.append({**each.certified, "stolen": each.stolen})
    return {"format": FORMAT, "operators": operators, "keys": keys}


# --- inside a transaction of the caller on keys.db, in the writer's thread --------------------------------------------


def make(connection: sqlite3.Connection, keyring: Keyring, venue: str, day: date) -> None:
    """Makes what is missing: the operator's key, and a house's key that is good on ``day``."""
    if current(keyring, "operator") is None:
        _new_operator(connection, keyring, None, day)
    renew_receipts(connection, keyring, venue, day)


def renew_receipts(connection: sqlite3.Connection, keyring: Keyring, venue: str, day: date) -> str:
    """A new key of the house, certified by the operator's; the id of it. The private half of the old one is gone."""
    operator = connection.execute(CERTIFIES).fetchone()
    certifying = keyring.wrapping.unwrap(operator[1], _bound(operator[0]))
    _retire(connection, "receipts", None)
    private = new_private()
    public = public_of(private)
    span = ((day - timedelta(1)).isoformat(), (day + timedelta(LASTS)).isoformat())  # clocks differ by a day at most
    facts = {"kid": kid_of(public), "key": b64(public), "use": "receipts", "venue": venue}
    certified = certificate(certifying, {**facts, "from": span[0], "until": span[1]})
    _insert(connection, keyring, "receipts", private, span, certified)
    return kid_of(public)


def renew_operator(connection: sqlite3.Connection, keyring: Keyring, venue: str, day: date) -> str:
    """A new key of the operator, certified by the old one, and one of the house by it; the id of the first."""
    old = connection.execute(CERTIFIES).fetchone()
    made = _new_operator(connection, keyring, keyring.wrapping.unwrap(old[1], _bound(old[0])), day)
    renew_receipts(connection, keyring, venue, day)
    return made


def mark_stolen(connection: sqlite3.Connection, kid: str, stolen: dict[str, Any]) -> None:
    """Writes down that a key is in other hands: since ``at``, when the journal stood at ``head``."""
    connection.execute("UPDATE receipt_keys SET stolen = ? WHERE kid = ?", (compact(stolen), kid))


def wrap_anew(connection: sqlite3.Connection, keyring: Keyring) -> None:
    """Wraps the private halves with the newest master key."""
    rows = connection.execute("SELECT kid, wrapped FROM receipt_keys WHERE wrapped IS NOT NULL").fetchall()
    anew = [
        (keyring.wrapping.wrap(keyring.wrapping.unwrap(wrapped, _bound(kid)), _bound(kid)), kid)
        for kid, wrapped in rows
    ]
    connection.executemany("UPDATE receipt_keys SET wrapped = ? WHERE kid = ?", anew)


def _new_operator(connection: sqlite3.Connection, keyring: Keyring, old: bytes | None, day: date) -> str:
    private = new_private()
    public = public_of(private)
    facts = {"kid": kid_of(public), "key": b64(public), "use": "operator", "from": day.isoformat(), "until": None}
    _retire(connection, "operator", day.isoformat())
    begins = (day - timedelta(1)).isoformat()
    crossed = None if old is None else certificate(old, {**facts, "from": begins})
    _insert(connection, keyring, "operator", private, (begins, None), {"key": b64(public), "crossed": crossed})
    return kid_of(public)


def _insert(
    connection: sqlite3.Connection, keyring: Keyring, use: Use, private: bytes, span: tuple[str, str | None],
    certified: dict[str, Any],
) -> None:  # fmt: skip
    kid = kid_of(public_of(private))
    row = (kid, use, *span, compact(certified), keyring.wrapping.wrap(private, _bound(kid)))
    connection.execute(
        "INSERT INTO receipt_keys (kid, use, begins, ends, certified, wrapped) VALUES (?, ?, ?, ?, ?, ?)", row
    )


def _retire(connection: sqlite3.Connection, use: Use, ends: str | None) -> None:
    """The private half is gone; of the operator's key it is written down when it ended."""
    sql = "UPDATE receipt_keys SET wrapped = NULL, ends = coalesce(?, ends) WHERE use = ? AND wrapped IS NOT NULL"
    connection.execute(sql, (ends, use))


def _private(keyring: Keyring, kid: str) -> bytes:
    ((wrapped,),) = keyring.select("SELECT wrapped FROM receipt_keys WHERE kid = ?", kid)
    return keyring.wrapping.unwrap(wrapped, _bound(kid))


def _bound(kid: str) -> bytes:
    return b"receipt key " + unb64(kid)
