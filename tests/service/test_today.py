"""A day in numbers, and the words of a venue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.service import today, vocabulary


@dataclass(slots=True, frozen=True)
class Happened:
    """An event as the journal gives it back."""

    type: str
    time: float
    actor: str = "anna"
    data: dict[str, Any] = field(default_factory=dict)


def numbers(*events: Happened) -> dict[str, Any]:
    """What a day of these events came to."""
    day = today.Day(lambda at: int(at // 3600))
    for event in events:
        day.take(event)
    return day.numbers()


def card(alert: str, type_: str, time: float, actor: str = "anna", **data: Any) -> Happened:
    """An event of an arrival's card."""
    return Happened(f"alert.{type_}", time, actor, {"alert": alert, "kind": "arrival", "zone": "bar", **data})


def test_the_first_claim_counts_and_a_hand_over_is_no_later_greeting() -> None:
    told = numbers(
        card("a", "opened", 100.0),
        card("a", "claimed", 107.0, "anna"),
        card("a", "claimed", 300.0, "ben"),
        card("a", "closed", 400.0, "ben", outcome="greeted", by="ben"),
    )
    assert (told["greeted"]["count"], told["greeted"]["p50_s"]) == (1, 7.0)
    assert told["by_staff"] == [{"staff": "anna", "claimed": 1, "p50_s": 7.0}]


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
    assert (told["claimed"], told["missed"]) == (1, 1)
    assert [(r["hour"], r["arrivals"], r["claimed"], r["missed"]) for r in told["by_hour"]] == [
        (0, 2, 1, 1),
        (1, 2, 0, 0),
    ]


def test_other_kinds_and_what_was_erased_or_opened_yesterday_count_nothing() -> None:
    told = numbers(
        card("a", "opened", 100.0, kind="waiting"),
        card("a", "claimed", 101.0, kind="waiting"),
        card("yesterday", "claimed", 102.0),
        *(Happened(type_, 103.0) for type_ in today.TYPES if not type_.startswith("preference.")),
    )
    assert (told["greeted"]["count"], told["claimed"], told["by_zone"]) == (0, 0, [])
    assert (told["asked_again"], told["rated"], told["satisfaction"]["count"]) == (0, {"useful": 0, "not_useful": 0}, 0)


@given(st.lists(st.floats(0, 1000), max_size=50))
def test_the_distribution_holds_every_greeting_once_and_its_median_is_one_of_them(times: list[float]) -> None:
    rows = today.histogram(times)
    assert sum(row["count"] for row in rows) == len(times)
    assert sum(row["count"] for row in rows if row["upto_s"] and row["upto_s"] <= 15) == sum(t <= 15 for t in times)
    median, most = today.percentile(times, 50), today.percentile(times, 90)
    assert (median is None) == (not times)
    if median is not None and most is not None:
        assert median in {round(t, 1) for t in times}
        assert median <= most
        assert sum(round(t, 1) <= median for t in times) * 2 >= len(times)


def test_a_promise_is_kept_late_or_open_by_the_day_one_asks_about() -> None:
    def owed(at: float, due: float | None, closed_at: float | None) -> dict[str, Any]:
        return {"kind": "promise", "at": at, "due": due, "closed_at": closed_at}

    rows = [
        owed(0, 50, 40),
        owed(0, 30, 40),
        owed(0, 60, None),
        owed(0, 900, None),
        owed(0, None, 250),
        owed(150, 160, 170),
    ]
    assert today.owed(rows, 0, 100, 1000)["promises"] == {"kept": 1, "late": 2, "open": 3}
    assert today.owed(rows, 0, 100, 55)["promises"]["late"] == 1  # what is due later today is not late yet
    assert today.owed(rows, 100, 200, 1000)["promises"] == {"kept": 0, "late": 1, "open": 3}


words = st.lists(
    st.tuples(
        st.sampled_from(["drink", "name", "other"]), st.sampled_from(["Tea", "tea", " tea ", "milk", "x" * 50, ""]),
        st.sampled_from(["chen", "hale"]),
    )
)  # fmt: skip


@given(words)
def test_words_are_those_that_were_said_and_never_one_person_s(said: list[vocabulary.Said]) -> None:
    found = vocabulary.common(said)
    assert "name" not in found
    for about, texts in found.items():
        folded = [text.casefold() for text in texts]
        assert len(set(folded)) == len(folded) <= vocabulary.MOST
        counts = [sum(a == about and w.strip().casefold() == text for a, w, _ in said) for text in folded]
        assert counts == sorted(counts, reverse=True)
        assert all(text in {w.strip() for _, w, _ in said} for text in texts)
        if about == "other":
            for text in folded:
                assert len({c for a, w, c in said if a == about and w.strip().casefold() == text}) == 2
