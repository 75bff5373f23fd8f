"""The hub's doors over HTTP: joining, signing in, exchanging messages where sockets are cut, health and metrics."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from gateway.addresses import network_of
from gateway.hub import invitations, pages, signing_in
from gateway.hub.club_doors import ClubDoors
from gateway.hub.database import StoreLost
from gateway.hub.house import House, now_ms
from gateway.hub.invitations import ROLES
from gateway.hub.link import Link, bearer
from gateway.hub.members import Signed
from gateway.hub.office_doors import OfficeDoors
from gateway.hub.problems import MEDIA_TYPE, HubProblem
from gateway.hub.talk import HubTalk
from gateway.hub.wire import Message, Unfit, b64, octets, rows, table, text
from gateway.records.compact import compact
from gateway.settings.hub import LOOPBACK
from gateway.tries import TooSoon

LARGEST = 1024 * 1024  # bytes of one message
MESSAGES = 1_000
WAIT_MOST = 55.0  # seconds: less than what proxies give an answer
SAID_MOST = 8
"""Messages of news in one answer."""

Door = Callable[[Request], Awaitable[Response]]


def make_app(house: House) -> Starlette:
    """The application that one process serves."""
    doors = Doors(house)
    posts = {"join": doors.join, "challenge": doors.challenge, "session": doors.session, "exchange": doors.exchange}
    routes = [Route(f"/hub/v1/{name}", doors.guarded(door), methods=["POST"]) for name, door in posts.items()]
    link = Link(house)
    office = OfficeDoors(house, body_of)
    club: list[BaseRoute] = []
    if house.club is not None and house.members is not None:
        club = ClubDoors(house, house.club, house.members, office).routes(doors.guarded)
    return Starlette(
        routes=[
            *routes,
            *office.routes(doors.guarded),
            *club,
            *pages.routes(),
            WebSocketRoute("/hub/v1/link", link.serve),
            Route("/hub/v1/health", doors.guarded(doors.health)),
            Route("/metrics", doors.guarded(doors.metrics)),
        ],
        middleware=[Middleware(pages.PageHeaders, tls=house.config.hub.tls is not None)],
    )


def refusal(problem: HubProblem) -> Response:
    """A problem as an answer."""
    after = problem.members.get("retry_after_s")
    headers = {} if after is None else {"Retry-After": str(after)}
    return JSONResponse(problem.body(), problem.kind.status, headers, media_type=MEDIA_TYPE)


class Doors:
    """What is asked of one process by HTTP."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._hosts = frozenset(house.config.hub.hosts)

    def guarded(self, door: Door) -> Door:
        """A door whose refusals are problems."""

        async def guarded(request: Request) -> Response:
            try:
                self._for_us(request)
                return await door(request)
            except Unfit as unfit:
                problem = HubProblem("message", why=str(unfit))
            except StoreLost:
                problem = HubProblem("store", retry_after_s=5, spread_s=self._house.spread_s)
            except HubProblem as found:
                problem = found
            self._house.refused(problem)
            return refusal(problem)

        return guarded

    def _for_us(self, request: Request) -> None:
        name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        if self._hosts and name.strip("[]").lower() not in self._hosts | LOOPBACK:
            raise Unfit("the host name is none of this hub's")

    # --- joining and signing in ---------------------------------------------------------------------------------------

    async def join(self, request: Request) -> Response:
        """Lets a box in by its invitation."""
        said = await body_of(request)
        address = network_of(request.client.host if request.client else None)
        tries, now = self._house.invited, time.monotonic()
        try:
            tries.may_try(address, now)
        except TooSoon:
            en, zh = invitations.WHY["often"]
            raise HubProblem("invitation", why=en, why_zh=zh) from None
        keys = table(said.get("keys"), "keys")
        sign, open_ = octets(keys.get("sign"), "keys.sign", 32), octets(keys.get("open"), "keys.open", 32)
        role = text(said.get("role"), "role")
        if role not in ROLES:
            raise Unfit(f"role: expected {' or '.join(ROLES)}")
        self._house.let_in()
        tries.wrong(address, now)  # counted before it is looked at: tries sent at once count too
        try:
            box = await self._house.store.members.join(
                text(said.get("invitation"), "invitation"), octets(said.get("proof"), "proof", 32),
                text(said.get("venue"), "venue", 64), role, _name(said.get("name")), sign, open_, now_ms(),
            )  # fmt: skip
        except (StoreLost, Unfit):
            tries.right(address)
            raise
        tries.right(address)
        own = self._house.keys
        facts = {"box": box.id, "hub": self._house.config.hub.id, "life": self._house.store.life}
        return JSONResponse({**facts, "keys": {"sign": b64(own.sign), "open": b64(own.open)}}, 201)

    async def challenge(self, request: Request) -> Response:
        """Something to sign, for whoever asks."""
        box = text((await body_of(request)).get("box"), "box")
        nonce = signing_in.nonce(self._house.keys.challenges, box, now_ms())
        return JSONResponse({"nonce": b64(nonce), "expires_in": signing_in.CHALLENGE_S})

    async def session(self, request: Request) -> Response:
        """A token for a box that signed the challenge."""
        said = await body_of(request)
        name, boot = text(said.get("box"), "box"), text(said.get("boot"), "boot")
        nonce, signature = octets(said.get("nonce"), "nonce"), octets(said.get("signature"), "signature", 64)
        build = said.get("build")
        self._house.let_in()
        house = self._house
        fresh = signing_in.is_fresh(house.keys.challenges, name, nonce, now_ms())
        box = await house.store.members.box(name) if fresh else None
        texts = signing_in.signed(house.config.hub.id, name, nonce, boot)
        if box is None or not signing_in.signed_by(box.sign, signature, texts):
            raise HubProblem("session")
        try:
            token = await house.store.members.begin(box, boot, build if isinstance(build, str) else "", now_ms())
        except HubProblem as problem:
            if problem.code == "box-twice":
                await house.store.members.told(box.venue, problem.code, problem.words, now_ms(), over=False)
            raise
        return JSONResponse({"token": token, "expires_in": signing_in.SESSION_S})

    # --- messages -----------------------------------------------------------------------------------------------------

    async def exchange(self, request: Request) -> Response:
        """Messages for messages; waits while there is nothing to say."""
        members = self._house.store.members
        signed = await members.session(bearer(request.headers), now_ms())
        messages = rows((await body_of(request)).get("messages"), "messages", MESSAGES)
        wait = _wait(request.query_params.get("wait"))
        await members.heard(signed, now_ms())
        talk = self._house.talk(signed.box)
        talk.recall(signed.talk)
        answers = await self._exchanged(talk, messages, wait, signed)
        return JSONResponse({"messages": answers})

    async def _exchanged(self, talk: HubTalk, messages: list[Any], wait: float, signed: Signed) -> list[Message]:
        answers: list[Message] = []
        memory: dict[str, Any] = {}
        try:
            for message in messages:
                answers += await self._house.hear(talk, message)
            give_up = time.monotonic() + wait
            while True:
                answers += await self._news(talk)
                left = give_up - time.monotonic()
                if answers or left <= 0 or not talk.greeted:
                    break
                await self._house.moved(min(left, 10))
            memory = talk.memory()
        except HubProblem as problem:
            answers.append(problem.message())
        await self._house.store.members.heard(signed, now_ms(), memory)
        return answers

    async def _news(self, talk: HubTalk) -> list[Message]:
        found: list[Message] = []
        while len(found) < SAID_MOST and (more := await talk.news(self._house.heads)):
            found += more
        return found

    # --- for IT -------------------------------------------------------------------------------------------------------

    async def health(self, _: Request) -> Response:
        """How the hub does; no login."""
        return JSONResponse(self._house.health)

    async def metrics(self, request: Request) -> Response:
        """Prometheus text, for this machine alone."""
        if request.client is None or request.client.host not in LOOPBACK or self._house.config.hub.behind_proxy:
            raise HubProblem("not-yours", why="metrics are for this machine alone")
        connected = len(self._house.links)
        self._house.measures.links.labels("connected").set(connected)
        self._house.measures.links.labels("away").set(max(0, self._house.known - connected))
        return Response(generate_latest(self._house.measures.registry), media_type=CONTENT_TYPE_LATEST)


def _name(value: object) -> str:
    """What a box is called: a text, or one for each language."""
    if isinstance(value, dict):
        return text(compact({str(key): str(each) for key, each in value.items()}), "name", 500)
    return text(value, "name") if value else ""


def _wait(value: str | None) -> float:
    try:
        return max(0.0, min(WAIT_MOST, float(value or 0)))
    except ValueError:
        raise Unfit("wait: expected a number of seconds") from None


async def body_of(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request; raises Unfit."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST:
            raise Unfit("the body is larger than 1 MiB")
    try:
        return table(json.loads(raw or b"null"), "the body")
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit("the body is no JSON") from None
