"""The cables of the demo's house, which can be cut from a page, and that page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gateway.resources import config_folder

CHUNK = 65_536  # bytes


@dataclass(slots=True)
class Cable:
    """A way from one venue to the hub, on an address of its own; cut, it carries nothing and takes nobody."""

    to: int
    whole: bool = True
    _server: asyncio.Server | None = field(default=None, init=False)
    _open: set[asyncio.StreamWriter] = field(default_factory=set, init=False)

    async def lay(self) -> int:
        """Its port on this machine."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """From now on nothing goes through; what was under way is lost."""
        self.whole = False
        for writer in list(self._open):
            writer.transport.abort()

    def mend(self) -> None:
        """It is whole again."""
        self.whole = True

    async def close(self) -> None:
        """Takes it up."""
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if not self.whole:
                return
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
            self._open.add(back)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pass(reader, back))
                    both.create_task(_pass(there, writer))
            finally:
                self._open.discard(back)
                back.close()
        except* OSError:
            pass
        finally:
            self._open.discard(writer)
            writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


@dataclass(slots=True, frozen=True)
class Shown:
    """A venue as the page has it: its id, names, console and cable, and what it says of its link."""

    venue: str
    name: dict[str, str]
    url: str
    cable: Cable
    link: Callable[[], Awaitable[dict[str, Any] | None]]


def page(house: dict[str, str], venues: Sequence[Shown]) -> Starlette:
    """The page of the house, for this machine alone: each venue with its link, and a button that cuts its cable."""

    text = (config_folder() / "demo.house.html").read_text("utf-8")

    async def whole(_: Request) -> Response:
        return HTMLResponse(text, headers={"Cache-Control": "no-store", "X-Frame-Options": "DENY"})

    async def state(_: Request) -> Response:
        links = await asyncio.gather(*(each.link() for each in venues))
        rows = [
            {"venue": each.venue, "name": each.name, "url": each.url, "whole": each.cable.whole, "link": link}
            for each, link in zip(venues, links, strict=True)
        ]
        return JSONResponse({"house": house, "venues": rows}, headers={"Cache-Control": "no-store"})

    async def cable(request: Request) -> Response:
        said = await _said(request)
        found = next((each for each in venues if each.venue == request.path_params["venue"]), None)
        if found is None or said is None:
            return JSONResponse({"detail": 'expected {"whole": true | false} of one of these venues'}, 422)
        found.cable.mend() if said else found.cable.cut()
        return JSONResponse({"venue": found.venue, "whole": found.cable.whole})

    return Starlette(
        routes=[Route("/", whole), Route("/state", state), Route("/cables/{venue}", cable, methods=["PUT"])]
    )


async def _said(request: Request) -> bool | None:
    """Whether the cable is to be whole; None where that was not said in JSON, which no foreign page can send."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return None
    try:
        whole = (await request.json())["whole"]
    except (ValueError, TypeError, KeyError):
        return None
    return whole if isinstance(whole, bool) else None
