"""What is alive names every stop that covers it: no clock, no order and no number of arrivals decides anything else."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from math import inf
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.consent import days, ledger, notices
from gateway.consent.ledger import GIVING, STOPS, Entry
from gateway.consent.notices import Notice, Shelf

PURPOSES = ("recognise_tag", "share_partners")
IDS = tuple(f"e{number}" for number in range(8))
ENTRIES = st.lists(
    st.builds(
        Entry,
        id=st.sampled_from(IDS),
        purpose=st.sampled_from(PURPOSES),
        act=st.sampled_from([*sorted(GIVING), *sorted(STOPS), "asked"]),
        at=st.integers(0, 20).map(float),
        ends=st.integers(5, 40).map(float) | st.just(inf),
        lifts=st.frozensets(st.sampled_from(IDS), max_size=4),
        brand=st.sampled_from(["", "", "maison-a", "maison-b"]),
        partner=st.sampled_from(["", "", "spa", "tea"]),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


def rule(entries: list[Entry], purpose: str, brand: str, partner: str, now: float) -> bool:
    """The rule as it is told to people, entry by entry."""
    for one in entries:
        if one.act not in ("given", "renewed") or (one.purpose, one.partner) != (purpose, partner) or now >= one.ends:
            continue
        if brand and one.brand not in ("", brand):
            continue
        unnamed = [
            stop
            for stop in entries
            if stop.act in ("refused", "withdrawn", "ended", "invalid")
            and stop.purpose == purpose
            and stop.partner in ("", partner)
            and (stop.brand == "" or one.brand == "" or stop.brand == one.brand)
            and stop.id not in one.lifts
        ]
        if not unnamed:
            return True
    return False


@given(ENTRIES, st.randoms(use_true_random=False), st.integers(0, 40).map(float))
def test_alive_is_the_rule_in_whatever_order_and_however_often(
    entries: list[Entry], shuffle: random.Random, now: float
) -> None:
    again = [*entries, *shuffle.sample(entries, len(entries) // 2)]
    shuffle.shuffle(again)
    for purpose in PURPOSES:
        for brand in ("", "maison-a"):
            for partner in ("", "spa"):
                expected = rule(entries, purpose, brand, partner, now)
                assert bool(ledger.alive(again, purpose, now, brand, partner)) == expected


@given(ENTRIES, ENTRIES, ENTRIES)
def test_ledgers_of_several_houses_and_tablets_merge_as_unions(
    one: list[Entry], two: list[Entry], three: list[Entry]
) -> None:
    named = [[*_renamed(each, house)] for each, house in ((one, "a"), (two, "b"), (three, "c"))]
    whole = ledger.merged(*named)
    assert ledger.merged(named[2], ledger.merged(named[1], named[0]), named[1]) == whole
    assert ledger.merged(whole, whole) == whole
    assert ledger.standing(whole) == ledger.standing(list(reversed(whole)))


def _renamed(entries: list[Entry], house: str) -> list[Entry]:
    return [Entry(f"{house}{e.id}", e.purpose, e.act, e.at, e.ends, e.lifts, e.brand, e.partner) for e in entries]


@pytest.mark.parametrize("seed", [7, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_interleaving_of_grants_refusals_stops_and_offline_edits_brings_anybody_back(seed: int) -> None:
    """Three tablets and two houses, each seeing what has reached it; whoever was stopped stays so everywhere."""
    for number in range(300 if seed == 7 else 10_000):
        r = random.Random(seed * 100_000 + number)
        seen: list[dict[str, Entry]] = [{} for _ in range(5)]
        all_: dict[str, Entry] = {}
        for step in range(12):
            place = r.choice(seen)
            act = r.choice(["given", "renewed", "given", "refused", "withdrawn", "asked", "ended"])
            known = frozenset(one.id for one in place.values() if one.stops)
            at = r.uniform(0, 100)  # nobody's clock is right
            made = Entry(f"{step}", "recognise_tag", act, at, inf, known if act in GIVING else frozenset())
            place[made.id] = all_[made.id] = made
            if r.random() < 0.5:
                a, b = r.sample(seen, 2)
                a.update(b)
        order = [*all_.values(), *r.sample([*all_.values()], 6)]
        r.shuffle(order)
        alive = ledger.alive(order, "recognise_tag", 50.0)
        stops = {one.id for one in all_.values() if one.stops}
        assert {one.id for one in alive} == {one.id for one in all_.values() if one.gives and stops <= one.lifts}


# --- days ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2027, 11, 28), 24),
        ("Europe/Berlin", date(2027, 3, 28), 23),
        ("Europe/Berlin", date(2027, 10, 31), 25),
        ("America/New_York", date(2027, 3, 14), 23),
        ("Pacific/Kiritimati", date(2027, 6, 1), 24),
    ],
)
def test_a_last_day_ends_at_24_of_the_venue_also_where_clocks_change(zone: str, day: date, hours: int) -> None:
    there = ZoneInfo(zone)
    ends = days.end_of(day, there)
    begins = datetime(day.year, day.month, day.day, tzinfo=there).timestamp()
    assert ends - begins == hours * 3600
    assert days.last_day(ends, there) == day
    assert days.day_of(ends - 1, there) == day
    one = Entry("g", "recognise_tag", "given", begins - 9e6, ends)
    assert ledger.alive([one], "recognise_tag", ends - 1)
    assert not ledger.alive([one], "recognise_tag", ends)


def test_months_end_with_the_month_where_it_is_shorter() -> None:
    assert days.after_months(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert days.after_months(date(2026, 11, 28), 24) == date(2028, 11, 28)
    assert days.before_month("2031-05") == date(2031, 4, 30)
    with pytest.raises(ValueError, match="month"):
        days.before_month("2031-5")


# --- notices ---------------------------------------------------------------------------------------------------------


def test_a_material_version_ends_what_was_agreed_to_before_it_after_ninety_days_and_no_other() -> None:
    first = Notice("keep", 2, ("keep_preferences",), {"en": "a"}, False, 100.0)
    more = Notice("keep", 3, ("keep_preferences",), {"en": "b"}, True, 86_400.0)
    shelf = Shelf([first, more])
    old = Entry("g", "keep_preferences", "given", 200.0, notice="keep/2")
    assert shelf.ends(old, UTC) == 92 * 86_400.0
    assert shelf.outdated(old)
    assert shelf.ends(Entry("g", "keep_preferences", "given", 200.0, notice="keep/3"), UTC) == inf
    assert shelf.ends(Entry("g", "recognise_tag", "given", 200.0, notice="keep/2"), UTC) == inf
    assert shelf.ends(Entry("g", "keep_preferences", "given", 200.0), UTC) == 92 * 86_400.0, "nobody knows which text"
    assert shelf.ends(Entry("g", "keep_preferences", "given", 90_000.0), UTC) == inf


def test_there_is_a_text_for_every_purpose_in_both_languages_and_it_names_health_where_it_is_kept() -> None:
    from gateway.consent.purposes import ALWAYS

    shelf = Shelf()
    for purpose in ALWAYS:
        notice = shelf.for_purpose(purpose)
        assert notice is not None
        assert set(notice.texts) == {"zh-CN", "en"}
        assert notice.hash("en") == notices.hash_of(notice.texts["en"])
    keep, insight = (shelf.for_purpose(each) for each in ("keep_preferences", "insight"))
    assert keep is not None
    assert insight is not None
    assert "健康信息" in keep.texts["zh-CN"]
    assert "health data" in keep.texts["en"]
    assert "It changes no price, wait or right." in insight.texts["en"]
    assert "这不影响价格、等候或任何权利" in insight.texts["zh-CN"]
