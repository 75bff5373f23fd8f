"""A sentence in the two languages of the house."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")


class Both(NamedTuple):
    """The same said in Chinese and in English."""

    zh: str
    en: str

    def at(self, language: Language) -> str:
        """What it says in this language."""
        return self.zh if language == "zh-CN" else self.en


def joined(parts: list[Both], *, last: bool = False) -> Both:
    """Parts as one enumeration; ``last`` puts an "and" before the last one."""
    zh, en = [part.zh for part in parts], [part.en for part in parts]
    if last and len(parts) > 1:
        return Both("、".join(zh[:-1]) + "和" + zh[-1], ", ".join(en[:-1]) + " and " + en[-1])
    return Both("、".join(zh), ", ".join(en))
