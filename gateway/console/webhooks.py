"""Webhooks: how each is, what waits for it, one try now, and what it was sent lately once more."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request, Response

from gateway.console.act import respond
from gateway.console.bodies_settings import Replay
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.operations.partners import PartnerHook
from gateway.operations.webhooks import Hook

router = Routes(prefix="/api/webhooks", tags=["operations"])
NO_REPLAY = "a partner is sent what is due to it, and nothing twice"


@router.get("", response_model="list[answers_repairs.WebhookStanding]", dependencies=[right("equip")])
async def every(request: Request) -> Response:
    """Every webhook: whether its receiver takes what it is sent, and how much waits."""
    newest = request.app.state.live.sequence
    return respond([_shape(each, newest) for each in request.app.state.hooks])


@router.post("/{webhook}/send", status_code=204, responses=documented(404), dependencies=[right("equip")])
async def send(webhook: str, request: Request) -> Response:
    """Tries at once what waits, without the wait between tries."""
    _hook(request.app.state.hooks, webhook).at_once()
    return Response(status_code=204)


@router.post(
    "/{webhook}/replay",
    response_model="answers_repairs.Replayed",
    responses=documented(404, 409),
    dependencies=[right("admit")],
)
async def replay(webhook: str, body: Replay, request: Request) -> Response:
    """Sends the last events once more, as far as they are known; the receiver knows each by its id. 409 of a partner.

    Who has stopped meanwhile is in none of them.
    """
    hook = _hook(request.app.state.hooks, webhook)
    if isinstance(hook, PartnerHook):
        raise Problem(409, NO_REPLAY)
    if hook.ended:
        raise Problem(409, "its receiver answered that it is gone: give it another address first")
    return respond({"from": hook.replay(body.events, request.app.state.live.sequence)})


def _hook(hooks: Sequence[Hook | PartnerHook], name: str) -> Hook | PartnerHook:
    found = next((each for each in hooks if each.config.name == name), None)
    if found is None:
        raise Problem(404, "there is no such webhook")
    return found


def _shape(hook: Hook | PartnerHook, newest: int) -> dict[str, object]:
    return {
        "name": hook.config.name, "url": hook.config.url, "partner": hook.config.partner,
        "state": "ended" if hook.ended else "lost" if hook.fault else "up", "fault": hook.fault,
        "waiting": hook.waiting(newest), "events": list(hook.config.events),
    }  # fmt: skip
