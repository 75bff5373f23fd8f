"""Days in numbers with who is behind them, and the words of a venue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.periods import Named, period
from gateway.service import greetings, story, today, vocabulary

HOUR = 3600.0


@dataclass(slots=True, frozen=True)
class Happened:
    """An event as the journal gives it back."""

    type: str
    time: float
    actor: str = "anna"
    data: dict[str, Any] = field(default_factory=dict)


def days(*events: Happened, until: float = float("inf")) -> today.Days:
    """What happened on these days; the day of a time is its number."""
    folded = today.Days(lambda at: int(at // HOUR), lambda at: str(int(at // (24 * HOUR))), until)
    for event in events:
        folded.take(event)
    return folded


def numbers(*events: Happened) -> dict[str, Any]:
    """What days of these events came to."""
    return days(*events).numbers()


def card(alert: str, type_: str, time: float, actor: str = "anna", /, **data: Any) -> Happened:
    """An event of an arrival's card; each in a visit of its own, where nothing else is said."""
    facts = {"alert": alert, "visit": f"v-{alert}", "customer": f"c-{alert}", "kind": "arrival", "zone": "bar"}
    return Happened(f"alert.{type_}", time, actor, {**facts, **data})


def came(visit: str, time: float, zone: str | None = "bar") -> Happened:
    """A visit begins."""
    return Happened("visit.arrived", time, "gateway", {"visit": visit, "customer": f"c-{visit[2:]}", "zone": zone})


def moved(time: float, by: float) -> Happened:
    """The clock was set."""
    return Happened("clock.moved", time, "gateway", {"by_s": by, "woke": False})


def test_the_first_claim_counts_and_a_hand_over_is_no_later_greeting() -> None:
    told = numbers(
        card("a", "opened", 100.0),
        card("a", "claimed", 107.0, "anna"),
        card("a", "claimed", 300.0, "ben"),
        card("a", "closed", 400.0, "ben", outcome="greeted", by="ben"),
    )
    assert (told["greeted"]["count"], told["greeted"]["p50_s"]) == (1, 7.0)
    (anna,) = told["by_staff"]
    assert (anna["staff"], anna["claimed"], anna["p50_s"]) == ("anna", 1, 7.0)


def test_the_waiting_ends_with_the_customer_and_where_nobody_says_so_with_the_claim() -> None:
    told = days(
        card("a", "opened", 100.0),
        card("a", "claimed", 104.0),
        card("a", "met", 121.0, met_at=121.0, by="anna"),
        card("b", "opened", 100.0),
        card("b", "claimed", 104.0),
        card("c", "opened", 100.0),
        card("c", "claimed", 104.0),
        card("c", "met", 106.0, met_at=106.0, by="anna"),
        card("c", "met", 107.0, met_at=None, by="anna"),  # the wrong finger
    )
    assert [(g.took, g.measured) for g in told.guests()] == [(21.0, "met"), (4.0, "claimed"), (4.0, "claimed")]
    greeted = told.numbers()["greeted"]
    assert (greeted["count"], greeted["met"], greeted["claimed"], greeted["in_time_s"]) == (3, 1, 2, 15)
    assert [(b["over_s"], b["upto_s"], b["met"], b["claimed"]) for b in greeted["histogram"] if b["count"]] == [
        (0, 5, 0, 2),
        (15, 30, 1, 0),
    ]
    assert [line.alert for line in told.lists()["late"]] == ["a"]


def test_what_a_tablet_out_of_reach_tells_later_counts_when_it_was() -> None:
    told = days(
        card("a", "opened", 100.0),
        card("a", "claimed", 104.0),
        card("a", "closed", 160.0, outcome="left", by="anna"),
        card("a", "met", 300.0, met_at=112.0, by="anna"),
    )
    assert [(g.took, g.measured, g.ended) for g in told.guests()] == [(12.0, "met", "greeted")]


