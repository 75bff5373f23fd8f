"""The application: every door in one place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway import __version__
from gateway.console import (
    alerts,
    anyway,
    asks,
    break_glass,
    broker_passwords,
    club,
    consents,
    copies,
    customers,
    enrolment,
    entries,
    erasures,
    expected,
    files,
    gatherings,
    health,
    imports,
    insight,
    insight_files,
    introductions,
    keys,
    learnt,
    ledger,
    letting_go,
    memberships,
    menus,
    merges,
    noticed_list,
    owed,
    own_club,
    own_page,
    own_pin,
    page_origin,
    papers,
    partners,
    passkeys,
    persons,
    places,
    points,
    present,
    problems,
    readers,
    receipts,
    recordings,
    repairs,
    reports,
    rounds,
    settings,
    sign_in,
    socket,
    staff,
    static,
    suggestions,
    tablets,
    tokens,
    trust,
    values,
    visits,
    voices,
    walk_test,
    webhooks,
)
from gateway.console.below import Below
from gateway.console.document import Documented
from gateway.console.guesses import Guesses
from gateway.console.limits import Limits
from gateway.console.live import Live
from gateway.console.outside_names import OutsideNames
from gateway.console.page_doors import PageDoors
from gateway.console.page_origin import PageOrigin
from gateway.console.passkey_ceremonies import Challenges
from gateway.console.quarantined import Quarantined
from gateway.console.sessions import Sessions
from gateway.console.snapshots import Snapshots
from gateway.console.static import Headers
from gateway.core.club_points import Points
from gateway.core.gateway import Gateway
from gateway.core.letting_go import LettingGo
from gateway.core.rotating import Rotating
from gateway.core.shapes import Shape
from gateway.events.event import Event
from gateway.operations import kernel_clock, own_addresses
from gateway.operations.doors_rotation import DoorsRotation
from gateway.operations.insight_runs import Insights
from gateway.operations.live_settings import LiveSettings
from gateway.operations.overruns import Overruns
from gateway.operations.toolbox import Toolbox
from gateway.settings.venue import VenueConfig

RESOURCES = (  # the live socket first: each is asked in turn, and a thousand tablets come back in one second
    socket,
    sign_in, present, files, places, expected, menus, rounds, alerts, asks, visits, customers, consents, merges, owed,
    staff, own_pin, passkeys, anyway, break_glass, noticed_list,
    readers, repairs, copies, webhooks, settings, broker_passwords, trust, learnt, walk_test, enrolment, tablets,
    erasures, reports, letting_go, health, imports, keys, receipts, tokens, recordings, values, persons, own_page,
    own_club, papers, partners, club, points, entries, insight, insight_files, ledger, suggestions, voices, gatherings,
    introductions, memberships,
)  # fmt: skip


def build_id(dist: Path) -> str:
    """Changes with the version and with the console that is served: a tablet reloads when it does."""
    page = dist / "index.html"
    return f"{__version__}-{sha256(page.read_bytes()).hexdigest()[:12] if page.exists() else 'unbuilt'}"


def doors() -> FastAPI:
    """The application with every door and nothing behind them: what its document is made from.

    Their routes are its own: a router that includes routers asks each of them twice for every request.
    """
    routers = [resource.router for resource in RESOURCES]
    app = Documented(routers, title="Moments", version=__version__, docs_url=None, redoc_url=None)
    app.router.routes += [route for router in routers for route in router.routes]
    return app


async def _events(_: Request) -> Response:
    """What the live socket sends, as AsyncAPI 3.0; no login, as it holds nothing of anybody."""
    from gateway.events.document import asyncapi

    return JSONResponse(asyncapi(__version__))


def _rotating(gateway: Gateway) -> Rotating:
    return Rotating(gateway, DoorsRotation(lambda: gateway.config))


def _letting_go(gateway: Gateway) -> LettingGo:
    return LettingGo(gateway, kernel_clock.synchronised, kernel_clock.boot())


def _listens(live: Live, gateway: Gateway, sessions: Sessions, points: Points) -> Snapshots:
    """The live socket knows who waits, and says who touched a screen and that the whole state is another now."""
    snapshots = Snapshots(gateway)

    def changed(event: Event) -> None:
        snapshots.told(event)
        points.heard(gateway, event)

    live.changed = changed
    live.waiting = lambda staff: gateway.views.waiting(staff)
    live.touched = lambda door, ago: sessions.touched(door, ago)
    return snapshots


def create_app(
    config: VenueConfig,
    gateway: Gateway,
    live: Live,
    sessions: Sessions,
    tools: Toolbox,
    report: Callable[[], Shape],
    dist: Path,
    *,
    of_file: LiveSettings | None = None,
    demo: bool = False,
    overruns: Overruns | None = None,
    app: FastAPI | None = None,
) -> FastAPI:
    """The console's application of these doors; ``report`` is what ``/health`` answers, ``dist`` the built console."""
    app = app or doors()
    app.add_route("/asyncapi.json", _events, include_in_schema=False)
    app.add_route("/live", socket.not_upgraded, include_in_schema=False)
    app.state.gateway = gateway
    app.state.live = live
    app.state.sessions = sessions
    app.state.tools, app.state.settings = tools, of_file
    app.state.health, app.state.demo = report, demo
    app.state.overruns = overruns = overruns or Overruns()
    app.state.guesses, app.state.passkeys = Guesses(overruns), Challenges(lambda: gateway.memory.steady())
    sessions.unproven = partial(overruns.note, "unproven")
    app.state.points, app.state.page_doors, app.state.insights = (points := Points()), PageDoors(), Insights(gateway)
    app.state.snapshots = _listens(live, gateway, sessions, points)
    app.state.rotating, app.state.letting_go = _rotating(gateway), _letting_go(gateway)
    app.state.doors = app.state.gate = None  # where each listens, and who is connected; the runtime knows
    app.state.under_way, app.state.recorder = {}, None
    app.state.address = ""  # where tablets reach the console; the runtime knows
    problems.install(app)
    page_origin.install(app, dist / "me")
    static.install(app, dist)
    privacy, hosts = config.privacy, config.console.allowed_hosts
    if config.console.own_tls:
        hosts |= frozenset(own_addresses.names())  # its certificate is for them too, and that is what keeps others out
    if privacy.page_host is not None:
        app.add_middleware(PageOrigin, origin=privacy.page, host=privacy.page_host)
        hosts |= {privacy.page_host}
    # The innermost first: what is around the names has nothing of customers, and what is refused has headers too.
    app.add_middleware(OutsideNames, names=gateway.names)
    app.add_middleware(Quarantined, why=lambda: gateway.memory.quarantined)
    app.add_middleware(Limits, hosts=hosts)
    secure = config.console.secure
    app.add_middleware(Headers, tls=secure, page=page_origin.ours, page_policy=page_origin.POLICY)  # on refusals too
    if config.console.path:
        app.add_middleware(Below, path=config.console.path)  # the outermost: what is inside knows nothing of it
    return app
