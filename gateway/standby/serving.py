"""The process of a standby: it follows, answers ``/health`` and the command line, and ends when it takes over."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.operations import notify
from gateway.operations.bound import gate_of, listen
from gateway.operations.control import LOCAL, local_socket
from gateway.operations.overruns import Overruns
from gateway.operations.web import make_local_server, make_page_server
from gateway.records import swap
from gateway.records.sqlite_file import private_folder
from gateway.records.store import take_lock
from gateway.settings.venue import VenueConfig
from gateway.standby import papers
from gateway.standby.following import Standby
from gateway.standby.papers import Paper
from gateway.standby.taking_over import take_over

PROMOTE = "/standby/promote"
NOT_WHOLE = "this box has no whole copy of the first one yet: it cannot take over"
HERE = "this box is a standby: it reads no reader and serves no tablet until it takes over"


class Serving:
    """One standby from start to stop."""

    def __init__(self, config: VenueConfig, folder: Path) -> None:
        self._config = config
        self._folder = folder
        self._ending = asyncio.Event()
        self._taking_over = False
        self._standby: Standby | None = None

    def stop(self) -> None:
        """Asks for the end."""
        self._ending.set()

    async def run(self, paper: Paper, then: Callable[[Serving], Awaitable[None]] | None = None) -> bool:
        """Follows until a signal, or until this box took over; which of the two. Raises what the store raises.

        ``then`` runs beside it once it can be asked.
        """
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, self.stop)
        if not paper.taking_over:
            await self._follow(paper, then)
            if not self._taking_over:
                return False
        paper = papers.read(self._folder) or paper
        await asyncio.to_thread(take_over, self._config, self._folder, paper)
        return True

    async def _follow(self, paper: Paper, then: Callable[[Serving], Awaitable[None]] | None) -> None:
        with ExitStack() as stack:
            private_folder(self._folder)
            lock = take_lock(self._folder)
            stack.callback(os.close, lock)
            swap.finish(self._folder)
            standby = self._standby = Standby(self._folder, paper, self._config.standby.alone_after_s)
            stack.callback(standby.close)
            app = self._app()
            bound = stack.enter_context(listen(self._config.console))
            local = stack.enter_context(local_socket(self._folder))
            servers = {
                make_page_server(app, gate_of(self._config.console, Overruns()), None): bound,
                make_local_server(app): local,
            }
            serving = [asyncio.create_task(server.serve(sockets=[at])) for server, at in servers.items()]
            tasks = [asyncio.create_task(self._until_alone(standby)), asyncio.create_task(_alive())]
            if then is not None:
                tasks.append(asyncio.create_task(_then(then, self)))
            notify.ready()
            try:
                ending = asyncio.create_task(self._ending.wait())
                await asyncio.wait([ending, *tasks, *serving], return_when=asyncio.FIRST_COMPLETED)
                if not self._ending.is_set():
                    for each in (each for each in (*tasks, *serving) if each.done()):
                        each.result()
                    await self._ending.wait()
            finally:
                for server in servers:
                    server.should_exit = True
                for task in (ending, *tasks):
                    task.cancel()
                await asyncio.gather(ending, *tasks, *serving, return_exceptions=True)

    async def _until_alone(self, standby: Standby) -> None:
        await standby.follow()
        self._begin()

    def _begin(self) -> None:
        """From here on this box takes over, also where it is interrupted."""
        paper = papers.read(self._folder)
        if paper is not None:
            papers.keep(self._folder, paper.but(taking_over=True))
        self._taking_over = True
        self._ending.set()

    def _app(self) -> Starlette:
        async def health(_: Request) -> Response:
            return JSONResponse(self._standby.report() if self._standby else {})

        async def promote(request: Request) -> Response:
            if LOCAL not in request.scope:
                return _problem(403, "only on this box")
            if self._standby is None or not self._standby.ready:
                return _problem(409, NOT_WHOLE)
            self._begin()
            return JSONResponse({"promoted": True})

        async def other(_: Request) -> Response:
            return _problem(503, HERE)

        routes = [
            Route("/health", health), Route(PROMOTE, promote, methods=["POST"]),
            Route("/{rest:path}", other, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
        ]  # fmt: skip
        return Starlette(routes=routes)


def _problem(status: int, words: str) -> Response:
    return JSONResponse({"status": status, "detail": words}, status, media_type="application/problem+json")


async def _alive() -> None:
    every = notify.watchdog_interval()
    while True:
        await asyncio.sleep(every or 3600)
        notify.alive()


async def _then(then: Callable[[Serving], Awaitable[None]], serving: Serving) -> None:
    with suppress(asyncio.CancelledError):
        await then(serving)
    await asyncio.Event().wait()
