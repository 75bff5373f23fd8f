"""Which own words become chips for everybody: common ones that tell of nobody."""

from __future__ import annotations

import pytest

from gateway.service.learned_chips import Said, chips


def of(value: str, *customers: str, category: str = "drink", lang: str = "en", polarity: str = "do") -> list[Said]:
    return [Said(category, value, lang, polarity, customer) for customer in customers]


@pytest.mark.parametrize(
    ("said", "learned"),
    [
        (of("Rooibos", "a", "b", "c"), ["Rooibos"]),
        (of("Rooibos", "a", "b", "b"), []),
        (of("Rooibos", "a", "b") + of("rooibos ", "c", "c", "c"), ["rooibos"]),
        (of("Rooibos", "a", "b", "c") + of("Rooibos", "d", polarity="avoid"), []),
        (of("Rooibos", "a", "b") + of("Rooibos", "c", lang="de"), []),
        (of("x" * 41, "a", "b", "c"), []),
        (of("no onions", "a", "b", "c", category="food", polarity="avoid"), ["no onions"]),
        (of("nuts", "a", "b", "c", category="food", polarity="allergy"), []),
        *((of("Rooibos", "a", "b", "c", category=category), []) for category in (
            "address", "conversation", "gift", "other", "allergy", "accessibility",
        )),
        (of("as Anna makes it", "a", "b", "c"), []),
        (of("the annals", "a", "b", "c"), ["the annals"]),
        (of("陈静的茶", "a", "b", "c", lang="zh-CN"), []),
        (of("建国泡的茶", "a", "b", "c", lang="zh-CN"), []),
        (of("安静的茶", "a", "b", "c", lang="zh-CN"), ["安静的茶"]),
        (of("one", *"abc") + of("two", *"abcd") + of("three", *"abc") + of("four", *"abc") + of("five", *"abc"),
         ["two", "one", "three", "four"]),
    ],
)  # fmt: skip
def test_what_several_say_alike_is_a_chip(said: list[Said], learned: list[str]) -> None:
    found = chips(said, ["Anna Li", "陈静", "王建国", ""])
    assert [chip.value for row in found.values() for chip in row] == learned
