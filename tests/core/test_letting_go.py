"""Who vouches for the clock, and that nothing is deleted by one for which nobody does; time is an argument."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core import clock as clocks
from gateway.core.action import Action
from gateway.core.letting_go import LettingGo
from gateway.core.vouching import TIME_SERVER, Vouching
from gateway.events.event import Event, News
from gateway.records import erasure_receipts
from gateway.records.retention import due, looked
from tests.core.test_clock import Box
from tests.core.test_gateway import House
from tests.records import happening as h

HOUR, DAY = 3_600.0, 86_400.0
JUMPS = [410 * DAY, -410 * DAY, 1_400 * DAY, -1_400 * DAY, 15 * HOUR, -15 * HOUR]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(clocks, "STEADY_FOR", 0.0)
    made = House(tmp_path / "data")
    yield made
    made.store.close()


def rows(house: House) -> dict[str, int]:
    tables = ("visits", "customers", "consents", "journal", "idempotency", "sessions")
    return {each: house.store.reader.conn.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in tables}


def visited(house: House, customer: str, count: int) -> None:
    """So many visits that are over."""
    for number in range(count):
        id_, at = f"{customer}-{number}", house.now + number
        house.happens(h.arrived(customer, id_, at=at), h.departed(customer, id_, at=at))


def reports(house: House) -> list[Event]:
    return [each for each in house.told if each.type == "retention.applied"]


def visits_of(event: Event) -> tuple[int, int, bool]:
    (found,) = [each for each in event.data["kinds"] if each["kind"] == "visits"]
    return found["candidates"], found["deleted"], found["asks"]


# --- who vouches -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", JUMPS)
def test_a_great_jump_ends_the_vouching_even_if_a_time_server_made_it(by: float) -> None:
    box = Box()
    vouching = Vouching(box.clock, lambda: True, "boot")
    box.passes(700)
    assert vouching.who() == TIME_SERVER
    box.is_set(by)
    box.passes(700)
    assert vouching.who() is None
    assert ("clock was set" if by > 0 else "before the newest events") in (vouching.why() or "")
    vouching.confirm("mei")
    assert vouching.who() == "mei"
    assert vouching.why() is None


@pytest.mark.parametrize("by", [120, -120])
def test_a_small_one_costs_ten_steady_minutes_and_no_more(by: float) -> None:
    box = Box()
    vouching = Vouching(box.clock, lambda: False, "boot")
    box.passes(700)
    vouching.confirm("mei")
    box.is_set(by)
    assert vouching.who() is None
    box.passes(700)
    assert vouching.who() == "mei"


@pytest.mark.parametrize("kernel", [False, None])
def test_a_start_without_a_time_server_waits_for_a_person_and_says_so(kernel: bool | None) -> None:
    box = Box()
    vouching = Vouching(box.clock, lambda: kernel, "boot")
    box.passes(7_000)
    assert vouching.who() is None
    assert "nobody vouches" in (vouching.why() or "")


def test_what_a_person_said_holds_through_a_restart_of_the_program_and_not_of_the_machine(house: House) -> None:
    house.happens(News("clock.confirmed", "house", {"boot": "one"}))
    assert LettingGo(house.gateway, lambda: False, "one").vouching.who() == "anna"
    assert LettingGo(house.gateway, lambda: False, "two").vouching.who() is None
    house.clock_set(2 * DAY)
    house.clock_set(-2 * DAY)
    house.store.call(lambda tx: None)
    assert LettingGo(house.gateway, lambda: False, "one").vouching.who() is None


# --- what goes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [*JUMPS, 120.0, -120.0])
async def test_a_clock_that_is_wrong_deletes_nothing(house: House, by: float) -> None:
    house.enrol("anna")
    visited(house, "anna", 3)
    letting = LettingGo(house.gateway, lambda: True, "boot")
    house.clock_set(by)
    house.store.call(lambda tx: None)
    before = rows(house)
    await letting.run()
    house.store.call(lambda tx: None)
    after = rows(house)
    assert {**after, "journal": 0} == {**before, "journal": 0}
    assert after["journal"] >= before["journal"]


async def test_a_run_takes_a_days_measure_and_asks_for_more(house: House) -> None:
    house.enrol("anna")
    visited(house, "anna", 120)
    letting = LettingGo(house.gateway, lambda: True, "boot")
    house.now += 401 * DAY
    for _ in range(3):
        await letting.run()
        house.store.call(lambda tx: None)
    assert rows(house)["visits"] == 70
    assert [visits_of(each) for each in reports(house)] == [(120, 50, True)]
    (report,) = reports(house)
    assert report.data["vouched_by"] == TIME_SERVER
    assert report.data["clock"]
    waits = {each["kind"]: each["waits"] for each in letting.standing()["kinds"]}
    assert waits["visits"]

    house.store.call(lambda tx: None)
    await house.does(lambda: letting.allow(["visits"], house.now), "mei")
    await letting.run()
    house.store.call(lambda tx: None)
    assert rows(house)["visits"] == 0


async def test_a_day_later_a_class_that_asked_goes_on_by_itself(house: House) -> None:
    house.enrol("anna")
    visited(house, "anna", 120)
    letting = LettingGo(house.gateway, lambda: True, "boot")
    house.now += 401 * DAY
    await letting.run()
    house.now += DAY + 60
    await letting.run()
    house.store.call(lambda tx: None)
    assert rows(house)["visits"] == 20


def test_rows_that_ended_at_once_never_go_beyond_the_measure(house: House) -> None:
    house.enrol("anna")
    for number in range(80):
        house.happens(h.arrived("anna", f"v-{number}", at=house.now), h.departed("anna", f"v-{number}", at=house.now))
    data = due(house.store.reader, house.now + 500 * DAY)
    assert data is not None
    house.happens(News("retention.applied", "house", data))
    assert rows(house)["visits"] == 80


async def test_a_quiet_day_leaves_one_report_too(house: House) -> None:
    letting = LettingGo(house.gateway, lambda: True, "boot")
    for _ in range(4):
        await letting.run()
        house.store.call(lambda tx: None)
        house.now += HOUR
    assert len(reports(house)) == 1
    assert not any(reports(house)[0].data["gone"].values())


# --- customers without any live consent ------------------------------------------------------------------------------


async def test_who_agrees_to_nothing_is_listed_for_a_week_and_then_erased_with_a_receipt(house: House) -> None:
    house.enrol("anna")
    house.happens(h.enrolled("ben"), h.enrolled("cleo"))
    letting = LettingGo(house.gateway, lambda: True, "boot")
    house.now += 500 * DAY
    house.happens(h.granted("anna", at=house.now))
    await letting.run()  # however long ago it was: nobody goes whom no manager could see before
    house.store.call(lambda tx: None)
    assert [each["id"] for each in letting.standing()["leaving"]] == ["ben", "cleo"]
    house.happens(h.granted("cleo", at=house.now))
    house.now += 6 * DAY
    await letting.run()
    assert rows(house)["customers"] == 3
    house.now += 2 * DAY
    await letting.run()
    house.store.call(lambda tx: None)
    assert rows(house)["customers"] == 2
    (receipt,) = erasure_receipts.every(house.store.reader)
    assert (receipt.whose, receipt.by, receipt.because) == ("ben", "house", "no_consent")
    (last,) = [each for each in reports(house)[-1].data["kinds"] if each["kind"] == "customers"]
    assert (last["candidates"], last["deleted"]) == (1, 1)


async def test_receipts_of_erasures_go_after_the_proof_of_consent_has(house: House) -> None:
    house.enrol("anna")
    letting = LettingGo(house.gateway, lambda: True, "boot")
    data = {"id": "E-1", "by": "staff", "because": "asked", "venue": "house", "places": []}
    house.happens(News("customer.erased", "anna", {"customer": "anna", "keys": [], "erasure": data}))
    for days, left in ((1_099, 1), (2, 0)):
        house.now += days * DAY
        await letting.run()
        house.store.call(lambda tx: None)
        assert len(erasure_receipts.every(house.store.reader)) == left


def test_each_class_counts_what_is_over(house: House) -> None:
    house.enrol("anna")
    visited(house, "anna", 2)
    found = {each.kind: each for each in looked(house.store.reader, house.now + 500 * DAY)}
    assert (found["visits"].rows, found["visits"].candidates, found["visits"].most) == (2, 2, 50)


async def test_nobody_allows_what_does_not_wait(house: House) -> None:
    letting = LettingGo(house.gateway, lambda: True, "boot")
    with pytest.raises(Exception, match="nothing waits"):
        await house.does(lambda: Action(None, news=letting.allow(["visits"], house.now).news))
