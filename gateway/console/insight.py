"""What a run found: worth, risk, stages, relations, spend, and one person with all that it rests on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, Query, Request, Response

from gateway.console import table_files
from gateway.console.act import Act, House, respond
from gateway.console.bodies_insight import NewRun, RunTold, WhatIf
from gateway.console.customers import CustomerPath
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.table_files import Format
from gateway.core import insight_morning, suggested, suggestions
from gateway.core.action import Action
from gateway.core.actions.customers import known
from gateway.core.actions.entries import URN
from gateway.core.insight_book import WAYS_TO_GROUP, Book, NoSuchWay, part
from gateway.core.suggested import Suggestion
from gateway.events.event import HOUSE, News
from gateway.operations.insight_runs import Insights, NoRunYet, UnderWay, UnknownRun

router = Routes(prefix="/api/insight", tags=["insight"])
_FILE = {"schema": {"type": "string", "format": "binary"}}
UNKNOWN = documented(404, 409)
MANY: dict[int | str, dict[str, Any]] = {**UNKNOWN, 200: {"content": {"text/csv": _FILE, table_files.XLSX: _FILE}}}
Row = dict[str, Any]

MARGIN = "net, highest first"
ORDERS = {
    "silent": "days silent, longest first",
    "silent_by_contacts": "days silent for each day of contact, most first",
    "ratio": "days silent beside their own rhythm, most first",
    "model": "chance of coming again, least first",
}
"""How the silent are ordered: what the house's own past found best, the plainest first where none is better."""
BY_ID = "customer"
BY_THEIR_ID = ("spend", "suggestions")
"""Lists whose rows have an id of their own."""
REASON = "no reason first, then by day"
Run = Annotated[str | None, Query(max_length=64)]
After = Annotated[str | None, Query(max_length=128)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Form = Annotated[Format, Query(alias="format")]


async def insights_of(request: Request) -> Insights:
    """The runs of this house."""
    found: Insights = request.app.state.insights
    return found


Runs = Annotated[Insights, Depends(insights_of)]


async def _book(runs: Runs, run: Run = None) -> Book:
    """What the asked run found, by default the last one."""
    try:
        return await runs.book(run)
    except NoRunYet:
        raise Problem(409, "nothing was worked out yet: start a run", type=f"{URN}no-run-yet") from None
    except UnknownRun:
        raise Problem(404, "there is no such run", type=f"{URN}run-unknown") from None


Found = Annotated[Book, Depends(_book)]


# --- runs ------------------------------------------------------------------------------------------------------------


@router.post(
    "/runs",
    status_code=202,
    response_model="answers_worth.RunBegun",
    responses=documented(409),
    dependencies=[right("lead")],
)
async def start(runs: Runs, body: NewRun | None = None) -> Response:
    """Works everything out as of a day, today where none is named, in a process of its own; one at a time."""
    asked = body or NewRun()
    try:
        return respond({"run": runs.start(asked.on or asked.ends, asked.begins)}, 202)
    except UnderWay:
        raise Problem(409, "a run is under way", type=f"{URN}run-under-way") from None


@router.get(
    "/runs/{run}", response_model="answers_worth.RunState", responses=documented(404), dependencies=[right("lead")]
)
async def state(run: str, runs: Runs) -> Response:
    """How far a run is."""
    try:
        found = runs.state(run)
    except UnknownRun:
        raise Problem(404, "there is no such run", type=f"{URN}run-unknown") from None
    told = {"state": found.state, "phase": found.phase, "share": found.share, "words": found.words}
    return respond({"run": run, **told})


@router.post("/computed", response_model="answers_worth.Computed", dependencies=[right("own")])
async def computed(body: RunTold, act: Act, runs: Runs, later: BackgroundTasks) -> Response:
    """A run of this machine says what it made: the journal has it, and what it suggests is drawn."""
    told = body.model_dump()
    answer = await act(lambda actor, now: Action({"run": body.run}, news=[News("insight.computed", HOUSE, told)]))
    later.add_task(runs.draw)
    answer.background = later
    return answer


# --- what they found -------------------------------------------------------------------------------------------------


@router.get("/morning", response_model="answers_worth.MorningPage", responses=MANY, dependencies=[right("lead")])
async def morning(book: Found, house: House, who: Who, form: Form = "json") -> Response:
    """One sentence of each page, as figures, and whom it is about: what a manager reads first."""
    told = await asyncio.to_thread(insight_morning.sentences, book)
    if form != "json":
        lines = [{name: each[name] for name in ("page", "count", "of", "share", "amount")} for each in told]
        return table_files.answer(lines, f"morning-{book.run.on}", form)
    shown = list(dict.fromkeys(each for sentence in told for each in sentence["people"]))
    house.looks.found(shown, who.id)
    return respond({**head(house, book, ORDERS[book.ordered_by], shown), "sentences": told})


@router.get("/worth", response_model="answers_worth.WorthPage", responses=MANY, dependencies=[right("lead")])
async def worth(
    book: Found, house: House, who: Who, after: After = None, limit: Limit = 200, form: Form = "json"
) -> Response:
    """What each customer brings and costs, the best first, and how it is spread."""
    page = await asyncio.to_thread(lambda: {**book.worth, "curve": book.curve()})
    return listed(house, who, book, page, MARGIN, after, limit, ("worth", form))


@router.get("/risk", response_model="answers_worth.RiskPage", responses=MANY, dependencies=[right("lead")])
async def risk(
    book: Found, house: House, who: Who, after: After = None, limit: Limit = 200, form: Form = "json"
) -> Response:
    """Who has gone silent beside their own rhythm, ordered as the house's own past found best, and what to do."""
    every = await asyncio.to_thread(_suggested, house)
    rows = [{**each, "suggestion": _brief(house, every.get(each["customer"]))} for each in book.risk["rows"]]
    return listed(house, who, book, {**book.risk, "rows": rows}, ORDERS[book.ordered_by], after, limit, ("risk", form))


@router.get("/stages", response_model="answers_worth.StagesPage", responses=MANY, dependencies=[right("lead")])
async def stages(
    book: Found, house: House, who: Who, after: After = None, limit: Limit = 200, form: Form = "json"
) -> Response:
    """Where everybody stands since when and why, and how many of each month are still active."""
    return listed(house, who, book, book.stages, BY_ID, after, limit, ("stages", form))


@router.get("/network", response_model="answers_worth.NetworkPage", responses=MANY, dependencies=[right("lead")])
async def network(
    book: Found, house: House, who: Who, after: After = None, limit: Limit = 200, form: Form = "json"
) -> Response:
    """Who knows whom by their own word, and what others would lose with them."""
    page = await asyncio.to_thread(lambda: book.network)
    return listed(house, who, book, page, BY_ID, after, limit, ("network", form))


@router.post("/what-if", response_model="answers_worth.WhatIfAnswer", responses=UNKNOWN, dependencies=[right("lead")])
async def what_if(body: WhatIf, book: Found, house: House, who: Who) -> Response:
    """What would be, were these to meet or one gone; it is kept nowhere, that it was looked at is."""
    if (body.gathering is None) == (body.without is None):
        raise Problem(422, "expected gathering or without, one of them")
    named = body.gathering if body.gathering is not None else [body.without or ""]
    roots = [house.memory.family.root(each) for each in named]
    for each in roots:
        if each not in book.rows:
            raise Problem(404, "there is no such customer")
    rows = await asyncio.to_thread(
        lambda: book.if_they_met(roots) if body.gathering is not None else book.without(roots[0])
    )
    house.looks.found(roots, who.id)
    return respond({**head(house, book, BY_ID, [each["customer"] for each in rows]), "rows": rows})


@router.get("/spend", response_model="answers_worth.SpendPage", responses=MANY, dependencies=[right("lead")])
async def spend(
    book: Found, house: House, who: Who, by: str = "lever", after: After = None, limit: Limit = 200,
    form: Form = "json",
) -> Response:  # fmt: skip
    """Where the money went: whom, why, how, what, approved by whom and with what result; no reason first."""
    try:
        page = await asyncio.to_thread(book.spend, by)
    except NoSuchWay:
        raise Problem(422, f"by: expected one of {', '.join(WAYS_TO_GROUP)}") from None
    return listed(house, who, book, page, REASON, after, limit, ("spend", form))


@router.get(
    "/customers/{customer}",
    response_model="answers_worth.PersonInsight",
    responses=UNKNOWN,
    dependencies=[right("lead")],
)
async def person(customer: CustomerPath, book: Found, house: House, who: Who) -> Response:
    """All of one person with what it rests on; of who has not agreed the same as of who is not known."""
    found = await asyncio.to_thread(book.person, customer) if house.customer(customer) else None
    if found is None:
        raise Problem(404, "there is no such customer")
    known(house, customer)
    house.looks.at(customer, who.id, "list")
    told = suggestions.explained(house, customer, house.memory.now())
    return respond({**head(house, book, BY_ID, _named([found])), **found, "suggestions": told})


def _suggested(house: House) -> dict[str, Suggestion]:
    """Of each customer the newest suggestion that is open."""
    with closing(house.store.open_reader()) as reader:
        every = suggested.of(reader)
    return {house.memory.family.root(each.customer): each for each in every if each.state == "open"}


def _brief(house: House, found: Suggestion | None) -> Row | None:
    if found is None:
        return None
    told = suggestions.row(house, found, lead=True)
    return {name: told[name] for name in ("id", "act", "held", "words", "to", "to_name")}


# --- answers ---------------------------------------------------------------------------------------------------------


def listed(
    house: House, who: Who, book: Book, page: Mapping[str, Any], ordered: str, after: str | None, limit: int,
    file: tuple[str, Format],
) -> Response:  # fmt: skip
    """A part of a page's rows with its head, or all of them as a file; that they were looked at is told."""
    name, form = file
    key = "id" if name in BY_THEIR_ID else "customer"
    after = house.memory.family.root(house.names.ours(after)) if after and key == "customer" else after
    if form != "json":
        named = [_with_name(house, row) for row in page["rows"]]
        house.looks.found(_named(page["rows"]), who.id)
        return table_files.answer(house.names.told(named), f"{name}-{book.run.on}", form)
    some = part(list(page["rows"]), after, limit, key)
    shown = _named([*some.rows, *page.get("ties", ()), {"only": page.get("only_money", [])}])
    house.looks.found(shown, who.id)
    begin = head(house, book, ordered, shown)
    return respond({**begin, **page, "rows": some.rows, "after": some.after})


def head(house: House, book: Book, ordered: str, shown: Iterable[str]) -> Row:
    """What every answer has, with the names of whoever is shown."""
    names = {each: person.name for each in shown if (person := house.customer(each)) is not None}
    return {**book.head(ordered), "names": names}


def _named(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Whoever is in these rows."""
    found: dict[str, None] = {}
    for row in rows:
        for name in ("customer", "a", "b"):
            if row.get(name):
                found[row[name]] = None
        found |= dict.fromkeys(row.get("parts", ()))
        found |= dict.fromkeys(row.get("only", ()))
        for tie in row.get("ties", ()):
            found |= dict.fromkeys((tie["a"], tie["b"]))
    return list(found)


def _with_name(house: House, row: Mapping[str, Any]) -> Row:
    person = house.customer(row["customer"]) if row.get("customer") else None
    return {"name": person.name if person else "", **row}
