"""What stands on a card: three facts for three seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service import card
from gateway.service.desk import Refused
from gateway.service.owed import Ledger, Owed

DAY = 86400.0


@dataclass(slots=True, frozen=True)
class Known:
    """A fact as a card needs it."""

    category: str
    value: str
    polarity: str
    basis: str = "stated"
    scope: str = "standing"
    at: float = 0.0


facts = st.builds(
    Known,
    st.sampled_from(["drink", "seat", "name"]),
    st.text(max_size=3),
    st.sampled_from(["do", "avoid", "allergy"]),
    st.sampled_from(["stated", "observed", "inferred"]),
    st.sampled_from(["standing", "one_off"]),
    st.floats(0, 100),
)


@given(st.lists(facts, max_size=20))
def test_every_allergy_stands_first_and_at_most_five_likes_follow(known: list[Known]) -> None:
    avoid, likes = card.avoid_first(known), card.best_likes(known)
    assert len(avoid) == len([f for f in known if f.polarity != "do"])  # none is ever left out
    polarities = [f.polarity for f in avoid]
    assert polarities == sorted(polarities)
    assert len(likes) == min(5, len([f for f in known if f.polarity == "do"]))
    assert {f.polarity for f in likes} <= {"do"}
    assert [f.scope for f in likes] == sorted((f.scope for f in likes), reverse=False)[: len(likes)]


def owed(kind: str, text: str, due: float | None = None) -> Owed:
    return Owed(text, kind, "chen", None, text, "anna", "anna", 0.0, due)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("has", "suggests"),
    [
        ({"complaints", "promises", "likes"}, ("recover", "cold soup")),
        ({"promises", "likes"}, ("keep_promise", "a seat")),
        ({"likes"}, ("offer", "tea")),
        ({"away"}, ("welcome_back", None)),
        ({"lately"}, ("welcome_back", None)),
        (set(), ("welcome", None)),
    ],
)
def test_the_one_thing_to_do_mends_before_it_keeps_before_it_offers(
    has: set[str], suggests: tuple[str, str | None]
) -> None:
    suggestion = card.suggest(
        likes=[Known("name", "Yulan", "do"), Known("drink", "tea", "do")] if "likes" in has else [],
        promises=[owed("promise", "a seat")] if "promises" in has else [],
        complaints=[owed("complaint", "cold soup")] if "complaints" in has else [],
        last_visit={"away": 0.0, "lately": 99 * DAY}.get("".join(has)),
    )
    assert (suggestion["kind"], suggestion["value"]) == suggests


@pytest.mark.parametrize(
    ("birthday", "today", "days", "near"),
    [
        ("11-22", "2026-11-22", 0, True),
        ("11-23", "2026-11-22", 0, False),
        ("11-23", "2026-11-22", 1, True),
        ("01-01", "2026-12-30", 2, True),
        ("12-30", "2027-01-01", 2, True),
        ("02-29", "2027-03-01", 0, True),
        ("02-29", "2028-03-01", 0, False),
        ("02-29", "2028-02-29", 0, True),
        (None, "2026-11-22", 7, False),
    ],
)
def test_a_birthday_is_near_across_the_year_s_end_and_on_leap_days(
    birthday: str | None, today: str, days: int, near: bool
) -> None:
    assert card.near_birthday(birthday, date.fromisoformat(today), days) is near


def test_what_somebody_owes_is_theirs_until_it_is_handed_on() -> None:
    ledger = Ledger()
    for each in (owed("promise", "a seat"), owed("complaint", "cold soup")):
        ledger.put(each)
    assert [o.id for o in ledger.owned_by("anna")] == ["a seat", "cold soup"]
    ledger.put(replace(ledger.get("promise", "a seat", "chen"), owner="ben", handed_from="anna"))
    assert [o.id for o in ledger.owned_by("anna")] == ["cold soup"]
    assert ledger.get("promise", "a seat", "chen").handed_from == "anna"


def test_the_most_urgent_promise_comes_first_and_is_kept_once() -> None:
    ledger = Ledger()
    for each in (owed("promise", "some day"), owed("promise", "late", 20.0), owed("promise", "soon", 10.0)):
        ledger.put(each)
    assert [o.text for o in ledger.of_customer("chen", "promise")] == ["soon", "late", "some day"]
    kept = ledger.close("promise", "soon", "chen", "ben", "done", 12.0)
    assert (kept.state, kept.closed_by, kept.note) == ("closed", "ben", "done")
    assert ledger.find("soon") is not None  # nothing has changed until it is recorded
    ledger.put(kept)
    for kind, id_, customer in (
        ("promise", "soon", "chen"),
        ("complaint", "late", "chen"),
        ("promise", "late", "hale"),
    ):
        with pytest.raises(Refused) as refused:
            ledger.close(kind, id_, customer, "ben", None, 13.0)  # type: ignore[arg-type]
        assert refused.value.status == 404
    ledger.forget_customer("chen")
    assert ledger.all("promise") == []
