"""What may be sent of what is known of a customer, and of the catalogue; anything else is refused by name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from gateway.console.bodies import Body, EmptyIsNone, Language, Line, RecordId, Time, Word
from gateway.events.kinds import Reason


def _one_off(value: Any) -> Any:
    return "one_off" if value in ("one-off", "oneoff") else value


def _listed(value: Any) -> Any:
    return [] if value is None else [value] if isinstance(value, str) else value


Code = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9_]{1,60}$")]
Thing = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
Facts = Annotated[list[RecordId], Field(max_length=200, default_factory=list), BeforeValidator(_listed)]


class Taking(Body):
    """A fact is taken back, and why."""

    id: RecordId | None = None
    reason: Reason | None = None
    basis: Literal["stated", "observed", "inferred"] = "stated"
    at: Time | None = None


class InDoubt(Body):
    """What a fact in doubt really says."""

    id: RecordId | None = None
    polarity: Literal["do", "avoid", "allergy"]
    at: Time | None = None


class NewPreference(Taking):
    """A fact about what to do or to avoid: words, or a code of the catalogue; without both it names others.

    ``corrects`` and ``retracts`` end facts, ``replaces`` names those that it goes against knowingly: an id or a list.
    ``lang`` is that of the words where they are not Chinese.
    """

    category: Word
    value: Annotated[Line | None, EmptyIsNone] = None
    code: Code | None = None
    lang: Annotated[Language | None, EmptyIsNone] = None
    polarity: Literal["do", "avoid", "allergy"] | None = None
    scope: Annotated[Literal["standing", "one_off"], BeforeValidator(_one_off)] = "standing"
    corrects: Facts
    retracts: Facts
    replaces: Facts


class Labels(Body):
    """What a value is called."""

    zh_cn: Annotated[Word, Field(alias="zh-CN")]
    en: Word


class NewValue(Body):
    """A value of the catalogue as this venue has it; what is left out of one that is there stays as it was."""

    category: Word | None = None
    polarity: Literal["do", "avoid", "allergy"] | None = None
    about: Thing | None = None
    labels: Labels | None = None
    aliases: Annotated[list[Word], Field(max_length=50)] | None = None
    contains: Annotated[list[Thing], Field(max_length=50)] | None = None
    slot: Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9_]{1,60}$")] | None = None
    offer: bool | None = None
    need: bool | None = None
    wish: Thing | None = None
    sensitive: bool | None = None
    hidden: bool | None = None
