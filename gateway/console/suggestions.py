"""What is suggested about whom, and what became of it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response

from gateway.console.act import Act, House
from gateway.console.bodies_insight import SuggestionAnswer
from gateway.console.insight import MANY, After, Form, Found, Limit, listed
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core import suggested, suggestions
from gateway.core.suggested import Suggestion
from gateway.insight.acts import Effect

router = Routes(prefix="/api", tags=["insight"])
SuggestionPath = Annotated[str, Path(max_length=64)]
State = Annotated[Literal["open", "done", "dismissed", "all"], Query()]
NEWEST = "what is owed first, then the newest"
DIGITS = 4


@router.get(
    "/insight/suggestions", response_model="answers_worth.SuggestionsPage", responses=MANY, dependencies=[right("lead")]
)
async def every(
    book: Found, house: House, who: Who, state: State = "open", after: After = None, limit: Limit = 200,
    form: Form = "json",
) -> Response:  # fmt: skip
    """The one thing to do for each customer now, and why; what chance held out says only that it did."""
    there = await asyncio.to_thread(read, house)
    whose = house.memory.family.root
    theirs = [each for each in there if whose(each.customer) in book.rows]
    wanted = [each for each in theirs if state in ("all", each.state)]
    wanted.sort(key=lambda each: (each.drawn["duty"], each.drawn["at"], each.id), reverse=True)
    rows = [suggestions.row(house, each, lead=True) for each in wanted]
    found = await asyncio.to_thread(suggestions.effects_of, theirs, book, whose, house.config.insight.horizon_days)
    answer = listed(
        house, who, book, {"rows": rows, "effects": [effect(each) for each in found]}, NEWEST, after, limit,
        ("suggestions", form),
    )  # fmt: skip
    await _told(house, who, wanted)
    return answer


def read(house: House) -> list[Suggestion]:
    """Every suggestion there is; belongs in a thread."""
    with closing(house.store.open_reader()) as reader:
        return suggested.of(reader)


async def _told(house: House, who: Who, wanted: list[Suggestion]) -> None:
    """That somebody was shown these for the first time."""
    new = [each for each in wanted if each.shown_at is None and not each.drawn["held"] and each.state == "open"]
    now = house.memory.now()
    if new:
        await house.record([suggested.shown(each, "list", who.id, now) for each in new], who.id)


def effect(of: Effect) -> dict[str, Any]:
    """What one act did, as it is answered."""
    difference = of.difference
    told = (
        None
        if difference is None
        else [round(each, DIGITS) for each in (difference.value, difference.low, difference.high)]
    )
    seen = None if of.could_be_seen is None else round(of.could_be_seen, DIGITS)
    return {
        "act": of.act, "shown": of.shown, "shown_returned": of.shown_returned, "held": of.held,
        "held_returned": of.held_returned, "difference": told, "could_be_seen": seen,
    }  # fmt: skip


@router.post(
    "/suggestions/{suggestion}/done", response_model="answers_suggestions.SuggestionOf", responses=documented(404, 409),
    dependencies=[right("advise")],
)  # fmt: skip
async def done(suggestion: SuggestionPath, body: SuggestionAnswer, house: House, act: Act) -> Response:
    """Somebody did it; the same once more changes nothing."""
    return await act(lambda actor, now: suggestions.end(house, suggestion, "done", body.why, actor, now))


@router.post(
    "/suggestions/{suggestion}/dismiss", response_model="answers_suggestions.SuggestionOf",
    responses=documented(404, 409), dependencies=[right("advise")],
)  # fmt: skip
async def dismiss(suggestion: SuggestionPath, body: SuggestionAnswer, house: House, act: Act) -> Response:
    """It is not to be done: why is what the next one learns from."""
    return await act(lambda actor, now: suggestions.end(house, suggestion, "dismissed", body.why, actor, now))
