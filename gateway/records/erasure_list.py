"""The list of keys that are destroyed for good, which outlives every backup: no copy brings back whom the house forgot.

One line each time: ``{"n", "at", "keys", "prev", "sig"}``; ``prev`` is the SHA-256 of the line before, ``sig`` the
house's signature of the others. It names nobody: ids of keys are random. It stands in the data folder, beside every
backup and wherever else it was asked to be, has a line a day at least, and a shorter one never takes a longer one's
place. Lines of before the house could sign have a ``proof`` of its master key; a signed line behind them vouches for
them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gateway.events.times import DAY, iso, now, seconds
from gateway.records import outside
from gateway.records.compact import compact
from gateway.records.errors import Damaged
from gateway.records.signing import Hand

ERASURES_FILE = "erasures.jsonl"
QUARANTINE_FILE = "quarantine.json"  # see quarantine.py
MADE = b"moments erasures "
SIGNED = "erasures"
FRESH = 2 * DAY  # seconds: a list that is older may miss whom the house has forgotten since
NOTHING = "0" * 64


class Listed(NamedTuple):
    """Ids of destroyed keys, when the newest line was written (seconds since 1970 UTC), and the lines themselves."""

    keys: frozenset[bytes]
    newest: float
    lines: tuple[str, ...]


class Entry(NamedTuple):
    """A line of the list: its number, from 1, and its SHA-256 in hex."""

    number: int
    hash: str


EMPTY = Listed(frozenset(), float("-inf"), ())


class ErasureList:
    """The list of one data folder; belongs to whoever writes there."""

    def __init__(self, folder: Path, hand: Hand) -> None:
        self._path = folder / ERASURES_FILE
        self._in_quarantine = folder / QUARANTINE_FILE
        self._hand = hand
        self._listed: Listed | None = None

    def add(self, keys: Iterable[bytes], at: float | None = None) -> None:
        """Adds those that are not on it yet, as a line of now; returns when the disk has it."""
        listed = self._read()
        new = sorted(key.hex() for key in set(keys) - listed.keys)
        if new:
            self._append(listed, new, now() if at is None else at)

    def renew(self, at: float | None = None) -> None:
        """Says that up to now nobody else was forgotten, where nothing has been said today."""
        at, listed = now() if at is None else at, self._read()
        if at - listed.newest >= DAY and not self._in_quarantine.exists():
            self._append(listed, [], at)

    def entry_of(self, keys: Iterable[bytes]) -> Entry | None:
        """The line on which the last of these keys stands; None where one of them is on none."""
        wanted = {key.hex() for key in keys}
        for number, line in enumerate(self._read().lines, 1):
            wanted -= set(json.loads(line)["keys"])
            if not wanted:
                return Entry(number, hash_of(line))
        return None

    def take(self, others: Sequence[Listed]) -> Listed:
        """Unites it with lists from outside, which were checked; returns when the disk has it."""
        mine = self._read()
        both = united([mine, *others], self._hand)
        if both.lines != mine.lines:
            write(self._path, both.lines)
        self._listed = both
        return both

    def lines(self) -> tuple[str, ...]:
        """Every line, for a place that keeps the list too."""
        return self._read().lines

    def _read(self) -> Listed:
        if self._listed is None:
            self._listed = read(self._path, self._hand)
        return self._listed

    def _append(self, listed: Listed, keys: list[str], at: float) -> None:
        # In quarantine nobody knows who was forgotten: what is added then makes the list no younger.
        newest = max(0.0, listed.newest) if self._in_quarantine.exists() else max(at, listed.newest)
        lines = (*listed.lines, _line(listed, keys, newest, self._hand))
        write(self._path, lines)
        self._listed = Listed(listed.keys | set(map(bytes.fromhex, keys)), newest, lines)


def read(path: Path, hand: Hand) -> Listed:
    """The list in this file, empty where there is none; raises Damaged, with the line, where it is not this house's."""
    try:
        text = outside.text_in(path)
    except FileNotFoundError:
        return EMPTY
    lines = text.split("\n")[:-1]  # behind the last: torn
    return checked(lines, hand, str(path))


def checked(lines: Sequence[str], hand: Hand, where: str = "the list") -> Listed:
    """What these lines say; raises Damaged, with the first line that this house did not write."""
    keys, newest, before = set[bytes](), float("-inf"), NOTHING
    read_: list[tuple[dict[str, Any], str | None]] = []
    vouched = 0  # lines up to this number stand before one that is signed
    for number, line in enumerate(lines, 1):
        facts = _facts(line)
        signature, proof = facts.pop("sig", None), facts.pop("proof", None)
        whole = _whole(facts) and facts["n"] == number and facts["prev"] == before
        if not whole or (signature is not None and not hand.signed(SIGNED, facts, signature)):
            raise Damaged(f"{where}: line {number} is not what this house wrote")
        vouched = number if signature is not None else vouched
        read_.append((facts, proof if signature is None else None))
        keys.update(map(bytes.fromhex, facts["keys"]))
        newest, before = seconds(facts["at"]) or 0.0, hash_of(line)
    for number, (facts, proof) in enumerate(read_, 1):
        if number > vouched and not hand.proves(MADE, facts, proof):
            raise Damaged(f"{where}: line {number} is not what this house wrote")
    return Listed(frozenset(keys), newest, tuple(lines))


def unite(paths: Iterable[Path], hand: Hand) -> Listed:
    """The longest of these lists, and a line more with what only others hold. Raises Damaged."""
    return united([read(path, hand) for path in paths], hand)


def united(found: Sequence[Listed], hand: Hand) -> Listed:
    """The same of lists that are read already."""
    longest = max(found, key=lambda each: len(each.lines), default=EMPTY)
    missing = frozenset[bytes]().union(*(each.keys for each in found)) - longest.keys
    newest = max((each.newest for each in found), default=float("-inf"))
    if not missing:
        return longest._replace(newest=newest)
    line = _line(longest, sorted(one.hex() for one in missing), newest, hand)
    return Listed(longest.keys | missing, newest, (*longest.lines, line))


def write(path: Path, lines: Iterable[str]) -> None:
    """Puts these lines in place of the file's; returns when the disk has them. A cut leaves the old or the new."""
    outside.replace(path, "".join(f"{line}\n" for line in lines).encode())


def hash_of(line: str) -> str:
    """The SHA-256 (hex) by which the next line, and a receipt, names this one."""
    return hashlib.sha256(line.encode()).hexdigest()


def _line(listed: Listed, keys: list[str], at: float, hand: Hand) -> str:
    before = hash_of(listed.lines[-1]) if listed.lines else NOTHING
    facts = {"n": len(listed.lines) + 1, "at": iso(at), "keys": keys, "prev": before}
    return compact({**facts, "sig": hand.sign(SIGNED, facts)})


def _facts(line: str) -> dict[str, Any]:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _whole(facts: dict[str, Any]) -> bool:
    if facts.keys() != {"n", "at", "keys", "prev"} or not isinstance(facts["keys"], list):
        return False
    try:
        return seconds(facts["at"]) is not None and all(len(bytes.fromhex(key)) == 8 for key in facts["keys"])
    except (ValueError, TypeError, AttributeError):
        return False
