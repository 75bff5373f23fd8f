"""A phone that goes mute whenever it is locked: several long silences of somebody who was here all the while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.recognition.evidence import PHONES, SELF_REPORTING
from gateway.recognition.left_behind import Whereabouts

LONG_S = 150.0  # who is not deep inside has left by then, so that whoever is heard again after it has slept there
SILENCES = 3  # a lift or a cellar is one, a habit is so many …
WATCHED_S = 900.0  # … or, of so long a time, …
MOSTLY = 0.6  # … so much


@dataclass(slots=True)
class MutePhone:
    """This phone of a customer was silent so often, and so many seconds altogether, in this visit."""

    customer: str
    identifier: str
    silences: int
    silent_s: float


@dataclass(slots=True)
class _Heard:
    """A phone as far as this visit has heard it; ``excused``: a reader that heard it last was lost meanwhile."""

    since: float
    at: float
    silences: int = 0
    silent_s: float = 0.0
    excused: bool = False


class MuteWatch:
    """Notices, per customer, phones that sleep; tells of each customer once a visit, when the phone is heard again."""

    __slots__ = ("_heard", "_told")

    def __init__(self) -> None:
        self._heard: dict[str, dict[str, _Heard]] = {}
        self._told: set[str] = set()

    def consider(self, customer: str, things: Iterable[Whereabouts], now: float) -> MutePhone | None:
        """A phone that their staff should replace by a keychain; call it every few seconds while they are here.

        Nothing for who carries something else that speaks, or whose reader was lost while it was silent.
        """
        things = list(things)
        phones = [thing for thing in things if _is_phone(thing)]
        if customer in self._told or not phones:
            return None
        heard = self._heard.setdefault(customer, {})
        mute = None
        for phone in phones:
            seen = heard.setdefault(phone.identifier, _Heard(now, max(phone.heard_at, now - LONG_S)))
            mute = _is_mute(customer, phone, seen, now) or mute
        since = min(each.since for each in heard.values())
        if mute is None or any(not _is_phone(thing) and thing.heard_at >= since - LONG_S for thing in things):
            return None
        self._told.add(customer)
        return mute

    def forget(self, customer: str) -> None:
        """This customer has left."""
        self._heard.pop(customer, None)
        self._told.discard(customer)


def _is_phone(thing: Whereabouts) -> bool:
    scheme = thing.identifier.partition(":")[0]
    return scheme in PHONES and scheme not in SELF_REPORTING


def _is_mute(customer: str, phone: Whereabouts, seen: _Heard, now: float) -> MutePhone | None:
    """Takes in what is heard of a phone by now; answers where it has just been heard again once too often."""
    seen.excused = seen.excused or phone.deaf
    if phone.heard_at <= seen.at:
        return None
    silence, seen.at = phone.heard_at - seen.at, phone.heard_at
    excused, seen.excused = seen.excused, phone.deaf
    if silence < LONG_S or excused:
        return None
    seen.silences += 1
    seen.silent_s += silence
    watched = now - seen.since
    if seen.silences < SILENCES and not (watched >= WATCHED_S and seen.silent_s >= MOSTLY * watched):
        return None
    return MutePhone(customer, phone.identifier, seen.silences, seen.silent_s)
