"""Who may what: every route, every role, against one table. A route that is not in the table fails here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from websockets.exceptions import InvalidStatus

from gateway.console.app import RESOURCES, create_app
from gateway.console.security import ROLES
from tests.console.served import Served, config

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What anybody may see who reaches the console: no names of customers, nothing that changes.
OPEN = """
GET     /health
GET     /metrics
GET     /api/sign-in
POST    /api/sign-in
POST    /api/pair
GET     /openapi.json
GET     /asyncapi.json
GET     /live
GET     /
"""

TABLE = """
GET     /api/session                                      floor  crew  manager  it  integration  local
POST    /api/sign-out                                     floor  crew  manager  it  integration  local
GET     /api/present                                      floor  crew  manager  -   integration  local
GET     /api/expected                                     floor  crew  manager  -   integration  local
PUT     /api/expected                                     -      -     manager  -   integration  local
GET     /api/alerts                                       floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/claim                         floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/release                       floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/hand-over                     floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/close                         floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/seen                          floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/rate                          floor  crew  manager  -   integration  local
GET     /api/alerts/{alert}                               floor  crew  manager  -   integration  local
POST    /api/visits/{visit}/companions                    floor  crew  manager  -   integration  local
POST    /api/visits/{visit}/review                        floor  crew  manager  -   integration  local
POST    /api/visits/{visit}/asks                          floor  crew  manager  -   integration  local
POST    /api/asks/{ask_id}/answer                         floor  crew  manager  -   integration  local
POST    /api/asks/{ask_id}/served                         floor  crew  manager  -   integration  local
GET     /api/customers                                    floor  crew  manager  it  integration  local
GET     /api/customers/{customer}                         floor  crew  manager  -   integration  local
PUT     /api/customers/{customer}                         -      -     manager  it  integration  local
DELETE  /api/customers/{customer}                         -      -     manager  it  integration  local
POST    /api/customers/{customer}/credentials             -      -     manager  it  integration  local
DELETE  /api/customers/{customer}/credentials/{credential} -      -     manager  it  integration  local
POST    /api/customers/{customer}/consents                -      -     manager  it  integration  local
GET     /api/customers/{customer}/consents                floor  crew  manager  -   integration  local
DELETE  /api/customers/{customer}/consents/{purpose}      floor  crew  manager  it  integration  local
GET     /api/customers/{customer}/preferences             floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/preferences             floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/preferences/{preference}/served floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/wishes                  floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/promises/{promise_id}/hand-over floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/complaints/{complaint_id}/hand-over floor  crew  manager  -   integration  local
GET     /api/customers/{customer}/journal                 floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/promises                floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/promises/{promise_id}/close floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/complaints              floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/complaints/{complaint_id}/close floor  crew  manager  -   integration  local
GET     /api/staff                                        floor  crew  manager  it  integration  local
GET     /api/staff/{staff}                                floor  crew  manager  it  integration  local
PUT     /api/staff/{staff}                                -      -     manager  it  integration  local
DELETE  /api/staff/{staff}                                -      -     manager  it  integration  local
POST    /api/staff/{staff}/shift                          -      -     manager  it  integration  local
DELETE  /api/staff/{staff}/shift                          -      -     manager  it  integration  local
GET     /api/today                                        -      -     manager  -   -            local
GET     /api/vocabulary                                   floor  crew  manager  -   integration  local
GET     /api/plan                                         floor  crew  manager  it  integration  local
PUT     /api/plan                                         -      -     manager  it  -            local
GET     /api/tablets                                      -      -     manager  it  -            local
POST    /api/tablets/codes                                -      -     manager  it  -            local
DELETE  /api/tablets/{tablet}                             -      -     manager  it  -            local
GET     /api/readers                                      floor  crew  manager  it  integration  local
GET     /api/readers/{reader}/raw                         -      -     manager  it  -            local
GET     /api/walk-test                                    -      -     manager  it  -            local
POST    /api/walk-test                                    -      -     manager  it  -            local
POST    /api/walk-test/here                               -      -     manager  it  -            local
GET     /api/learnt                                       -      -     manager  it  -            local
GET     /api/learnt/document                              -      -     manager  it  -            local
PUT     /api/learnt/document                              -      -     manager  it  -            local
DELETE  /api/walk-test                                    -      -     manager  it  -            local
POST    /api/enrolment                                    -      -     manager  it  -            local
DELETE  /api/enrolment                                    -      -     manager  it  -            local
POST    /api/enrolment/typed                              -      -     manager  it  -            local
POST    /api/enrolment/{heard}/give                       -      -     manager  it  -            local
GET     /api/customers/{customer}/enrolment               -      -     manager  it  integration  local
GET     /api/tokens                                       -      -     manager  -   -            local
POST    /api/tokens                                       -      -     manager  -   -            local
DELETE  /api/tokens/{token}                               -      -     manager  -   -            local
POST    /api/imports                                      -      -     manager  -   -            local
POST    /api/exports                                      -      -     -        -   -            local
POST    /api/recordings                                   -      -     -        -   -            local
DELETE  /api/recordings                                   -      -     -        -   -            local
POST    /api/backups                                      -      -     -        -   -            local
"""  # somebody else's shift; one's own is everybody's

Route = tuple[str, str]
MAY: dict[Route, set[str]] = {
    (words[0], words[1]): set(words[2:]) - {"-"} for words in (line.split() for line in TABLE.split("\n") if line)
}
ANYBODY: set[Route] = {(words[0], words[1]) for words in (line.split() for line in OPEN.split("\n") if line)}
SOMEBODY = {"alert": "none", "visit": "none", "ask_id": "none", "customer": "nobody", "staff": "nobody"}
SOMETHING = {
    "credential": "none",
    "purpose": "recognise_tag",
    "promise_id": "none",
    "complaint_id": "none",
    "preference": "none",
    "reader": "nothing",
    "heard": "nothing",
    "tablet": "nothing",
    "token": "nothing",
}


def routes() -> tuple[set[Route], set[str]]:
    """Every route of the application by method and path, and its sockets."""
    nothing: Any = SimpleNamespace()
    app = create_app(config(), nothing, nothing, nothing, nothing, dict, Path("/nowhere"))
    included = [r for r in app.routes if not hasattr(r, "path")]
    assert len(included) == len(RESOURCES), "a router that is not among RESOURCES is not in this table"
    found: set[Route] = set()
    sockets: set[str] = set()
    for route in [*app.routes, *(r for resource in RESOURCES for r in resource.router.routes)]:
        if isinstance(route, APIWebSocketRoute):
            sockets.add(route.path)
        elif isinstance(route, APIRoute) or getattr(route, "methods", None):
            methods = set(getattr(route, "methods", None) or ()) - {"HEAD", "OPTIONS"}
            found |= {(method, route.path) for method in methods}
    return found, sockets


async def test_the_table_has_every_route_and_no_other() -> None:
    found, sockets = routes()
    assert found == set(MAY) | ANYBODY
    assert sockets == {"/live"}
    assert {role for roles in MAY.values() for role in roles} == set(ROLES)


async def test_without_a_login_every_door_is_shut_but_those_of_the_list(house: Served) -> None:
    stranger = await house.client()
    for method, path in sorted(MAY):
        answer = await stranger.request(method, path.format(**SOMEBODY, **SOMETHING), json={})
        assert answer.status_code == 401, f"{method} {path}"
        assert answer.headers["content-type"] == "application/problem+json"
    for method, path in sorted(ANYBODY - {("POST", "/api/sign-in"), ("POST", "/api/pair"), ("GET", "/live")}):
        assert (await stranger.request(method, path)).status_code in (200, 503), f"{method} {path}"
    with pytest.raises(InvalidStatus) as refused:
        await house.tablet({}).__aenter__()
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_what_the_table_says_and_no_more(house: Served, role: str) -> None:
    program = await (house.local() if role == "local" else house.client(role))
    for (method, path), roles in sorted(MAY.items()):
        answer = await program.request(method, path.format(**SOMEBODY, **SOMETHING), json={})
        assert answer.status_code != 401, f"{role}: {method} {path}"
        assert (answer.status_code == 403) == (role not in roles), f"{role}: {method} {path}: {answer.status_code}"
        assert answer.status_code < 500, f"{role}: {method} {path}: {answer.text}"


async def test_a_person_starts_and_ends_their_own_shift_and_nobody_else_s(house: Served) -> None:
    anna = await house.client("floor", "anna")
    assert (await anna.delete("/api/staff/anna/shift")).status_code == 204
    assert not (await anna.get("/api/session")).json()["on_shift"]
    assert (await anna.post("/api/staff/anna/shift", json={"zones": ["bar"]})).status_code == 200
    me = (await anna.get("/api/session")).json()
    assert (me["on_shift"], me["zones"]) == (True, ["bar"])
    assert (await anna.delete("/api/staff/ben/shift")).status_code == 403
    assert (await anna.post("/api/staff/anna/shift", json={"zones": ["moon"]})).status_code == 422
