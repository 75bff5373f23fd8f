"""What a program may: every route and every scope against one table, what it is told, how long, and who may give it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.console.roles import FOR_ALL, RIGHTS
from gateway.console.scopes import HEARD, SCOPES
from gateway.events.catalogue import CATALOGUE
from gateway.events.times import DAY
from gateway.records import staff as records
from tests.console.served import Served, served
from tests.console.test_rights import MAY, SOMEBODY, SOMETHING
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What opens each route to a program: its scope, "any" where every program may, "-" where none of integration does.
TABLE = """
any               GET /api/session, POST /api/session/pin, POST /api/sign-out, GET /api/vocabulary, GET /api/catalogue
any               GET /api/session/passkeys, POST /api/session/passkeys, POST /api/session/passkeys/challenge
any               DELETE /api/session/passkeys/{passkey}
any               GET /api/notices, GET /api/purposes
any               POST /api/receipts/verify
read:presence     GET /api/present, GET /api/places
read:alerts       GET /api/alerts, GET /api/alerts/{alert}
read:customers    GET /api/customers, GET /api/customers/{customer}, GET /api/customers/{customer}/journal
read:preferences  GET /api/customers/{customer}/preferences
read:consents     GET /api/customers/{customer}/consents, GET /api/customers/{customer}/receipts
read:consents     GET /api/customers/{customer}/purposes
read:consents     GET /api/receipts/{receipt}, POST /api/receipts/{receipt}/print
read:service      GET /api/expected, GET /api/menus, GET /api/rounds, GET /api/rounds/{round_id}
read:service      GET /api/gatherings, GET /api/gatherings/{gathering}, GET /api/gatherings/{gathering}.ics
read:service      GET /api/gatherings/{gathering}/invitations
read:customers    GET /api/customers/{customer}/memberships, GET /api/customers/{customer}/introductions
write:service     POST /api/introductions/{introduction}/answers
write:service     DELETE /api/customers/{customer}/introductions/{introduction}
read:readers      GET /api/readers, GET /api/plan
read:staff        GET /api/staff, GET /api/staff/{staff}
write:expected    PUT /api/expected, POST /api/expected, PUT /api/expected/{expected_id}
write:expected    DELETE /api/expected/{expected_id}, POST /api/expected/imports
read:customers    GET /api/customers/{customer}/points
write:points      POST /api/club/codes/used
write:points      POST /api/club/transfers, GET /api/club/transfers/{transfer}, GET /api/club/members/{member}
write:service     POST /api/gatherings/{gathering}/invitations, POST /api/invitations/{invitation}/accept
write:service     POST /api/invitations/{invitation}/decline, POST /api/invitations/{invitation}/here
write:preferences PUT /api/customers/{customer}/memberships/{brand}
write:preferences DELETE /api/customers/{customer}/memberships/{brand}
write:menus       POST /api/menus/imports, PUT /api/menus/{menu}, DELETE /api/menus/{menu}
write:service     POST /api/visits/{visit}/place, POST /api/menus/{menu}/items/{item}/stock, POST /api/rounds
write:service     POST /api/rounds/{round_id}/end, POST /api/rounds/{round_id}/places/{place}/order
write:service     POST /api/rounds/{round_id}/places/{place}/served
write:service     POST /api/rounds/{round_id}/places/{place}/flag/seen
write:service     POST /api/rounds/{round_id}/counts/acknowledge, POST /api/asks/{ask_id}/flag/seen
write:service     POST /api/visits/{visit}/companions, POST /api/visits/{visit}/review, POST /api/visits/{visit}/asks
write:service     POST /api/asks/{ask_id}/answer, POST /api/asks/{ask_id}/served
write:service     POST /api/customers/{customer}/promises, POST /api/customers/{customer}/promises/{promise_id}/close
write:service     POST /api/customers/{customer}/promises/{promise_id}/hand-over
write:service     POST /api/customers/{customer}/complaints
write:service     POST /api/customers/{customer}/complaints/{complaint_id}/close
write:service     POST /api/customers/{customer}/complaints/{complaint_id}/hand-over
write:alerts      POST /api/alerts/{alert}/claim, POST /api/alerts/{alert}/release, POST /api/alerts/{alert}/hand-over
write:alerts      POST /api/alerts/{alert}/close, POST /api/alerts/{alert}/seen, POST /api/alerts/{alert}/met
write:alerts      POST /api/alerts/{alert}/rate
write:preferences POST /api/customers/{customer}/preferences, POST /api/customers/{customer}/wishes
write:preferences POST /api/customers/{customer}/preferences/{preference}/retract
write:preferences POST /api/customers/{customer}/preferences/{preference}/served
write:customers   PUT /api/customers/{customer}, DELETE /api/customers/{customer}
write:customers   GET /api/customers/{customer}/record, GET /api/mistakes, POST /api/mistakes/{mistake}/settle
write:customers   POST /api/customers/{customer}/credentials
write:customers   DELETE /api/customers/{customer}/credentials/{credential}
write:customers   GET /api/customers/{customer}/enrolment
write:customers   GET /api/erasures/{receipt}
write:consents    DELETE /api/customers/{customer}/page-link
write:consents    POST /api/customers/{customer}/receipts, POST /api/customers/{customer}/enrolments
write:consents    POST /api/customers/{customer}/consents, DELETE /api/customers/{customer}/consents/{purpose}
write:entries     GET /api/entries/usual, POST /api/entries
write:entries     POST /api/entries/{entry}/reverse, POST /api/entries/{entry}/result
write:staff       PUT /api/staff/{staff}, DELETE /api/staff/{staff}
write:staff       POST /api/staff/{staff}/shift, DELETE /api/staff/{staff}/shift
"""
NEEDS: dict[tuple[str, str], str] = {
    (method, path): scope
    for scope, _, routes in (line.partition(" ") for line in TABLE.split("\n") if line)
    for method, path in (route.split() for route in routes.split(","))
}


async def made(house: Served, *scopes: str, **more: Any) -> dict[str, Any]:
    """A program with these scopes, made by a manager."""
    body = {"scopes": list(scopes), "name": "till", **more}
    found: dict[str, Any] = await answered((await house.client("manager")).post("/api/tokens", json=body))
    return found


async def test_the_table_has_every_route_that_a_program_may_and_every_scope_opens_something() -> None:
    assert set(NEEDS) == {route for route, roles in MAY.items() if "integration" in roles}
    assert {*NEEDS.values(), "any"} == {*(s for s in SCOPES if not s.startswith("manage:")), "any"}
    given = frozenset().union(*SCOPES.values())
    of_programs = {name for name, roles in RIGHTS.items() if "integration" in roles}
    assert of_programs - FOR_ALL <= given <= set(RIGHTS), "a right of no scope is one that no program can be given"
    assert sum(map(len, SCOPES.values())) == len(given), "a right is in one scope"


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if not scope.startswith("manage:")])
async def test_a_scope_opens_what_the_table_says_and_no_more(house: Served, scope: str) -> None:
    program = await house.client(Authorization=f"Bearer {(await made(house, scope))['token']}")
    for (method, path), roles in sorted(MAY.items()):
        if (method, path) == ("POST", "/api/sign-out"):
            continue
        answer = await program.request(method, path.format(**SOMEBODY, **SOMETHING), json={})
        opens = "integration" in roles and NEEDS[method, path] in (scope, "any")
        assert (answer.status_code == 403) == (not opens), f"{scope}: {method} {path}: {answer.status_code}"
        assert answer.status_code < 500, f"{method} {path}"


async def test_a_program_of_the_integration_role_may_what_it_could_before_there_were_scopes(house: Served) -> None:
    before = await house.token("integration")  # as an older program wrote it down: neither scopes nor an end
    row = next(
        t for t in await answered((await house.client("manager")).get("/api/tokens"))
        if t["until"] is None and t["role"] == "integration"
    )  # fmt: skip
    assert (row["whole"], row["scopes"]) == (True, [s for s in SCOPES if not s.startswith("manage:")])
    assert (await (await house.client(Authorization=f"Bearer {before}")).get("/api/present")).status_code == 200


async def test_a_program_is_told_what_its_scopes_are_about_and_nothing_else(house: Served) -> None:
    await house.enrol("hale")
    boss = await house.client("manager")
    readers, visits = await made(house, "read:readers"), await made(house, "read:presence")
    door, lounge = ({"Authorization": f"Bearer {each['token']}"} for each in (readers, visits))
    async with house.tablet(door) as deaf, house.tablet(lounge) as hears:
        state = deaf.state
        assert (state["present"], state["alerts"], state["staff"], len(state["readers"])) == ([], [], [], 1)
        house.tap()
        arrived = await hears.expect("visit.arrived")
        assert arrived["data"]["asks"] == []
        wish = {"category": "drink", "value": "still water", "polarity": "do", "basis": "stated", "scope": "standing"}
        await answered(boss.post("/api/customers/hale/preferences", json=wish))
        await answered(boss.put("/api/plan", json={"width": 9, "height": 9, "zones": [], "readers": []}))
        await deaf.expect("plan.changed")
        await hears.tick()
        assert {e["type"] for e in deaf.events if e["type"] not in ("tick", "hello")} == {"plan.changed"}
        heard = {e["type"].partition(".")[0] for e in hears.events if e["type"] not in ("tick", "hello")}
        assert heard == {"visit"}
        assert (await deaf.tick())["quiet"] is None


async def test_a_page_shows_a_program_the_parts_that_it_may_read(house: Served) -> None:
    await house.enrol("yan", "em:0700C4A92F")
    alone = await house.client(Authorization=f"Bearer {(await made(house, 'read:customers'))['token']}")
    page = await answered(alone.get("/api/customers/yan"))
    assert (page["id"], page["consents"], page["preferences"], page["presence"]) == ("yan", [], [], None)
    both = await made(house, "read:customers", "read:consents")
    page = await answered((await house.client(Authorization=f"Bearer {both['token']}")).get("/api/customers/yan"))
    assert {c["purpose"] for c in page["consents"]} == {"recognise_tag", "keep_preferences"}


async def test_every_type_that_a_program_may_be_sent_needs_a_scope_or_tells_of_nobody() -> None:
    free = {t for t, row in CATALOGUE.items() if "program" in row.to and t.partition(".")[0] not in HEARD}
    assert free == {"catalogue.changed"}


async def test_nobody_gives_a_program_what_they_do_not_have(house: Served) -> None:
    it, boss = await house.client("it"), await house.client("manager")
    for body in ({"role": "manager"}, {"role": "integration"}, {"scopes": ["read:presence"]}, {"role": "floor"}):
        refused = await it.post("/api/tokens", json=body)
        assert (refused.status_code, "do not have themselves" in refused.json()["detail"]) == (403, True), body
    for role in ("manager", "integration"):
        nobodys = await boss.post("/api/tokens", json={"role": role})
        assert (nobodys.status_code, "a program has scopes" in nobodys.json()["detail"]) == (422, True), role
    given = await answered(it.post("/api/tokens", json={"scopes": ["read:readers"], "name": "monitor"}))
    assert given["scopes"] == ["read:readers"]
    await house.hire("anna")
    assert (await it.post("/api/tokens", json={"role": "floor", "staff": "anna"})).status_code == 403
    more = await boss.post("/api/tokens", json={"role": "manager", "staff": "anna"})
    assert (more.status_code, "may more than 'anna' does" in more.json()["detail"]) == (422, True)
    assert (await boss.post("/api/tokens", json={"role": "integration", "staff": "anna"})).status_code == 422
    assert (await boss.post("/api/tokens", json={"scopes": ["read:everything"]})).status_code == 422
    assert (await boss.post("/api/tokens", json={"role": "it", "scopes": ["read:readers"]})).status_code == 422
    assert (await boss.post("/api/tokens", json={"role": "integration", "days": 731})).status_code == 422


async def test_a_program_is_listed_with_when_it_was_used_last_and_ends_with_its_time(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        token = await made(house, "read:presence", days=2)
        program = await house.client(Authorization=f"Bearer {token['token']}")
        boss = await house.client("manager")

        async def row() -> dict[str, Any]:
            return next(t for t in await answered(boss.get("/api/tokens")) if t["id"] == token["id"])

        assert (await row())["last_used"] is None
        async with house.tablet({"Authorization": f"Bearer {token['token']}"}) as socket:
            assert (await program.get("/api/present")).status_code == 200
            listed = await row()
            assert (listed["name"], listed["used_from"]) == ("till", "127.0.0.1")
            assert listed["last_used"] is not None
            house.gateway.note(house.running.sessions.programs.news())
            await house.gateway.settle()
            await house.gateway.store.write(lambda tx: None)
            kept = next(t for t in records.list_tokens(house.gateway.store.reader) if t.id == token["id"])
            assert (kept.used_at is not None, kept.used_from) == (True, "127.0.0.1")
            house.ahead = 2 * DAY + 1
            assert await socket.closed() == 4401
        assert (await program.get("/api/present")).status_code == 401
        assert token["id"] not in [t["id"] for t in await answered(boss.get("/api/tokens"))]


async def test_other_roles_end_what_somebody_was_signed_in_on_before_and_their_programs(house: Served) -> None:
    await house.hire("ben")
    boss, signed_in = await house.client("manager"), await house.signs_in("ben")
    own = await answered(boss.post("/api/tokens", json={"role": "floor", "staff": "ben"}))
    program = await house.client(Authorization=f"Bearer {own['token']}")
    async with house.tablet({"Authorization": f"Bearer {own['token']}"}) as socket:
        await answered(boss.put("/api/staff/ben", json={"name": "Ben", "roles": ["crew"]}))
        assert await socket.closed() == 4401
    assert (await program.get("/api/present")).status_code == 401
    assert (await signed_in.get("/api/present")).status_code == 401
    assert (await (await house.signs_in("ben")).get("/api/present")).status_code == 200
