"""The settings of the house: shown, changed while it runs, and changed back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request, Response

from gateway.console.act import Act, Performer, respond
from gateway.console.bodies_settings import Leave, NewSettings, ProposedSettings
from gateway.console.problems import Problem, documented
from gateway.console.roles import Principal
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.action import Action
from gateway.operations.live_settings import Because, LiveSettings, NotNow, Proposal
from gateway.settings.changes import Change, NotThere
from gateway.settings.described import drivers
from gateway.settings.mistakes import BadConfig

log = logging.getLogger(__name__)

OF_EQUIPMENT = frozenset({"zones", "readers", "places", "moments", "alerts", "presence"})
"""The tables that whoever equips the house may change; the others say who sees what, and what leaves the house."""
NOT_THEIRS = "a manager changes this table: it says who sees what, what is kept, or who is let in"
MISTAKEN = "venue.toml would not be good so"

router = Routes(prefix="/api/settings", tags=["settings"])


async def _of_house(request: Request) -> LiveSettings:
    found: LiveSettings = request.app.state.settings
    return found


Live = Annotated[LiveSettings, Depends(_of_house)]


@router.get(
    "", response_model="answers_settings.Settings", responses=documented(409, 422), dependencies=[right("equip")]
)
async def settings(live: Live) -> Response:
    """What ``venue.toml`` says, and what was changed in it lately."""
    with _in_words():
        return respond({**await live.look(), "drivers": drivers()})


@router.post(
    "/preview",
    response_model="answers_settings.Difference",
    responses=documented(404, 409, 422),
    dependencies=[right("equip")],
)
async def preview(body: ProposedSettings, live: Live) -> Response:
    """What these changes come to, checked as the file is; nothing is another for it. 422 names every mistake."""
    with _in_words():
        return respond((await live.propose(_rows(body), body.version, body.text)).shape())


@router.post(
    "/changes",
    response_model="answers_settings.MadeDifference",
    responses=documented(404, 409, 422),
    dependencies=[right("equip")],
)
async def change(body: NewSettings, live: Live, act: Act, who: Who) -> Response:
    """The settings are these from now on, in the file and in the house; 409 where somebody wrote the file by hand."""
    because: Because = "screen" if who.by_cookie else "command"
    if not body.changes and body.text is None:
        because = "by_hand"

    async def proposed() -> Proposal:
        return await live.propose(_rows(body), body.version, body.text)

    return await _made(live, act, who, proposed, because, leave=body.leave)


@router.post(
    "/changes/{change}/undo",
    response_model="answers_settings.MadeDifference",
    responses=documented(404, 409, 422),
    dependencies=[right("equip")],
)
async def undo(change: str, body: Leave, live: Live, act: Act, who: Who) -> Response:
    """A change of before is taken back, also after others; 404 where the same lines have been changed since."""
    return await _made(live, act, who, lambda: live.back(change), "undone", leave=body.leave, undoes=change)


async def _made(
    live: LiveSettings, act: Performer, who: Principal, proposed: Callable[[], Awaitable[Proposal]], because: Because,
    *, leave: bool, undoes: str | None = None,
) -> Response:  # fmt: skip
    """Written, recorded, and taken up; where it cannot be recorded, the file is as it was."""
    done: list[Action] = []

    async with live.turn:
        first = act.answered()
        if first is not None:
            return first
        with _in_words():
            proposal = await proposed()
            _may(who, proposal.tables)
            live.allowed(proposal, leave=leave)
            await live.write(proposal)

        def make() -> Action:
            done[:] = [live.action(proposal, because, undoes)]
            return done[0]

        try:
            answer = await act(lambda actor, now: make())
        except BaseException:
            await live.unwrite(proposal)
            raise
        await live.take_up(proposal, done[0].answer["change"])
    return answer


def _may(who: Principal, tables: Iterable[str]) -> None:
    if not OF_EQUIPMENT.issuperset(tables) and not who.may("admit"):
        raise Problem(403, NOT_THEIRS)


def _rows(body: ProposedSettings) -> list[Change]:
    return [Change(each.table, each.at, each.value) for each in body.changes]


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except BadConfig as bad:
        raise Problem(422, MISTAKEN, mistakes=list(bad.mistakes)) from None
    except NotThere as missing:
        raise Problem(404, str(missing)) from None
    except NotNow as refused:
        raise Problem(409, str(refused)) from None
    except OSError as error:
        log.warning("venue.toml cannot be written: %s", error.strerror)
        raise Problem(409, f"venue.toml cannot be written: {(error.strerror or str(error)).lower()}") from None
