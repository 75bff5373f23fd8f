"""What events of tablets and sign-ins change in the tables."""

from __future__ import annotations

from gateway.events.event import Data, Event
from gateway.records import staff, tablets
from gateway.records.staff import Session
from gateway.records.tablets import Tablet
from gateway.records.writer import Tx


def sign_in(tx: Tx, event: Event, data: Data) -> None:
    """A session begins, and its tablet was seen."""
    if data["tablet"] is not None:
        tablets.seen(tx, data["tablet"], event.time)
    session = Session(data["staff"], event.time, event.time, data["tablet"], _bytes(data.get("key")))
    staff.put_session(tx, session, bytes.fromhex(data["session"]))


def sign_out(tx: Tx, event: Event, data: Data) -> None:
    """A session ends."""
    staff.end_session(tx, bytes.fromhex(data["session"]), event.time)


def lock(tx: Tx, event: Event, data: Data) -> None:
    """Nobody has touched a screen for too long."""
    staff.lock_session(tx, bytes.fromhex(data["session"]), event.time)


def unlock(tx: Tx, event: Event, data: Data) -> None:
    """The PIN was given again."""
    staff.lock_session(tx, bytes.fromhex(data["session"]), None)


def pair(tx: Tx, event: Event, data: Data) -> None:
    """A tablet is paired, bound to its key where it has one."""
    key = _bytes(data.get("key"))
    tablet = Tablet(data["tablet"], data["name"], event.time, data["paired_by"], event.time, key)
    tablets.put(tx, tablet, bytes.fromhex(data["hash"]))


def bind(tx: Tx, event: Event, data: Data) -> None:
    """A tablet from before there were keys has one."""
    tablets.bind(tx, data["tablet"], bytes.fromhex(data["key"]), event.time)


def lose(tx: Tx, event: Event, data: Data) -> None:
    """A tablet is let go."""
    tablets.revoke(tx, data["tablet"], event.time)


def wipe(tx: Tx, event: Event, data: Data) -> None:
    """A tablet that was let go keeps nothing any more."""
    tablets.wiped(tx, data["tablet"], event.time)


def _bytes(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text else None
