"""Who may be in the records twice: what speaks for it, and what never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.duplicates import IN_WORDS, Record, proposed
from gateway.records.pinyin import spelt


def pair(one: Record, other: Record) -> tuple[str, tuple[str, ...]] | None:
    """What two records come to."""
    found = proposed([one, other])
    return (found[0].grade, found[0].reasons) if found else None


def test_a_fob_that_is_lent_to_whoever_comes_makes_nobody_one() -> None:
    fob = frozenset({b"fob"})
    lent = [Record(name.lower(), name, things=fob) for name in ("Anna", "Ben", "Chen", "Dora")]
    assert proposed(lent) == []
    assert [each.reasons for each in proposed(lent[:2])] == [("same_thing",)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Record("a", "陈静", "04-30"), Record("b", "陈静", "04-30"), ("likely", ("same_name", "same_birthday"))),
        (Record("a", "José ÁLVAREZ"), Record("b", "alvarez jose"), ("possible", ("name_alike",))),
        (Record("a", "Ｍs Hale"), Record("b", "ms  hale"), ("possible", ("same_name",))),
        (Record("a", "王建国", None, "lina"), Record("b", "Wang Jianguo", None, "lina"),
         ("possible", ("name_in_letters", "same_associate"))),
        (Record("a", "王建国", "01-02"), Record("b", "Jianguo WANG", "01-02"),
         ("possible", ("name_in_letters", "same_birthday"))),
        (Record("a", "吕布", "01-02"), Record("b", "Lü Bu", "01-02"),
         ("possible", ("name_in_letters", "same_birthday"))),
        (Record("a", "A", "01-02", None, frozenset({b"k"})), Record("b", "B", "03-04", None, frozenset({b"k"})),
         ("likely", ("same_thing",))),
        (Record("a", "王建国"), Record("b", "Wang Jianguo"), None),  # a reading alone is nothing
        (Record("a", "陈静", "04-30"), Record("b", "陈静", "05-01"), None),  # two birthdays are two people
        (Record("a", "Anna", None, "lina"), Record("b", "Ben", None, "lina"), None),
        (Record("a", "Anna", "04-30"), Record("b", "Ben", "04-30"), None),
        (Record("a", "♥"), Record("b", "☆"), None),
    ],
)  # fmt: skip
def test_what_speaks_for_two_being_one(
    one: Record, other: Record, expected: tuple[str, tuple[str, ...]] | None
) -> None:
    assert pair(one, other) == expected
    assert pair(other, one) == expected


def test_a_name_that_many_have_says_nothing_by_itself() -> None:
    many = [Record(f"c-{n}", "张伟") for n in range(5)]
    assert proposed(many) == []
    assert (
        len(proposed([*many, Record("x", "张伟", "04-30"), Record("y", "張伟", "04-30"), Record("z", "张伟", "04-30")]))
        == 1
    )


def test_who_was_told_apart_is_proposed_no_more() -> None:
    two = [Record("a", "陈静", "04-30"), Record("b", "陈静", "04-30")]
    assert proposed(two, {frozenset(("b", "a"))}) == []


RECORDS = st.lists(
    st.builds(
        Record,
        id=st.sampled_from([f"c-{n}" for n in range(12)]),
        name=st.sampled_from(["王建国", "Wang Jianguo", "wang jianguo", "陈静", "Chen Jing", "Anna", "ANNA", "☆", "م"]),
        birthday=st.sampled_from([None, "04-30", "05-01"]),
        associate=st.sampled_from([None, "lina", "ben"]),
        things=st.frozensets(st.sampled_from([b"1", b"2", b"3"]), max_size=2),
    ),
    max_size=12,
    unique_by=lambda record: record.id,
)


@given(RECORDS)
def test_in_whatever_order_they_come_every_pair_is_proposed_once_and_with_reasons(records: list[Record]) -> None:
    found = proposed(records)
    assert found == proposed(list(reversed(records)))
    assert len({frozenset((each.one, each.other)) for each in found}) == len(found)
    by_id = {record.id: record for record in records}
    for each in found:
        one, other = by_id[each.one], by_id[each.other]
        assert each.reasons
        assert all(IN_WORDS[kind] for kind in each.reasons)
        assert "same_thing" in each.reasons or not (one.birthday and other.birthday and one.birthday != other.birthday)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("王建国", "wangjianguo"), ("欧阳修", "ouyangxiu"), ("单雄信", "shanxiongxin"), ("曾国藩", "zengguofan"),
        ("赵鑫", "zhaoxin"), ("李 薇", "liwei"), ("吕布", "lubu"), ("Anna", None), ("王A", None), ("", None),
        ("堃", None),
    ],
)  # fmt: skip
def test_hanzi_are_spelt_as_they_are_read(name: str, letters: str | None) -> None:
    assert spelt(name) == letters
