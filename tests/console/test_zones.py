"""Who sees whom: roles and zones, on every path and in every event of the live socket, and the way around it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from gateway.console.app import RESOURCES
from gateway.console.in_view import FOR_ALL, InView
from gateway.console.zones import ABOUT
from gateway.core.sight import ANYWAY_FOR, Eyes
from gateway.events.catalogue import CATALOGUE
from gateway.events.event import Event
from gateway.settings.venue import BadConfig, VenueConfig
from reader_drivers import Sighting
from tests.console.served import FOB, Served, config, served
from tests.console.test_rights import MAY, SOMETHING
from tests.story.tablet import Tablet
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Whatever is about a guest, a visit, a card, a question or a round: refused where that is in another zone.
PATHS = """
GET /api/customers/{customer}
GET /api/customers/{customer}/journal
GET /api/customers/{customer}/preferences
GET /api/customers/{customer}/consents
GET /api/customers/{customer}/receipts
GET /api/customers/{customer}/purposes
GET /api/receipts/{receipt}
POST /api/receipts/{receipt}/print
POST /api/customers/{customer}/wishes
POST /api/customers/{customer}/preferences
POST /api/customers/{customer}/preferences/{preference}/retract
POST /api/customers/{customer}/preferences/{preference}/served
POST /api/customers/{customer}/promises
POST /api/customers/{customer}/promises/{promise_id}/close
POST /api/customers/{customer}/promises/{promise_id}/hand-over
POST /api/customers/{customer}/complaints
POST /api/customers/{customer}/complaints/{complaint_id}/close
POST /api/customers/{customer}/complaints/{complaint_id}/hand-over
GET /api/customers/{customer}/memberships
GET /api/customers/{customer}/introductions
GET /api/customers/{customer}/points
DELETE /api/customers/{customer}/introductions/{introduction}
PUT /api/customers/{customer}/memberships/{brand}
DELETE /api/customers/{customer}/memberships/{brand}
GET /api/alerts/{alert}
POST /api/alerts/{alert}/claim
POST /api/alerts/{alert}/release
POST /api/alerts/{alert}/hand-over
POST /api/alerts/{alert}/close
POST /api/alerts/{alert}/seen
POST /api/alerts/{alert}/met
POST /api/alerts/{alert}/rate
POST /api/visits/{visit}/asks
POST /api/visits/{visit}/companions
POST /api/visits/{visit}/review
POST /api/visits/{visit}/place
POST /api/asks/{ask_id}/answer
POST /api/asks/{ask_id}/served
POST /api/asks/{ask_id}/flag/seen
GET /api/rounds/{round_id}
POST /api/rounds/{round_id}/end
POST /api/rounds/{round_id}/places/{place}/order
POST /api/rounds/{round_id}/places/{place}/served
POST /api/rounds/{round_id}/places/{place}/flag/seen
POST /api/rounds/{round_id}/counts/acknowledge
"""
LISTED = [tuple(line.split()) for line in PATHS.split("\n") if line]

# Who works here: roles, the zones they work in, and whether they see a guest who is in the bar.
STAFF = {
    "anna": (["floor"], ["bar"], True),
    "ben": (["floor"], ["lounge"], False),
    "cleo": (["crew"], ["lounge"], False),
    "dora": (["crew", "it"], ["lounge", "bar"], True),
    "noor": (["floor"], [], True),
    "mei": (["manager"], ["lounge"], True),
}
WISH = {"category": "drink", "value": "still water", "polarity": "do", "basis": "stated", "scope": "standing"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A guest is in the bar, with a card, a question and a round; everybody works in their zones."""
    controller = {"name": "Bund House", "address": "1 Bund", "contact": "privacy@example.com"}
    privacy = {"controller": controller}  # without one there are no receipts
    slow = config(alerts={"escalate_after_s": [6000, 12000]}, privacy=privacy)  # it rings with nobody else meanwhile
    async with served(tmp_path_factory.mktemp("zones"), slow) as house:
        boss = await house.client("manager")
        for name, (roles, zones, _) in STAFF.items():
            await answered(boss.put(f"/api/staff/{name}", json={"name": name, "roles": roles, "zones": zones}))
            await answered(boss.post(f"/api/staff/{name}/shift", json={}))
        await house.enrol("hale")
        house.tap()
        yield house


