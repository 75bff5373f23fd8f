"""What a till, a venue or the club asks to be booked: one request, checked for its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.club.problems import Refused
from gateway.consent.canonical import LARGEST as LARGEST_NUMBER
from gateway.consent.canonical import NotCanonical, canonical
from gateway.events import times

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_POINTS, MOST_CENTS, MOST_PRICE = 10**9, 10**11, 10**6
"""Of one request: points times a price are still a number that every reader of JSON reads."""
LIMITS = {
    "amount_cents": MOST_CENTS, "points": MOST_POINTS, "sale_cents": MOST_CENTS, "minutes": 10**6,
    "price_mc": MOST_PRICE,
}  # fmt: skip

NEEDED: dict[str, tuple[str, ...]] = {
    "earn": ("member", "partner", "amount_cents"),
    "grant": ("member", "partner", "points"),
    "burn": ("member", "partner", "points"),
    "reserve": ("member",),
    "post": ("of",),
    "void": ("of",),
    "refund": ("of",),
    "block": ("partner", "points"),
    "cost": ("partner", "amount_cents", "split"),
    "pay": ("partner", "amount_cents", "direction"),
    "write_off": ("member", "points"),
    "withdraw": ("of",),
    "merge": ("member", "with"),
    "unmerge": ("member", "with"),
}
TEXTS = ("by", "partner", "venue", "sale", "category", "reason", "reference", "split", "direction", "confirmed")
FLAGS = ("offline", "force", "allowance")
DIRECTIONS = {"in": "in", "from": "in", "out": "out", "to": "out"}
"""Of a payment, as the club sees it."""


@dataclass(slots=True, frozen=True)
class Request:
    """One request; ``text`` is its body as the chain hashes it."""

    id: str
    kind: str
    at: int
    body: Mapping[str, Any]
    text: str

    def word(self, name: str) -> str:
        """A text that it may hold; empty where it does not."""
        found: str = self.body.get(name) or ""
        return found

    def count(self, name: str) -> int | None:
        """A number that it may hold."""
        return self.body.get(name)

    def flag(self, name: str) -> bool:
        """Whether it says so."""
        return self.body.get(name) is True


_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_FLAT = frozenset({str, int, bool, type(None)})


def text_of(body: Mapping[str, Any]) -> str:
    """A body as the chain hashes it: canonical JSON; raises Refused."""
    try:
        if all(type(each) in _FLAT for each in body.values()) and "".join(body).isascii():
            text = _PLAIN(body)  # the same for what is flat and named in ASCII, and ten times as fast
            text.encode()
            if all(abs(each) <= LARGEST_NUMBER for each in body.values() if type(each) is int):
                return text
        return canonical(body).decode()
    except UnicodeEncodeError:
        raise Refused("message", why="a text holds half a character") from None
    except NotCanonical as wrong:
        raise Refused("message", why=str(wrong)) from None


def request_of(said: object, now: int) -> Request:
    """A request of what was sent; raises Refused ``message`` or ``amount-not-positive``."""
    if not isinstance(said, dict):
        raise Refused("message", why="expected an object")
    kind = said.get("kind")
    if not isinstance(kind, str) or kind not in NEEDED:
        raise Refused("message", why=f"kind: expected one of {', '.join(NEEDED)}")
    text = text_of(said)
    id_ = _id(said.get("id"), "id")
    for name in ("member", "with", "of"):
        if said.get(name) is not None:
            _id(said[name], name)
    for name in TEXTS:
        value = said.get(name)
        if value is not None and not (isinstance(value, str) and len(value) <= 200 and value.isprintable()):
            raise Refused("message", why=f"{name}: expected a text of at most 200 characters")
    for name in FLAGS:
        if not isinstance(said.get(name), bool | None):
            raise Refused("message", why=f"{name}: expected true or false")
    _numbers(said)
    for name in NEEDED[kind]:
        if said.get(name) in (None, ""):
            raise Refused("message", why=f"{name}: missing in a request of kind {kind}")
    if kind == "pay" and said["direction"] not in DIRECTIONS:
        raise Refused("message", why="direction: expected 'in' or 'out'")
    return Request(id_, kind, moment(said.get("at"), now), said, text)


def _numbers(said: Mapping[str, Any]) -> None:
    for name, most in LIMITS.items():
        value = said.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value > most:
            raise Refused("message", why=f"{name}: expected a whole number of at most {most:,}")
        if value <= 0 and not (name in ("sale_cents", "price_mc") and value == 0):
            raise Refused("amount-not-positive")


def _id(value: object, what: str) -> str:
    if isinstance(value, str) and ID.fullmatch(value):
        return value
    raise Refused("message", why=f"{what}: expected 1 to 64 letters, digits, '-' and '_'")


def moment(value: object, now: int) -> int:
    """A time in milliseconds since 1970 UTC of ISO 8601; ``now`` where none is said; raises Refused."""
    if value is None:
        return now
    try:
        said = times.seconds(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        said = None
    if said is None or not 0 <= said < times.END_OF_TIME:
        raise Refused("message", why="at: expected a time in ISO 8601")
    return round(said * 1000)
