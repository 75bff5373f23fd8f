"""Where customers' own pages are served, under a policy of their own: at an origin that serves nothing else, or at /me.

The page asks its own origin for everything, keeps nothing, and is in no frame; who leaves it takes nothing along.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.console import problems
from gateway.console.static import ASK_AGAIN, FOR_EVER, NOT_BUILT, Files
from gateway.operations.control import LOCAL

PAGE = "/me"
FILES = "/me-assets"
OURS = (PAGE, f"{FILES}/", "/api/me")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def ours(path: str) -> bool:
    """Whether this is a path of customers' own pages."""
    return any(path == each.rstrip("/") or path.startswith(f"{each.rstrip('/')}/") for each in OURS)


class PageOrigin:
    """Where the page has an origin of its own, nothing else is there, and it is nowhere else: links lead on to it."""

    def __init__(self, app: ASGIApp, *, origin: str, host: str) -> None:
        self._app = app
        self._origin = origin
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or LOCAL in scope:
            await self._app(scope, receive, send)
            return
        at_home, own = _host(scope) == self._host, ours(scope["path"])
        if at_home and scope["path"] == "/" and scope["type"] == "http":
            await RedirectResponse(PAGE, 307)(scope, receive, send)  # a browser keeps what stands behind the #
        elif at_home == own:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403})
        elif scope["path"] == PAGE:
            await RedirectResponse(f"{self._origin}{PAGE}", 307)(scope, receive, send)
        else:
            await problems.answer(400, "this is not at this host name: customers' own pages have one of their own")(
                scope, receive, send
            )


def _host(scope: Scope) -> str:
    host: str = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    return (host if host.endswith("]") else host.rsplit(":", 1)[0]).strip("[]").lower()


def install(app: FastAPI, dist: Path) -> None:
    """Serves the built page from ``dist``, a folder of its own with its own few files."""
    app.mount(FILES, Files(dist / "me-assets", FOR_EVER))

    @app.get(PAGE, include_in_schema=False)
    async def page(_: Request) -> Response:
        file = dist / "me.html"
        if not file.exists():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(file, headers={"cache-control": ASK_AGAIN})
