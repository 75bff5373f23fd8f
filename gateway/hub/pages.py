"""Head office's page: its own files, built into ``dist/hub``, and the headers that go with every answer of a hub."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.page_headers import HEADERS, POLICY
from staff_console import DIST

FOLDER = DIST / "hub"
FOR_EVER = "public, max-age=31536000, immutable"  # names there carry a hash of their contents
NOT_BUILT = "Head office's page is not built. In the checkout: make install\n"


class _Files(StaticFiles):
    def file_response(self, *args: object, **kwargs: object) -> Response:
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["cache-control"] = FOR_EVER
        return answer


def routes(folder: Path = FOLDER) -> list[BaseRoute]:
    """The page at ``/`` and what it loads; says in words where it is not built."""

    async def page(_: Request) -> Response:
        file = folder / "hub.html"
        if not file.exists():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(file, headers={"cache-control": "no-cache"})

    return [Route("/", page), Mount("/hub-assets", _Files(directory=folder / "hub-assets", check_dir=False))]


class PageHeaders:
    """Puts the security headers on every answer over HTTP."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        self._headers = {**HEADERS, "content-security-policy": POLICY.format(sockets="")}
        if tls:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
