"""The console's own files, and the headers every answer carries."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOR_EVER = "public, max-age=31536000, immutable"  # names under /assets carry a hash of their contents
ASK_AGAIN = "no-cache"

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), payment=()",
}
NOT_BUILT = "The staff console is not built. In the checkout: make install\n"


class Headers:
    """Puts the security headers on every answer, and keeps the API's answers out of caches."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        self._headers = {**HEADERS, "strict-transport-security": "max-age=31536000"} if tls else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        private = scope["path"].startswith(("/api/", "/health", "/metrics"))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if private:
                    headers["cache-control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)


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
