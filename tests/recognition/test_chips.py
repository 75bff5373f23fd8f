"""A chip's own number against the one that was enrolled."""

from __future__ import annotations

import pytest

from gateway.recognition.chips import ChipWatch

TAG, RIGHT, WRONG = "epc:01", "E28011602000AAAA", "E28011602000BBBB"


def test_another_chip_than_the_enrolled_one_is_doubted_at_its_first_read_and_once_a_minute() -> None:
    watch = ChipWatch()
    doubts = [watch.see(TAG, RIGHT, WRONG, 100.0 + n / 10) for n in range(700)]
    told = [doubt for doubt in doubts if doubt is not None]
    assert [(doubt.kind, doubt.at) for doubt in told] == [("wrong_tid", 100.0), ("wrong_tid", 160.0)]
    assert RIGHT not in told[0].reason
    assert WRONG not in told[0].reason


@pytest.mark.parametrize("read", [RIGHT, RIGHT.lower(), RIGHT[:12], RIGHT + "0001"])
def test_the_enrolled_chip_is_right_however_much_of_its_number_a_reader_tells(read: str) -> None:
    watch = ChipWatch()
    assert watch.see(TAG, RIGHT, read, 1.0) is None
    assert watch.see("epc:02", f"tid:{RIGHT}", read, 1.0) is None


def test_one_misread_among_right_reads_is_no_copy_and_the_same_other_number_twice_is() -> None:
    watch = ChipWatch()
    assert watch.see(TAG, RIGHT, RIGHT, 100.0) is None
    assert watch.see(TAG, RIGHT, WRONG, 100.1) is None
    assert watch.see(TAG, RIGHT, RIGHT, 100.2) is None
    assert watch.see(TAG, RIGHT, "E28011602000CCCC", 100.3) is None
    assert watch.see(TAG, RIGHT, RIGHT, 100.4) is None
    assert watch.see(TAG, RIGHT, "E28011602000CCCC", 100.5) is not None


def test_two_chips_that_answer_with_one_number_are_doubted_though_nobody_enrolled_a_chip() -> None:
    watch = ChipWatch()
    reads = [RIGHT, WRONG, RIGHT, WRONG]
    doubts = [watch.see(TAG, None, tid, 100.0 + n) for n, tid in enumerate(reads)]
    assert [doubt is not None for doubt in doubts] == [False, False, False, True]


def test_a_chip_that_nobody_enrolled_is_forgotten_after_an_hour_and_when_its_tag_is_handed_out_anew() -> None:
    watch = ChipWatch()
    watch.see(TAG, None, RIGHT, 100.0)
    watch.sweep(4000.0)
    assert watch.see(TAG, None, WRONG, 4000.0) is None
    watch.forget(TAG)
    assert watch.see(TAG, None, RIGHT, 4001.0) is None
