"""What the rows of ``club.toml`` come to: points of a sale, what they take off, when they end, shares of a cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from gateway.settings.club import ClubConfig, Partner

Row = Mapping[str, Any]
DAY_MS = 86_400_000


def points_of(row: Row, cents: int) -> int:
    """What a sale of so many cents earns by a row: rounded once, on the whole."""
    if cents <= 0 or cents < row["min_cents"]:
        return 0
    whole, rest = divmod(cents * row["points"], row["per_cents"])
    return int(whole + (row["round"] == "half_up" and 2 * rest >= row["per_cents"]))


def most_points(row: Row, sale_cents: int) -> int:
    """How many points may be spent on a bill by a row."""
    most = sale_cents * 10 * row["max_share"] // row["value_mc"]
    most -= most % row["step"]
    return int(most if most >= row["min_points"] else 0)


def worth(row: Row, points: int) -> int:
    """What points take off a bill, in whole cents."""
    return int(points * row["value_mc"] // 1000)


def shares(cents: int, parts: Mapping[str, int]) -> dict[str, int]:
    """A cost in whole cents for each: the largest remainders get what is left over, ties by id."""
    total = sum(parts.values())
    found = {each: cents * part // total for each, part in parts.items()}
    left = cents - sum(found.values())
    for each in sorted(parts, key=lambda each: (-(cents * parts[each] % total), each))[:left]:
        found[each] += 1
    return dict(sorted(found.items()))


class Rules:
    """The settings of a club, as the books ask them."""

    def __init__(self, config: ClubConfig) -> None:
        self.config = config
        self.club = config.club
        self.zone = ZoneInfo(config.club.timezone)
        self.partners: dict[str, Partner] = {each.id: each for each in config.partners}
        self.splits = {each.id: each.shares for each in config.splits}
        self.allowances = {venue: row for row in config.allowances for venue in row.venues}
        self.creditors = (*sorted(self.partners), "club")
        """Whom a member may owe, in the order in which debts are paid."""
        self._day = lru_cache(256)(self._day_of)
        self._rows: dict[tuple[str, str, str], list[tuple[str, Row]]] = {}
        for row in config.programmes:
            partner, kind, category, begins = row.key
            self._rows.setdefault((partner, kind, category), []).append((begins, row.facts()))
        for rows in self._rows.values():
            rows.sort(key=lambda each: each[0], reverse=True)

    def row(self, partner: str, kind: str, category: str, at: int) -> Row | None:
        """The row in force at a time; None where there is none."""
        rows = self._rows.get((partner, kind, category))
        if rows is None:
            return None
        day = self.day(at)
        return next((row for begins, row in rows if begins <= day), None)

    def day(self, at: int) -> str:
        """The day of a time, as the club counts days."""
        return self._day(at // 60_000 * 60_000)

    def _day_of(self, at: int) -> str:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone).date().isoformat()

    def expiry(self, at: int) -> int | None:
        """When points end that are earned at a time: with the month, so many months later; None: never."""
        if not self.club.expire_months:
            return None
        earned = datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone)
        months = earned.year * 12 + earned.month + self.club.expire_months  # that of the first day after
        ends = datetime(months // 12, months % 12 + 1, 1, tzinfo=self.zone)
        return round(ends.timestamp() * 1000)

    def grace(self, now: int) -> int:
        """Until when points live that are given back now, after their end."""
        return now + self.club.refund_grace_days * DAY_MS
