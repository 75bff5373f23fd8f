"""Health that can fail: each thing that must work is broken once, and said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.operations import notify, vitals
from gateway.operations.vitals import Vitals
from gateway.records.sqlite_file import connect_to_write
from gateway.records.store import RECORDS_FILE, Store


class Watched:
    """A store with its vitals, whose time is given; ``fed`` counts what the watchdog was told."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.unsent = 0.0
        self.silent: float | None = 0.0
        self.answers = threading.Event()
        self.fed = 0
        self.store = store
        monkeypatch.setenv("WATCHDOG_USEC", "2000000")
        monkeypatch.setattr(notify, "alive", self._feed)
        self.vitals = Vitals(
            store, unsent=lambda: self.unsent, silent=lambda: self.silent, now=lambda: self.now, probe=self._probe
        )

    def _feed(self) -> None:
        self.fed += 1

    def _probe(self, _: Path) -> str | None:
        self.answers.wait(20)
        return None

    def turns(self, seconds: float) -> None:
        """The loop turns for so long."""
        for _ in range(int(seconds * 4)):
            self.now += 0.25
            self.vitals.turn(0.25)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    store = Store.open(tmp_path / "data", source="/venues/test")
    one = Watched(store, monkeypatch)
    yield one
    one.answers.set()
    store.close()


def until(good: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 40
    while not good():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_house_that_is_well_is_fed_and_has_nothing_to_say(watched: Watched) -> None:
    watched.turns(10)
    assert watched.fed == 10  # twice as often as systemd asks
    assert watched.vitals.why() == []
    assert watched.vitals.watchdog_age_s == 0.75
    until(lambda: watched.vitals.free is not None)


def test_a_house_where_nobody_writes_has_something_written_all_the_same(watched: Watched) -> None:
    before = int(str(watched.store.health["commits"]))
    watched.turns(vitals.WRITE_EVERY + 1)
    until(lambda: int(str(watched.store.health["commits"])) == before + 1)
    watched.turns(5)
    assert int(str(watched.store.health["commits"])) == before + 1


def test_a_lock_that_another_program_holds_is_met_without_anybody_writing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "LATE", 0.3)
    monkeypatch.setattr(vitals, "HUNG", 0.3)
    blocker = connect_to_write(watched.store.folder / RECORDS_FILE)
    blocker.execute("BEGIN IMMEDIATE")
    watched.turns(vitals.WRITE_EVERY + 1)
    until(lambda: watched.vitals.why() != [])
    assert "nothing has been written down for" in watched.vitals.why()[0]
    fed = watched.fed
    watched.turns(10)
    assert watched.fed > fed  # the disk does not answer either: a new start mends nothing
    blocker.close()
    until(lambda: watched.vitals.why() == [])


def test_a_writer_that_hangs_while_the_disk_answers_is_not_fed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "HUNG", 0.2)
    hold = threading.Event()
    watched.store.post(lambda _: hold.wait(60))
    until(lambda: watched.vitals.stuck_s > 0.2)
    watched.turns(5)
    fed = watched.fed
    watched.answers.set()
    until(lambda: not watched.vitals.fit())
    watched.turns(10)
    assert watched.fed == fed
    hold.set()
    until(lambda: watched.vitals.fit())
    watched.turns(2)
    assert watched.fed > fed


def test_sockets_that_do_not_drain_a_mute_broker_and_a_full_disk_are_said(watched: Watched) -> None:
    watched.unsent, watched.silent = 20.0, 31.0
    watched.vitals.free = 5 * 1024 * 1024
    assert watched.vitals.why() == [
        "a tablet has been owed what happens for 20 s",
        "the MQTT broker is connected and has said nothing for 31 s",
        "the disk of the records has 5 MB left",
    ]
    watched.unsent = 31.0
    assert not watched.vitals.fit()
    watched.silent = None  # it is lost, and said to be
    assert len(watched.vitals.why()) == 2


def test_a_loop_that_came_round_late_is_measured(watched: Watched) -> None:
    watched.turns(1)
    watched.now += 3.25
    watched.vitals.turn(0.25)
    assert watched.vitals.lag_s == 3.0
    watched.turns(61)
    assert watched.vitals.lag_s == 0.0
