"""A house with more customers than are read at a start knows whom it would know by heart, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.core import many, people, restoring
from gateway.core.actions import customers as acts
from gateway.core.state import Memory, plan_of
from gateway.events.event import News
from gateway.records import customers, restoration, rotation
from gateway.records.backup import backup
from gateway.records.sqlite_file import sqlite3
from reader_drivers.phone.packed_keys import PackedKeys
from tests.core.picture import picture
from tests.core.test_gateway import START, House, config, tag
from tests.records import happening as h
from tests.records.recovering import on_the_sheet, with_recovery

TAG, OTHER = "epc:3034F10A5C0E400000000001", "epc:3034F10A5C0E400000000002"
PHONE, SECOND = "irk:5f2d8c61b0a94e7f93d214c06e8ab75d", "irk:5f2d8c61b0a94e7f93d214c06e8ab75e"
KEY, SECOND_KEY = bytes.fromhex(PHONE[4:]), bytes.fromhex(SECOND[4:])
SCHEDULED = list[Callable[[], None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def house(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house that has more than it reads at a start as soon as it has two tags."""
    monkeypatch.setattr(people, "AT_START", 1)
    before = House(folder)
    before.enrol("chen", TAG, PHONE)
    before.enrol("hale", OTHER, SECOND)
    before.store.close()
    opened = House(folder, now=START + 10)
    yield opened
    opened.store.close()


def who(house: House, *identifiers: str) -> list[str | None]:
    return [house.memory.roster.who(each, house.now) for each in identifiers]


def by_heart(house: House) -> Memory:
    """What a house makes of the same tables that reads everybody at its start."""
    house.store.call(lambda tx: None)
    again = Memory(config(), plan_of(config()), house.store)
    again.now = lambda: house.now  # type: ignore[method-assign]
    again.people.at_start = 1_000_000
    restoring.restore(again, house.store.reader, house.now)
    assert again.people.many is None
    return again


def alike(house: House) -> None:
    """It holds what a house would that knows everybody by heart."""
    hired_by_hand = dict.fromkeys(("staff", "shifts"))
    assert picture(by_heart(house)) | hired_by_hand == picture(house.memory) | hired_by_hand


# --- who is recognised -----------------------------------------------------------------------------------------------


def test_nobody_is_opened_at_the_start_and_whoever_is_heard_arrives(house: House) -> None:
    assert len(house.memory.roster) == 0
    house.hears("counter", TAG)
    assert [d["customer"] for d in house.seen("visit.arrived")] == ["chen"]
    assert len(house.memory.roster) == 2, "with all that they carry"


def test_a_stranger_is_not_looked_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "owner_of", lambda *_: pytest.fail("the records were asked"))
    assert who(house, "epc:E280689400004", "ble:c0aabbccddee", "irk:" + "0" * 32, "") == [None] * 4


def test_few_customers_are_known_by_heart(folder: Path) -> None:
    opened = House(folder)
    opened.enrol("chen", TAG)
    assert opened.memory.people.many is None
    opened.store.close()


def test_a_house_that_grows_meanwhile_begins_to_ask(folder: Path) -> None:
    opened = House(folder)
    opened.memory.people.at_start = 2
    for number in range(6):
        opened.enrol(f"c-{number}", f"epc:3034F10A5C0E40000000000{number}")
    assert opened.memory.people.many is not None
    assert who(opened, *(f"epc:3034F10A5C0E40000000000{n}" for n in range(7))) == [*(f"c-{n}" for n in range(6)), None]
    alike(opened)
    opened.store.close()


async def test_who_stops_or_is_erased_is_a_stranger_from_then_on_and_after_a_restart(house: House) -> None:
    assert who(house, TAG, OTHER) == ["chen", "hale"]
    house.happens(h.revoked("chen", "recognise_tag"))
    assert who(house, TAG, PHONE) == [None, "chen"]
    await house.does(lambda: acts.erase(house.gateway, "hale", house.now))
    assert who(house, OTHER, SECOND) == [None, None]
    alike(house)
    house.store.close()
    again = House(house.store.folder, now=house.now)
    assert again.memory.people.many is None or who(again, TAG, PHONE, OTHER, SECOND) == [None, "chen", None, None]
    again.store.close()


async def test_who_was_never_seen_and_is_erased_is_a_stranger(house: House) -> None:
    await house.does(lambda: acts.erase(house.gateway, "chen", house.now))
    assert who(house, TAG, PHONE, OTHER) == [None, None, "hale"]


def test_what_is_given_to_somebody_later_is_known_and_what_is_taken_back_is_not(house: House) -> None:
    new = "em:0700ABCDEF"
    given = tag("hale", new)
    house.happens(News("credential.given", "hale", given))
    assert who(house, new) == ["hale"]
    taken = {name: given[name] for name in ("customer", "credential", "scheme")}
    house.happens(News("credential.taken", "hale", taken))
    assert who(house, new, OTHER) == [None, "hale"]
    house.happens(News("credential.given", "chen", tag("chen", new)))
    assert who(house, new) == ["chen"]
    alike(house)


def test_the_wish_not_to_be_recognised_counts_before_and_after_first_sight(house: House) -> None:
    house.happens(h.wished("chen", "do_not_recognise"))
    assert who(house, TAG, PHONE) == [None, None]
    house.happens(h.wished("chen"))
    assert who(house, TAG, PHONE) == ["chen", "chen"]


