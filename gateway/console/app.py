"""The application: every door in one place."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway import __version__
from gateway.console import (
    alerts,
    asks,
    customers,
    enrolment,
    expected,
    health,
    imports,
    learnt,
    owed,
    present,
    problems,
    readers,
    recordings,
    reports,
    sign_in,
    socket,
    staff,
    static,
    tablets,
    tokens,
    visits,
    walk_test,
)
from gateway.console.below import Below
from gateway.console.document import Documented
from gateway.console.guesses import Guesses
from gateway.console.limits import Limits
from gateway.console.live import Live
from gateway.console.sessions import Sessions
from gateway.console.static import Headers
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.document import asyncapi
from gateway.operations.overruns import Overruns
from gateway.operations.toolbox import Toolbox
from gateway.settings.venue import VenueConfig

RESOURCES = (
    sign_in, present, expected, alerts, asks, visits, customers, owed, staff, readers, learnt, walk_test, enrolment,
    tablets,
    reports, health, socket, imports, tokens, recordings,
)  # fmt: skip


def build_id(dist: Path) -> str:
    """Changes with the version and with the console that is served: a tablet reloads when it does."""
    page = dist / "index.html"
    return f"{__version__}-{sha256(page.read_bytes()).hexdigest()[:12] if page.exists() else 'unbuilt'}"


def doors() -> FastAPI:
    """The application with every door and nothing behind them: what its document is made from."""
    routers = [resource.router for resource in RESOURCES]
    app = Documented(routers, title="Moments", version=__version__, docs_url=None, redoc_url=None)
    for router in routers:
        app.include_router(router)
    return app


async def _events(_: Request) -> Response:
    """What the live socket sends, as AsyncAPI 3.0; no login, as it holds nothing of anybody."""
    return JSONResponse(asyncapi(__version__))


def create_app(
    config: VenueConfig,
    gateway: Gateway,
    live: Live,
    sessions: Sessions,
    tools: Toolbox,
    report: Callable[[], Shape],
    dist: Path,
    *,
    demo: bool = False,
    overruns: Overruns | None = None,
) -> FastAPI:
    """The console's application; ``report`` is what ``/health`` answers, ``dist`` the built console."""
    app = doors()
    app.add_route("/asyncapi.json", _events, include_in_schema=False)
    app.add_route("/live", socket.not_upgraded, include_in_schema=False)
    app.state.gateway = gateway
    app.state.live = live
    app.state.sessions = sessions
    app.state.tools = tools
    app.state.health = report
    app.state.demo = demo
    app.state.overruns = overruns = overruns or Overruns()
    app.state.guesses = Guesses(overruns)
    app.state.gate = None  # who is connected; the runtime knows
    app.state.under_way = {}
    app.state.recorder = None
    app.state.address = ""  # where tablets reach the console; the runtime knows
    problems.install(app)
    static.install(app, dist)
    app.add_middleware(Limits, hosts=config.console.allowed_hosts)
    app.add_middleware(Headers, tls=config.console.tls is not None or config.console.behind_proxy)  # on refusals too
    if config.console.path:
        app.add_middleware(Below, path=config.console.path)  # the outermost: what is inside knows nothing of it
    return app