async def as_(house: Served, name: str) -> httpx2.AsyncClient:
    """A program that stands for this person."""
    return await house.client(STAFF[name][0][0], name)


async def login(house: Served, name: str) -> dict[str, str]:
    """The same as a header for the live socket."""
    return {"Authorization": str((await as_(house, name)).headers["Authorization"])}


async def ids(house: Served) -> dict[str, str]:
    """What there is about the guest."""
    boss = await house.client("manager")
    (here,) = await answered(boss.get("/api/present"))
    (alert,) = await answered(boss.get("/api/alerts"))
    ask = await boss.post(f"/api/visits/{here['visit']}/asks", json={"question": "lunch"})
    round_ = await boss.post("/api/rounds", json={"question": "lunch", "zones": ["bar"]})
    rounds = await answered(boss.get("/api/rounds"))
    found = ask.json()["id"] if ask.status_code == 201 else ask.json()["ask"]["id"]
    assert round_.status_code in (201, 409)
    (receipt, *_) = await answered(boss.get("/api/customers/hale/receipts"))
    about = {
        "customer": "hale",
        "visit": here["visit"],
        "alert": alert["id"],
        "ask_id": found,
        "receipt": receipt["id"],
    }
    return {**SOMETHING, **about, "round_id": rounds[0]["id"], "place": "1A"}


async def told_anew(tablet: Tablet, nth: int) -> list[str]:
    """Who is here, as the tablet was told the whole state again for the nth time."""
    while len(hellos := [e for e in tablet.events if e["type"] == "hello"]) < nth:
        await tablet.tick()
    return [p["customer"] for p in hellos[nth - 1]["state"]["present"]]


async def held_by_anna(house: Served) -> None:
    """The card rings with nobody who has just connected."""
    anna = await as_(house, "anna")
    (alert,) = await answered(anna.get("/api/alerts"))
    assert (await anna.post(f"/api/alerts/{alert['id']}/claim", json={})).status_code == 200


async def test_every_path_about_a_guest_is_in_the_table() -> None:
    named = re.compile(r"{(customer|visit|alert|ask_id|round_id|receipt)}")
    found = {
        (method, route.path_format)
        for resource in RESOURCES
        for route in resource.router.routes
        for method in getattr(route, "methods", None) or ()
        for dependency in getattr(route, "dependencies", ())
        if getattr(dependency.dependency, "right", None) in ABOUT and named.search(route.path_format)
    }
    assert found == set(LISTED)


@pytest.mark.parametrize("name", STAFF)
async def test_a_path_is_open_to_whom_the_guest_s_zone_is(house: Served, name: str) -> None:
    program, about, sees = await as_(house, name), await ids(house), STAFF[name][2]
    assert [p["customer"] for p in await answered(program.get("/api/present"))] == (["hale"] if sees else [])
    assert [a["customer"] for a in await answered(program.get("/api/alerts"))] == (["hale"] if sees else [])
    assert len(await answered(program.get("/api/rounds"))) == int(sees)
    for method, path in LISTED:
        if "manager" not in MAY[method, path] or STAFF[name][0][0] not in MAY[method, path]:
            continue
        answer = await program.request(method, path.format(**about), json={})
        refused = answer.status_code == 403 and answer.json().get("elsewhere") is True
        assert refused == (not sees), f"{name}: {method} {path}: {answer.status_code} {answer.text}"
    found = await answered(program.get("/api/customers", params={"q": "hale"}))
    assert [row["present"] for row in found] == [sees]
    assert (await program.delete("/api/customers/hale/consents/share_partners")).status_code != 403, "to stop is all's"


@pytest.mark.parametrize(
    "type_", [t for t, row in CATALOGUE.items() if "service" in row.to and row.holder == "customer"]
)
async def test_an_event_about_a_guest_is_for_whom_their_zone_is(house: Served, type_: str) -> None:
    memory, (here,) = house.gateway.memory, house.gateway.memory.presence.here()
    hale = house.whose("hale")
    event = Event("e", type_, hale, hale, house.now(), {"visit": here.visit}, "gateway", 1)
    sent = {"visit": here.visit, "customer": hale, "zone": "bar", "owner": "mei", "by": "mei"}
    for name, (roles, _, sees) in STAFF.items():
        view = InView(house.gateway.sight, Eyes(name, tuple(roles)), house.gateway.views.about, memory.family.root)
        view.state(house.gateway.views.state({"staff": name}, audience="service"))
        before, told = view.event(event, sent) if view.limited else (None, sent)
        assert (before, told is not None) == (None, sees or type_ in FOR_ALL), f"{name}: {type_}"