def test_a_consent_that_has_run_out_makes_a_stranger(house: House) -> None:
    house.enrol("okafor", "epc:3034F10A5C0E400000000009", until=house.now + 60)
    house.memory.roster.let_go(lambda _: False)
    assert who(house, "epc:3034F10A5C0E400000000009") == ["okafor"]
    house.now += 61
    assert who(house, "epc:3034F10A5C0E400000000009") == [None]


def test_a_new_master_key_makes_nobody_a_stranger(house: House) -> None:
    def record(news: News) -> None:
        house.happens(news)

    rotation.rotate(house.store, "master", record, at=house.now)
    assert who(house, TAG, PHONE, OTHER, SECOND) == ["chen", "chen", "hale", "hale"]
    house.store.close()
    again = House(house.store.folder, now=house.now)
    assert who(again, TAG, OTHER, "epc:3034F10A5C0E400000000003") == ["chen", "hale", None]
    again.store.close()


async def test_a_restored_copy_knows_whom_it_knew_and_nobody_who_was_erased_since(house: House, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with_recovery(house.store.folder)
    backup(house.store.folder, copy)
    await house.does(lambda: acts.erase(house.gateway, "chen", house.now))
    house.enrol("okafor", "em:0700ABCDEF")
    house.store.close()
    restoration.restore(copy, house.store.folder, force=True, ask=on_the_sheet)
    again = House(house.store.folder, now=house.now)
    assert who(again, TAG, PHONE, OTHER, "em:0700ABCDEF") == [None, None, "hale", None]
    again.store.close()


def test_only_so_many_stay_known_who_are_not_here(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.hears("counter", TAG)
    monkeypatch.setattr(people, "MOST_CUSTOMERS", 2)
    house.memory.people._room = 2
    for number in range(6):
        house.enrol(f"c-{number}", f"em:070000000{number}")
    assert house.memory.roster.seen <= 4
    assert who(house, TAG, *(f"em:070000000{n}" for n in range(6))) == ["chen", *(f"c-{n}" for n in range(6))]


def test_a_page_that_cannot_be_read_makes_a_stranger_and_no_failure(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with monkeypatch.context() as patched:
        patched.setattr(customers, "owner_of", broken)
        assert who(house, TAG, TAG, OTHER) == [None, None, None]
    assert caplog.text.count("could not be looked up") == 1
    assert who(house, TAG) == ["chen"]


# --- phones under private addresses ----------------------------------------------------------------------------------


@pytest.fixture
def waiting(house: House) -> SCHEDULED:
    """What is to be done in another thread, and is done when the test says so."""
    found: SCHEDULED = []
    assert house.memory.people.many is not None
    house.memory.people.many.phones.apart = found.append
    return found


def keys(house: House) -> set[bytes]:
    return set(house.memory.people.irks())


def test_the_keys_of_phones_are_read_once_an_address_asks_for_them(house: House, waiting: SCHEDULED) -> None:
    assert keys(house) == keys(house) == set()
    [read] = waiting
    read()
    assert keys(house) == {KEY, SECOND_KEY}
    assert isinstance(house.memory.people.irks(), PackedKeys)
    assert len(waiting) == 1
    assert len(house.memory.roster) == 0, "and nobody is opened for it"


async def test_what_changes_afterwards_changes_the_keys(house: House, waiting: SCHEDULED) -> None:
    keys(house)
    waiting.pop()()
    third = "irk:00000000000000000000000000000001"
    house.enrol("okafor", third)
    assert keys(house) == {KEY, SECOND_KEY, bytes.fromhex(third[4:])}
    house.happens(h.revoked("chen", "recognise_phone"))
    assert keys(house) == {SECOND_KEY, bytes.fromhex(third[4:])}
    await house.does(lambda: acts.erase(house.gateway, "hale", house.now))
    assert keys(house) == {bytes.fromhex(third[4:])}
    house.happens(h.wished("okafor", "do_not_recognise"))
    assert keys(house) == set()


async def test_what_changes_while_they_are_read_is_not_lost(house: House, waiting: SCHEDULED) -> None:
    keys(house)
    third = "irk:00000000000000000000000000000001"
    house.enrol("okafor", third)
    [read] = waiting
    read()
    house.happens(h.revoked("chen", "recognise_phone"))
    await house.does(lambda: acts.erase(house.gateway, "hale", house.now))
    assert keys(house) == {bytes.fromhex(third[4:])}


def test_where_too_much_changes_meanwhile_they_are_read_anew(
    house: House, waiting: SCHEDULED, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "MEANWHILE", 1)
    keys(house)
    waiting.pop()()
    for number in range(3):
        house.enrol(f"c-{number}", f"irk:0000000000000000000000000000000{number}")
    assert keys(house) == set()
    waiting.pop()()
    assert len(keys(house)) == 5


def test_persons_of_several_records_keep_their_phones(house: House, waiting: SCHEDULED) -> None:
    house.happens(h.merged("chen", "hale"))
    keys(house)
    waiting.pop()()
    assert keys(house) == {KEY, SECOND_KEY}
    assert who(house, SECOND) == ["chen"]


def test_a_disk_that_fails_while_they_are_read_is_asked_again_later(
    house: House, waiting: SCHEDULED, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    keys(house)
    with monkeypatch.context() as patched:
        patched.setattr(customers, "phones", broken)
        waiting.pop()()
    assert (keys(house), waiting) == (set(), [])
    house.now += many.AGAIN_AFTER
    keys(house)
    waiting.pop()()
    assert keys(house) == {KEY, SECOND_KEY}
