"""Notices: the texts that people read before they are asked, in versions that are never edited."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from functools import cache
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any

from gateway.consent.days import WITHOUT_NOTICE, day_of, end_of
from gateway.consent.ledger import Entry

STARTER = Path(__file__).with_name("notices.json")
OF_A_CLUB = Path(__file__).with_name("notices_club.json")
MATERIAL_DAYS = 90
"""Days after which a version that changes what is agreed to ends the consents to those before it."""


@dataclass(slots=True, frozen=True)
class Notice:
    """One version of a notice: for which purposes it is, and its text in each language.

    ``published_at`` in seconds since 1970 UTC, 0 of what comes with the product. ``material``: what was agreed to
    before is to be asked again.
    """

    id: str
    version: int
    purposes: tuple[str, ...]
    texts: Mapping[str, str]
    material: bool = False
    published_at: float = 0.0

    @property
    def key(self) -> str:
        """What entries name it by."""
        return f"{self.id}/{self.version}"

    def hash(self, language: str) -> str:
        """The SHA-256 of the text in one language, as entries hold it."""
        return hash_of(self.texts[language])

    def data(self) -> dict[str, Any]:
        """It as an event holds it, but for when it was published."""
        return {
            "id": self.id, "version": self.version, "purposes": list(self.purposes), "texts": dict(self.texts),
            "material": self.material,
        }  # fmt: skip


def hash_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, with what it is before it."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def read(row: Mapping[str, Any], published_at: float = 0.0) -> Notice:
    """A notice as ``Notice.data`` writes it."""
    return Notice(row["id"], row["version"], tuple(row["purposes"]), dict(row["texts"]), row["material"], published_at)


@cache
def starter() -> tuple[Notice, ...]:
    """The notices that every house begins with, and replaces by its own."""
    return tuple(read(row) for row in json.loads(STARTER.read_text("utf-8")))


def of_a_club(purposes: Collection[str]) -> list[Notice]:
    """The notices that come with the product for those of these purposes that a house of a club has."""
    every = [read(row) for row in json.loads(OF_A_CLUB.read_text("utf-8"))]
    return [each for each in every if not set(purposes).isdisjoint(each.purposes)]


class Shelf:
    """Every version of every notice of a house; ``days`` are those after a material version.

    ``since``: when it began here that a consent without a text counts for 90 days, in seconds since 1970 UTC; those
    from before count as long from then on.
    """

    def __init__(self, own: Iterable[Notice] = (), days: int = MATERIAL_DAYS, since: float = inf) -> None:
        self._all = {(one.id, one.version): one for one in (*starter(), *own)}
        self._days = days
        self._since = since

    def get(self, id: str, version: int) -> Notice | None:  # noqa: A002
        """This version, or None."""
        return self._all.get((id, version))

    def every(self) -> list[Notice]:
        """All versions, by id, the newest of each first."""
        return sorted(self._all.values(), key=lambda one: (one.id, -one.version))

    def newest(self) -> list[Notice]:
        """The newest version of each notice, by id."""
        return list({one.id: one for one in reversed(self.every())}.values())[::-1]

    def for_purpose(self, purpose: str) -> Notice | None:
        """The newest notice for a purpose: the house's own before the one that comes with the product."""
        fit = [one for one in self.newest() if purpose in one.purposes]
        return max(fit, key=lambda one: (one.published_at, one.id), default=None)

    def ends(self, entry: Entry, zone: tzinfo) -> float:
        """When a material version ends this consent, or that nobody knows which text was read; infinity for neither."""
        after = (one for one in self._all.values() if one.material and self._older(entry, one))
        over = min((self._over(one, zone) for one in after), default=inf)
        if entry.notice is not None or self._since == inf:
            return over
        return min(over, end_of(day_of(max(entry.at, self._since), zone) + timedelta(days=WITHOUT_NOTICE), zone))

    def outdated(self, entry: Entry) -> bool:
        """Whether a material version came since what was agreed to here, or nobody knows which text that was."""
        return entry.notice is None or any(one.material and self._older(entry, one) for one in self._all.values())

    def _older(self, entry: Entry, notice: Notice) -> bool:
        if entry.purpose not in notice.purposes:
            return False
        id_, _, version = (entry.notice or "").rpartition("/")
        if id_ == notice.id:
            return int(version) < notice.version
        return entry.at < notice.published_at

    def _over(self, notice: Notice, zone: tzinfo) -> float:
        return end_of(day_of(notice.published_at, zone) + timedelta(days=self._days), zone)


def wrong_with(texts: Mapping[str, str], languages: Sequence[str]) -> list[str]:
    """What is wrong with the texts of a notice, a sentence each; ``languages`` are those that it must have."""
    return [f"texts: has none in {language}" for language in languages if not texts.get(language, "").strip()]
