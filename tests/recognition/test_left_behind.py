from __future__ import annotations

from gateway.recognition.left_behind import LeftBehind, LeftBehindWatch, Whereabouts


def play(
    apart: LeftBehindWatch, start: float, end: float, keys: str | None, phone: str | None, lead: float = 10.0
) -> list[LeftBehind]:
    told = []
    at = start
    while at < end:
        things = [Whereabouts("epc:01", keys, lead, at), Whereabouts("irk:01", phone, lead, at)]
        news = apart.consider("c1", things, at)
        told += [news] if news else []
        at += 1.0
    return told


def test_keys_on_the_table_are_told_once_after_a_while() -> None:
    apart = LeftBehindWatch()
    assert play(apart, 0.0, 60.0, "lounge", "lounge") == []
    told = play(apart, 60.0, 300.0, "lounge", "bar")
    assert len(told) == 1
    assert (told[0].stays, told[0].stays_in, told[0].goes_in) == ("epc:01", "lounge", "bar")


def test_a_short_walk_is_no_news() -> None:
    apart = LeftBehindWatch()
    play(apart, 0.0, 60.0, "lounge", "lounge")
    assert play(apart, 60.0, 90.0, "lounge", "bar") == []
    assert play(apart, 90.0, 120.0, "bar", "bar") == []


def test_things_that_never_were_together_were_not_left_behind() -> None:
    assert play(LeftBehindWatch(), 0.0, 300.0, "lounge", "bar") == []


def test_unclear_or_silent_things_say_nothing() -> None:
    apart = LeftBehindWatch()
    play(apart, 0.0, 60.0, "lounge", "lounge")
    assert play(apart, 60.0, 300.0, "lounge", "bar", lead=3.0) == []
    assert play(apart, 300.0, 400.0, "lounge", None) == []


def test_parting_again_after_having_met_is_told_again_and_leaving_forgets() -> None:
    apart = LeftBehindWatch()
    play(apart, 0.0, 60.0, "lounge", "lounge")
    assert len(play(apart, 60.0, 200.0, "lounge", "bar")) == 1
    play(apart, 200.0, 260.0, "bar", "bar")
    assert len(play(apart, 260.0, 400.0, "bar", "lounge")) == 1
    apart.forget("c1")
    assert play(apart, 400.0, 600.0, "bar", "lounge") == []