def test_greeted_without_a_claim_is_greeted_and_who_left_un_greeted_was_missed() -> None:
    told = numbers(
        card("a", "opened", 100.0),
        card("a", "closed", 112.0, outcome="greeted", by="ben"),
        card("b", "opened", 100.0),
        card("b", "closed", 160.0, "gateway", outcome="left"),
        card("c", "opened", 3700.0),
        card("c", "closed", 3800.0, outcome="declined", by="ben"),
        card("d", "opened", 3700.0),
        card("d", "closed", 3800.0, "gateway", outcome="revoked"),
    )
    assert (told["claimed"], told["missed"], told["other"]) == (1, 1, 2)
    assert [(r["hour"], r["arrivals"], r["claimed"], r["missed"]) for r in told["by_hour"]] == [
        (0, 2, 1, 1),
        (1, 2, 0, 0),
    ]


def test_who_was_claimed_and_then_not_found_was_missed_and_nobody_greeted_them() -> None:
    told = numbers(
        card("a", "opened", 100.0),
        card("a", "claimed", 103.0),
        card("a", "closed", 160.0, outcome="not_found", by="anna"),
    )
    assert (told["arrivals"], told["claimed"], told["greeted"]["count"], told["missed"]) == (1, 1, 0, 1)


def test_who_was_somebody_else_was_neither_greeted_nor_missed() -> None:
    told = days(
        card("a", "opened", 100.0),
        card("a", "claimed", 103.0),
        card("a", "closed", 130.0, outcome="wrong_person", by="anna"),
    )
    assert [line.ended for line in told.lists()["other"]] == ["wrong_person"]
    assert [told.numbers()[each] for each in ("arrivals", "claimed", "missed", "late")] == [1, 1, 0, 0]


def test_arrivals_are_visits_however_many_cards_they_had_and_also_with_none() -> None:
    back = {"visit": "v-a", "customer": "c-a"}
    told = numbers(
        came("v-a", 99.0),
        card("a", "opened", 100.0, **back),
        card("a", "closed", 160.0, "gateway", outcome="left", **back),
        card("a2", "opened", 400.0, **back),  # steps back in within the visit
        card("a2", "claimed", 404.0, **back),
        came("v-quiet", 500.0, "lounge"),
        came("v-b", 600.0),
        card("b", "opened", 601.0),
    )
    assert (told["arrivals"], told["greeted"]["count"], told["missed"], told["waiting"], told["other"]) == (
        3,
        1,
        0,
        1,
        1,
    )
    assert [(r["zone"], r["arrivals"]) for r in told["by_zone"]] == [("bar", 2), ("lounge", 1)]


def test_a_person_is_measured_from_when_the_card_was_theirs() -> None:
    told = numbers(
        card("a", "opened", 100.0, to=["anna"]),
        card("a", "escalated", 108.0, "gateway", to=["ben"]),
        card("a", "escalated", 115.0, "gateway", to=["mei"]),
        Happened("card.shown", 116.5, "mei", {"alert": "a", "visit": "v-a", "staff": "mei", "ms": 40.0}),
        card("a", "claimed", 118.5, "mei"),
    )
    (mei,) = told["by_staff"]
    assert (mei["staff"], mei["p50_s"], mei["own_p50_s"]) == ("mei", 18.5, 2.0)


def test_where_no_tablet_said_so_a_card_was_theirs_when_it_rang_with_them() -> None:
    told = numbers(
        card("a", "opened", 100.0, to=["anna"]),
        card("a", "escalated", 108.0, "gateway", to=["ben"]),
        card("a", "claimed", 111.0, "ben"),
    )
    assert [row["own_p50_s"] for row in told["by_staff"]] == [3.0]


def test_fifteen_seconds_are_in_time_and_what_is_longer_is_late() -> None:
    told = numbers(
        card("a", "opened", 100.0),
        card("a", "claimed", 115.0),
        card("b", "opened", 100.0),
        card("b", "claimed", 115.1),
    )
    assert told["late"] == 1


