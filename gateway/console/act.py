"""A write that a tablet may send twice: the same key and body get the first answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response

from gateway.console.problems import Problem, no_room
from gateway.console.roles import Principal
from gateway.console.security import Who
from gateway.core import shapes
from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.catalogue import CATALOGUE, sensitive, without_health
from gateway.records import idempotency
from gateway.records.customers import Taken
from gateway.records.errors import Conflict, Erased
from gateway.records.store import Change, DiskFull, StoreFull
from gateway.service.asks import Ask
from gateway.service.desk import Alert, Refused
from gateway.service.seating import Seat

LONGEST_KEY = 200


async def house_of(request: Request) -> Gateway:
    """The gateway behind this application; async, or each request would be handed to a thread for it and back."""
    gateway: Gateway = request.app.state.gateway
    return gateway


House = Annotated[Gateway, Depends(house_of)]


class Performer:
    """Performs one request's action: once for its idempotency key, written down before it is answered."""

    def __init__(self, request: Request, house: Gateway, who: Principal, body: bytes) -> None:
        self._house = house
        self._who = who
        self._key = request.headers.get("idempotency-key")
        if self._key is not None and not 0 < len(self._key) <= LONGEST_KEY:
            raise Problem(422, f"Idempotency-Key: expected 1 to {LONGEST_KEY} characters")
        sent = sha256(b"\0".join([request.method.encode(), request.url.path.encode(), body])).hexdigest()
        # Keyed: a body may hold a PIN. A write from before its key was made anew may be sent again, too.
        self._fingerprints = [each.hex() for each in house.store.keyring.fingerprints(sent)]
        self._under_way: dict[tuple[str, str], asyncio.Future[None]] = request.app.state.under_way

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return Actor(self._who.id, self._who.lead, self._who.program, self._who.by_cookie)

    async def __call__(self, make: Callable[[Actor, float], Action]) -> Response:
        """Makes the action and performs it; raises Problem for what is refused."""
        if self._key is None:
            return await self._perform(make, None)
        place = (self._who.id, self._key)
        while place in self._under_way:  # the same write, sent twice at once
            await asyncio.shield(self._under_way[place])
        first = self.answered()
        if first is not None:
            return first
        self._under_way[place] = done = asyncio.get_running_loop().create_future()
        try:
            return await self._perform(make, self._key)
        finally:
            del self._under_way[place]
            done.set_result(None)

    def answered(self) -> Response | None:
        """What the same write was answered before; None where it was not, raises Problem for a key of another one."""
        first = idempotency.recall(self._house.store.reader, self._key, self._who.id) if self._key else None
        if first is None:
            return None
        fingerprint, status, body = first
        if fingerprint not in self._fingerprints:
            raise Problem(422, "this Idempotency-Key was used for another request")
        return respond(told(self._who, body), status)

    async def _perform(self, make: Callable[[Actor, float], Action], key: str | None) -> Response:
        house = self._house
        remember = partial(self._remember, key, house.memory.now()) if key else None
        try:
            action = await self._acted(lambda: make(self.actor, house.memory.now()), remember)
        except Refused as refused:
            raise Problem(refused.status, refused.reason, **_shown(self._house, self._who, refused.extra)) from None
        except Erased:
            raise Problem(404, "there is no such customer") from None
        except Taken as taken:
            raise Problem(409, str(taken)) from None
        except Conflict as conflict:
            raise Problem(409, str(conflict)) from None
        except StoreFull:
            raise Problem(503, "too much is waiting to be written; try again", headers={"Retry-After": "2"}) from None
        except DiskFull as full:
            raise Problem(507, no_room(full)) from None
        return respond(told(self._who, action.answer), action.status)

    async def _acted(self, make: Callable[[], Action], remember: Callable[[Action], Change[object]] | None) -> Action:
        """The action, performed; decided anew where another took its id meanwhile, and refused by what is there."""
        try:
            return await self._house.act(make, self._who.id, remember)
        except Conflict:
            return await self._house.act(make, self._who.id, remember)

    def _remember(self, key: str, now: float, action: Action) -> Change[object]:
        who, fingerprint = self._who.id, self._fingerprints[0]
        about = next((n.holder or n.subject for n in action.news if CATALOGUE[n.type].holder == "customer"), None)
        return lambda tx: idempotency.remember(
            tx, key, who, fingerprint, action.status, action.answer, customer=about, at=now
        )


async def performer(request: Request, house: House, who: Who) -> Performer:
    """The route dependency."""
    return Performer(request, house, who, await request.body())


Act = Annotated[Performer, Depends(performer)]


def respond(answer: Any, status: int = 200) -> Response:
    """An answer as JSON, as it is: models document it, and tests hold it against them; 204 has none."""
    return Response(status_code=204) if status == 204 else JSONResponse(answer, status)


def told(who: Principal, answer: Any) -> Any:
    """An answer as this one may be told it: a program learns nothing of anybody's health."""
    return without_health(answer) if who.program else answer


def _shown(house: Gateway, who: Principal, extra: dict[str, Any]) -> Shape:
    """What a refusal shows beside its words: the alert or the ask that stands in the way.

    A program is not shown a fact of health; what warns of a dish it is, since it may order all the same.
    """
    shown: Shape = {}
    for name, thing in extra.items():
        if who.program and name == "existing" and sensitive(thing):
            continue
        if isinstance(thing, Alert):
            shown[name] = told(who, house.views.alert(thing))
        elif isinstance(thing, Seat):
            shown[name] = house.views.sitting(thing)
        else:
            shown[name] = shapes.ask(thing, house.memory.floor) if isinstance(thing, Ask) else thing
    return shown
