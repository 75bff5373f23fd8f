"""Who is expected today."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from pydantic import ValidationError

from gateway.console.act import Act, House, respond
from gateway.console.bodies_rounds import ExpectedList, NewExpected, SeveralExpected
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import expected as actions

router = Routes(prefix="/api/expected", tags=["presence"])


@router.get("", response_model="list[sent_rounds.ExpectedCustomer]", dependencies=[right("service")])
async def expected(house: House, who: Who) -> Response:
    """Who is still expected, in the order in which they come, and who of them is here."""
    rows = actions.expected(house, house.memory.now())
    house.looks.shown(rows, who.id, program=who.program)
    return respond(rows)


@router.put("", response_model="list[sent_rounds.ExpectedCustomer]", dependencies=[right("expect")])
async def expect(body: ExpectedList, house: House, act: Act) -> Response:
    """These customers are expected, and nobody else from now on."""
    rows = [_row(each) for each in body.expected]
    return await act(lambda actor, now: actions.expect(house, rows, now))


@router.post(
    "",
    status_code=201,
    response_model="sent_rounds.ExpectedCustomer",
    responses=documented(409, answers={200: "list[answers_rounds.ExpectedAnswer]"}),
    dependencies=[right("expect")],
)
async def add(body: SeveralExpected, house: House, act: Act) -> Response:
    """One more is expected, or several: of a list (200) each row has an answer of its own, and a bad one costs none."""
    if isinstance(body, NewExpected):
        row = _row(body)
        return await act(lambda actor, now: actions.add(house, row, now))
    read = [_read(each) for each in body]
    return await act(lambda actor, now: actions.add_all(house, read, now))


@router.put(
    "/{expected_id}",
    response_model="sent_rounds.ExpectedCustomer",
    responses=documented(404),
    dependencies=[right("expect")],
)
async def change(expected_id: str, body: NewExpected, house: House, act: Act) -> Response:
    """One is expected otherwise than before."""
    row = _row(body)
    return await act(lambda actor, now: actions.change(house, expected_id, row, now))


@router.delete("/{expected_id}", status_code=204, responses=documented(404), dependencies=[right("expect")])
async def remove(expected_id: str, house: House, act: Act) -> Response:
    """One is expected no more."""
    return await act(lambda actor, now: actions.remove(house, expected_id))


def _row(body: NewExpected) -> actions.Row:
    return body.model_dump()


def _read(row: Any) -> actions.Row | str:
    """A row of a list, or what is wrong with it."""
    try:
        return _row(NewExpected.model_validate(row))
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg'].removeprefix('Value error, ')}" if where else str(first["msg"])