def test_who_was_not_heard_any_more_left_at_no_time_that_a_story_could_measure() -> None:
    events = [
        card("a", "opened", 100.0),
        card("a", "claimed", 104.0),
        Happened("visit.departed", 101.0, "gateway", {"visit": "v-a", "customer": "c-a", "zone": "bar"}),
        card("a", "closed", 160.0, "gateway", outcome="left"),
    ]
    steps = [(step.type, step.since) for step in story.told(events, "a")]
    assert steps[-2:] == [("visit.departed", None), ("alert.closed", 60.0)]


def test_a_card_of_the_evening_is_told_to_its_end_after_midnight() -> None:
    told = days(
        came("v-a", 990.0),
        card("a", "opened", 995.0),
        came("v-b", 1001.0),
        card("b", "opened", 1001.0),
        card("a", "claimed", 1003.0),
        card("a", "rated", 1004.0, rated=True),
        until=1000.0,
    ).numbers()
    assert (told["arrivals"], told["greeted"]["p50_s"], told["waiting"]) == (1, 8.0, 0)
    assert told["rated"] == {"useful": 0, "not_useful": 0}  # that was the next day


@pytest.mark.parametrize("by", [54_000.0, -54_000.0])
def test_a_clock_that_is_set_makes_nobody_wait_longer(by: float) -> None:
    told = numbers(
        card("a", "opened", 100_000.0),
        moved(100_002.0, by),
        card("a", "claimed", 100_006.0 + by),
    )
    assert told["greeted"]["p50_s"] == 6.0


def test_other_kinds_and_what_was_erased_or_opened_yesterday_count_nothing() -> None:
    told = numbers(
        card("a", "opened", 100.0, kind="waiting"),
        card("a", "claimed", 101.0, kind="waiting"),
        card("yesterday", "claimed", 102.0),
        *(Happened(type_, 103.0) for type_ in today.TYPES),
    )
    assert (told["greeted"]["count"], told["claimed"], told["by_zone"]) == (0, 0, [])
    assert (told["asked_again"], told["rated"], told["satisfaction"]["count"]) == (0, {"useful": 0, "not_useful": 0}, 0)
    assert told["preferences"] == {"recorded": 0, "acted_on": 0}


def test_a_dish_against_a_warning_says_who_took_the_order_and_why() -> None:
    facts = {"id": "a", "count": 1, "customer": "c", "visit": "v", "answer": "kung pao", "reason": "guest_confirmed"}
    ordered = [Happened("ask.answered", at, "ben", {**facts, "despite": ["nuts"]}) for at in (1.0, 2.0)]
    (line,) = days(*ordered).lists()["orders.despite"]  # what is taken back from a tray is answered once more
    assert (line.who, line.text, line.reason) == ("ben", "kung pao", "guest_confirmed")


# --- any day ---------------------------------------------------------------------------------------------------------

ALERTS, STAFF, times = ["a", "b", "c"], ["anna", "ben"], st.integers(0, 400).map(float)
alerts, staff = st.sampled_from(ALERTS), st.sampled_from(STAFF)
happenings = st.one_of(
    st.builds(came, alerts.map("v-{}".format), times, st.sampled_from(["bar", "lounge", None])),
    st.builds(card, alerts, st.sampled_from(["opened", "claimed", "escalated"]), times, staff, to=st.lists(staff)),
    st.builds(card, alerts, st.just("met"), times, staff, met_at=st.none() | times, by=staff),
    st.builds(
        card, alerts, st.just("closed"), times, staff, by=st.none() | staff,
        outcome=st.sampled_from(["greeted", "not_found", "declined", "left", "revoked", "wrong_person", "merged"]),
    ),
    st.builds(card, alerts, st.just("rated"), times, staff, rated=st.booleans()),
    st.builds(
        lambda at, a, n: Happened("ask.opened", at, "anna", {"visit": f"v-{a}", "question": "lunch", "count": n}),
        times, alerts, st.integers(1, 3),
    ),
    st.builds(
        lambda at, a, despite: Happened(
            "ask.answered", at, "anna",
            {"id": f"ask-{a}", "count": 1, "visit": f"v-{a}", "answer": "fish", "despite": despite},
        ),
        times, alerts, st.lists(st.just("nuts"), max_size=1),
    ),
    st.builds(
        lambda at, a, n, what: Happened(
            "visit.reviewed", at, "anna", {"visit": f"v-{a}", "satisfaction": n, "about": what, "note": None}
        ),
        times, alerts, st.integers(1, 5), st.sampled_from(["product", "person", "place", None]),
    ),
    st.builds(lambda at, by: moved(at, by), times, st.sampled_from([-100.0, 100.0])),
)  # fmt: skip


