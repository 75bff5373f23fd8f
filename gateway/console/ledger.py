"""The customer ledger: who our customers are, what they bought, what is owed, and choices of it under a name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from typing import Annotated, Any

from fastapi import Path, Query, Response

from gateway.console import table_files
from gateway.console.act import Act, House, respond
from gateway.console.bodies_insight import NewList, StandingSaid
from gateway.console.customers import CustomerPath
from gateway.console.insight import MANY, After, Form, Found, Limit, head
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import statements
from gateway.core.insight_book import Book, part
from gateway.core.insight_ledger import BY, filled, ledger
from gateway.events.insight import Relation

router = Routes(prefix="/api", tags=["insight"])
ListPath = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")]
Chosen = Annotated[str | None, Query(max_length=200)]
BY_NAME = "name"
Row = dict[str, Any]


@router.get("/insight/ledger", response_model="answers_ledger.LedgerPage", responses=MANY, dependencies=[right("lead")])
async def whole(
    book: Found, house: House, who: Who, sector: Chosen = None, region: Chosen = None,
    relation: Relation | None = None, company: Chosen = None, after: After = None, limit: Limit = 200,
    form: Form = "json",
) -> Response:  # fmt: skip
    """Who our customers are, of those who agree: line, region, for whom they come, what bought when, what is owed.

    ``sector``, ``region``, ``relation`` and ``company`` choose among them ("" is what is not known). Everybody else is
    counted in ``others``.
    """
    chosen = dict(zip(BY, (sector, region, relation, company), strict=True))
    after = house.memory.family.root(house.names.ours(after)) if after else None
    page = await asyncio.to_thread(_page, house, book, chosen, after, limit if form == "json" else None)
    shown = [row["customer"] for row in page["rows"]]
    if form != "json":
        house.looks.found(shown, who.id)
        rows = [_flat(house, row) for row in page["rows"]]
        return table_files.answer(house.names.told(rows), f"ledger-{book.run.on}", form)
    named = list(dict.fromkeys([*shown, *(each for one in page["companies"] for each in one["people"])]))
    house.looks.found(named, who.id)
    return respond({**head(house, book, BY_NAME, named), **page})


@router.put(
    "/insight/lists/{list}",
    response_model="answers_ledger.KeptList",
    responses=documented(422),
    dependencies=[right("lead")],
)
async def keep(list: ListPath, body: NewList, house: House, act: Act) -> Response:  # noqa: A002 - as the path says
    """A choice of the ledger under a name, for everybody who leads; in place of the one before."""
    row = body.model_dump()
    return await act(lambda actor, now: statements.keep_list(house, list, row, actor))


@router.delete("/insight/lists/{list}", status_code=204, dependencies=[right("lead")])
async def drop(list: ListPath, house: House, act: Act) -> Response:  # noqa: A002
    """The choice of this name is kept no more."""
    return await act(lambda actor, now: statements.drop_list(house, list, actor))


@router.post(
    "/customers/{customer}/standing", status_code=201, response_model="answers_ledger.Standing",
    responses=documented(404), dependencies=[right("lead")],
)  # fmt: skip
async def stand(customer: CustomerPath, body: StandingSaid, house: House, act: Act) -> Response:
    """Where a customer belongs from now on; of who does not agree to ``insight`` it is shown nowhere."""
    row = {name: " ".join(value.split()) for name, value in body.model_dump().items()}
    return await act(lambda actor, now: statements.note_standing(house, customer, row, actor, now))


def _page(house: House, book: Book, chosen: Row, after: str | None, limit: int | None) -> Row:
    family = house.memory.family
    with closing(house.store.open_reader()) as reader:
        found = ledger(reader, book, family.root, lambda each: _name(house, each), chosen)
        some = part(found.rows, after, limit or max(1, len(found.rows)))
        rows = filled(reader, some.rows, family.all_of)
        return {**found.head(reader), "rows": rows, "after": some.after}


def _name(house: House, customer: str) -> str:
    person = house.customer(customer)
    return person.name if person else ""


def _flat(house: House, row: Mapping[str, Any]) -> Row:
    """A row as a line of a file: what was bought and what is owed in words."""
    bought = [" ".join(filter(None, (each["on"], f"{each['amount']:.2f}", each["line"]))) for each in row["bought"]]
    owed = [each["text"] for each in row["owed"]]
    return {"name": _name(house, row["customer"]), **row, "bought": bought, "owed": owed}
