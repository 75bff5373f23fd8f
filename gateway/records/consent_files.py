"""Consents that come from a file: nobody knows which text was read, so each counts for 90 days, and is asked for."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import Any

from gateway.consent import days, purposes
from gateway.consent.ledger import IMPORTED
from gateway.events import venue_time
from gateway.events.times import iso, new_id


def until(purpose: str, expires: float | None, at: float) -> float:
    """Until when a consent from a file counts that was read ``at``; in seconds since 1970 UTC."""
    zone = venue_time.zone()
    today = days.day_of(at, zone)
    longest = min(
        today + timedelta(days=days.WITHOUT_NOTICE), days.after_months(today, purposes.rows()[purpose].months)
    )
    return min(days.end_of(longest, zone), inf if expires is None else expires)


def given(purpose: str, ends: float, document: str, at: float, lifts: list[str]) -> dict[str, Any]:
    """The data of the event, but for the customer; ``document`` is the file's SHA-256."""
    last = days.last_day(ends, venue_time.zone())
    consent = {
        "act": "given", "text_version": None, "last_day": last.isoformat() if last else None, "expires": iso(ends),
        "lifts": lifts, "signature": None,
    }  # fmt: skip
    return {**_act(purpose, document, at), **consent}


def ended(purpose: str, document: str, at: float, ends: list[str]) -> dict[str, Any]:
    """The data of the event by which a file ends what came from one before, since it says an earlier day now."""
    return {**_act(purpose, document, at), "act": "ended", "ends": ends}


def stopped(purpose: str, document: str, at: float, ends: list[str]) -> dict[str, Any]:
    """The data of the event that a wish not to be recognised is, where a file brings it."""
    return {**_act(purpose, document, at), "act": "withdrawn", "ends": ends}


def _act(purpose: str, document: str, at: float) -> dict[str, Any]:
    return {
        "id": new_id(at), "brand": "", "purpose": purpose, "partner": None, "data": [],
        "at": iso(round(at * 1000) / 1000), "by": "import", "witness": None, "method": IMPORTED, "document": document,
        "notice": None, "guardian": None, "receipt": None,
    }  # fmt: skip