def at_place(tree: dict[str, Any], path: str) -> Any:
    """The member at a place that is parted by dots."""
    for name in path.split("."):
        tree = tree[name]
    return tree


@given(st.lists(happenings, max_size=40), st.integers(0, 400))
def test_every_number_is_the_length_of_its_list_on_any_day(happened: list[Happened], until: int) -> None:
    folded = days(*sorted(happened, key=lambda e: e.time), until=float(until))
    told, lists = folded.numbers(), folded.lists()
    assert {*lists} == {*today.GUESTS, *today.OTHERS}
    for figure, lines in lists.items():
        assert at_place(told, figure) == len(lines), figure
    parts = ("greeted.count", "missed", "waiting", "other")
    assert told["arrivals"] == sum(at_place(told, each) for each in parts), "everybody is in one list"
    assert told["greeted"]["count"] == told["greeted"]["met"] + told["greeted"]["claimed"]
    for by in ("by_zone", "by_hour", "by_day"):
        for figure in ("arrivals", "claimed", "late", "missed"):
            assert sum(row[figure] for row in told[by]) == told[figure]
    bars = told["greeted"]["histogram"]
    assert sum(bar["count"] for bar in bars) == told["greeted"]["count"]
    assert sum(bar["count"] for bar in bars if bar["over_s"] >= told["greeted"]["in_time_s"]) == told["late"]
    assert all(line.took_s is None or line.took_s >= 0 for lines in lists.values() for line in lines)


@given(st.lists(st.floats(0, 1000), max_size=50))
def test_the_median_is_one_of_those_it_is_taken_of(values: list[float]) -> None:
    median, most = today.percentile(values, 50), today.percentile(values, 90)
    assert (median is None) == (not values)
    if median is not None and most is not None:
        assert median in {round(t, 1) for t in values}
        assert median <= most
        assert sum(round(t, 1) <= median for t in values) * 2 >= len(values)


def counted(rows: Iterable[dict[str, Any]], *when: float) -> dict[str, int]:
    """How many promises are in each list."""
    lists = today.owed(rows, *when)
    return {name.partition(".")[2]: len(lines) for name, lines in lists.items() if name.startswith("promises.")}


def test_a_promise_is_due_kept_late_or_open_by_the_days_one_asks_about() -> None:
    def owed(at: float, due: float | None, closed_at: float | None) -> dict[str, Any]:
        return {"kind": "promise", "at": at, "due": due, "closed_at": closed_at}

    rows = [
        owed(0, 50, 40),
        owed(0, 30, 40),
        owed(0, 60, None),
        owed(0, 900, None),
        owed(0, None, 250),
        owed(150, 160, 170),
        owed(0, 150, 20),  # was kept before the day it was due
    ]
    assert counted(rows, 0, 100, 1000) == {"due": 3, "kept": 2, "late": 2, "open": 3}
    assert counted(rows, 0, 100, 55)["late"] == 1  # what is due later today is not late yet
    assert counted(rows, 100, 200, 1000) == {"due": 1, "kept": 0, "late": 1, "open": 3}
    assert {*today.owed(rows, 0, 100, 1000)} == {*today.OWED}


