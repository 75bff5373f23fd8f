"""What other rules would have come to: requests of a file on an empty ledger, the clock where each line says."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gateway.club import api
from gateway.club.ledger import Ledger
from gateway.club.ledger_sqlite import ClubSqlite
from gateway.club.problems import Refused
from gateway.club.requests import moment
from gateway.settings.club import ClubConfig


class NoLine(Exception):
    """A line that cannot be played; the text says which, and why."""


async def replay(config: ClubConfig, lines: Iterable[str]) -> AsyncIterator[dict[str, Any]]:
    """``{"status", "body"}`` for each line ``{"now", "method", "path", "body"}``; raises NoLine."""
    with tempfile.TemporaryDirectory(prefix="moments-club-") as folder:
        ledger = await Ledger.open(ClubSqlite(Path(folder), lasting=False), config)
        try:
            now = 0
            for number, line in enumerate(lines, 1):
                if line.strip():
                    now, said = await _played(ledger, number, line, now)
                    yield said
        finally:
            await ledger.close()


async def _played(ledger: Ledger, number: int, line: str, before: int) -> tuple[int, dict[str, Any]]:
    try:
        asked = json.loads(line)
        now = moment(asked.get("now"), before)
        method, parts = str(asked.get("method", "GET")).upper(), urlsplit(str(asked["path"]))
    except Refused as refused:
        raise NoLine(f"line {number}: now: {refused}") from None
    except (ValueError, KeyError, AttributeError) as error:
        raise NoLine(f"line {number}: expected an object with now, method, path and body ({error})") from None
    found = await api.answer(ledger, method, parts.path, dict(parse_qsl(parts.query)), asked.get("body"), now)
    if found is None:
        return now, {"status": 404, "body": {"type": "about:blank", "title": "Not Found", "status": 404}}
    return now, {"status": found.status, "body": found.body}
