"""How long what is lent lasts while nobody hears the hub: time is an argument."""

from __future__ import annotations

from gateway.events.times import DAY
from gateway.joined.lease import DESTROY_AFTER_S, STEP_S, Lease

NOW = 1_800_000_000.0


def run(lease: Lease, since: float, seconds: float, every: float = 30.0) -> str:
    """Looks every so often while we run; the last word."""
    word = "fresh"
    for step in range(int(seconds / every) + 1):
        word = lease.look(since + step * every)
    return word


def test_what_is_lent_is_set_aside_after_its_days_and_destroyed_after_two_more_of_running() -> None:
    lease = Lease(NOW, lease_days=30)
    assert lease.look(NOW + 30 * DAY - 1) == "fresh"
    assert lease.look(NOW + 30 * DAY) == "aside"
    assert run(lease, NOW + 30 * DAY, DESTROY_AFTER_S - 60) == "aside"
    assert run(lease, NOW + 30 * DAY + DESTROY_AFTER_S - 60, 120) == "over"


def test_a_clock_that_jumps_a_year_destroys_nothing() -> None:
    lease = Lease(NOW, lease_days=30)
    lease.look(NOW + 10)
    for year in range(1, 40):
        assert lease.look(NOW + year * 365 * DAY) == "aside"
    assert lease.unheard_s <= 40 * STEP_S


def test_a_clock_that_goes_to_and_fro_counts_no_more_than_what_we_ran() -> None:
    lease = Lease(NOW, lease_days=30)
    for count in range(200):
        lease.look(NOW + 40 * DAY + (count % 2) * 365 * DAY)
    assert lease.unheard_s <= 200 * STEP_S


def test_to_be_heard_begins_the_lease_anew() -> None:
    lease = Lease(NOW, lease_days=30)
    run(lease, NOW + 30 * DAY, DESTROY_AFTER_S - 60)
    lease.heard(NOW + 32 * DAY)
    assert lease.look(NOW + 32 * DAY + 60) == "fresh"
    assert run(lease, NOW + 62 * DAY, 3_600) == "aside"


def test_hours_in_which_we_do_not_run_do_not_count() -> None:
    lease = Lease(NOW, unheard_s=DESTROY_AFTER_S - 30, lease_days=30)
    assert lease.look(NOW + 300 * DAY) == "aside", "a start is no hour of running"
    assert lease.look(NOW + 300 * DAY + 31) == "over"
