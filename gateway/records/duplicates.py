"""Who may be in the records twice: proposed by rule with the reasons in words, and never decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from gateway.records.pinyin import spelt
from reader_drivers.texts import folded, sought

Kind = Literal["same_thing", "same_name", "name_alike", "name_in_letters", "same_birthday", "same_associate"]
Grade = Literal["likely", "possible"]

IN_WORDS: Mapping[Kind, str] = {
    "same_thing": "a tag or phone of the one was the other's before",
    "same_name": "both have the same name",
    "name_alike": "their names differ in nothing but case, width, accents or the order of words",
    "name_in_letters": "the one's name in letters is the other's in hanzi",
    "same_birthday": "both have the same birthday",
    "same_associate": "the same associate looks after both",
}
NAMES: tuple[Kind, ...] = ("same_name", "name_alike", "name_in_letters")
MANY = 3  # people of one name, or one thing: then that alone says nothing, and the thing is lent to whoever comes
MOST = 200  # proposals: who has more of them begins with the likeliest


@dataclass(slots=True, frozen=True)
class Record:
    """What is compared of a customer; ``things`` are the fingerprints of every tag and phone that was ever theirs."""

    id: str
    name: str
    birthday: str | None = None
    associate: str | None = None
    things: frozenset[bytes] = frozenset()


@dataclass(slots=True, frozen=True)
class Likeness:
    """Two who may be one, and what speaks for it; ``likely`` is not sure either."""

    one: str
    other: str
    grade: Grade
    reasons: tuple[Kind, ...]


def proposed(records: Iterable[Record], apart: Collection[frozenset[str]] = frozenset()) -> list[Likeness]:
    """Pairs that may be one person, the likeliest first; none of those whom somebody told ``apart``.

    A thing that both had, and hardly anybody else, is likely one person. So is one name with one birthday. A name with
    the same associate, a name in hanzi and in letters with either, and a name that hardly anybody else has, are
    possible. Two birthdays are two people, unless they had one thing.
    """
    everybody = {each.id: each for each in records}
    found = []
    for one, other, alone in _pairs(everybody):
        if frozenset((one, other)) in apart:
            continue
        reasons = tuple(_reasons(everybody[one], everybody[other]))
        grade = _grade(everybody[one], everybody[other], reasons, alone=alone)
        if grade is not None:
            found.append(Likeness(one, other, grade, reasons))
    found.sort(key=lambda each: (each.grade != "likely", -len(each.reasons), each.one, each.other))
    return found[:MOST]


def _pairs(everybody: Mapping[str, Record]) -> Iterator[tuple[str, str, bool]]:
    """Who have a thing or a name in common, once each; and whether hardly anybody else has that name."""
    by_thing: dict[bytes, list[str]] = defaultdict(list)
    by_name: dict[str, list[str]] = defaultdict(list)
    for each in everybody.values():
        for thing in each.things:
            by_thing[thing].append(each.id)
        for key in _keys(each.name):
            by_name[key].append(each.id)
    pairs: dict[tuple[str, str], bool] = {}
    for group in by_thing.values():
        if len(group) <= MANY:
            pairs.update(dict.fromkeys(combinations(sorted(group), 2), False))
    for group in by_name.values():
        ids = sorted(set(group))
        several: Iterable[tuple[str, str]] = combinations(ids, 2)
        if len(ids) > MANY:  # of a common name only those who have more in common than that
            several = _closer(ids, everybody)
        for pair in several:
            pairs[pair] = pairs.get(pair, False) or len(ids) <= MANY
    yield from ((*pair, alone) for pair, alone in pairs.items())


def _closer(ids: Iterable[str], everybody: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    by_more: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for id_ in ids:
        for what in ("birthday", "associate"):
            if (value := getattr(everybody[id_], what)) is not None:
                by_more[what, value].append(id_)
    for group in by_more.values():
        yield from combinations(group, 2)


def _reasons(one: Record, other: Record) -> Iterator[Kind]:
    if one.things & other.things:
        yield "same_thing"
    if folded(one.name) == folded(other.name):
        yield "same_name"
    elif _alike(one.name) == _alike(other.name):
        yield "name_alike"
    elif set(_keys(one.name)) & set(_keys(other.name)):
        yield "name_in_letters"
    if one.birthday is not None and one.birthday == other.birthday:
        yield "same_birthday"
    if one.associate is not None and one.associate == other.associate:
        yield "same_associate"


def _grade(one: Record, other: Record, reasons: Collection[Kind], *, alone: bool) -> Grade | None:
    if "same_thing" in reasons:
        return "likely"
    if one.birthday is not None and other.birthday is not None and one.birthday != other.birthday:
        return None
    spelt_alike = "same_name" in reasons or "name_alike" in reasons
    if spelt_alike and "same_birthday" in reasons:
        return "likely"
    if "same_birthday" in reasons or "same_associate" in reasons:
        return "possible"
    return "possible" if spelt_alike and alone else None


def _alike(name: str) -> str:
    """The words of a name in the order of the alphabet, as a keyboard writes them."""
    return " ".join(sorted(sought(name).split()))


def _keys(name: str) -> set[str]:
    """What a name is found by: its words, and its letters in one, those of hanzi as they are read."""
    words = sought(name).split()
    if not words:
        return set()
    letters = spelt(name)
    joined = {"".join(words), "".join([*words[1:], words[0]]), "".join([words[-1], *words[:-1]])}
    plain = {each.replace("lv", "lu").replace("nv", "nu") for each in joined}
    return {_alike(name)} | plain | ({letters} if letters is not None else set())
