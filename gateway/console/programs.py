"""Programs: whom a token lets in, until when, and when it was used last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Literal

from gateway.console.roles import GIVEN, Principal
from gateway.console.secrets import door_of
from gateway.core.action import Action
from gateway.core.state import Memory
from gateway.events.event import GATEWAY, News
from gateway.events.times import DAY, iso
from gateway.records import journal_rows, staff
from gateway.records.errors import DiskFull, StoreFull
from gateway.records.staff import Token
from gateway.records.store import Store

GRACE = 30  # days that a token from before tokens had an end still goes on
LONGEST = 200  # ours are 43 characters; a longer header is not looked at
Because = Literal["ended", "expired", "role_changed"]


class Programs:
    """Looks up who sends a token; ``act`` writes down what ends by itself."""

    def __init__(
        self, memory: Memory, store: Store, act: Callable[[Callable[[], Action], str], Awaitable[Action]]
    ) -> None:
        self._memory = memory
        self._store = store
        self._act = act
        self._used: dict[str, tuple[float, str]] = {}
        self._endless = [token for token in staff.list_tokens(store.reader) if token.until is None]
        limited = journal_rows.select(store.reader, "WHERE type = 'token.limited'", bare=True)
        self._from_before = {event.subject for event in limited}

    def who(self, secret: str, source: str) -> Principal | None:
        """Who sends this token, from this network; None for one that is unknown, ended, over, or whose person left."""
        if not secret or len(secret) > LONGEST or not secret.isascii():
            return None
        row = staff.find_token(self._store.reader, secret)
        if row is None or row.role not in GIVEN or self._over(row):
            return None
        member = self._memory.floor.member(row.staff) if row.staff else None
        if row.staff and member is None:
            return None
        self._used[row.id] = (self._memory.steady(), source)
        door = door_of(secret)
        name = member.name if member else row.name or f"{row.role} program"
        scopes = None if row.scopes is None else frozenset(row.scopes)
        return Principal(
            row.staff or f"program-{door[:8]}", name, (row.role,), row.staff, door, by_cookie=False, scopes=scopes
        )

    def _over(self, token: Token) -> bool:
        return token.until is not None and token.until <= self._memory.certain()

    def used(self, token: Token) -> tuple[float | None, str | None]:
        """When a token was used last, in seconds since 1970 UTC, and from where; None where it never was."""
        lately = self._used.get(token.id)
        return (token.used_at, token.used_from) if lately is None else (self._memory.clock.shown(lately[0]), lately[1])

    def news(self) -> list[News]:
        """What there is to write down of those that were used since this was asked last."""
        used, self._used = self._used, {}
        good = {token.id for token in staff.list_tokens(self._store.reader)}
        return [
            News("token.used", id_, {"token": id_, "at": iso(self._memory.clock.shown(at)), "source": source})
            for id_, (at, source) in used.items()
            if id_ in good
        ]

    def of_staff(self, staff_id: str) -> list[Token]:
        """The tokens of a person that are good."""
        return [token for token in staff.list_tokens(self._store.reader) if token.staff == staff_id]

    def ending(self, tokens: Collection[Token], because: Because) -> tuple[list[News], list[str]]:
        """What is told of tokens that end, and the doors whose sockets are to be closed then."""
        doors = [staff.door_of_token(self._store.reader, token.id) for token in tokens]
        news = [News("token.revoked", t.id, {"token": t.id, "because": because}) for t in tokens]
        return news, [door for door in doors if door is not None]

    def from_before(self, token: Token) -> bool:
        """Whether it was made before tokens had an end, and so may what its role may."""
        return token.until is None or token.id in self._from_before

    def why(self) -> list[str]:
        """What whoever looks after the house has to do about programs from before; names none: anybody may read it."""
        old = [token for token in staff.list_tokens(self._store.reader) if self.from_before(token)]
        ends = min((token.until for token in old if token.until is not None), default=None)
        if ends is None:
            return []
        some = f"{len(old)} programs are" if old[1:] else "1 program is"
        to_do = "make new tokens that say what each may, and end these (Settings, Programs; moments token list)"
        return [f"{some} from before tokens had an end, and will be turned away from {iso(ends)[:10]} on: {to_do}"]

    async def give_ends(self) -> None:
        """Gives what was made before tokens had an end one, some weeks from now: once, when the house has started.

        What is not written now is at the next look.
        """
        if not self._endless:
            return
        until = iso(self._memory.now() + GRACE * DAY)
        told = [{"token": t.id, "name": t.name, "role": t.role, "until": until} for t in self._endless]
        try:
            await self._act(lambda: Action(None, news=[News("token.limited", d["token"], d) for d in told]), GATEWAY)
        except (StoreFull, DiskFull):
            return
        self._from_before |= {token.id for token in self._endless}
        self._endless = []

    async def end_expired(self) -> list[str]:
        """Ends the tokens whose time is over; answers their doors. What is not written now ends at the next look."""
        over = [token for token in staff.list_tokens(self._store.reader) if self._over(token)]
        if not over:
            return []
        news, doors = self.ending(over, "expired")
        try:
            await self._act(lambda: Action(None, news=news), GATEWAY)
        except (StoreFull, DiskFull):
            return []
        return doors
