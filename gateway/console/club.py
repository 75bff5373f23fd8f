"""The club's points at a venue: what tablets and tills ask is passed on to the hub, which alone keeps the books."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from gateway.console.act import House
from gateway.console.bodies_club import ClubRequest, ClubRequests
from gateway.console.problems import MEDIA_TYPE, Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.club_line import NOT_NOW, WITHOUT, Away
from gateway.core.gateway import Gateway

router = Routes(prefix="/api/club", tags=["club"])

URN = "urn:moments:problem:"
OFFLINE = f"{URN}offline"
SPENDING = frozenset({"burn", "reserve", "post"})
SOLD = SPENDING | {"earn"}
NOTHING_SOLD = "nothing is sold here: points are neither earned nor spent, and may be given"
REFUSED = documented(404, 503)


@router.post(
    "/transfers",
    status_code=201,
    response_model="answers_club.ClubBooked | answers_club.ClubSeveral",
    responses=documented(403, 404, 409, 503, answers={200: "answers_club.ClubBooked"}),
    dependencies=[right("points")],
)
async def book(body: ClubRequest | ClubRequests, house: House, who: Who) -> Response:
    """One request of a till, or several: 201 with the answer, 200 with the same one the second time.

    The id is the key: sent again it books once. Without the hub nothing is spent, and nothing waits.
    """
    said = body.model_dump(exclude_unset=True)
    each = body.transfers if isinstance(body, ClubRequests) else [body]
    if house.config.venue.kind == "community" and any(one.kind in SOLD for one in each):
        raise Problem(403, NOTHING_SOLD, type=f"{URN}nothing-sold-here")
    for one in said.get("transfers", [said]):
        _ours(one, house, who.id)
    return await passed_on(house, "POST", "transfers", said, spends=any(one.kind in SPENDING for one in each))


@router.get(
    "/transfers/{transfer}",
    response_model="answers_club.ClubTransfer",
    responses=REFUSED,
    dependencies=[right("points")],
)
async def transfer(transfer: str, house: House) -> Response:
    """What was booked here by an id, with its entries."""
    return await passed_on(house, "GET", f"transfers/{_plain(transfer)}")


@router.get(
    "/members/{member}", response_model="answers_club.ClubMember", responses=REFUSED, dependencies=[right("points")]
)
async def member(member: str, house: House) -> Response:
    """The points of a member number, and when they end."""
    return await passed_on(house, "GET", f"members/{_plain(member)}")


def _ours(said: dict[str, Any], house: Gateway, by: str) -> None:
    """Says where a request was made and by whom, where the till does not."""
    venue = house.config.venue.id
    if said.setdefault("venue", venue) != venue:
        raise Problem(403, "venue: expected this one")
    said.setdefault("by", by)


def _plain(id_: str) -> str:
    if not id_ or not all(each.isascii() and (each.isalnum() or each in "-_:") for each in id_):
        raise Problem(404, "there is no such number in the club")
    return id_


async def passed_on(
    house: Gateway, method: str, path: str, body: dict[str, Any] | None = None, *, spends: bool = False
) -> Response:
    """What the hub answers, refusals too; raises Problem where this venue is of no club, or its hub away."""
    if house.club is None:
        raise Problem(404, "this venue is of no club")
    try:
        found = await house.club.ask(method, path, body)
    except Away:
        raise Problem(503, WITHOUT if spends else NOT_NOW, type=OFFLINE) from None
    headers = {"cache-control": "no-store"}
    media = MEDIA_TYPE if found.status >= 400 else "application/json"
    return JSONResponse(found.body, found.status, headers, media_type=media)