def two_counters() -> VenueConfig:
    """A counter to tap at in the bar, and one in the lounge."""
    tap = {"driver": "em4100", "role": "tap"}
    return config(readers=[{"id": z, "link": f"/nowhere/{z}", "zone": z, **tap} for z in ("bar", "lounge")])


async def test_a_guest_who_moves_goes_out_of_one_view_and_comes_into_the_other(tmp_path: Path) -> None:
    async with served(tmp_path, two_counters()) as house:
        boss = await house.client("manager")
        for name in ("anna", "ben", "mei"):
            roles, zones, _ = STAFF[name]
            await answered(boss.put(f"/api/staff/{name}", json={"name": name, "roles": roles, "zones": zones}))
            await answered(boss.post(f"/api/staff/{name}/shift", json={}))
        await house.enrol("hale")
        anna, ben, mei = [
            {"Authorization": (await as_(house, n)).headers["Authorization"]} for n in ("anna", "ben", "mei")
        ]
        async with house.tablet(anna) as bar, house.tablet(ben) as lounge, house.tablet(mei) as all_of_it:
            house.gateway.see(Sighting("bar", None, FOB, None, None, house.now()))
            await bar.expect("visit.arrived", customer="hale")
            opened = await bar.expect("alert.opened", customer="hale")
            writing = await as_(house, "anna")
            await answered(writing.post(f"/api/alerts/{opened['data']['id']}/claim", json={}))
            await answered(writing.post(f"/api/alerts/{opened['data']['id']}/close", json={"outcome": "declined"}))
            await answered(writing.post("/api/customers/hale/preferences", json=WISH))
            house.ahead += 200
            house.gateway.see(Sighting("lounge", None, FOB, None, None, house.now()))
            come = await lounge.expect("view")
            assert [p["customer"] for p in come["present"]] == ["hale"]
            assert [f["value"] for f in come["preferences"]["hale"]] == ["still water"]
            assert lounge.seen("visit.moved", customer="hale")
            gone = await bar.expect("view")
            assert (gone["gone"], gone["present"]) == ([come["present"][0]["visit"]], [])
            await all_of_it.expect("visit.moved", customer="hale")
            await lounge.tick()
        assert not [e for e in lounge.events if e["type"].startswith(("visit.arrived", "alert.", "preference."))]
        assert not bar.seen("visit.moved")
        assert not [e for e in all_of_it.events if e["type"] == "view"]
        late = {**WISH, "value": "no ice", "polarity": "avoid"}
        assert (await writing.get("/api/customers/hale")).status_code == 403
        assert (await writing.post("/api/customers/hale/preferences", json=late)).status_code == 201, (
            "an outbox comes late"
        )


async def test_rows_of_the_configuration_say_who_sees_whom(tmp_path: Path) -> None:
    rows = [
        {"role": "floor", "zones": "all"},
        {"role": "crew", "what": ["absent", "search"], "zones": "none"},
        {"role": "manager", "what": ["alerts"], "zones": "own"},
    ]
    async with served(tmp_path, config(access=rows)) as house:
        boss = await house.client("manager")
        for name, (roles, zones, _) in STAFF.items():
            await answered(boss.put(f"/api/staff/{name}", json={"name": name, "roles": roles, "zones": zones}))
        await house.enrol("hale")
        await house.enrol("yan", "em:0700C4A92F")
        house.tap()
        ben, cleo, mei = [await as_(house, name) for name in ("ben", "cleo", "mei")]
        assert len(await answered(ben.get("/api/present"))) == 1
        assert (await cleo.get("/api/customers", params={"q": "yan"})).status_code == 403
        assert (await cleo.get("/api/customers/yan")).json()["elsewhere"] is True
        assert (len(await answered(mei.get("/api/present"))), await answered(mei.get("/api/alerts"))) == (1, [])
    with pytest.raises(BadConfig, match="absent is in no zone"):
        config(access=[{"role": "floor", "what": ["absent"], "zones": "own"}])


