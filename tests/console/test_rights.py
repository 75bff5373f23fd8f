"""Who may what: every route, every role, against one table. A route that is not in the table fails here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from websockets.exceptions import InvalidStatus

from gateway.console.app import create_app
from gateway.console.roles import ROLES
from tests.console.served import Served, config
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What anybody may see who reaches the console: no names of customers, nothing that changes.
OPEN = """
GET     /health
GET     /metrics
GET     /api/sign-in
POST    /api/sign-in
POST    /api/pair
POST    /api/unlock
POST    /api/sign-in/passkey/challenge
POST    /api/sign-in/passkey
POST    /api/unlock/passkey/challenge
POST    /api/unlock/passkey
POST    /api/wiped
GET     /api/receipts/keys
GET     /openapi.json
GET     /asyncapi.json
GET     /live
GET     /
GET     /me
"""

# A customer's own page: no role opens it, and every door of it looks shut to whoever has no link.
OWN = """
GET     /api/me
GET     /api/me/record
GET     /api/me/receipts/{receipt}
POST    /api/me/stop
POST    /api/me/wishes
POST    /api/me/close
POST    /api/me/unlock
POST    /api/me/corrections
POST    /api/me/person
POST    /api/me/erase
GET     /api/me/export
GET     /api/me/club
POST    /api/me/invitations/{invitation}/accept
POST    /api/me/invitations/{invitation}/decline
POST    /api/me/questions/{question}
POST    /api/me/code
"""

TABLE = """
GET     /api/session                                      floor  crew  manager  it  integration  local
POST    /api/sign-out                                     floor  crew  manager  it  integration  local
GET     /api/present                                      floor  crew  manager  -   integration  local
POST    /api/club/codes/used                              floor  crew  manager  -   integration  local
GET     /api/customers/{customer}/points                  floor  crew  manager  -   integration  local
POST    /api/club/transfers                               floor  crew  manager  -   integration  local
GET     /api/club/transfers/{transfer}                    floor  crew  manager  -   integration  local
GET     /api/club/members/{member}                        floor  crew  manager  -   integration  local
GET     /api/introductions                                -      -     manager  -   -            local
GET     /api/introductions/suggestions                    -      -     manager  -   -            local
POST    /api/introductions                                -      -     manager  -   -            local
POST    /api/introductions/{introduction}/answers         floor  crew  manager  -   integration  local
GET     /api/customers/{customer}/introductions           floor  crew  manager  -   integration  local
DELETE  /api/customers/{customer}/introductions/{introduction}  floor  crew  manager  -   integration  local
GET     /api/gatherings                                   floor  crew  manager  -   integration  local
POST    /api/gatherings                                   -      -     manager  -   -            local
GET     /api/gatherings/{gathering}                       floor  crew  manager  -   integration  local
GET     /api/gatherings/{gathering}.ics                   floor  crew  manager  -   integration  local
PATCH   /api/gatherings/{gathering}                       -      -     manager  -   -            local
POST    /api/gatherings/{gathering}/open                  -      -     manager  -   -            local
POST    /api/gatherings/{gathering}/close                 -      -     manager  -   -            local
POST    /api/gatherings/{gathering}/cancel                -      -     manager  -   -            local
POST    /api/gatherings/{gathering}/reckon                -      -     manager  -   -            local
GET     /api/gatherings/{gathering}/list                  -      -     manager  -   -            local
GET     /api/gatherings/{gathering}/invitations           floor  crew  manager  -   integration  local
POST    /api/gatherings/{gathering}/invitations           floor  crew  manager  -   integration  local
POST    /api/invitations/{invitation}/accept              floor  crew  manager  -   integration  local
POST    /api/invitations/{invitation}/decline             floor  crew  manager  -   integration  local
POST    /api/invitations/{invitation}/here                floor  crew  manager  -   integration  local
GET     /api/customers/{customer}/memberships             floor  crew  manager  -   integration  local
PUT     /api/customers/{customer}/memberships/{brand}     floor  crew  manager  -   integration  local
DELETE  /api/customers/{customer}/memberships/{brand}     floor  crew  manager  -   integration  local
GET     /api/expected                                     floor  crew  manager  -   integration  local
PUT     /api/expected                                     -      -     manager  -   integration  local
POST    /api/expected                                     -      -     manager  -   integration  local
PUT     /api/expected/{expected_id}                       -      -     manager  -   integration  local
DELETE  /api/expected/{expected_id}                       -      -     manager  -   integration  local
GET     /api/places                                       floor  crew  manager  -   integration  local
POST    /api/places/imports                               -      -     manager  it  -            local
POST    /api/expected/imports                             -      -     manager  -   integration  local
POST    /api/menus/imports                                -      crew  manager  -   integration  local
POST    /api/visits/{visit}/place                         floor  crew  manager  -   integration  local
GET     /api/menus                                        floor  crew  manager  -   integration  local
PUT     /api/menus/{menu}                                 -      crew  manager  -   integration  local
DELETE  /api/menus/{menu}                                 -      crew  manager  -   integration  local
POST    /api/menus/{menu}/items/{item}/stock              floor  crew  manager  -   integration  local
GET     /api/rounds                                       floor  crew  manager  -   integration  local
POST    /api/rounds                                       floor  crew  manager  -   integration  local
GET     /api/rounds/{round_id}                            floor  crew  manager  -   integration  local
POST    /api/rounds/{round_id}/end                        floor  crew  manager  -   integration  local
POST    /api/rounds/{round_id}/places/{place}/order       floor  crew  manager  -   integration  local
POST    /api/rounds/{round_id}/places/{place}/served      floor  crew  manager  -   integration  local
POST    /api/rounds/{round_id}/places/{place}/flag/seen   floor  crew  manager  -   integration  local
POST    /api/rounds/{round_id}/counts/acknowledge         floor  crew  manager  -   integration  local
POST    /api/asks/{ask_id}/flag/seen                      floor  crew  manager  -   integration  local
GET     /api/alerts                                       floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/claim                         floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/release                       floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/hand-over                     floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/close                         floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/seen                          floor  crew  manager  -   integration  local
POST    /api/alerts/{alert}/met                           floor  crew  manager  -   integration  local
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
GET     /api/customers/{customer}/record                  -      -     manager  it  integration  local
POST    /api/customers/{customer}/merge                   -      -     manager  -   -            local
POST    /api/customers/{customer}/unmerge                 -      -     manager  -   -            local
POST    /api/customers/{customer}/told-apart              -      -     manager  -   -            local
GET     /api/duplicates                                   -      -     manager  -   -            local
GET     /api/mistakes                                     -      -     manager  it  integration  local
POST    /api/mistakes/{mistake}/settle                    -      -     manager  it  integration  local
POST    /api/customers/{customer}/credentials             -      -     manager  it  integration  local
GET     /api/customers/{customer}/export                  -      -     manager  -   -            local
POST    /api/customers/import                             -      -     manager  -   -            local
POST    /api/customers/{customer}/page-link               -      -     manager  it  -            local
DELETE  /api/customers/{customer}/page-link               floor  crew  manager  it  integration  local
PUT     /api/customers/{customer}/page-digits             -      -     manager  it  -            local
DELETE  /api/customers/{customer}/credentials/{credential} -      -     manager  it  integration  local
GET     /api/customers/{customer}/purposes                floor  crew  manager  it  integration  local
POST    /api/customers/{customer}/enrolments              floor  crew  manager  it  integration  local
GET     /api/purposes                                     floor  crew  manager  it  integration  local
GET     /api/notices                                      floor  crew  manager  it  integration  local
POST    /api/notices                                      -      -     manager  -   -            local
GET     /api/consents/none                                -      -     manager  -   -            local
GET     /api/retention                                    -      -     manager  -   -            local
POST    /api/retention/allowed                            -      -     manager  -   -            local
POST    /api/retention/clock                              -      -     manager  -   -            local
GET     /api/consents/renewals                            -      -     manager  -   -            local
POST    /api/customers/{customer}/consents                floor  crew  manager  it  integration  local
GET     /api/customers/{customer}/consents                floor  crew  manager  it  integration  local
DELETE  /api/customers/{customer}/consents/{purpose}      floor  crew  manager  it  integration  local
GET     /api/customers/{customer}/preferences             floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/preferences             floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/preferences/{preference}/retract floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/preferences/{preference}/settle -      -     manager  -   -            local
GET     /api/erasures                                     -      -     manager  -   -            local
GET     /api/erasures/{receipt}                           -      -     manager  it  integration  local
GET     /api/partners                                     -      -     manager  -   -            local
POST    /api/partners/{partner}/answers                   -      -     manager  -   -            local
POST    /api/erasures/lists                               -      -     -        -   -            local
POST    /api/erasures/signed                              -      -     -        -   -            local
GET     /api/doubts                                       -      -     manager  -   -            local
GET     /api/catalogue                                    floor  crew  manager  -   integration  local
PUT     /api/catalogue/values/{code}                      -      -     manager  -   -            local
DELETE  /api/catalogue/values/{code}                      -      -     manager  -   -            local
POST    /api/customers/{customer}/preferences/{preference}/served floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/wishes                  floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/promises/{promise_id}/hand-over floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/complaints/{complaint_id}/hand-over floor  crew  manager  -   integration  local
POST    /api/entries                                      floor  crew  manager  -   integration  local
GET     /api/entries/usual                                floor  crew  manager  -   integration  local
POST    /api/entries/{entry}/reverse                      floor  crew  manager  -   integration  local
POST    /api/entries/{entry}/result                       floor  crew  manager  -   integration  local
POST    /api/insight/imports                              -      -     manager  -   -            local
POST    /api/insight/runs                                 -      -     manager  -   -            local
GET     /api/insight/runs/{run}                           -      -     manager  -   -            local
POST    /api/insight/computed                             -      -     -        -   -            local
GET     /api/insight/morning                              -      -     manager  -   -            local
GET     /api/insight/worth                                -      -     manager  -   -            local
GET     /api/insight/risk                                 -      -     manager  -   -            local
GET     /api/insight/stages                               -      -     manager  -   -            local
GET     /api/insight/network                              -      -     manager  -   -            local
POST    /api/insight/what-if                              -      -     manager  -   -            local
GET     /api/insight/spend                                -      -     manager  -   -            local
GET     /api/insight/customers/{customer}                 -      -     manager  -   -            local
GET     /api/insight/suggestions                          -      -     manager  -   -            local
GET     /api/insight/voices                               -      -     manager  -   -            local
POST    /api/customers/{customer}/satisfaction            floor  crew  manager  -   -            local
GET     /api/customers/{customer}/measures                floor  crew  manager  -   -            local
PUT     /api/customers/{customer}/measures                floor  crew  manager  -   -            local
POST    /api/customers/{customer}/measures/evidence       floor  crew  manager  -   -            local
POST    /api/ties                                         -      -     manager  -   -            local
POST    /api/ties/{tie}/end                               -      -     manager  -   -            local
POST    /api/suggestions/{suggestion}/done                floor  crew  manager  -   -            local
POST    /api/suggestions/{suggestion}/dismiss             floor  crew  manager  -   -            local
GET     /api/budgets                                      -      -     manager  -   -            local
PUT     /api/budgets/{budget}                             -      -     manager  -   -            local
POST    /api/customers/{customer}/tier                    -      -     manager  -   -            local
POST    /api/customers/{customer}/potential               -      -     manager  -   -            local
POST    /api/customers/{customer}/standing                -      -     manager  -   -            local
GET     /api/insight/ledger                               -      -     manager  -   -            local
PUT     /api/insight/lists/{list}                         -      -     manager  -   -            local
DELETE  /api/insight/lists/{list}                         -      -     manager  -   -            local
POST    /api/customers/{customer}/lost                    -      -     manager  -   -            local
GET     /api/security                                     -      -     manager  -   -            local
GET     /api/break-glass                                  floor  crew  manager  it  -            -
POST    /api/break-glass                                  floor  crew  manager  it  -            -
POST    /api/break-glass/{glass}/confirm                  floor  crew  manager  it  -            -
DELETE  /api/break-glass/{glass}                          floor  crew  manager  it  -            -
GET     /api/break-glass/{glass}/zone                     floor  crew  manager  it  -            -
POST    /api/customers/{customer}/show-anyway             floor  crew  manager  -   -            local
GET     /api/customers/{customer}/journal                 floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/promises                floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/promises/{promise_id}/close floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/complaints              floor  crew  manager  -   integration  local
POST    /api/customers/{customer}/complaints/{complaint_id}/close floor  crew  manager  -   integration  local
GET     /api/staff                                        floor  crew  manager  it  integration  local
GET     /api/staff/{staff}                                floor  crew  manager  it  integration  local
PUT     /api/staff/{staff}                                -      -     manager  it  integration  local
DELETE  /api/staff/{staff}                                -      -     manager  it  integration  local
POST    /api/staff/{staff}/pin-code                       -      -     manager  it  -            local
POST    /api/session/pin                                  floor  crew  manager  it  integration  local
GET     /api/session/passkeys                             floor  crew  manager  it  integration  local
POST    /api/session/passkeys                             floor  crew  manager  it  integration  local
POST    /api/session/passkeys/challenge                   floor  crew  manager  it  integration  local
DELETE  /api/session/passkeys/{passkey}                   floor  crew  manager  it  integration  local
GET     /api/passkeys                                     -      -     manager  it  -            local
DELETE  /api/staff/{staff}/passkeys                       -      -     manager  it  -            local
POST    /api/staff/{staff}/shift                          -      -     manager  it  integration  local
DELETE  /api/staff/{staff}/shift                          -      -     manager  it  integration  local
GET     /api/today                                        -      -     manager  -   -            local
GET     /api/today/list                                   -      -     manager  -   -            local
GET     /api/alerts/{alert}/story                         -      -     manager  -   -            local
GET     /api/vocabulary                                   floor  crew  manager  -   integration  local
GET     /api/plan                                         floor  crew  manager  it  integration  local
PUT     /api/plan                                         -      -     manager  it  -            local
GET     /api/tablets                                      -      -     manager  it  -            local
POST    /api/tablets/codes                                -      -     manager  it  -            local
DELETE  /api/tablets/{tablet}                             -      -     manager  it  -            local
GET     /api/readers                                      floor  crew  manager  it  integration  local
GET     /api/readers/found                                -      -     manager  it  -            local
POST    /api/readers/found                                -      -     manager  it  -            local
GET     /api/readers/{reader}/log                         -      -     manager  it  -            local
POST    /api/readers/{reader}/connect                     -      -     manager  it  -            local
GET     /api/copies                                       -      -     manager  it  -            local
POST    /api/copies                                       -      -     manager  it  -            local
GET     /api/webhooks                                     -      -     manager  it  -            local
POST    /api/webhooks/{webhook}/send                      -      -     manager  it  -            local
POST    /api/webhooks/{webhook}/replay                    -      -     manager  -   -            local
GET     /api/repairs                                      -      -     manager  it  -            local
GET     /api/repairs/helper                               -      -     manager  it  -            local
POST    /api/repairs/helper                               -      -     manager  it  -            local
GET     /api/settings                                     -      -     manager  it  -            local
POST    /api/settings/preview                             -      -     manager  it  -            local
POST    /api/settings/changes                             -      -     manager  it  -            local
POST    /api/settings/changes/{change}/undo               -      -     manager  it  -            local
GET     /api/readers/{reader}/raw                         -      -     manager  it  -            local
POST    /api/readers/{reader}/password                    -      -     manager  it  -            local
GET     /api/trust                                        -      -     manager  it  -            local
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
POST    /api/enrolment/box                                -      -     manager  it  -            local
GET     /api/enrolment/box                                -      -     manager  it  -            local
DELETE  /api/enrolment/box                                -      -     manager  it  -            local
POST    /api/enrolment/box/{number}/give                  -      -     manager  it  -            local
GET     /api/customers/{customer}/enrolment               -      -     manager  it  integration  local
GET     /api/keys                                         -      -     manager  it  -            local
POST    /api/keys/rotate                                  -      -     -        -   -            local
POST    /api/privacy/papers                               -      -     -        -   -            local
GET     /api/receipts/{receipt}                           floor  crew  manager  it  integration  local
POST    /api/receipts/{receipt}/print                     floor  crew  manager  it  integration  local
GET     /api/customers/{customer}/receipts                floor  crew  manager  it  integration  local
POST    /api/customers/{customer}/receipts                floor  crew  manager  it  integration  local
POST    /api/receipts/verify                              floor  crew  manager  it  integration  local
GET     /api/tokens                                       -      -     manager  it  -            local
POST    /api/tokens                                       -      -     manager  it  -            local
DELETE  /api/tokens/{token}                               -      -     manager  it  -            local
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
THEIRS: set[Route] = {(words[0], words[1]) for words in (line.split() for line in OWN.split("\n") if line)}
SOMEBODY = {"alert": "none", "visit": "none", "ask_id": "none", "customer": "nobody", "staff": "nobody"}
SOME_ID = "01a22850-c58b-7813-b074-c1047f6c7b04"
SOMETHING = {
    "tie": "none",
    "number": "1",
    "webhook": "none",
    "suggestion": "none",
    "partner": "none",
    "gathering": "none",
    "introduction": "none",
    "invitation": "none",
    "brand": "none",
    "transfer": "none",
    "member": "none",
    "expected_id": "none",
    "menu": "none",
    "item": "none",
    "round_id": "none",
    "place": "none",
    "credential": "none",
    "purpose": "recognise_tag",
    "promise_id": "none",
    "complaint_id": "none",
    "preference": "none",
    "code": "drink.none",
    "entry": "none",
    "run": "none",
    "budget": "none",
    "list": "none",
    "reader": "nothing",
    "heard": "nothing",
    "tablet": "nothing",
    "passkey": "nothing",
    "mistake": "none",
    "token": "nothing",
    "glass": "none",
    "change": "none",
    "receipt": "nothing",
}


