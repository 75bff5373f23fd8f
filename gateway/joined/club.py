"""The club's books at the hub, asked for a venue's tills: a call of two seconds, and no queue."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.core.club_line import Answer, Away
from gateway.joined import boxes
from gateway.joined.boxes import Box
from gateway.joined.calling import Answered, Unreached, call, trust
from gateway.joined.signing import sign_in
from gateway.settings.joining import Joined as Settings

WITHIN = 2.0  # seconds that a till waits for one call


class HubClub:
    """Signs in as this box when it is asked the first time, and again where the hub knows the token no more."""

    def __init__(self, settings: Settings, folder: Path, boot: str, now: Callable[[], float]) -> None:
        self._settings = settings
        self._folder = folder
        self._boot = boot
        self._now = now
        self._context: ssl.SSLContext | None = None
        self._token = ""
        self._box = ""
        self._signing = asyncio.Lock()

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """The hub's answer, a refusal too; raises Away."""
        try:
            box = boxes.read(self._folder)
            if box is None:
                raise Away("this box has joined no hub")
            try:
                return await self._asked(method, path, body, await self._signed_in(box))
            except Answered as refused:
                if refused.code != "session":
                    return self._said(refused)
            return await self._asked(method, path, body, await self._signed_in(box, anew=self._token))
        except Answered as refused:
            return self._said(refused)
        except (Unreached, OSError) as error:
            raise Away(str(error)) from error

    @staticmethod
    def _said(refused: Answered) -> Answer:
        if not refused.code:
            raise Away(str(refused)) from refused
        return Answer(refused.status, refused.body)

    async def _asked(self, method: str, path: str, body: dict[str, Any] | None, token: str) -> Answer:
        url = f"{self._settings.url}/api/club/{path}"
        status, found = await call(
            method, url, body, context=self._context, now=self._now(), token=token, within=WITHIN
        )  # fmt: skip
        return Answer(status, found)

    async def _signed_in(self, box: Box, anew: str = "") -> str:
        async with self._signing:
            if not self._token or self._token == anew or self._box != box.id:
                url = self._settings.url
                self._context = await asyncio.to_thread(trust, url, self._settings.ca)
                build = f"moments {__version__}"
                self._token = await sign_in(url, box, self._boot, build, context=self._context, now=self._now())
                self._box = box.id
            return self._token
