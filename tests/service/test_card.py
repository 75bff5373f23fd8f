"""What stands on a card: three facts for three seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service import card
from gateway.service.desk import Refused
from gateway.service.owed import Dues, Owed

DAY = 86400.0


@dataclass(slots=True, frozen=True)
class Known:
    """A fact as a card needs it."""

    id: str
    category: str
    value: str
    polarity: str
    code: str | None = None
    basis: str = "stated"
    at: float = 0.0


facts = st.builds(
    Known,
    st.text("abcdef", min_size=4, max_size=4),
    st.sampled_from(["drink", "seat", "name"]),
    st.text(max_size=3),
    st.sampled_from(["do", "avoid", "allergy"]),
)


@given(st.lists(facts, max_size=20, unique_by=lambda fact: fact.id), st.sets(st.integers(0, 19)))
def test_every_need_is_shown_and_at_most_five_likes_follow_in_their_order(known: list[Known], which: set[int]) -> None:
    needs = {fact.id for n, fact in enumerate(known) if n in which}
    liked = [fact for fact in known if fact.polarity == "do"]
    needed, others = [f for f in liked if f.id in needs], [f for f in liked if f.id not in needs]
    assert card.best_likes(known, needs) == needed + others[:5]


def owed(kind: str, text: str, due: float | None = None) -> Owed:
    return Owed(text, kind, "chen", None, text, "anna", "anna", 0.0, due)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("has", "category", "suggests"),
    [
        ({"complaints", "promises", "likes"}, "drink", ("recover", "cold soup", None)),
        ({"promises", "likes"}, "drink", ("keep_promise", "a seat", None)),
        ({"likes"}, "drink", ("offer", "tea", "f")),
        ({"likes"}, "gift", ("offer", "tea", "f")),
        ({"likes"}, "seat", ("have_ready", "tea", "f")),
        ({"likes"}, "temperature", ("have_ready", "tea", "f")),
        ({"away"}, "drink", ("welcome_back", None, None)),
        ({"lately"}, "drink", ("welcome_back", None, None)),
        (set(), "drink", ("welcome", None, None)),
    ],
)
def test_the_one_thing_to_do_mends_before_it_keeps_before_it_offers(
    has: set[str], category: str, suggests: tuple[str, str | None, str | None]
) -> None:
    suggestion = card.suggest(
        offer=Known("f", category, "tea", "do", "drink.tea") if "likes" in has else None,
        promises=[owed("promise", "a seat")] if "promises" in has else [],
        complaints=[owed("complaint", "cold soup")] if "complaints" in has else [],
        last_visit={"away": 0.0, "lately": 99 * DAY}.get("".join(has)),
    )
    assert (suggestion["kind"], suggestion["value"], suggestion["fact"]) == suggests


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
    dues = Dues()
    for each in (owed("promise", "a seat"), owed("complaint", "cold soup")):
        dues.put(each)
    assert [o.id for o in dues.owned_by("anna")] == ["a seat", "cold soup"]
    dues.put(replace(dues.get("promise", "a seat", "chen"), owner="ben", handed_from="anna"))
    assert [o.id for o in dues.owned_by("anna")] == ["cold soup"]
    assert dues.get("promise", "a seat", "chen").handed_from == "anna"


def test_the_most_urgent_promise_comes_first_and_is_kept_once() -> None:
    dues = Dues()
    for each in (owed("promise", "some day"), owed("promise", "late", 20.0), owed("promise", "soon", 10.0)):
        dues.put(each)
    assert [o.text for o in dues.of_customer("chen", "promise")] == ["soon", "late", "some day"]
    kept = dues.close("promise", "soon", "chen", "ben", "done", 12.0)
    assert (kept.state, kept.closed_by, kept.note) == ("closed", "ben", "done")
    assert dues.find("soon") is not None  # nothing has changed until it is recorded
    dues.put(kept)
    for kind, id_, customer in (
        ("promise", "soon", "chen"),
        ("complaint", "late", "chen"),
        ("promise", "late", "hale"),
    ):
        with pytest.raises(Refused) as refused:
            dues.close(kind, id_, customer, "ben", None, 13.0)  # type: ignore[arg-type]
        assert refused.value.status == 404
    dues.forget_customer("chen")
    assert dues.all("promise") == []
