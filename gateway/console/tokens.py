"""Tokens: what lets programs in; made, listed, and ended at once."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.console.act import House, respond
from gateway.console.answers import NewlyMadeToken, Token
from gateway.console.bodies import NewToken
from gateway.console.problems import Problem, documented
from gateway.console.secrets import door_of, new_token
from gateway.console.security import Who, right
from gateway.core.action import Action
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import staff as records

router = APIRouter(prefix="/api/tokens", tags=["tokens"])


@router.get("", response_model=list[Token], dependencies=[right("admit")])
async def every(house: House) -> Response:
    """The tokens that are good, oldest first; never the token itself, which nobody keeps."""
    good = records.list_tokens(house.store.reader)
    return respond(
        [{"id": each.id, "role": each.role, "staff": each.staff, "created_at": iso(each.created_at)} for each in good]
    )


@router.post(
    "", status_code=201, response_model=NewlyMadeToken, responses=documented(503, 507), dependencies=[right("admit")]
)
async def make(body: NewToken, house: House, who: Who) -> Response:
    """Makes a token and answers it, once: what is kept is its hash, so no Idempotency-Key brings it back."""
    now, secret = house.memory.now(), new_token()
    token, facts = new_id(now), {"role": body.role, "staff": body.staff}

    def decide() -> Action:
        if body.staff is not None and house.memory.floor.member(body.staff) is None:
            raise Problem(422, f"there is no member of staff {body.staff!r}")
        made = News("token.made", token, {"token": token, "hash": door_of(secret), **facts}, id=token)
        answer = {"id": token, **facts, "created_at": iso(now), "token": secret}
        return Action(answer, 201, news=[made], rests_on=frozenset({body.staff} if body.staff else ()))

    action = await house.act(decide, who.id)
    return respond(action.answer, action.status)


@router.delete("/{token}", status_code=204, responses=documented(404, 503, 507), dependencies=[right("admit")])
async def revoke(token: str, request: Request, house: House, who: Who) -> Response:
    """Ends a token at once, and the sockets that it opened."""

    def good() -> str:
        door = records.door_of_token(house.store.reader, token)
        if door is None:
            raise Problem(404, f"there is no good token {token!r}; moments token list names them")
        return door

    def decide() -> Action:
        good()
        return Action(None, 204, news=[News("token.revoked", token, {"token": token})])

    door = good()
    await house.act(decide, who.id)
    request.app.state.live.drop(door)
    return respond(None, 204)
