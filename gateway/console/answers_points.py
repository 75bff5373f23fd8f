"""What a hub says beside a refusal of what was asked of the club's points: in both languages, with the numbers."""

from __future__ import annotations

from gateway.events.sent import Localised, Sent


class PointsProblem(Sent):
    """Members of a problem that only a hub's answers have."""

    words: Localised | None = None
    why: str | None = None
    role: str | None = None
    what: str | None = None
    spread_s: int | None = None
    available: int | None = None
    missing: int | None = None
    owed: int | None = None
    reserved: int | None = None
    most_cents: int | None = None
    most_points: int | None = None
    min_points: int | None = None
    step: int | None = None
    ways: list[str] | None = None
