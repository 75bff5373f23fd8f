"""The application: every door in one place."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI

from gateway import __version__
from gateway.console import (
    alerts,
    asks,
    customers,
    enrolment,
    health,
    owed,
    present,
    problems,
    readers,
    reports,
    sign_in,
    socket,
    staff,
    static,
    tablets,
    visits,
    walk_test,
)
from gateway.console.limits import Limits
from gateway.console.live import Live
from gateway.console.pins import Tries
from gateway.console.sessions import Sessions
from gateway.console.static import Headers
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.operations.toolbox import Toolbox
from gateway.settings.venue import VenueConfig

RESOURCES = (
    sign_in, present, alerts, asks, visits, customers, owed, staff, readers, walk_test, enrolment, tablets, reports,
    health, socket,
)  # fmt: skip


def build_id(dist: Path) -> str:
    """Changes with the version and with the console that is served: a tablet reloads when it does."""
    page = dist / "index.html"
    return f"{__version__}-{sha256(page.read_bytes()).hexdigest()[:12] if page.exists() else 'unbuilt'}"


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
) -> FastAPI:
    """The console's application; ``report`` is what ``/health`` answers, ``dist`` the built console."""
    app = FastAPI(title="Moments", version=__version__, docs_url=None, redoc_url=None)
    app.state.gateway = gateway
    app.state.live = live
    app.state.sessions = sessions
    app.state.tools = tools
    app.state.health = report
    app.state.demo = demo
    app.state.tries = Tries()
    app.state.under_way = {}
    problems.install(app)
    for resource in RESOURCES:
        app.include_router(resource.router)
    static.install(app, dist)
    app.add_middleware(Limits, hosts=config.console.allowed_hosts)
    app.add_middleware(
        Headers, tls=config.console.tls is not None or config.console.behind_proxy
    )  # the outermost: on refusals too
    return app
