"""The gateway without its doors, with time as an argument: hours pass in milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.core.action import Action, Actor
from gateway.core.actions import alerts, asks, consents, customers, owed, preferences, staff
from gateway.core.actions.orders import Said
from gateway.core.gateway import Gateway
from gateway.core.state import plan_of
from gateway.events.catalogue import CATALOGUE
from gateway.events.event import Event, News
from gateway.events.times import new_id
from gateway.recognition.moments import Kind, Moment
from gateway.records import visits
from gateway.records.journal import Journal
from gateway.records.staff import Staff
from gateway.records.store import Store
from gateway.service.desk import Refused
from gateway.service.floor import Member, Shift
from gateway.settings.venue import VenueConfig, parse
from reader_drivers import Sighting
from tests.records.happening import granted

TAG, PHONE = "epc:3034F10A5C0E400000000001", "irk:5f2d8c61b0a94e7f93d214c06e8ab75d"
START = 1_800_000_000.0
ANNA = Actor("anna")
WHO = ("anna", "ben")
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
            "places": [{"zone": "bar", "rows": "1-2", "letters": "AC"}],
        }
    )


def tag(customer: str, identifier: str) -> dict[str, Any]:
    """A tag or phone as it is handed out."""
    scheme, id_ = identifier.partition(":")[0], new_id()
    told = {"customer": customer, "credential": id_, "scheme": scheme, "identifier": identifier}
    return {**told, "label": "", "tid": None}


class House:
    """A gateway with a data folder on the disk; the test says what is heard and what time it is."""

    def __init__(self, folder: Path, now: float = START, *, hire: bool = True, first_sight: bool = False) -> None:
        """``first_sight``: it asks who is recognised at first sight, as a house with very many customers does."""
        self.now = now
        self.told: list[Event] = []
        self.sent: list[dict[str, Any]] = []
        self.store = Store.open(folder, source="/venues/house")
        settings = config()
        journal = Journal(self.store, origin="house")
        self.gateway = Gateway(settings, plan_of(settings), self.store, journal, self.tell)
        self.memory = self.gateway.memory
        self.memory.now = lambda: self.now  # type: ignore[method-assign]
        self.gateway.restore(now)
        if first_sight:
            self.memory.people.ask_at_first_sight()
        for name in ("anna", "ben") if hire else ():
            self.memory.floor.put(Member(name, name.capitalize(), frozenset({"floor"})))
            self.memory.floor.start_shift(name, Shift())
            self.memory.floor.connect(name)

    def enrol(self, customer: str, *identifiers: str, until: float | None = None, **facts: Any) -> None:
        """A customer who agrees to be recognised."""

        known: dict[str, Any] = {"name": customer.capitalize(), "address_as": "", "language": "", "tier": ""}
        known |= {"associate": None, "deputy": None, "wishes": [], "birthday": None, "meets": [], **facts}
        self.happens(
            News("customer.enrolled", customer, {"customer": customer, **known, "source": "staff"}),
            *(News("credential.given", customer, tag(customer, identifier)) for identifier in identifiers),
            *(
                granted(customer, purpose, expires=until, at=self.now)
                for purpose in ("recognise_tag", "recognise_phone", "keep_preferences")
            ),
        )

    def happens(self, *news: News) -> None:
        """Writes down what happened before the story, and takes it in."""
        journal = self.gateway.journal
        events = [journal.event(each, "anna", self.now) for each in news]
        self.store.call(lambda tx: journal.record(tx, events))
        for event in events:
            self.memory.apply(event)

    def tell(self, event: Event) -> None:
        """What tablets are told, as it is told."""
        self.told.append(event)
        self.sent.append(self.gateway.renderer.sent(event) if CATALOGUE[event.type].to else {})

    def hears(self, reader: str, identifier: str, rssi: float | None = None) -> None:
        """One read, now."""
        self.gateway.see(Sighting(reader, None, identifier, rssi, None, self.memory.steady()))

    def clock_set(self, by: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.now += by
        self.gateway.clock_set(by)

    def passes(self, seconds: float, *, step: float = 0.5, hearing: str | None = None) -> None:
        """Time goes by, with or without a phone that the lounge hears."""
        for _ in range(int(seconds / step)):
            self.now += step
            if hearing:
                self.hears("lounge", hearing, -60.0)
            self.gateway.pulse(self.now)

    def seen(self, type_: str) -> list[dict[str, Any]]:
        """The data of all events of this type so far."""
        return [sent for event, sent in zip(self.told, self.sent, strict=True) if event.type == type_]

    async def does(self, make: Callable[[], Action], who: str = "anna") -> Any:
        """A person acts; the answer."""
        return (await self.gateway.act(make, who)).answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(params=[False, True], ids=["by heart", "at first sight"])
def house(folder: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    opened = House(folder, first_sight=request.param)
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


async def test_who_tap_one_after_another_stand_in_a_queue_and_a_couple_in_it_is_a_couple(house: House) -> None:
    tags = {f"c{n}": f"epc:3034F10A5C0E4000000001{n:02}" for n in range(6)}
    for customer, identifier in tags.items():
        house.enrol(customer, identifier, meets={"c0": ["c1"], "c1": ["c0"]}.get(customer, []))
    for identifier in tags.values():
        house.hears("counter", identifier)
        house.passes(0.35, step=0.35)
    arrived = {d["customer"]: d["party"] for d in house.seen("visit.arrived")}
    assert set(arrived) == set(tags)
    assert arrived["c0"] == arrived["c1"]
    assert len(set(arrived.values())) == 5


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
        ask = partial(asks.ask, house.gateway, visit, "lunch", Said(), again=False, id_=None, at=None, actor=ANNA)
        put = await house.does(lambda: ask(now=house.now))
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
            asks.ask(house.gateway, visit, "Lunch", Said(), False, None, None, ANNA, house.now)
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
            member = Staff(name, name.capitalize(), ["floor"])
            await house.does(partial(staff.put, house.gateway, member))
        await house.does(lambda: staff.start_shift(house.gateway, "cora", [], None, house.now))
        await house.does(lambda: staff.start_shift(house.gateway, "anna", [], house.now + HOUR, house.now))
        due: dict[str, Any] = {"owner": "anna", "due": None, "id_": None, "actor": ANNA, "now": house.now}
        await house.does(lambda: owed.open_(house.gateway, "promise", "chen", "an offer", **due))
    finally:
        house.store.close()
    house = House(folder, START + 2 * HOUR, hire=False)
    try:
        house.passes(1)
        await house.gateway.settle()
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
    fast = await house.does(
        lambda: preferences.record(house.gateway, "chen", {**said, "at": START + 900}, ANNA, house.now)
    )
    assert fast["visit"] == house.seen("visit.arrived")[0]["visit"]
    assert fast["at"] == house.seen("visit.arrived")[0]["since"]
    with pytest.raises(Refused) as nobody:
        preferences.record(house.gateway, "nobody", said, ANNA, house.now)
    assert nobody.value.status == 404


async def test_who_no_longer_agrees_to_it_has_nothing_recorded(house: House) -> None:
    house.enrol("chen", TAG)
    said = {"category": "drink", "value": "tea", "polarity": "do", "basis": "stated", "scope": "standing"}
    record = partial(preferences.record, house.gateway, "chen", said, ANNA)

    def grant(expires: float | None) -> Action:
        told = {"purpose": "keep_preferences", "expires": expires}
        return consents.say(house.gateway, "chen", told, ANNA, house.now)

    await house.does(lambda: record(house.now))
    house.now += 1
    await house.does(lambda: grant(START + HOUR))
    await house.does(lambda: record(house.now))
    house.now += 2 * HOUR
    with pytest.raises(Refused, match="no longer agrees"):
        record(house.now)
    await house.does(lambda: grant(None))
    await house.does(lambda: consents.stop(house.gateway, "chen", "keep_preferences", ANNA, house.now))
    with pytest.raises(Refused, match="no longer agrees"):
        record(house.now)


async def test_an_identifier_belongs_to_one_customer(house: House) -> None:
    house.enrol("chen", TAG)
    house.enrol("hale")
    with pytest.raises(Refused, match="another customer"):
        customers.give(house.gateway, "hale", TAG, "", None, house.now)
    first = await house.does(lambda: customers.give(house.gateway, "chen", TAG, "keys", None, house.now))
    again = await house.does(lambda: customers.give(house.gateway, "chen", TAG, "keys", None, house.now))
    assert first["id"] == again["id"]


async def test_what_could_not_be_written_changes_nothing_and_is_told_to_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.enrol("chen", TAG, associate="anna")
    house.hears("counter", TAG)
    (alert,) = house.memory.desk.alerts()
    told, kept = len(house.told), house.gateway.journal.record

    def broken(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(house.gateway.journal, "record", broken)
    with pytest.raises(OSError, match="the disk is gone"):
        await house.does(partial(alerts.claim, house.gateway, alert.id, ANNA, house.now))
    assert len(house.told) == told
    assert house.memory.desk.get(alert.id).state == "open"
    monkeypatch.setattr(house.gateway.journal, "record", kept)
    claimed = await house.does(partial(alerts.claim, house.gateway, alert.id, ANNA, house.now))
    assert claimed["state"] == house.seen("alert.claimed")[-1]["state"] == "claimed"
    assert [e.sequence for e in house.told] == sorted(e.sequence for e in house.told)


async def test_two_who_claim_at_once_are_one_claim_and_one_refusal(house: House) -> None:
    house.enrol("chen", TAG)
    house.hears("counter", TAG)
    (alert,) = house.memory.desk.alerts()
    first: Any
    first, second = await asyncio.gather(
        *(house.does(partial(alerts.claim, house.gateway, alert.id, Actor(who), house.now), who) for who in WHO),
        return_exceptions=True,
    )
    assert (first["by"], str(second)) == ("anna", "Anna has this customer")
    assert len(house.seen("alert.claimed")) == 1


async def test_who_moves_while_they_are_being_written_about_is_told_of_after_it(house: House) -> None:
    house.enrol("chen", TAG, PHONE)
    house.hears("counter", TAG)
    (alert,) = house.memory.desk.alerts()
    claiming = asyncio.create_task(house.does(partial(alerts.claim, house.gateway, alert.id, ANNA, house.now)))
    await asyncio.sleep(0)
    at = house.now
    moved = Moment("moved", "chen", alert.visit, "lounge", at, at, 0.9, "said by the test", {"kind": "reads"})
    house.gateway.moment(moved, at)
    assert not house.seen("visit.moved")
    await claiming
    assert [e.type for e in house.told][-2:] == ["alert.claimed", "visit.moved"]
    held = house.memory.desk.get(alert.id)
    assert (held.state, held.zone) == ("claimed", "lounge")


async def test_a_stranger_and_a_reader_without_a_place_make_no_news(house: House) -> None:
    house.enrol("chen", TAG)
    house.hears("counter", "epc:3034F10A5C0E4000000000FF")
    house.hears("nowhere", TAG)
    house.passes(5)
    assert house.told == []
    assert house.memory.presence.here() == []
