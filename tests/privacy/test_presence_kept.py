"""Check 23 and the draft of a notice in a house in which it is not known any more where somebody was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.events.event import News
from gateway.events.times import DAY
from gateway.privacy.breach import concerned
from gateway.privacy.checks import CHECKS
from gateway.privacy.evidence import Evidence, span
from gateway.records.journal import Journal
from gateway.records.retention import Retention
from gateway.records.store import Store
from gateway.settings.venue import VenueConfig
from tests.records import happening as h
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record

SAID = {"venue": {"id": ORIGIN, "name": {"en": "House"}}}
CONFIG = VenueConfig.model_validate(SAID)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Records that end with the test."""
    opened = Store.open(tmp_path / "data", source=SOURCE)
    yield opened
    opened.close()


def evidence(store: Store, now: float, config: VenueConfig = CONFIG) -> Evidence:
    return Evidence(config, store.folder, store.reader, *span(now, None, None), now)


def began(staff: str, tablet: str) -> News:
    """Somebody signed in on this tablet."""
    return h.session_began("aa", staff, tablet)


def presence(of: Evidence) -> tuple[str, str]:
    finding = next(check for check in CHECKS if check.number == 23).look(of)
    return finding.state, finding.words.en


def test_presence_is_kept_for_less_long_than_visits(store: Store) -> None:
    journal = Journal(store, origin=ORIGIN, at=0.0)
    assert presence(evidence(store, DAY))[0] == "unproven"
    record(store, journal, h.enrolled(), h.arrived(at=10.0), h.departed(at=60.0), at=10.0)
    assert presence(evidence(store, 15 * DAY))[0] == "pass"
    state, words = presence(evidence(store, 17 * DAY))
    assert (state, "check 35" in words) == ("fail", True)
    longer = VenueConfig.model_validate({**SAID, "retention": {"presence_days": 60}})
    assert "presence_days is 60" in presence(evidence(store, 17 * DAY, longer))[1]
    record(store, journal, h.retained(17 * DAY, Retention()), at=17 * DAY)
    assert presence(evidence(store, 17 * DAY))[0] == "unproven"
    record(store, journal, h.arrived(visit="v-2", at=17 * DAY), at=17 * DAY)
    state, words = presence(evidence(store, 17 * DAY))
    assert (state, "the oldest visit of 1970-01-01" in words) == ("pass", True)


def test_who_was_here_with_a_lost_tablet_is_still_counted(store: Store) -> None:
    journal = Journal(store, origin=ORIGIN, at=0.0)
    record(store, journal, h.enrolled(), h.arrived(at=0.0), at=0.0)
    record(store, journal, h.staff_changed("lina"), began("lina", "lounge-1"), at=10.0)
    assert concerned(evidence(store, DAY).all_events(), "lounge-1") == {"c-1"}
    record(store, journal, h.retained(20 * DAY, Retention()), at=20 * DAY)
    assert concerned(evidence(store, 20 * DAY).all_events(), "lounge-1") == {"c-1"}
