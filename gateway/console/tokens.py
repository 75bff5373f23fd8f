"""Tokens: what lets programs in; made, listed, and ended at once."""

from __future__ import annotations

from fastapi import Request, Response

from gateway.console.act import House, respond
from gateway.console.bodies import NewToken
from gateway.console.giving import SCOPES_OF_A_PROGRAM, SCOPES_OF_A_ROLE, more_than, scopes_in, withheld
from gateway.console.problems import Problem, documented
from gateway.console.programs import Programs
from gateway.console.roles import Principal
from gateway.console.routes import Routes
from gateway.console.secrets import door_of, new_token
from gateway.console.security import Who, right
from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape, iso_or_none
from gateway.events.event import News
from gateway.events.times import DAY, iso, new_id
from gateway.records import staff as records

router = Routes(prefix="/api/tokens", tags=["tokens"])


@router.get("", response_model="list[answers.Token]", dependencies=[right("programs")])
async def every(request: Request, house: House) -> Response:
    """The tokens that are good, oldest first; never the token itself, which nobody keeps."""
    programs: Programs = request.app.state.sessions.programs
    return respond([_shape(each, programs) for each in records.list_tokens(house.store.reader)])


def _shape(token: records.Token, programs: Programs) -> Shape:
    used_at, used_from = programs.used(token)
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "staff": token.staff,
        "scopes": scopes_in(token.role, token.scopes),
        "whole": token.scopes is None,
        "from_before": programs.from_before(token),
        "created_at": iso(token.created_at),
        "until": iso_or_none(token.until),
        "last_used": iso_or_none(used_at),
        "used_from": used_from,
    }


@router.post(
    "",
    status_code=201,
    response_model="answers.NewlyMadeToken",
    responses=documented(503, 507),
    dependencies=[right("programs")],
)
async def make(body: NewToken, request: Request, house: House, who: Who) -> Response:
    """Makes a token and answers it, once: what is kept is its hash, so no Idempotency-Key brings it back.

    Nobody gives a program what they may not do themselves.
    """
    _may_make(body, who)
    now, secret, token = house.memory.now(), new_token(), new_id(house.memory.now())
    until = now + _days(body, house) * DAY
    scopes = None if body.scopes is None else list(dict.fromkeys(body.scopes))
    said = {"role": body.acts_as, "staff": body.staff, "name": body.name or "", "scopes": scopes, "until": iso(until)}

    def decide() -> Action:
        _may_stand_for(house, body.acts_as, body.staff)
        made = News("token.made", token, {"token": token, "hash": door_of(secret), **said}, id=token)
        kept = records.Token(token, body.acts_as, body.staff, now, body.name or "", scopes, until)
        answer = {**_shape(kept, request.app.state.sessions.programs), "token": secret}
        return Action(answer, 201, news=[made], rests_on=frozenset({body.staff} if body.staff else ()))

    action = await house.act(decide, who.id)
    return respond(action.answer, action.status)


def _may_make(body: NewToken, who: Principal) -> None:
    if body.scopes is not None and body.acts_as != "integration":
        raise Problem(422, SCOPES_OF_A_ROLE)
    if lacking := withheld(who, body.acts_as, body.scopes, body.staff):
        raise Problem(403, lacking)
    if body.scopes is None and body.staff is None and not who.may("own"):
        raise Problem(422, SCOPES_OF_A_PROGRAM)


def _days(body: NewToken, house: Gateway) -> int:
    rules = house.config.programs
    if body.days is not None and body.days > rules.most_days:
        raise Problem(422, f"days: a token lasts {rules.most_days} days at the most here ([programs] most_days)")
    return rules.days if body.days is None else body.days


def _may_stand_for(house: Gateway, role: str, staff: str | None) -> None:
    member = house.memory.floor.member(staff) if staff is not None else None
    if staff is not None and member is None:
        raise Problem(422, f"there is no member of staff {staff!r}")
    if member is not None and (more := more_than(role, member.roles, staff)):
        raise Problem(422, more)


@router.delete("/{token}", status_code=204, responses=documented(404, 503, 507), dependencies=[right("programs")])
async def revoke(token: str, request: Request, house: House, who: Who) -> Response:
    """Ends a token at once, and the sockets that it opened."""

    def good() -> str:
        door = records.door_of_token(house.store.reader, token)
        if door is None:
            raise Problem(404, f"there is no good token {token!r}; moments token list names them")
        return door

    def decide() -> Action:
        good()
        return Action(None, 204, news=[News("token.revoked", token, {"token": token, "because": "ended"})])

    door = good()
    await house.act(decide, who.id)
    request.app.state.live.drop(door)
    return respond(None, 204)
