"""The gateway without its doors, with time as an argument: hours pass in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.core.action import Action, Actor, News
from gateway.core.actions import asks, customers, owed, preferences, staff
from gateway.core.gateway import Gateway
from gateway.core.state import plan_of
from gateway.recognition.moments import Kind, Moment
from gateway.records import customers as records
from gateway.records import visits
from gateway.records.journal import Event, Journal
from gateway.records.staff import Staff
from gateway.records.store import Store
from gateway.service.desk import Refused
from gateway.service.floor import Member, Shift
from gateway.settings.venue import VenueConfig, parse
from reader_drivers import Sighting

TAG, PHONE = "epc:3034F10A5C0E400000000001", "irk:5f2d8c61b0a94e7f93d214c06e8ab75d"
START = 1_800_000_000.0
ANNA = Actor("anna")
HOUR = 3600.0


def config() -> VenueConfig:
    """A bar to tap at, a lounge that hears phones, a way out."""
    name = {"zh-CN": "馆", "en": "House"}
    nowhere = {"driver": "em4100", "link": "/nowhere"}
    return parse(
        {
            "venue": {"id": "house", "name": name},
            "zones": [{"id": "bar", "name": name}, {"id": "lounge", "name": name}],
            "readers": [
                {"id": "counter", "role": "tap", "zone": "bar", **nowhere},
                {"id": "lounge", "role": "zone", "zone": "lounge", **nowhere, "link": "/nowhere/2"},
                {"id": "out", "role": "exit", "zone": "bar", **nowhere, "link": "/nowhere/3"},
            ],
        }
    )


class House:
    """A gateway with a data folder on the disk; the test says what is heard and what time it is."""

    def __init__(self, folder: Path, now: float = START, *, hire: bool = True) -> None:
        self.now = now
        self.told: list[Event] = []
        self.store = Store.open(folder, source="/venues/house")
        settings = config()
        self.gateway = Gateway(settings, plan_of(settings), self.store, Journal(self.store), self.told.append)
        self.memory = self.gateway.memory
        self.memory.now = lambda: self.now  # type: ignore[method-assign]
        self.memory.restore(now)
        for name in ("anna", "ben") if hire else ():
            self.memory.floor.put(Member(name, name.capitalize(), frozenset({"floor"})))
            self.memory.floor.start_shift(name, Shift())
            self.memory.floor.connect(name)

    def enrol(self, customer: str, *identifiers: str, until: float | None = None, **facts: Any) -> None:
        """A customer who agrees to be recognised."""

        def change(tx: Any) -> None:
            records.put_customer(tx, customer, {"name": customer.capitalize(), **facts}, self.now)
            for identifier in identifiers:
                records.add_credential(tx, customer, identifier, at=self.now)
            for purpose in ("recognise_tag", "recognise_phone"):
                records.grant_consent(tx, customer, purpose, expires=until, at=self.now)

        self.store.call(change)
        customers.re_enrol(self.gateway, customer, self.now)

    def hears(self, reader: str, identifier: str, rssi: float | None = None) -> None:
        """One read, now."""
        self.gateway.see(Sighting(reader, None, identifier, rssi, None, self.now))

    def passes(self, seconds: float, *, step: float = 0.5, hearing: str | None = None) -> None:
        """Time goes by, with or without a phone that the lounge hears."""
        for _ in range(int(seconds / step)):
            self.now += step
            if hearing:
                self.hears("lounge", hearing, -60.0)
            self.gateway.pulse(self.now)

    def seen(self, type_: str) -> list[dict[str, Any]]:
        """The data of all events of this type so far."""
        return [e.data for e in self.told if e.type == type_]

    async def does(self, action: Action, who: str = "anna") -> Any:
        """A person acts; the answer."""
        await self.gateway.act(action, who)
        return action.answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    opened = House(folder)
    yield opened
    opened.store.close()


async def test_silence_becomes_a_departure_after_a_while_and_the_card_goes(house: House) -> None:
    house.enrol("chen", PHONE, associate="anna")
    house.passes(60, step=1.0, hearing=PHONE)
    assert [d["zone"] for d in house.seen("visit.arrived")] == ["lounge"]
    house.passes(15)
    assert not house.seen("visit.departed")
    house.passes(200)
    (left,) = house.seen("visit.departed")
    assert left["evidence"]["kind"] == "silence"
    (closed,) = house.seen("alert.closed")
    assert (closed["outcome"], closed["card"]) == ("left", None)


async def test_back_within_ten_minutes_is_the_same_visit_and_later_is_another(house: House) -> None:
    house.enrol("chen", TAG, PHONE, associate="anna")
    visits = []
    for away in (0.0, 300.0, 1200.0):
        house.passes(away)
        house.hears("counter", TAG)
        visits.append(house.seen("visit.arrived")[-1]["visit"])
        if not away:
            (alert,) = house.memory.desk.alerts()
            house.gateway.tell_alerts(house.memory.desk.close(alert.id, "anna", "greeted", None, house.now))
        house.hears("out", TAG)
        house.passes(1)
        house.hears("out", TAG)
        house.passes(9)
        assert house.memory.presence.where("chen") is None
    assert visits[0] == visits[1] != visits[2]
    assert len(house.seen("alert.opened")) == 2  # greeted in the first visit, so rung once for each


@pytest.mark.parametrize("met", [False, True])
async def test_who_was_believed_gone_and_was_not_is_here_again_and_rung_for_only_if_nobody_met_them(
    house: House, met: bool
) -> None:
    house.enrol("chen", TAG, associate="anna")
    house.gateway.moment(told("arrived", house.now), house.now)
    if met:
        (alert,) = house.memory.desk.alerts()
        house.gateway.tell_alerts(house.memory.desk.close(alert.id, "anna", "greeted", None, house.now))
    house.gateway.moment(told("departed", house.now), house.now)
    house.gateway.moment(told("moved", house.now, resumed=True), house.now)
    assert len(house.seen("visit.arrived")) == 1
    assert house.seen("visit.moved")[-1]["state"] == "present"
    assert len(house.seen("alert.opened")) == (1 if met else 2)
    house.store.call(lambda tx: None)
    assert [v.id for v in visits.open_visits(house.store.reader)] == ["v1"]


def told(kind: Kind, at: float, *, resumed: bool = False) -> Moment:
    return Moment(kind, "chen", "v1", "lounge", at, at, 0.95, "said by the test", {"kind": "reads"}, resumed=resumed)


async def test_what_was_asked_stands_when_the_customer_is_back_and_after_a_restart(folder: Path) -> None:
    house = House(folder)
    try:
        house.enrol("chen", TAG)
        house.hears("counter", TAG)
        visit = house.seen("visit.arrived")[0]["visit"]
        ask = partial(asks.ask, house.gateway, visit, "lunch", again=False, id_=None, at=None, actor=ANNA)
        put = await house.does(ask(now=house.now))
        house.hears("out", TAG)
        house.passes(1)
        house.hears("out", TAG)
        house.passes(9)
        with pytest.raises(Refused, match="has left"):
            ask(now=house.now)
        house.hears("counter", TAG)
        with pytest.raises(Refused, match="asked already"):
            ask(now=house.now)
    finally:
        house.store.close()
    house = House(folder, house.now + 30)
    try:
        (here,) = house.memory.presence.here()
        assert (here.customer, here.visit, here.zone) == ("chen", visit, "bar")
        with pytest.raises(Refused, match="asked already") as refused:
            asks.ask(house.gateway, visit, "Lunch", False, None, None, ANNA, house.now)
        assert refused.value.extra["ask"].id == put["id"]
        house.hears("counter", TAG)
        assert not house.seen("visit.arrived")
    finally:
        house.store.close()


async def test_a_shift_that_ran_out_while_nobody_looked_is_ended_at_the_start(folder: Path) -> None:
    house = House(folder)
    try:
        house.enrol("chen", TAG, deputy="cora")
        for name in ("anna", "cora"):
            await house.does(staff.put(house.gateway, Staff(name, name.capitalize(), ["floor"]), house.now))
        await house.does(staff.start_shift(house.gateway, "cora", [], None, house.now))
        await house.does(staff.start_shift(house.gateway, "anna", [], house.now + HOUR, house.now))
        due = {"owner": "anna", "due": None, "id_": None, "actor": ANNA, "now": house.now}
        await house.does(owed.open_(house.gateway, "promise", "chen", "an offer", **due))
    finally:
        house.store.close()
    house = House(folder, START + 2 * HOUR, hire=False)
    try:
        house.passes(1)
        (handed,) = house.seen("promise.handed_over")
        assert (handed["owner"], handed["handed_from"], handed["handed_because"]) == ("cora", "anna", "shift_ended")
        assert house.memory.floor.shift("anna") is None
        assert house.memory.floor.on_shift("cora", house.now)
    finally:
        house.store.close()


async def test_consent_that_has_run_out_recognises_nobody(house: House) -> None:
    house.enrol("chen", TAG, until=START + HOUR)
    house.passes(HOUR - 10, step=60)
    house.hears("counter", TAG)
    assert len(house.seen("visit.arrived")) == 1
    house.passes(3 * HOUR, step=60)
    house.hears("counter", TAG)
    assert len(house.seen("visit.arrived")) == 1
    assert len(house.seen("visit.departed")) == 1


async def test_a_one_off_is_for_a_visit_and_nobody_records_the_future(house: House) -> None:
    house.enrol("chen", TAG)
    said = {"category": "drink", "value": "tea", "polarity": "do", "basis": "stated", "scope": "one_off"}
    with pytest.raises(Refused, match="not here"):
        preferences.record(house.gateway, "chen", said, ANNA, house.now)
    house.hears("counter", TAG)
    fast = await house.does(preferences.record(house.gateway, "chen", {**said, "at": START + 900}, ANNA, house.now))
    assert fast["visit"] == house.seen("visit.arrived")[0]["visit"]
    assert fast["at"] == house.seen("visit.arrived")[0]["since"]
    with pytest.raises(Refused) as nobody:
        preferences.record(house.gateway, "nobody", said, ANNA, house.now)
    assert nobody.value.status == 404


async def test_who_no_longer_agrees_to_it_has_nothing_recorded(house: House) -> None:
    house.enrol("chen", TAG)
    said = {"category": "drink", "value": "tea", "polarity": "do", "basis": "stated", "scope": "standing"}
    record = partial(preferences.record, house.gateway, "chen", said, ANNA)
    grant = partial(customers.grant, house.gateway, "chen", "keep_preferences", None, None)
    await house.does(record(house.now))
    await house.does(grant(START + HOUR, ANNA, house.now))
    await house.does(record(house.now))
    house.now += 2 * HOUR
    with pytest.raises(Refused, match="no longer agrees"):
        record(house.now)
    await house.does(grant(None, ANNA, house.now))
    await house.does(customers.revoke(house.gateway, "chen", "keep_preferences", ANNA, house.now))
    with pytest.raises(Refused, match="no longer agrees"):
        record(house.now)


async def test_an_identifier_belongs_to_one_customer(house: House) -> None:
    house.enrol("chen", TAG)
    house.enrol("hale")
    with pytest.raises(Refused, match="another customer"):
        customers.give(house.gateway, "hale", TAG, "", None, house.now)
    first = await house.does(customers.give(house.gateway, "chen", TAG, "keys", None, house.now))
    again = await house.does(customers.give(house.gateway, "chen", TAG, "keys", None, house.now))
    assert first["id"] == again["id"]


async def test_what_could_not_be_written_is_told_to_nobody_and_holds_nobody_up(house: House) -> None:
    def broken(_: object) -> None:
        raise OSError("the disk is gone")

    def action(name: str, *changes: Any, stands: bool = False) -> Action:
        return Action(
            None, news=[News("customer.changed", name, {"customer": name})], changes=[*changes], stands=stands
        )

    with pytest.raises(OSError, match="the disk is gone"):
        await house.gateway.act(action("lost", broken), "anna")
    with pytest.raises(OSError, match="the disk is gone"):
        await house.gateway.act(action("claimed", broken, stands=True), "anna")
    await house.gateway.act(action("kept"), "anna")
    assert [e.subject for e in house.told] == ["claimed", "kept"]
    assert [e.actor for e in house.told] == ["anna", "anna"]
    assert [e.sequence for e in house.told] == sorted(e.sequence for e in house.told)


async def test_a_stranger_and_a_reader_without_a_place_make_no_news(house: House) -> None:
    house.enrol("chen", TAG)
    house.hears("counter", "epc:3034F10A5C0E4000000000FF")
    house.hears("nowhere", TAG)
    house.passes(5)
    assert house.told == []
    assert house.memory.presence.here() == []