def routes() -> tuple[set[Route], set[str]]:
    """Every route of the application by method and path, and its sockets."""
    nothing: Any = SimpleNamespace(names=None)
    app = create_app(config(), nothing, nothing, nothing, nothing, dict, Path("/nowhere"))
    assert all(hasattr(r, "path") for r in app.routes), "what is behind a router of its own is not in this table"
    found: set[Route] = set()
    sockets: set[str] = set()
    for route in app.routes:
        if isinstance(route, APIWebSocketRoute):
            sockets.add(route.path)
        elif isinstance(route, APIRoute) or getattr(route, "methods", None):
            methods = set(getattr(route, "methods", None) or ()) - {"HEAD", "OPTIONS"}
            found |= {(method, str(getattr(route, "path_format", ""))) for method in methods}
    return found, sockets


async def test_the_table_has_every_route_and_no_other() -> None:
    found, sockets = routes()
    assert found == set(MAY) | ANYBODY | THEIRS
    assert sockets == {"/live"}
    assert {role for roles in MAY.values() for role in roles} == set(ROLES)


async def test_without_a_login_every_door_is_shut_but_those_of_the_list(house: Served) -> None:
    stranger = await house.client()
    for method, path in sorted(MAY):
        answer = await stranger.request(method, path.format(**SOMEBODY, **SOMETHING), json={})
        assert answer.status_code == 401, f"{method} {path}"
        assert answer.headers["content-type"] == "application/problem+json"
    for method, path in sorted({each for each in ANYBODY if each[0] == "GET" and each[1] != "/live"}):
        assert (await stranger.request(method, path)).status_code in (200, 503), f"{method} {path}"
    with pytest.raises(InvalidStatus) as refused:
        await house.tablet({}).__aenter__()
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("role", [None, "floor", "manager", "integration", "local"])
async def test_no_role_opens_a_customers_own_page(house: Served, role: str | None) -> None:
    somebody = await (house.local() if role == "local" else house.client(role))
    for method, path in sorted(THEIRS):
        house.ahead += 61
        answer = await somebody.request(method, path, json={"digits": "718204", "wishes": [], "fact": SOME_ID})
        assert answer.status_code == 404, f"{role}: {method} {path}"


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