async def test_another_shift_shows_other_zones_at_once(house: Served) -> None:
    boss, ben = await house.client("manager"), await as_(house, "ben")
    await held_by_anna(house)
    async with house.tablet({"Authorization": ben.headers["Authorization"]}) as tablet:
        await answered(boss.post("/api/staff/ben/shift", json={"zones": ["bar"]}))
        assert await told_anew(tablet, 1) == ["hale"]
        await answered(boss.post("/api/staff/ben/shift", json={"zones": []}))
        assert await told_anew(tablet, 2) == []


async def test_who_is_not_here_is_found_by_a_search_and_the_look_is_written_down(house: Served) -> None:
    await house.enrol("yan", "em:0700C4A92F")
    ben = await as_(house, "ben")
    assert [row["id"] for row in await answered(ben.get("/api/customers", params={"q": "yan"}))] == ["yan"]
    assert (await ben.get("/api/customers/yan?why=search")).status_code == 200
    await house.gateway.settle()
    await house.gateway.store.write(lambda tx: None)
    looks = [e for e in house.gateway.journal.since(0, 10_000) or [] if e.type == "customer.viewed"]
    assert (house.whose("yan"), "ben") in {(e.subject, e.actor) for e in looks}


async def test_shown_anyway_needs_a_reason_is_told_and_is_soon_over(house: Served) -> None:
    ben, boss = await as_(house, "ben"), await house.client("manager")
    token = {"Authorization": ben.headers["Authorization"]}
    assert (await ben.post("/api/customers/hale/show-anyway", json={"reason": "because"})).status_code == 422
    await held_by_anna(house)
    async with house.tablet(token) as tablet:
        assert tablet.state["present"] == []
        await answered(ben.post("/api/customers/hale/show-anyway", json={"reason": "she asked for me by name"}))
        assert await told_anew(tablet, 1) == ["hale"]
        assert (await ben.get("/api/customers/hale")).status_code == 200
        await answered(boss.post("/api/customers/hale/preferences", json=WISH))
        await tablet.expect("preference.recorded", customer="hale")
        (told,) = [e for e in house.gateway.journal.since(0, 10_000) or [] if e.type == "access.overridden"]
        assert (told.subject, told.actor, told.data["reason"]) == (
            house.whose("hale"),
            "ben",
            "she asked for me by name",
        )
        house.ahead += ANYWAY_FOR + 1
        assert await told_anew(tablet, 2) == []
    assert (await ben.get("/api/customers/hale")).status_code == 403


async def test_what_is_promised_comes_into_a_zone_s_view_with_a_guest_and_goes_with_them(tmp_path: Path) -> None:
    async with served(tmp_path, two_counters()) as house:
        boss = await house.client("manager")
        await answered(boss.put("/api/staff/ben", json={"name": "ben", "roles": ["floor"], "zones": ["lounge"]}))
        await answered(boss.post("/api/staff/ben/shift", json={}))
        await house.enrol("hale")
        ben = {"Authorization": (await as_(house, "ben")).headers["Authorization"]}
        scarf = {"text": "the scarf", "owner": "mei"}
        await answered(boss.put("/api/staff/mei", json={"name": "mei", "roles": ["manager"]}))
        made = await answered(boss.post("/api/customers/hale/promises", json=scarf))
        async with house.tablet(ben) as lounge:
            assert lounge.state["promises"] == []
            house.gateway.see(Sighting("lounge", None, FOB, None, None, house.now()))
            come = await lounge.expect("view")
            assert (come["of"], [p["id"] for p in come["promises"]]) == (["hale"], [made["id"]])
            opened = await lounge.expect("alert.opened", customer="hale")
            assert lounge.seen("visit.arrived", customer="hale"), "of one number with the frame"
            page = f"/api/alerts/{opened['data']['id']}"
            await answered((await as_(house, "mei")).post(f"{page}/claim", json={}))
            await answered((await as_(house, "mei")).post(f"{page}/close", json={"outcome": "declined"}))
            house.ahead += 200
            house.gateway.see(Sighting("bar", None, FOB, None, None, house.now()))
            while len(views := [e for e in lounge.events if e["type"] == "view"]) < 2:
                await lounge.tick()
            assert (views[1]["of"], views[1]["alerts"], views[1]["promises"]) == (["hale"], [], [])
