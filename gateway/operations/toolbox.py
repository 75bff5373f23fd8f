"""What IT asks of the readers while they run: how each is, what it sends, who hears a test tag, which tags are new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from gateway.operations.box import Box
from gateway.operations.enrolment import Enrolment, Heard
from gateway.operations.findings import Findings
from gateway.operations.keeper import Keeper
from gateway.operations.linux_ports import Linux
from gateway.operations.listeners import Hear, Listeners
from gateway.operations.remedies import Remedy, of_hearing, of_reason
from gateway.operations.walk_test import WalkTest
from gateway.recognition.walker import Hearing, Walker

LOOK_LONGEST = 30.0  # seconds of one look at what a reader sends
ADVICE_HOLDS = 10.0  # seconds; it reads folders of /proc
UNWATCHED = 300.0  # seconds; whoever walked has gone home
AGAINST_OPENING = {"missing", "none_plugged", "held", "held_by_gateway", "forbidden", "only_root"}


class NoSuchReader(LookupError):
    """There is no reader of this name; the text says which there are."""


class Toolbox:
    """Holds a walk test and an enrolment while they are under way; ``owned``: does somebody have this identifier?

    Times are steady ones; ``shown`` makes of one what the house's clock says.
    """

    def __init__(
        self, keepers: Sequence[Keeper], hear: Hear, owned: Callable[[str], bool], presence: Hearing,
        shown: Callable[[float], float] = float,
    ) -> None:  # fmt: skip
        self._shown = shown
        self.listeners = Listeners(keepers, hear)
        self.findings = Findings(keepers)
        self.walk: WalkTest | None = None
        self.box: Box | None = None
        self._keepers = keepers
        self._owned = owned
        self._presence = presence
        self._looked_at = 0.0
        self._enrolment: Enrolment | None = None
        self._advice: dict[str, tuple[float, tuple[str, str | None], list[Remedy]]] = {}

    # --- readers -----------------------------------------------------------------------------------------------------

    def readers(self) -> list[dict[str, Any]]:
        """Every reader with its details."""
        return [keeper.details() for keeper in self._keepers]

    async def readers_with_advice(self, now: float) -> list[dict[str, Any]]:
        """The same with what to do about each, as remedies."""
        keepers = list(self._keepers)  # others may have come when all is known of these
        advice = await asyncio.gather(*(self._advice_of(keeper, now) for keeper in keepers))
        return [
            {**keeper.details(), "advice": [each.shape() for each in [*some, *self._of_hearing(keeper.config.id)]]}
            for keeper, some in zip(keepers, advice, strict=True)
        ]

    def changes(self) -> tuple[dict[str, float], dict[str, float]]:
        """By how many dB a reader hears otherwise, by what staff taught, and by who stays in a zone."""
        return dict(self._presence.learnt.changed), dict(self._presence.drifts())

    def _of_hearing(self, reader: str) -> list[Remedy]:
        changed, drifts = self.changes()
        return of_hearing(changed.get(reader), drifts.get(reader))

    async def raw(self, reader: str, seconds: float) -> list[dict[str, Any]]:
        """What a reader sends within some seconds, masked; raises NoSuchReader, and RuntimeError where one looks."""
        return await self._keeper(reader).raw.look(min(seconds, LOOK_LONGEST))

    def connect(self, reader: str) -> None:
        """Has a reader's link opened anew, at once; raises NoSuchReader."""
        self._keeper(reader).connect()

    def _keeper(self, reader: str) -> Keeper:
        keeper = next((each for each in self._keepers if each.config.id == reader), None)
        if keeper is None:
            there = ", ".join(each.config.id for each in self._keepers)
            raise NoSuchReader(f"there is no reader {reader!r}: {there}")
        return keeper

    async def _advice_of(self, keeper: Keeper, now: float) -> list[Remedy]:
        state = (keeper.state, keeper.reason)
        at, known_of, known = self._advice.get(keeper.config.id, (0.0, ("", None), []))
        if known_of == state and 0 <= now - at < ADVICE_HOLDS:
            return known
        found = await asyncio.to_thread(advice, keeper.config.over, keeper.config.link, keeper.reason)
        self._advice[keeper.config.id] = (now, state, found)
        return found

    # --- walk test ---------------------------------------------------------------------------------------------------

    def start_walk(self, identifier: str | None, now: float) -> dict[str, Any]:
        """Begins a walk with this test tag, or with the one held closest at first; one that is under way ends."""
        self.end_walk()
        self._looked_at = now
        self.walk = WalkTest([keeper.config for keeper in self._keepers], identifier, Walker(self._presence))
        self.listeners.lend(self.walk.hear)
        return self.walk.look()

    def look_at_walk(self, now: float) -> dict[str, Any] | None:
        """How far the walk is; None where none is under way."""
        self._looked_at = now
        return self.walk.look() if self.walk else None

    def end_walk(self) -> dict[str, Any] | None:
        """Ends the walk and lets go of its tag; how far it came, None where none was under way."""
        walk, self.walk = self.walk, None
        if walk is None:
            return None
        self.listeners.take_back(walk.hear)
        return walk.look()

    # --- enrolment ---------------------------------------------------------------------------------------------------

    def enrol(self, now: float) -> Enrolment:
        """The enrolment that is under way; the first who asks opens one."""
        if self._enrolment is None:
            self._enrolment = Enrolment(self._owned, now, self._shown)
            self.listeners.lend(self._enrolment.hear)
        return self._enrolment

    def heard(self, key: str) -> Heard | None:
        """What the enrolment screen knows by this key; None where it is forgotten."""
        return self._enrolment.find(key) if self._enrolment else None

    def close_enrolment(self) -> None:
        """Forgets every tag that was heard."""
        if self._enrolment is not None:
            self.listeners.take_back(self._enrolment.hear)
            self._enrolment = None

    # --- a box of keychains -------------------------------------------------------------------------------------------

    def open_box(self, reader: str, now: float) -> Box:
        """Begins a list of what is held to this reader, in place of any other; raises NoSuchReader."""
        self._keeper(reader)
        self.close_box()
        self.box = Box(reader, self._owned, now, self._shown)
        self.listeners.lend(self.box.hear)
        return self.box

    def close_box(self) -> None:
        """Forgets the list."""
        box, self.box = self.box, None
        if box is not None:
            self.listeners.take_back(box.hear)

    # --- time --------------------------------------------------------------------------------------------------------

    def pulse(self, now: float) -> None:
        """Ends what nobody looks at any more."""
        if self._enrolment is not None and self._enrolment.over(now):
            self.close_enrolment()
        if self.walk is not None and now - self._looked_at > UNWATCHED:
            self.end_walk()
        if self.box is not None and self.box.over(now):
            self.close_box()


def advice(over: str, link: str, reason: str | None) -> list[Remedy]:
    """What to do about one reader: what Linux does to its port, then what its reason comes to; None: it is well."""
    of_port = Linux().advice(link) if over == "serial" else []
    if reason is None:  # it is open, whatever stands in the way of others
        return [each for each in of_port if each.kind not in AGAINST_OPENING]
    enough = AGAINST_OPENING - {"held"}  # who else has it open may also be who takes the reader's answers
    return of_port if enough & {each.kind for each in of_port} else [*of_port, *of_reason(over, link, reason)]
