"""Kinds of moment beside arrival, each told to whom it concerns and not too often; the clock is the test's to move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.core import facts
from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import iso
from gateway.recognition.moments import Kind, Moment
from gateway.service.stays import Stay
from gateway.settings.venue import VenueConfig
from reader_drivers import Sighting
from tests.console.served import Served, config, served
from tests.story.tablet import Tablet
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

ZONE = "Asia/Shanghai"
NAME = {"zh-CN": "馆", "en": "House"}
TAPS = {"bar": "bar", "lounge": "lounge", "door": "entrance"}  # a place to tap at in each zone
MINUTE, DAY = 60.0, 86400.0


@pytest.fixture(autouse=True)
def _time_of_the_house(_time_of_nowhere: None) -> None:
    """The house is one for all of these, and its days are those of its zone in each."""
    venue_time.use(ZONE)


def venue(*rows: dict[str, Any], kind: str = "store", **alerts: Any) -> VenueConfig:
    """Three zones with a place to tap at in each, tag readers in two, and a way out by the entrance."""
    place = {"driver": "em4100", "role": "tap"}
    readers = [{"id": r, "link": f"/nowhere/{r}", "zone": z, **place} for r, z in TAPS.items()]
    for zone in ("bar", "lounge"):
        tags = {"driver": "m100", "role": "zone", "link": f"/nowhere/tags-{zone}"}
        readers.append({"id": f"tags-{zone}", "zone": zone, **tags})
    readers.append({"id": "exit", "driver": "m100", "link": "/nowhere/exit", "role": "exit", "zone": "entrance"})
    return config(
        venue={"id": "house", "name": NAME, "kind": kind, "timezone": ZONE},
        zones=[{"id": z, "name": NAME} for z in ("entrance", "bar", "lounge")],
        readers=readers,
        moments=list(rows),
        alerts={"escalate_after_s": [60, 120], **alerts},
    )


class Floor:
    """A house with one tablet of Anna, Ben and the manager Mei each."""

    def __init__(self, house: Served, anna: Tablet, ben: Tablet, mei: Tablet) -> None:
        self.house = house
        self.anna, self.ben, self.mei = anna, ben, mei
        self._fobs: dict[str, str] = {}
        self._told: list[tuple[str, str]] = []

    async def enrol(self, customer: str, **facts: Any) -> None:
        """A customer with a fob of their own, of whom Anna takes care."""
        self._fobs[customer] = f"em:07{len(self._fobs):08X}"
        await self.house.enrol(customer, self._fobs[customer], associate="anna", **facts)

    def taps(self, customer: str, at: str = "bar") -> None:
        """The fob is held to a reader."""
        now = self.house.now()
        self.house.gateway.see(Sighting(at, None, self._fobs[customer], None, None, now))

    async def arrives(self, customer: str) -> dict[str, Any]:
        """Taps at the bar; the alert that follows."""
        self.taps(customer)
        return dict((await self.anna.expect("alert.opened", kind="arrival", customer=customer))["data"])

    async def greets(self, customer: str, by: str = "anna") -> dict[str, Any]:
        """Arrives and is greeted."""
        alert = await self.arrives(customer)
        client = await self.house.client("floor", by)
        await answered(client.post(f"/api/alerts/{alert['alert']}/claim", json={}))
        await answered(client.post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"}))
        return alert

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.house.ahead += seconds
        self.house.gateway.pulse(self.house.now())

    async def told(self, kind: str, customer: str) -> dict[str, Any]:
        """The alert of this kind about this customer."""
        alert = dict((await self.anna.expect("alert.opened", kind=kind, customer=customer))["data"])
        self._told.append((kind, customer))
        return alert

    async def nothing_of(self, kind: str, customer: str) -> None:
        """No alert of this kind about this customer that was not handed out; what was on its way has come."""
        await self.anna.tick()
        seen = self.anna.seen("alert.opened", kind=kind, customer=customer)
        assert len(seen) == self._told.count((kind, customer))


@asynccontextmanager
async def floor(folder: Path, settings: VenueConfig) -> AsyncIterator[Floor]:
    """Everybody at work."""
    async with served(folder, settings) as house:
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager",))
        headers = [{"Authorization": f"Bearer {await house.token('floor', n)}"} for n in ("anna", "ben", "mei")]
        async with house.tablet(headers[0]) as a, house.tablet(headers[1]) as b, house.tablet(headers[2]) as m:
            yield Floor(house, a, b, m)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def usual(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(tmp_path_factory.mktemp("usual"), venue()) as made:
        yield made


async def test_who_waits_five_minutes_in_a_store_is_told_to_the_zone_and_ends_with_the_claim(usual: Floor) -> None:
    await usual.enrol("waits")
    arrival = await usual.arrives("waits")
    usual.wait(4.9 * MINUTE)
    await usual.nothing_of("waiting", "waits")
    usual.wait(0.2 * MINUTE)
    waiting = await usual.told("waiting", "waits")
    assert (waiting["about"]["minutes"], waiting["state"], waiting["zone"]) == (5, "open", "bar")
    here = next(p for p in await answered((await usual.house.client("manager")).get("/api/present")))
    assert (here["waiting_since"], here["attended_by"]) == (arrival["opened_at"], None)
    anna = await usual.house.client("floor", "anna")
    await answered(anna.post(f"/api/alerts/{arrival['alert']}/claim", json={}))
    ended = await usual.anna.expect("alert.closed", alert=waiting["alert"])
    assert ended["data"]["outcome"] == "greeted"
    here = next(p for p in await answered(anna.get("/api/present")) if p["customer"] == "waits")
    assert (here["waiting_since"], here["attended_by"]) == (None, "anna")
    await answered(anna.post(f"/api/alerts/{arrival['alert']}/close", json={"outcome": "greeted"}))
    usual.wait(40 * MINUTE)
    await usual.nothing_of("waiting", "waits")


async def test_a_promise_rings_with_its_owner_ten_minutes_before_it_is_due_and_once(usual: Floor) -> None:
    await usual.enrol("promised")  # who is not even here
    boss = await usual.house.client("manager")
    due = iso(usual.house.now() + 30 * MINUTE)
    promise = {"text": "call back", "owner": "ben", "due": due}
    made = await answered(boss.post("/api/customers/promised/promises", json=promise))
    assert (made["deadline"], made["recovery_cost"], made["handed_from"]) == (made["due"], None, None)
    usual.wait(19 * MINUTE)
    await usual.nothing_of("promise_due", "promised")
    usual.wait(1.5 * MINUTE)
    rung = await usual.told("promise_due", "promised")
    assert (rung["to"], rung["zone"], rung["about"]["promise"]["id"]) == (["ben"], None, made["id"])
    assert rung["card"]["suggestion"]["kind"] == "keep_promise"
    ben = await usual.house.client("floor", "ben")
    await answered(ben.post(f"/api/alerts/{rung['alert']}/claim", json={}))
    await answered(ben.post(f"/api/alerts/{rung['alert']}/close", json={"outcome": "greeted"}))
    usual.wait(20 * MINUTE)
    await usual.nothing_of("promise_due", "promised")


async def test_a_card_that_is_older_than_the_visit_tells_of_the_visit_all_the_same(usual: Floor) -> None:
    await usual.enrol("expected")
    boss = await usual.house.client("manager")
    due = iso(usual.house.now() + 5 * MINUTE)
    await answered(boss.post("/api/customers/expected/promises", json={"text": "a pen", "owner": "ben", "due": due}))
    usual.wait(2.0)
    rung = await usual.told("promise_due", "expected")  # before she comes, and for the first time
    await usual.arrives("expected")
    cards = [a["card"] for a in await answered(boss.get("/api/alerts")) if a["customer"] == "expected"]
    assert len(cards) == 2
    assert {(card["visits"], *card["new"]) for card in cards} == {(1, "first_visit")}
    await answered(boss.post(f"/api/alerts/{rung['alert']}/close", json={"outcome": "greeted"}))


async def test_a_complaint_rings_with_its_owner_before_its_deadline_and_ends_when_it_is_settled(usual: Floor) -> None:
    await usual.enrol("complains")
    boss = await usual.house.client("manager")
    complaint = {"text": "cold soup", "owner": "ben", "due": iso(usual.house.now() + 30 * MINUTE)}
    made = await answered(boss.post("/api/customers/complains/complaints", json=complaint))
    usual.wait(19 * MINUTE)
    await usual.nothing_of("promise_due", "complains")
    usual.wait(1.5 * MINUTE)
    rung = await usual.told("promise_due", "complains")
    assert (rung["to"], rung["about"]["promise"]["kind"], rung["about"]["promise"]["text"]) == (
        ["ben"], "complaint", "cold soup",
    )  # fmt: skip
    await answered(boss.post(f"/api/customers/complains/complaints/{made['id']}/close", json={}))
    assert (await usual.anna.expect("alert.closed", alert=rung["alert"]))["data"]["outcome"] == "greeted"


async def test_two_who_agreed_to_meet_are_told_to_each_other_s_people_and_one_sided_is_nobody_s(usual: Floor) -> None:
    await usual.enrol("first", meets=["second", "third"], address_as="Ms First")
    await usual.enrol("second", meets=["first"], wishes=["no_name"])
    await usual.enrol("third")
    await usual.greets("third")
    await usual.greets("first")
    for one_sided in ("first", "third"):
        await usual.nothing_of("met", one_sided)
    await usual.greets("second")
    met = await usual.told("met", "first")
    assert (met["to"], met["about"]["with"]) == (["anna"], [None])  # who wants no name has none here either
    assert (await usual.told("met", "second"))["about"]["with"] == ["Ms First"]


async def test_whoever_was_greeted_by_somebody_who_has_gone_home_is_not_alone_for_long(usual: Floor) -> None:
    await usual.enrol("stays")
    alert = await usual.greets("stays", by="ben")
    boss = await usual.house.client("manager")
    await answered(boss.delete("/api/staff/ben/shift"))
    released = (await usual.anna.expect("alert.released", alert=alert["alert"]))["data"]
    assert (released["state"], released["handed_by"], released["handed_because"]) == ("closed", "ben", "shift_ended")
    here = next(p for p in await answered(boss.get("/api/present")) if p["customer"] == "stays")
    assert here["attended_by"] is None
    assert here["waiting_since"] is not None
    usual.wait(5.1 * MINUTE)
    waiting = await usual.told("waiting", "stays")
    assert waiting["to"] == ["anna"]
    await answered(boss.post("/api/staff/ben/shift", json={}))
    anna = await usual.house.client("floor", "anna")
    await answered(anna.post(f"/api/alerts/{waiting['alert']}/claim", json={}))
    here = next(p for p in await answered(boss.get("/api/present")) if p["customer"] == "stays")
    assert (here["attended_by"], here["waiting_since"]) == ("anna", None)
    await answered(anna.post(f"/api/alerts/{waiting['alert']}/close", json={"outcome": "greeted"}))


async def test_a_farewell_is_for_who_goes_to_the_door_after_a_while(usual: Floor) -> None:
    await usual.enrol("leaves")
    await usual.greets("leaves", by="ben")
    usual.taps("leaves", "door")
    await usual.nothing_of("leaving", "leaves")
    usual.taps("leaves", "lounge")
    usual.wait(6 * MINUTE)
    usual.taps("leaves", "door")
    farewell = await usual.told("leaving", "leaves")
    assert (farewell["to"], farewell["zone"]) == (["ben"], "entrance")  # who looks after them, not whose they are


async def test_back_after_long_first_time_and_birthday_stand_on_the_card(usual: Floor) -> None:
    house = usual.house
    today = datetime.fromtimestamp(house.now(), UTC) + timedelta(hours=8)
    await usual.enrol("returns", birthday=f"{today:%m-%d}")
    await usual.enrol("comes-first", birthday=f"{today + timedelta(days=40):%m-%d}")
    past, returns = house.now() - 100 * DAY, house.whose("returns")

    stages: tuple[tuple[Kind, float], ...] = (("arrived", past), ("departed", past + 60))
    for kind, at in stages:
        was = Moment(kind, returns, "long-ago", "bar", at, past, 1.0, "by the test", {"kind": "reads"}, late=True)
        stay = Stay("long-ago", returns, past, "alone")
        house.gateway.note([News(f"visit.{kind}", returns, facts.visit(was, stay), at=at)])
    await house.gateway.store.write(lambda tx: None)  # what happens by itself is written down behind
    card = (await usual.arrives("returns"))["card"]
    assert (card["new"], card["visits"], card["last_visit"]) == (["back_after", "birthday"], 2, iso(past))
    card = (await usual.arrives("comes-first"))["card"]
    assert (card["new"], card["visits"], card["last_visit"]) == (["first_visit"], 1, None)
    await usual.nothing_of("birthday", "returns")


async def test_a_birthday_that_is_none_is_refused_and_one_left_out_stays(usual: Floor) -> None:
    boss = await usual.house.client("manager")
    page = "/api/customers/leapling"
    facts = {"name": "Leap", "birthday": "02-29", "meets": ["first"]}
    await answered(boss.put(page, json=facts))
    for wrong in ("02-30", "13-01", "1-1", "2000-01-01", "x"):
        assert (await boss.put(page, json={**facts, "birthday": wrong})).status_code == 422
    await answered(boss.put(page, json={"name": "Leap Day"}))
    kept = await answered(boss.get(page))
    assert (kept["name"], kept["birthday"], kept["meets"]) == ("Leap Day", "02-29", ["first"])
    await answered(boss.put(page, json={"name": "Leap Day", "birthday": None, "meets": []}))
    kept = await answered(boss.get(page))
    assert (kept["birthday"], kept["meets"]) == (None, [])


async def test_keys_that_stay_behind_are_told_once(usual: Floor) -> None:
    house = usual.house
    await usual.enrol("forgets")
    await usual.greets("forgets")
    boss = await house.client("manager")
    for tag in ("epc:30340000000000000000AA01", "epc:30340000000000000000AA02"):
        await answered(boss.post("/api/customers/forgets/credentials", json={"identifier": tag}))

    def hears(one: str, other: str, seconds: int) -> None:
        for _ in range(seconds * 2):
            for zone, tag in ((one, "01"), (other, "02")):
                identifier = f"epc:30340000000000000000AA{tag}"
                house.gateway.see(Sighting(f"tags-{zone}", None, identifier, -50.0, None, house.now()))
            usual.wait(0.5)

    hears("bar", "bar", 20)
    hears("bar", "lounge", 40)
    await usual.nothing_of("keys_left", "forgets")
    hears("bar", "lounge", 40)
    left = await usual.told("keys_left", "forgets")
    assert left["about"]["zone"] == "bar"
    hears("bar", "lounge", 60)
    await usual.nothing_of("keys_left", "forgets")


async def test_a_tag_in_two_places_takes_the_preferences_off_the_card_and_tells_the_manager(usual: Floor) -> None:
    house = usual.house
    await usual.enrol("copied")
    boss = await house.client("manager")
    tag = "epc:30340000000000000000BB01"
    await answered(boss.post("/api/customers/copied/credentials", json={"identifier": tag}))
    await answered(boss.post("/api/customers/copied/preferences", json={"category": "drink", "value": "tea"}))
    arrival = await usual.arrives("copied")
    assert [p["value"] for p in arrival["card"]["likes"]] == ["tea"]
    for n in range(24):
        house.gateway.see(Sighting(f"tags-{('bar', 'lounge')[n % 2]}", None, tag, -45.0, None, house.now()))
        usual.wait(0.4)
    verify = await usual.told("verify", "copied")
    assert verify["to"] == ["mei"]
    demoted = (await usual.anna.expect("alert.escalated", alert=arrival["alert"]))["data"]
    for card in (verify["card"], demoted["card"]):
        assert (card["verify"], card["verify_reason"], card["likes"]) == (True, "two_places", [])


async def test_who_does_not_want_to_be_disturbed_is_left_alone_by_every_kind(usual: Floor) -> None:
    await usual.enrol("quiet", wishes=["do_not_disturb"], meets=["first"], birthday="01-01")
    usual.taps("quiet")
    await usual.anna.expect("visit.arrived", customer="quiet")
    usual.wait(11 * MINUTE)
    usual.taps("quiet", "door")
    await usual.anna.expect("visit.moved", customer="quiet")
    await usual.anna.tick()
    assert not usual.anna.seen("alert.opened", customer="quiet")
    boss = await usual.house.client("manager")
    promise = {"text": "a quiet corner", "owner": "ben", "due": iso(usual.house.now() + MINUTE)}
    await answered(boss.post("/api/customers/quiet/promises", json=promise))
    usual.wait(2.0)
    assert (await usual.told("promise_due", "quiet"))["to"] == ["ben"]  # which brings nobody up to them


async def test_rows_change_what_is_usual(tmp_path: Path) -> None:
    rows = (
        {"kind": "moved", "zones": ["lounge"], "to": "manager"},
        {"kind": "waiting", "after_minutes": 1.0, "zones": ["lounge"], "to": "zone"},
        {"kind": "birthday", "days": 3, "to": "manager"},
        {"kind": "leaving", "off": True},
    )
    async with floor(tmp_path, venue(*rows, per_customer_minutes=10.0)) as day:
        today = datetime.fromtimestamp(day.house.now(), UTC) + timedelta(hours=8)
        await day.enrol("chen", birthday=f"{today + timedelta(days=2):%m-%d}")
        await day.arrives("chen")
        told = await day.told("birthday", "chen")
        assert (told["to"], told["about"]["days"]) == (["mei"], 2)
        day.wait(2 * MINUTE)
        await day.nothing_of("waiting", "chen")  # in the bar nobody waits
        day.taps("chen", "lounge")
        moved = await day.told("moved", "chen")
        assert (moved["to"], moved["about"]["from"], moved["zone"]) == (["mei"], "bar", "lounge")
        day.wait(1.0)
        assert (await day.told("waiting", "chen"))["zone"] == "lounge"
        mei = await day.house.client("manager", "mei")
        await answered(mei.post(f"/api/alerts/{moved['alert']}/claim", json={}))
        await answered(mei.post(f"/api/alerts/{moved['alert']}/close", json={"outcome": "greeted"}))
        for at, minutes in (("bar", 5), ("lounge", 1)):
            day.wait(minutes * MINUTE)
            day.taps("chen", at)
        await day.nothing_of("moved", "chen")  # the same of the same customer again within ten minutes
        day.wait(5 * MINUTE)
        day.taps("chen", "bar")
        day.taps("chen", "lounge")
        await day.told("moved", "chen")
        day.taps("chen", "door")
        await day.nothing_of("leaving", "chen")
        said = {row["kind"]: row for row in day.anna.state["moments"]}
        assert (said["waiting"]["zones"], said["moved"]["to"]) == (["lounge"], "manager")
        assert "leaving" not in said
        assert said["promise_due"]["after_minutes"] == -10


async def test_nobody_gets_more_than_they_bear_in_an_hour(tmp_path: Path) -> None:
    rows = ({"kind": "moved", "zones": ["lounge"], "to": "zone"}, {"kind": "waiting", "off": True})
    async with floor(tmp_path, venue(*rows, per_person_per_hour=1)) as day:
        for name in ("a", "b", "c", "d"):
            await day.enrol(name)
            await day.greets(name)
            day.taps(name, "lounge")
            await day.anna.expect("visit.moved", customer=name)
            for alert in await answered((await day.house.client("manager")).get("/api/alerts?state=open")):
                boss = await day.house.client("manager", "mei")
                await answered(boss.post(f"/api/alerts/{alert['alert']}/close", json={"outcome": "greeted"}))
        moved = {e["data"]["customer"]: e["data"]["to"] for e in day.anna.seen("alert.opened", kind="moved")}
        assert sorted(moved.values()) == [["anna"], ["ben"], ["mei"]]
        assert "d" not in moved  # everybody has had theirs
        assert len(day.anna.seen("alert.opened", kind="arrival")) == 4  # an arrival is always told
        day.wait(61 * MINUTE)
        await day.enrol("e")
        await day.greets("e")
        day.taps("e", "lounge")
        await day.told("moved", "e")
