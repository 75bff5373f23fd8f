"""A house in quarantine opens no sheet: what may name a customer is refused, in words, before any route is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.console import problems
from gateway.records import quarantine

# What goes on: signing in, colleagues, equipment, and what ends the quarantine. What is new stays shut.
OPEN = (
    "sign-in", "sign-out", "session", "staff", "shift", "tablets", "pair", "tokens", "readers", "plan", "walk-test",
    "walk-tests", "erasures", "quarantine", "break-glass", "backups", "trust", "keys",
)  # fmt: skip


class Quarantined:
    """Refuses with 423 whatever may show or change what is known of customers, as long as ``why`` says why."""

    def __init__(self, app: ASGIApp, *, why: Callable[[], Mapping[str, Any] | None]) -> None:
        self._app = app
        self._why = why

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (found := self._why()) is not None and shut(scope["path"]):
            answer = problems.answer(423, quarantine.in_words(found))
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def shut(path: str) -> bool:
    """Whether this path is shut in quarantine."""
    parts = path.strip("/").split("/")
    return parts[0] == "api" and (len(parts) < 2 or parts[1] not in OPEN)