# --- calendar and story ----------------------------------------------------------------------------------------------

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("named", "first", "last", "hours"),
    [
        ("day", date(2026, 3, 29), date(2026, 3, 29), 23),  # summer time begins
        ("yesterday", date(2026, 3, 28), date(2026, 3, 28), 24),
        ("week", date(2026, 3, 23), date(2026, 3, 29), 7 * 24 - 1),
        ("last_week", date(2026, 3, 16), date(2026, 3, 22), 7 * 24),
    ],
)
def test_days_and_weeks_are_the_venue_s_own_through_summer_time(
    named: Named, first: date, last: date, hours: int
) -> None:
    found = period(named, date(2026, 3, 29), BERLIN)
    assert (found.first, found.last, (found.end - found.start) / HOUR) == (first, last, hours)
    assert datetime.fromtimestamp(found.start, BERLIN) == datetime(first.year, first.month, first.day, tzinfo=BERLIN)


@given(
    st.dates(date(1970, 1, 12), date(2199, 12, 20)), st.sampled_from(["Europe/Berlin", "America/Havana", "Asia/Beirut"])
)
def test_weeks_and_days_meet_without_a_gap(on: date, where: str) -> None:
    zone = ZoneInfo(where)
    week, before = period("week", on, zone), period("last_week", on, zone)
    assert before.end == week.start <= period("day", on, zone).start < week.end
    assert period("yesterday", on, zone).end == period("day", on, zone).start
    assert week.first.weekday() == 0


def test_a_story_goes_from_the_first_read_to_the_end_and_says_how_long_each_step_took() -> None:
    iso = "1970-01-01T00:01:{:06.3f}Z".format
    first = {"visit": "v-a", "customer": "c-a", "zone": "bar", "since": iso(38), "evidence": {"kind": "reads"}}
    events = [
        Happened("visit.hinted", 98.5, "gateway", first),
        Happened("visit.arrived", 99.0, "gateway", first),
        card("a", "opened", 100.0, "gateway", to=["anna"], outcome=None),
        card("other", "opened", 100.0, "gateway", visit="v-a"),
        Happened("card.shown", 100.2, "anna", {"alert": "a", "visit": "v-a", "staff": "anna", "ms": 80.0}),
        moved(101.0, 1000.0),
        card("a", "claimed", 1104.0, outcome=None),
        card("a", "met", 1112.0, met_at=1112.0, outcome=None),
        card("a", "closed", 1300.0, outcome="greeted", note="regards"),
    ]
    steps = story.told(events, "a")
    assert [(s.type, s.since) for s in steps] == [
        ("sighting", -2.0), ("visit.hinted", -1.5), ("visit.arrived", -1.0), ("alert.opened", 0.0),
        ("card.shown", 0.2), ("alert.claimed", 4.0), ("alert.met", 12.0), ("alert.closed", 200.0),
    ]  # fmt: skip
    assert (steps[3].to, steps[4].who, steps[4].ms, steps[6].met) == (("anna",), "anna", 80.0, True)
    assert (steps[-1].outcome, steps[-1].note) == ("greeted", "regards")
    assert greetings.IN_TIME_S == 15.0


words = st.lists(
    st.tuples(st.sampled_from(["lunch", "drink"]), st.sampled_from(["Tea", "tea", " tea ", "milk", "x" * 50, ""]))
)


@given(words)
def test_words_are_those_that_were_said_the_most_used_first(said: list[vocabulary.Said]) -> None:
    found = vocabulary.common(said)
    for about, texts in found.items():
        folded = [text.casefold() for text in texts]
        assert len(set(folded)) == len(folded) <= vocabulary.MOST
        counts = [sum(a == about and w.strip().casefold() == text for a, w in said) for text in folded]
        assert counts == sorted(counts, reverse=True)
        assert all(text in {w.strip() for _, w in said} for text in texts)
