"""A proxy may serve us below a path of its host, beside other things: ``https://venue.example.com/moments/``."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

FORWARDED = "x-forwarded-prefix"
PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+", re.ASCII)
LONGEST = 200  # characters


class Below:
    """Takes the path that a proxy serves us below off each request, whether the proxy has done so already or not."""

    def __init__(self, app: ASGIApp, *, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope.get("path", "")
        if scope["type"] == "http" and asked == self._path:
            # The console's own links are relative: without the slash they would lead beside it.
            query = scope.get("query_string", b"").decode("latin-1")
            answer = RedirectResponse(quote(f"{self._path}/") + (f"?{query}" if query else ""), 308)
            await answer(scope, receive, send)
            return
        if asked.startswith(f"{self._path}/"):
            scope = {**scope, "path": asked[len(self._path) :]}
            raw = scope.get("raw_path")
            if raw is not None and raw.startswith(self._path.encode()):
                scope["raw_path"] = raw[len(self._path) :]
        await self._app(scope, receive, send)


def path_of(request: Request, configured: str, *, behind_proxy: bool) -> str:
    """The path below which a proxy serves us: that of the settings, else what the proxy says; empty for none."""
    said = Headers(scope=request.scope).get(FORWARDED, "").rstrip("/") if behind_proxy and not configured else ""
    return configured or (said if len(said) <= LONGEST and PATH.fullmatch(said) else "")
