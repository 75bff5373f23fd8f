from __future__ import annotations

from gateway.recognition.left_behind import LeftBehind, LeftBehindWatch, Whereabouts


def play(
    watch: LeftBehindWatch, start: float, end: float, keys: str | None, phone: str | None, lead: float = 10.0
) -> list[LeftBehind]:
    hints = []
    at = start
    while at < end:
        things = [Whereabouts("epc:01", keys, lead, at), Whereabouts("irk:01", phone, lead, at)]
        news = watch.consider("c1", things, at)
        hints += [news] if news else []
        at += 1.0
    return hints


def test_keys_on_the_table_are_told_once_after_a_while() -> None:
    watch = LeftBehindWatch()
    assert play(watch, 0.0, 60.0, "lounge", "lounge") == []
    hints = play(watch, 60.0, 300.0, "lounge", "bar")
    assert len(hints) == 1
    assert (hints[0].stays, hints[0].stays_in, hints[0].goes_in) == ("epc:01", "lounge", "bar")


def test_a_short_walk_is_no_news() -> None:
    watch = LeftBehindWatch()
    play(watch, 0.0, 60.0, "lounge", "lounge")
    assert play(watch, 60.0, 90.0, "lounge", "bar") == []
    assert play(watch, 90.0, 120.0, "bar", "bar") == []


def test_things_that_never_were_together_were_not_left_behind() -> None:
    assert play(LeftBehindWatch(), 0.0, 300.0, "lounge", "bar") == []


def test_unclear_or_silent_things_say_nothing() -> None:
    watch = LeftBehindWatch()
    play(watch, 0.0, 60.0, "lounge", "lounge")
    assert play(watch, 60.0, 300.0, "lounge", "bar", lead=3.0) == []
    assert play(watch, 300.0, 400.0, "lounge", None) == []


def test_parting_again_after_having_met_is_told_again_and_leaving_forgets() -> None:
    watch = LeftBehindWatch()
    play(watch, 0.0, 60.0, "lounge", "lounge")
    assert len(play(watch, 60.0, 200.0, "lounge", "bar")) == 1
    play(watch, 200.0, 260.0, "bar", "bar")
    assert len(play(watch, 260.0, 400.0, "bar", "lounge")) == 1
    watch.forget("c1")
    assert play(watch, 400.0, 600.0, "bar", "lounge") == []
