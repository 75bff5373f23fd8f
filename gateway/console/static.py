"""The console's own files, and the headers every answer carries."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.page_headers import HEADERS, POLICY

FOR_EVER = "public, max-age=31536000, immutable"  # names under /assets carry a hash of their contents
ASK_AGAIN = "no-cache"

_HOST = re.compile(rb"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
NOT_BUILT = "The staff console is not built. In the checkout: make install\n"


class Headers:
    """Puts the security headers on every answer, and keeps the API's answers out of caches."""

    def __init__(self, app: ASGIApp, *, tls: bool, page: Callable[[str], bool], page_policy: str) -> None:
        """``page`` says of a path whether it is one of customers' own pages, which have a policy of their own."""
        self._app = app
        self._of_customers = page
        self._page_policy = page_policy
        self._headers = {**HEADERS, "strict-transport-security": "max-age=31536000"} if tls else HEADERS
        self._socket = "wss" if tls else "ws"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        private = scope["path"].startswith(("/api/", "/health", "/metrics"))
        policy = self._page_policy if self._of_customers(scope["path"]) else self._policy(scope)
        asked = RequestHeaders(scope=scope)
        page = scope["path"].startswith("/api/") and "authorization" not in asked

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers["content-security-policy"] = policy
                if private:
                    headers["cache-control"] = "no-store"
                if page:  # a console's: it signs what it asks next
                    headers["moments-challenge"] = scope["app"].state.sessions.proofs.challenge()
            await send(message)

        await self._app(scope, receive, with_headers)

    def _policy(self, scope: Scope) -> str:
        """Pages speak to the host they came from; its live socket is named, as older browsers take 'self' for http."""
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        known = _HOST.fullmatch(host)
        return POLICY.format(sockets=f" {self._socket}://{host.decode()}" if known else "")


class Files(StaticFiles):
    """Static files with a life time of our choosing, gzipped where they were built so and the browser takes it."""

    def __init__(self, folder: Path, cache: str) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._cache = cache

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at ``path``; raises HTTPException(404)."""
        if "gzip" in RequestHeaders(scope=scope).get("accept-encoding", ""):
            try:
                answer = await super().get_response(f"{path}.gz", scope)
            except HTTPException:
                return await super().get_response(path, scope)
            if answer.status_code == 200:
                answer.headers["content-encoding"] = "gzip"
            answer.headers["vary"] = "accept-encoding"
            return answer
        return await super().get_response(path, scope)

    def file_response(self, *args: object, **kwargs: object) -> Response:
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["cache-control"] = self._cache
        return answer


def install(app: FastAPI, dist: Path) -> None:
    """Serves the built console from ``dist``; says in words when it is not built."""
    app.mount("/assets", Files(dist / "assets", FOR_EVER))

    @app.get("/", include_in_schema=False)
    async def index() -> Response:
        page = dist / "index.html"
        if not page.exists():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(page, headers={"cache-control": ASK_AGAIN})

    app.mount("/", Files(dist, ASK_AGAIN))
