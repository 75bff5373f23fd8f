"""The club's doors at a hub: for who keeps the books, for partners, and for the boxes that pass on what tills ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.club import api, reading
from gateway.club.api import Said
from gateway.club.ledger import Ledger
from gateway.club.problems import Refused
from gateway.club.watch import watch
from gateway.hub.club_roll import RollKeeper
from gateway.hub.club_roll_doors import RollDoors
from gateway.hub.house import House, now_ms
from gateway.hub.link import bearer
from gateway.hub.office_doors import OfficeDoors
from gateway.hub.problems import HubProblem

Door = Callable[[Request], Awaitable[Response]]
CLUB, PARTNER = "club", "partner"
OF_PARTNER = f"{PARTNER}:"
"""Before a partner's id: the role of somebody who sees that partner's own numbers."""
AT_TILLS = frozenset({"earn", "grant", "burn", "reserve", "post", "void", "refund", "withdraw"})
"""What a partner's box may ask to be booked."""
MONTH_MS = 31 * 86_400_000
BLIND = frozenset({"withdraw"})
"""Kinds that may name a transfer that is not there."""


class Asker(NamedTuple):
    """Who asks: the club's office, or somebody of one partner; ``box`` where it is a venue's gateway."""

    club: bool
    partner: str
    box: bool = False
    venue: str = ""


class ClubDoors:
    """What is asked of one club's ledger by HTTP."""

    def __init__(self, house: House, ledger: Ledger, keeper: RollKeeper, office: OfficeDoors) -> None:
        self._house = house
        self._ledger = ledger
        self._office = office
        partners = ledger.rules.config.partners
        self._partner_of = {brand: each.id for each in partners for brand in each.brands}
        self._roll = RollDoors(keeper, ledger, self._partner_of)

    def routes(self, guarded: Callable[[Door], Door]) -> list[BaseRoute]:
        """Every door below ``/api/club``."""
        doors = (
            ("transfers", "POST"), ("transfers/{id}", "GET"), ("members", "POST"), ("codes", "POST"),
            ("codes/used", "POST"), ("members/forgotten", "POST"), ("members/{id}", "GET"),
            ("members/{id}/lots", "GET"),
            ("statements", "POST"), ("statements", "GET"), ("statements/{id}", "GET"), ("liability", "GET"),
            ("blocks", "GET"), ("standing", "GET"), ("watch", "GET"),
        )  # fmt: skip
        return [
            Route(f"/api/club/{path}", guarded(self._entered), methods=[method]) for path, method in doors
        ]  # fmt: skip

    async def _entered(self, request: Request) -> Response:
        asker = await self._asker(request)
        body = await self._office.read(request) if request.method == "POST" else None
        try:
            said = await self._answer(asker, request, body)
        except Refused as refused:
            said = api.refusal(refused)
        headers = {"cache-control": "no-store"}
        if said.text is not None:
            return Response(said.text, said.status, headers, media_type=said.media_type)
        return JSONResponse(said.body, said.status, headers, media_type=said.media_type)

    async def _asker(self, request: Request) -> Asker:
        """Who holds the token or the cookie; raises HubProblem."""
        if "authorization" in request.headers:
            signed = await self._house.store.members.session(bearer(request.headers), now_ms())
            partner = self._partner_of.get(signed.box.brand)
            if partner is None:
                raise HubProblem("not-yours", why="its brand is of no partner of the club")
            return Asker(False, partner, True, signed.box.venue)
        officer = await self._office.officer(request)
        partners = [role.removeprefix(OF_PARTNER) for role in officer.roles if role.startswith(OF_PARTNER)]
        if CLUB in officer.roles:
            return Asker(True, "")
        if not partners:
            raise HubProblem("role", role=f"{CLUB} or {PARTNER}")
        return Asker(False, partners[0])

    async def _answer(self, asker: Asker, request: Request, body: Mapping[str, Any] | None) -> Said:
        path, query = request.url.path, dict(request.query_params)
        what = path.removeprefix(api.PREFIX).split("/")
        if what == ["standing"]:
            return Said(200, self._house.club_state)
        if (method := request.method) == "POST" and what[0] in ("members", "codes"):
            return await self._roll.answer(asker.partner, asker.venue, what, body or {})
        if not asker.club:
            await self._may(asker, method, what, query, body)
        if what == ["watch"]:
            return Said(200, await watch(self._ledger, now_ms() - MONTH_MS))
        if what == ["blocks"]:
            return Said(200, await reading.blocks(self._ledger, asker.partner or query.get("partner", "")))
        found = await api.answer(self._ledger, request.method, path, query, body, now_ms())
        if found is None:
            raise HubProblem("unknown", what="door")
        if asker.box and what[2:] == ["lots"]:
            return Said(200, {**found.body, "names": self._roll.partner_names()})
        if what == ["liability"] and not asker.club:
            partners = found.body["partners"]
            return Said(200, {"partners": {asker.partner: partners.get(asker.partner)}})
        return found

    async def _may(
        self, asker: Asker, method: str, what: list[str], query: dict[str, str], body: Mapping[str, Any] | None
    ) -> None:
        """Raises HubProblem for what is no business of a partner; narrows what it asks for to its own."""
        match method, what:
            case "GET", ["statements", _] if not asker.box:
                query["partner"] = asker.partner
            case "GET", ["statements"] | ["liability"] | ["blocks"] if not asker.box:
                pass
            case "POST", ["transfers"] if asker.box and body is not None:
                batch = body.get("transfers", [body])
                for each in batch if isinstance(batch, list) else []:
                    await self._may_book(asker, each)
            case "GET", ["transfers", id_] if asker.box:
                await self._is_theirs(asker, id_)
            case "GET", ["members", _] if asker.box:
                pass
            case "GET", ["members", member, "lots"] if asker.box and "customer" in query:
                await self._roll.own(asker.venue, member, query.pop("customer", ""))
            case _:
                raise HubProblem("role", role=CLUB)

    async def _may_book(self, asker: Asker, said: Any) -> None:
        if not isinstance(said, dict):
            return  # refused for its shape
        kind, of = said.get("kind"), said.get("of")
        if isinstance(kind, str) and kind not in AT_TILLS:
            raise HubProblem("role", role=CLUB)
        if said.get("partner") not in (None, asker.partner) or (of is None and said.get("partner") is None):
            raise HubProblem("not-yours", why="a box books for its own partner alone")
        if kind == "void" and said.get("force"):
            raise HubProblem("role", role=CLUB)
        if isinstance(of, str):
            await self._is_theirs(asker, of, there=kind not in BLIND)

    async def _is_theirs(self, asker: Asker, id_: str, *, there: bool = True) -> None:
        """What another partner booked is answered as what is not there."""
        partner = await reading.partner_of(self._ledger, id_)
        if partner is None and not there:
            return
        if partner != asker.partner:
            raise Refused("no-such-transfer")
