"""What the gateway answers about what is wrong with it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.console.answers import Remedy
from gateway.events.data import Time
from gateway.events.sent import Sent


class Mend(Sent):
    """The door that mends something, and what it is sent; ``name`` is what its button says."""

    name: str
    method: Literal["POST", "DELETE"]
    path: str
    body: dict[str, str]


class Repair(Sent):
    """One thing that is wrong: a kind that each language has words for with its facts, and English words.

    ``soon``: it is well until a day to come. ``why`` is what a reader says itself. ``open`` is the screen on which a
    person does what no program may.
    """

    id: str
    kind: str
    about: str
    facts: dict[str, str]
    title: str
    costs: str
    why: str | None
    since: Time | None
    soon: bool
    steps: list[Remedy]
    mend: Mend | None
    open: str | None


class HelperDid(Sent):
    """How the last thing went that the helper was asked for, and the last lines it said."""

    what: str
    done: bool
    said: str


class Helper(Sent):
    """The helper that root installs; ``asked``: it has not begun with what it was asked for."""

    installed: bool
    asked: bool
    last: HelperDid | None


class OneCopy(Sent):
    """A copy of the records: when it was made, and brought back on trial; ``wrong`` with it; null: it is good."""

    name: str
    at: Time | None
    wrong: str | None
    bytes: int


class CopyFolder(Sent):
    """A folder of copies, the newest first; ``fault``: why the last one could not be made."""

    to: str
    there: bool
    fault: str | None
    copies: list[OneCopy]


class Copies(Sent):
    """Where copies go and how often; ``making``: the folder in which one is made now. Without a ``key`` none is.

    ``version`` is what this house runs, and what an update begins from.
    """

    version: str
    every_hours: float
    keep: int
    making: str | None
    key: bool
    folders: list[CopyFolder]


class WebhookStanding(Sent):
    """How a webhook is: what waits for it, and why its receiver is lost; ``ended``: it said that it is gone."""

    name: str
    url: str
    partner: str | None
    state: Literal["up", "lost", "ended"]
    fault: str | None
    waiting: int
    events: list[str]


class Replayed(Sent):
    """The number of the event after which it begins once more."""

    sent_from: int = Field(alias="from")


class ReaderNews(Sent):
    """When a reader was lost, quiet or back, and why."""

    sequence: int
    time: Time
    what: Literal["lost", "back", "quiet"]
    reason: str | None


class Keychain(Sent):
    """One that was held, in part: ``again`` how often it was held once more, ``taken``: somebody has it already."""

    number: int
    shown: str
    printed: list[str]
    at: Time
    again: int
    given: str | None
    taken: bool


class Box(Sent):
    """What was held to a reader, the newest first. ``again``: the number of one that was held a second time just now.

    ``crowded``: more than one tag is heard at once, and whichever does not stand out is on no list.
    """

    reader: str
    again: int | None
    crowded: bool
    full: bool
    rows: list[Keychain]
