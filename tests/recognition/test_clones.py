from __future__ import annotations

from gateway.recognition.clones import CloneWatch, Doubt

AREAS = {"door": "entrance", "bar-reader": "bar", "terrace-reader": "terrace"}


def by_turns(
    watch: CloneWatch, identifier: str, readers: tuple[str, str], start: float, seconds: float, db: float = 20.0
) -> list[Doubt]:
    doubts = []
    at, n = start, 0
    while at < start + seconds:
        doubt = watch.see(identifier, readers[n % 2], db, at)
        doubts += [doubt] if doubt else []
        at, n = at + 0.5, n + 1
    return doubts


def one_after_the_other(watch: CloneWatch, identifier: str, start: float) -> list[Doubt]:
    """An honest evening: the door, the bar, the terrace, a minute each."""
    doubts = []
    for n, reader in enumerate(AREAS):
        for k in range(60):
            doubt = watch.see(identifier, reader, 20.0, start + 60.0 * n + k)
            doubts += [doubt] if doubt else []
    return doubts


def test_two_copies_close_to_readers_of_two_areas_are_doubted_within_ten_seconds_and_once() -> None:
    watch = CloneWatch(AREAS)
    doubts = by_turns(watch, "epc:01", ("door", "terrace-reader"), 100.0, 30.0)
    assert len(doubts) == 1
    assert doubts[0].at <= 110.0
    assert doubts[0].reason == "heard at entrance and terrace at the same time"


def test_who_walks_from_area_to_area_is_not_doubted() -> None:
    watch = CloneWatch(AREAS)
    assert one_after_the_other(watch, "epc:01", 0.0) == []


def test_once_places_are_known_to_be_apart_plain_reads_are_enough() -> None:
    watch = CloneWatch(AREAS)
    assert by_turns(watch, "epc:00", ("door", "bar-reader"), 0.0, 12.0, db=10.0) == []
    watch = CloneWatch(AREAS)
    for n in range(8):
        one_after_the_other(watch, f"epc:{n}", 1000.0 * n)
    watch.sweep(10_000.0)
    assert len(by_turns(watch, "epc:99", ("door", "bar-reader"), 20_000.0, 12.0, db=10.0)) == 1


def test_readers_in_earshot_of_each_other_make_no_clones() -> None:
    watch = CloneWatch(AREAS)
    for n in range(8):
        by_turns(watch, f"epc:{n}", ("door", "bar-reader"), 100.0 * n, 10.0, db=10.0)
        watch.sweep(100.0 * n + 90.0)
    assert by_turns(watch, "epc:99", ("door", "bar-reader"), 5000.0, 20.0, db=20.0) == []


def test_twins_on_their_own_tags_are_two_people() -> None:
    watch = CloneWatch(AREAS)
    for k in range(40):
        assert watch.see("epc:01", "door", 20.0, 100.0 + k / 2) is None
        assert watch.see("epc:02", "terrace-reader", 20.0, 100.1 + k / 2) is None


def test_faint_reads_from_afar_are_no_evidence() -> None:
    watch = CloneWatch(AREAS)
    assert by_turns(watch, "epc:01", ("door", "terrace-reader"), 100.0, 60.0, db=5.0) == []
