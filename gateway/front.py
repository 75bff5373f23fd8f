"""The front of the house: the console, its doors, and who comes to them. Imported once the readers are heard."""

from __future__ import annotations

import socket
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI

from gateway.console import noticed
from gateway.console.app import build_id, create_app, doors
from gateway.console.hours import Hours
from gateway.console.live import Live
from gateway.console.servers import Doors, doors_of
from gateway.console.sessions import Sessions
from gateway.console.snapshots import Snapshots
from gateway.core.gateway import Gateway
from gateway.house import House
from gateway.operations.bound import gate_of
from gateway.operations.gate import Gate
from gateway.operations.presented import Presented
from gateway.operations.reached import address_of, url_of
from gateway.operations.repairs import Repairs
from staff_console import DIST


@dataclass(slots=True)
class Opened:
    """A front whose doors are there."""

    app: FastAPI
    live: Live
    sessions: Sessions
    gate: Gate
    doors: Doors
    url: str
    hours: Hours

    def keeping(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on behind the doors, each as a task to be."""
        state = self.app.state
        return [self.hours.sign_out(), self.hours.tidy(state.letting_go), state.rotating.run(), state.insights.keep()]


class Front:
    """The doors of one house; made in any thread, opened on its loop."""

    def __init__(self, source: str) -> None:
        self._app = doors()
        self.live = Live(source, build=build_id(DIST))

    def open(
        self, house: House, at: socket.socket, first: socket.socket | None, presented: Presented | None,
        stack: AsyncExitStack,
    ) -> Opened:  # fmt: skip
        """What is served from now on, not started: ``at`` is the console's socket, ``first`` that for new tablets."""
        config, gateway, live, app = house.config, house.gateway, self.live, self._app
        _connect(live, gateway)
        sessions = Sessions(config, gateway.memory, gateway.store, gateway.act)
        live.tablet_of = sessions.tablet_of
        create_app(
            config, gateway, live, sessions, house.tools, house.report, DIST, of_file=house.settings,
            demo=house.demo, overruns=house.overruns, app=app,
        )  # fmt: skip
        app.state.copies, app.state.hooks = house.copies, house.hooks
        app.state.repairs = Repairs(gateway, house.tools, house.report, partial(_awake, live), app.state.letting_go.why)
        house.settings.taken_up = partial(_anew, app.state.snapshots, live)
        house.outlet.open(live.publish)
        live.sequence = house.outlet.sequence
        stack.callback(noticed.into(gateway.note, config.venue.id, house.overruns, sessions.programs))
        app.state.address = address_of(config.console, at)
        app.state.gate = gate = gate_of(config.console, house.overruns)
        servers = doors_of(config.console, house.folder, app, gate, at, first, presented, house.overruns, stack)
        url = url_of(config.console, at)
        return Opened(app, live, sessions, gate, servers, url, Hours(gateway, live, sessions))


def _anew(snapshots: Snapshots, live: Live) -> None:
    """Every tablet is told the whole state again: the house goes by other settings."""
    snapshots.forget()
    live.begin_anew()


def _awake(live: Live) -> set[str]:
    """The tablets that are connected."""
    return {tablet for row in live.receipts() if (tablet := live.tablet_of(row["door"])) is not None}


def _connect(live: Live, gateway: Gateway) -> None:
    live.sequence = gateway.journal.sequence
    live.quiet, live.older = gateway.views.quiet, gateway.telling.since
    live.sent, live.resumed = gateway.renderer.sent, gateway.renderer.resumed
    live.now, live.shown = gateway.memory.now, gateway.shown.on
    live.outward = gateway.names.outward
    live.passed_on = partial(gateway.received.event, "program")
