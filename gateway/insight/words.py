"""Grounds of a number in words, in both languages of the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.insight.rhythm import Rhythm


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a number is what it is: a code, the words, the day and the events that it rests on."""

    code: str
    zh_cn: str
    en: str
    at: date | None = None
    events: tuple[str, ...] = ()


def silence(silent: int, rhythm: Rhythm, last: date) -> Reason:
    """How long somebody has been silent, beside their own usual gap."""
    usual = rhythm.own
    days = "day" if silent == 1 else "days"
    if usual is None:
        return Reason(
            "silence",
            f"未到访 {silent} 天，次数太少，看不出间隔",
            f"silent {silent} {days}, too few visits to say how often",
            last,
        )
    number = len(rhythm.gaps)
    gaps = "gap" if number == 1 else "gaps"
    every = "every day" if usual == 1 else f"every {usual}"
    return Reason(
        "silence",
        f"未到访 {silent} 天，平时约 {usual} 天一次",
        f"silent {silent} {days}, usually {every} ({number} {gaps})",
        last,
    )


TIE_WORDS = {
    "introduced": ("双方同意认识", "both agreed to be introduced"),
    "family": ("家庭套餐", "family package"),
    "together": ("常在同一处", "often in one place"),
    "gathering": ("同一场聚会", "the same gathering"),
}


def tie(code: str, at: date | None, events: tuple[str, ...]) -> Reason:
    """Why two people are tied."""
    zh_cn, en = TIE_WORDS[code]
    return Reason(code, zh_cn, en, at, events)
