"""What HTTP answers about what is suggested, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.events.data import Time
from gateway.events.insight import Act
from gateway.events.sent import Sent


class WordsOf(Sent):
    """The same in both languages."""

    zh_cn: Annotated[str, Field(alias="zh-CN")]
    en: str


class SuggestionBrief(Sent):
    """What is suggested about somebody; of what chance held out not which act it is."""

    id: str
    act: Act | None
    held: bool
    words: WordsOf
    to: str | None
    to_name: str | None


class SuggestionEnd(Sent):
    """Who did it or will not, when, and what they said; the house itself where something overtook it."""

    by: str
    at: Time
    why: str


class SuggestionOf(SuggestionBrief):
    """A suggestion with why in the customer's words, who saw it first and what became of it."""

    customer: str
    on: str
    run: str
    duty: bool
    why: WordsOf
    state: Literal["open", "done", "dismissed"]
    shown_at: Time | None
    ended: SuggestionEnd | None


class EffectOf(Sent):
    """Who came again: of those to whom an act was to be shown, and of those whom chance held out.

    ``difference`` (with 95 % bounds) is null where too few were held out, ``could_be_seen`` the smallest rise that so
    many would show.
    """

    act: Act
    shown: int
    shown_returned: int
    held: int
    held_returned: int
    difference: list[float] | None
    could_be_seen: float | None