MADE = {"name": "Eve", "roles": ["manager"], "pin": "8052"}


@pytest.mark.parametrize("role", ["it", "integration"])
async def test_nobody_makes_a_manager_who_is_none(house: Served, role: str) -> None:
    boss, eve = await house.client("manager"), await house.client(role)
    await answered(boss.put("/api/staff/zhao", json={"name": "Zhao", "roles": ["manager"], "pin": "4071"}))
    zhao = {"name": "Zhao", "roles": ["manager"], "zones": [], "languages": []}
    for path, facts in (
        ("eve", MADE),  # a new one
        ("eve", {**MADE, "roles": ["floor", "manager"]}),
        ("zhao", {**zhao, "pin": "8052"}),  # one whose PIN they would know
        ("zhao", {**zhao, "roles": ["floor"]}),  # one who would be it no more
    ):
        refused = await eve.put(f"/api/staff/{path}", json=facts)
        assert refused.status_code == 403, (path, facts)
        assert refused.json()["detail"] == "only a manager makes, changes or removes somebody with this role"
    assert (await eve.delete("/api/staff/zhao")).status_code == 403
    assert (await (await house.client()).post("/api/sign-in", json={"staff": "zhao", "pin": "4071"})).is_success
    assert (await eve.put(f"/api/staff/noor.{role}", json={**MADE, "roles": ["floor"]})).is_success
    assert (await eve.put(f"/api/staff/noor.{role}", json={**MADE, "roles": ["floor", "manager"]})).status_code == 403


async def test_a_program_makes_nobody_of_it(house: Served) -> None:
    program, it = await house.client("integration"), await house.client("it")
    assert (await program.put("/api/staff/eve", json={**MADE, "roles": ["it"]})).status_code == 403
    assert (await it.put("/api/staff/eve", json={**MADE, "roles": ["it"]})).status_code == 201


async def test_a_recording_is_written_where_whoever_asks_means_and_never_beside_the_gateway(house: Served) -> None:
    local = await house.local()
    refused = await local.post("/api/recordings", json={"out": "9999-12-31"})
    assert refused.status_code == 422, refused.text
    assert not Path("9999-12-31").exists()
