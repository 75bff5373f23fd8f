"""Head office's doors: signing in, venues and boxes for IT, people, hand-overs, erasures and announcements."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.addresses import network_of
from gateway.events import times
from gateway.hub import invitations
from gateway.hub.head_office import HeadOffice
from gateway.hub.house import House, now_ms
from gateway.hub.office import LONGEST_MS, Officer
from gateway.hub.problems import HubProblem
from gateway.hub.wire import Unfit, table, text

Door = Callable[[Request], Awaitable[Response]]
Body = Callable[[Request], Awaitable[Mapping[str, Any]]]
OFFICE, IT = frozenset({"office"}), frozenset({"it"})
EITHER = OFFICE | IT
ANYBODY: frozenset[str] = frozenset()
"""Whoever is signed in."""


class OfficeDoors:
    """What head office asks of one process; ``read`` takes the JSON object of a request."""

    def __init__(self, house: House, read: Body) -> None:
        self._house = house
        self.read = self._read = read
        self._office = house.store.office
        self._head = HeadOffice(house.store, house.keys, house.config)
        hub = house.config.hub
        secure = hub.tls is not None or hub.behind_proxy
        self._cookie = "__Host-moments-hub" if secure else "moments-hub"
        self._secure = secure

    def routes(self, guarded: Callable[[Door], Door]) -> list[BaseRoute]:
        """Every door below ``/api``, each with the roles that may pass."""
        doors: list[tuple[str, str, frozenset[str], Callable[[Request, Officer], Awaitable[Response]]]] = [
            ("GET", "/me", ANYBODY, self._me),
            ("POST", "/sign-out", ANYBODY, self._sign_out),
            ("GET", "/venues", EITHER, self._venues),
            ("GET", "/boxes", IT, self._boxes),
            ("POST", "/boxes/{id}/revoke", IT, self._revoke),
            ("POST", "/invitations", IT, self._invite),
            ("GET", "/customers", OFFICE, self._people),
            ("GET", "/customers/{id}", OFFICE, self._person),
            ("POST", "/customers/{id}/erase", OFFICE, self._erase),
            ("GET", "/duplicates", OFFICE, self._duplicates),
            ("POST", "/merges", OFFICE, self._merge),
            ("DELETE", "/merges/{id}", OFFICE, self._unmerge),
            ("GET", "/erasures", OFFICE, self._erasures),
            ("GET", "/erasures/{id}", OFFICE, self._erasure),
            ("POST", "/staff/{id}/leave", OFFICE, self._leave),
            ("GET", "/expected", OFFICE, self._expected),
            ("POST", "/expected", OFFICE, self._expect),
            ("DELETE", "/expected/{id}", OFFICE, self._cancel),
        ]
        found: list[BaseRoute] = [Route("/api/sign-in", guarded(self._sign_in), methods=["POST"])]
        for method, path, roles, door in doors:
            found.append(Route(f"/api{path}", guarded(self._for(roles, door)), methods=[method]))
        return found

    def _for(self, roles: frozenset[str], door: Callable[[Request, Officer], Awaitable[Response]]) -> Door:
        async def entered(request: Request) -> Response:
            officer = await self.officer(request)
            if roles and not officer.roles & roles:
                raise HubProblem("role", role=" or ".join(sorted(roles)))
            answer = await door(request, officer)
            answer.headers["cache-control"] = "no-store"
            return answer

        return entered

    async def officer(self, request: Request) -> Officer:
        """Whose cookie a request of our own page brings; raises HubProblem."""
        _our_own_page(request)
        return await self._office.who(request.cookies.get(self._cookie, ""), now_ms())

    # --- who --------------------------------------------------------------------------------------------------------

    async def _sign_in(self, request: Request) -> Response:
        _our_own_page(request)
        said = await self._read(request)
        address = network_of(request.client.host if request.client else None)
        who, pin = text(said.get("staff"), "staff"), text(said.get("pin"), "pin", 64)
        officer, secret = await self._office.begin(who, pin, address, time.monotonic(), now_ms())
        answer = self._said(officer)
        answer.set_cookie(
            self._cookie, secret, max_age=LONGEST_MS // 1000, path="/", secure=self._secure, httponly=True,
            samesite="strict",
        )  # fmt: skip
        answer.headers["cache-control"] = "no-store"
        return answer

    async def _sign_out(self, request: Request, _: Officer) -> Response:
        await self._office.end(request.cookies.get(self._cookie, ""))
        answer = Response(status_code=204)
        answer.delete_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="strict")
        return answer

    async def _me(self, _: Request, officer: Officer) -> Response:
        return self._said(officer)

    def _said(self, officer: Officer) -> JSONResponse:
        hub = self._house.config.hub
        return JSONResponse(
            {"role": "hub", "staff": officer.id, "roles": sorted(officer.roles),
             "hub": {"id": hub.id, "name": hub.name.by_language()},
             "brands": [each.id for each in self._house.config.brands]}
        )  # fmt: skip

    # --- for IT -----------------------------------------------------------------------------------------------------

    async def _venues(self, _: Request, __: Officer) -> Response:
        return JSONResponse(await self._head.venues(now_ms()))

    async def _boxes(self, _: Request, __: Officer) -> Response:
        return JSONResponse(await self._head.boxes())

    async def _revoke(self, request: Request, _: Officer) -> Response:
        if not await self._house.store.members.revoke(request.path_params["id"], now_ms()):
            raise HubProblem("unknown", what="box")
        return Response(status_code=204)

    async def _invite(self, request: Request, _: Officer) -> Response:
        said = await self._read(request)
        ids = [each.id for each in self._house.config.brands]
        brand = text(said.get("brand") or (ids[0] if len(ids) == 1 else ""), "brand") if ids else ""
        if brand not in (ids or [""]):
            raise Unfit(f"brand: expected {', '.join(ids)}")
        venue = text(said.get("venue"), "venue", 64)
        if not invitations.VENUE.fullmatch(venue):
            raise Unfit("venue: expected letters, digits and '-'")
        secret = await self._house.store.members.invite(venue, "venue", brand, now_ms())
        until = times.iso((now_ms() + invitations.VALID_MS) / 1000)
        return JSONResponse({"code": invitations.code(secret, self._house.keys.sign), "until": until}, 201)

    # --- people -----------------------------------------------------------------------------------------------------

    async def _people(self, request: Request, officer: Officer) -> Response:
        search, after = request.query_params.get("search", ""), request.query_params.get("after", "")
        return JSONResponse(await self._head.people(search[:100], after, officer.id, now_ms()))

    async def _person(self, request: Request, officer: Officer) -> Response:
        return JSONResponse(await self._head.look(request.path_params["id"], officer.id, now_ms()))

    async def _erase(self, request: Request, officer: Officer) -> Response:
        return JSONResponse(await self._head.erase(request.path_params["id"], officer.id, now_ms()), 201)

    async def _duplicates(self, _: Request, officer: Officer) -> Response:
        return JSONResponse(await self._head.duplicates(officer.id, now_ms()))

    async def _merge(self, request: Request, officer: Officer) -> Response:
        said = await self._read(request)
        kept, other = text(said.get("kept"), "kept"), text(said.get("other"), "other")
        return JSONResponse(await self._head.merge(kept, other, officer.id, now_ms()), 201)

    async def _unmerge(self, request: Request, officer: Officer) -> Response:
        await self._head.unmerge(request.path_params["id"], officer.id, now_ms())
        return Response(status_code=204)

    async def _erasures(self, _: Request, __: Officer) -> Response:
        return JSONResponse(await self._head.erasures())

    async def _erasure(self, request: Request, _: Officer) -> Response:
        return JSONResponse(await self._head.receipt(request.path_params["id"]))

    async def _leave(self, request: Request, officer: Officer) -> Response:
        said = await self._read(request)
        hand = table(said.get("hand_to"), "hand_to")
        default = text(hand.get("default"), "hand_to/default")
        by_venue = {
            text(venue, "hand_to/by_venue"): text(who, "hand_to/by_venue")
            for venue, who in table(hand.get("by_venue") or {}, "hand_to/by_venue").items()
        }
        note = text(said["note"], "note", 500) if said.get("note") else ""
        preview = request.query_params.get("preview", "0") not in ("", "0", "false")
        found = await self._head.leave(
            request.path_params["id"], default, by_venue, note, officer.id, now_ms(), preview=preview
        )
        return JSONResponse(found, 200 if preview else 201)

    # --- expected ---------------------------------------------------------------------------------------------------

    async def _expected(self, request: Request, officer: Officer) -> Response:
        asked = request.query_params
        found = await self._head.expected(asked.get("venue", ""), asked.get("from"), asked.get("until"), now_ms())
        return JSONResponse(found)

    async def _expect(self, request: Request, officer: Officer) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] == "text/csv":
            rows = self._head.csv((await request.body()).decode("utf-8", "replace"))
        else:
            rows = [await self._read(request)]
        return JSONResponse(await self._head.expect(rows, officer.id, now_ms()), 201)

    async def _cancel(self, request: Request, officer: Officer) -> Response:
        if not await self._house.store.cancel_expected(request.path_params["id"], officer.id, now_ms()):
            raise HubProblem("unknown", what="announcement")
        return Response(status_code=204)


def _our_own_page(request: Request) -> None:
    """Raises HubProblem for what another site's page has a browser send: a cookie alone vouches for nobody."""
    if request.method == "GET":
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    theirs = origin is not None and origin.partition("://")[2] != request.headers.get("host", "")
    if site not in (None, "same-origin") or theirs:
        raise HubProblem("role", role="this hub's own page")
