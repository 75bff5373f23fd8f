"""How events of programs' tokens change the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.events.event import Data, Event
from gateway.events.times import seconds
from gateway.records import staff
from gateway.records.staff import Token
from gateway.records.writer import Tx


def _make(tx: Tx, event: Event, data: Data) -> None:
    known = {"name": data.get("name", ""), "scopes": data.get("scopes"), "until": seconds(data.get("until"))}
    token = Token(data["token"], data["role"], data["staff"], event.time, **known)
    staff.put_token(tx, token, bytes.fromhex(data["hash"]))


def _limit(tx: Tx, event: Event, data: Data) -> None:
    staff.limit_token(tx, data["token"], seconds(data["until"]) or event.time)


def _use(tx: Tx, event: Event, data: Data) -> None:
    staff.use_token(tx, data["token"], seconds(data["at"]) or event.time, data["source"])


def _revoke(tx: Tx, event: Event, data: Data) -> None:
    staff.revoke_token(tx, data["token"], event.time)


APPLIED: Mapping[str, Callable[[Tx, Event, Data], object]] = {
    "token.made": _make,
    "token.limited": _limit,
    "token.used": _use,
    "token.revoked": _revoke,
}
