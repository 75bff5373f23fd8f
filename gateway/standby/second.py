"""What a gateway has of a second box: two doors, a task, lines of ``/health``; the rest is imported when one comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.core.gateway import Gateway
from gateway.standby.names import FILE

if TYPE_CHECKING:  # the web comes with the doors; HPKE where there is a second box, and most venues have one
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from gateway.standby.first import First

LOOK_EVERY = 2.0  # seconds
PROBLEM = "application/problem+json"


class Second:
    """The second box, if this venue has one; ``stop`` is called where it took over."""

    def __init__(self, folder: Path, gateway: Gateway, stop: Callable[[], None]) -> None:
        self._folder = folder
        self._gateway = gateway
        self._stop = stop
        self._first: First | None = None
        self._port = 0

    @property
    def first(self) -> First:
        """This box, as the second one sees it."""
        if self._first is None:
            from gateway.standby.first import First
            from gateway.standby.left import take

            store, venue = self._gateway.store, self._gateway.config.venue.id
            self._first = First(self._folder, venue, store, self._stop, partial(take, self._gateway))
        return self._first

    def open(self, app: FastAPI, port: int) -> None:
        """The doors, which are those of a hub: to whoever is no second box of this venue they are shut."""
        from starlette.routing import Route

        self._port = port
        app.router.routes[:0] = [
            Route("/hub/v1/join", self._join, methods=["POST"]),
            Route("/hub/v1/exchange", self._exchange, methods=["POST"]),
        ]

    async def _join(self, request: Request) -> Response:
        return await self._answered(request, 201, self._joined)

    async def _exchange(self, request: Request) -> Response:
        from_ = request.client.host if request.client else "127.0.0.1"
        return await self._answered(request, 200, lambda body: self.first.exchange(body, from_))

    async def _joined(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.first.join(body)

    async def _answered(
        self, request: Request, status: int, answer: Callable[[Mapping[str, Any]], Coroutine[Any, Any, dict[str, Any]]]
    ) -> Response:
        from starlette.responses import JSONResponse

        if not (self._folder / FILE).exists():
            return JSONResponse({"status": 404, "detail": "this venue has one box"}, 404, media_type=PROBLEM)
        from gateway.hub.problems import HubProblem
        from gateway.hub.wire import Unfit, table
        from gateway.records.errors import DiskFull, StoreFull

        try:
            return JSONResponse(await answer(table(json.loads(await request.body()), "the body")), status)
        except HubProblem as problem:
            found = problem
        except (Unfit, ValueError, RecursionError) as unfit:
            found = HubProblem("message", why=str(unfit)[:200])
        except (DiskFull, StoreFull):
            found = HubProblem("store")
        return JSONResponse(found.body(), found.kind.status, media_type=PROBLEM)

    def keeping(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on while this box is the first."""
        return [self._keep()]

    async def _keep(self) -> None:
        while not (self._folder / FILE).exists():  # noqa: ASYNC110 - an invitation is made by another process
            await asyncio.sleep(LOOK_EVERY)
        from gateway.standby.taking_over import tell

        config = self._gateway.config
        scheme = "https" if config.console.speaks_tls else "http"
        async with asyncio.TaskGroup() as both:
            both.create_task(self.first.keep())
            both.create_task(tell(self._folder, scheme, self._port, config.standby.url))

    def report(self) -> dict[str, Any] | None:
        """What ``/health`` says of it; None where there is none."""
        return self.first.report() if (self._folder / FILE).exists() else None

    def why(self) -> list[str]:
        """What somebody has to see to, in sentences."""
        return self.first.why() if (self._folder / FILE).exists() else []
