"""Who is signed in: people by PIN with a cookie, programs by bearer token. Only hashes of either are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection

from gateway.console.pairing import Codes
from gateway.console.secrets import door_of, new_token
from gateway.console.security import COMMAND_LINE, GIVEN, Principal, Role
from gateway.core.action import Action
from gateway.core.state import Memory
from gateway.events.event import GATEWAY, News
from gateway.operations.addresses import network_of
from gateway.operations.control import LOCAL
from gateway.records import staff, tablets
from gateway.records.errors import DiskFull, StoreFull
from gateway.records.store import Store
from gateway.service.alert import Refused
from gateway.settings.venue import VenueConfig

Act = Callable[[Callable[[], Action], str], Awaitable[Action]]
"""Decides, and writes down what happened and who did it; returns when the disk has it."""
Because = Literal["signed_out", "expired", "new_pin", "removed", "tablet_revoked"]

LONGEST_TOKEN = 200  # ours are 43 characters; a longer header is not looked at


@dataclass(slots=True)
class _Session:
    """Times are steady ones: nobody is signed out because the clock was set."""

    staff: str
    began: float
    used: float
    tablet: str | None = None
    sockets: int = 0


class Sessions:
    """Looks up who sends a request; sessions live in memory and in the store, so that a restart signs nobody out."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store, act: Act) -> None:
        self._memory = memory
        self._store = store
        self._act = act
        self._idle = config.console.session_idle_minutes * 60
        self._longest = config.console.session_hours * 3600
        self._secure = config.console.tls is not None or config.console.behind_proxy
        self._sessions: dict[str, _Session] = {}
        self.codes = Codes()
        """The one-time codes by which tablets are paired."""
        self.paired_only = config.console.paired_tablets
        """Whether people sign in on paired tablets alone."""

    @property
    def cookie(self) -> str:
        """The cookie's name; with TLS the browser itself holds it to this host."""
        return "__Host-moments" if self._secure else "moments"

    @property
    def tablet_cookie(self) -> str:
        """The name of the cookie that says which paired tablet this is."""
        return f"{self.cookie}-tablet"

    def tablet(self, connection: HTTPConnection) -> str | None:
        """The paired tablet that sends this request; None for any other device."""
        secret = connection.cookies.get(self.tablet_cookie)
        found = tablets.find(self._store.reader, secret) if secret and len(secret) <= LONGEST_TOKEN else None
        return found.id if found else None

    def source(self, connection: HTTPConnection) -> str:
        """Who tries to sign in or to pair: a paired tablet, a browser in which somebody was signed in, an address."""
        tablet = self.tablet(connection)
        if tablet is not None:
            return f"tablet {tablet}"
        cookie = connection.cookies.get(self.cookie)
        whose = staff.whose_session(self._store.reader, cookie) if cookie and len(cookie) <= LONGEST_TOKEN else None
        return f"a browser of {whose}" if whose else network_of(connection.client.host if connection.client else None)

    def tablet_of(self, door: str) -> str | None:
        """The paired tablet on which a session began."""
        session = self._sessions.get(door)
        return session.tablet if session else None

    def of_tablet(self, tablet: str) -> list[tuple[str, str]]:
        """The doors of the sessions on this tablet, and whose they are."""
        return [(door, s.staff) for door, s in self._sessions.items() if s.tablet == tablet]

    @property
    def secure(self) -> bool:
        """Whether the cookie travels over TLS only."""
        return self._secure

    @property
    def longest(self) -> float:
        """Seconds until a session ends in any case."""
        return self._longest

    def who(self, connection: HTTPConnection) -> Principal | None:
        """Who sends this request; None for nobody we know."""
        if LOCAL in connection.scope:
            return COMMAND_LINE
        header = connection.headers.get("authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            return self._program(token.strip()) if scheme.lower() == "bearer" else None
        cookie = connection.cookies.get(self.cookie)
        return self._person(cookie) if cookie else None

    async def begin(self, staff_id: str, tablet: str | None, then: Callable[[], Collection[News]]) -> str:
        """A new session of this person, on this paired tablet, and what comes ``then``; the cookie's value.

        Raises Refused where they do not work here any more.
        """
        secret = new_token()
        now, door = self._memory.steady(), door_of(secret)
        began = News("session.began", staff_id, {"session": door, "staff": staff_id, "tablet": tablet})

        def decide() -> Action:
            if self._memory.floor.member(staff_id) is None:
                raise Refused(401, "wrong PIN")
            if tablet is not None and all(each.id != tablet for each in tablets.every(self._store.reader)):
                raise Refused(403, "this tablet is not paired")
            return Action(None, news=[began, *then()], rests_on=frozenset({tablet} if tablet else ()))

        await self._act(decide, staff_id)
        self._sessions[door] = _Session(staff_id, now, now, tablet)
        return secret

    async def end(self, door: str, then: Callable[[], Collection[News]]) -> None:
        """Signs out, with what comes ``then`` of it."""
        session = self._sessions.get(door)
        if session is not None:
            await self._end(door, "signed_out", session.staff, then)

    async def _end(self, door: str, because: Because, actor: str, then: Callable[[], Collection[News]] = tuple) -> None:
        session = self._sessions.pop(door)  # before it is written: of two that end at once the other is the last
        news = self.ending([(door, session.staff)], because)
        try:
            await self._act(lambda: Action(None, news=[*news, *then()]), actor)
        except Exception:
            self._sessions.setdefault(door, session)
            raise
        self._sessions.pop(door, None)  # a request that came meanwhile has found it in the records

    @staticmethod
    def ending(doors: Collection[tuple[str, str]], because: Because) -> list[News]:
        """What is told of sessions, each with whose it is, that end with something else; ``forget`` them then."""
        return [News("session.ended", s, {"session": d, "staff": s, "because": because}) for d, s in doors]

    def forget(self, doors: Collection[tuple[str, str]]) -> None:
        """These sessions are over, as it is written."""
        for door, _ in doors:
            self._sessions.pop(door, None)

    def of_staff(self, staff_id: str) -> list[str]:
        """The doors of this person's sessions."""
        return [door for door, s in self._sessions.items() if s.staff == staff_id]

    def watching(self, principal: Principal, sockets: int) -> None:
        """A live socket opened (+1) or closed (-1): while one is open the session does not idle."""
        session = self._sessions.get(principal.door)
        if session is not None:
            session.sockets += sockets
            session.used = self._memory.steady()

    async def end_expired(self) -> list[tuple[str, str]]:
        """Ends the sessions that have run out; answers their doors, and whose they were.

        What the disk does not take just now ends at the next look; nobody is let in by it.
        """
        over = [(door, s.staff) for door, s in self._sessions.items() if not self._live(s)]
        ended = []
        for door, staff_id in over:
            try:
                await self._end(door, "expired", GATEWAY)
            except (StoreFull, DiskFull):
                break
            ended.append((door, staff_id))
        return ended

    def _live(self, session: _Session) -> bool:
        now = self._memory.steady()
        return now - session.began < self._longest and (session.sockets > 0 or now - session.used < self._idle)

    def _person(self, cookie: str) -> Principal | None:
        if len(cookie) > LONGEST_TOKEN:
            return None
        door = door_of(cookie)
        session = self._sessions.get(door) or self._from_before(cookie, door)
        if session is None or not self._live(session) or (self.paired_only and session.tablet is None):
            return None
        member = self._memory.floor.member(session.staff)
        if member is None or not member.roles:
            return None
        session.used = self._memory.steady()
        return Principal(member.id, member.name, _in_order(member.roles), member.id, door, by_cookie=True)

    def _from_before(self, cookie: str, door: str) -> _Session | None:
        """A session from before this start; its idle time begins anew."""
        row = staff.find_session(self._store.reader, cookie)
        if row is None:
            return None
        self._sessions[door] = _Session(
            row.staff, row.created_at - self._memory.clock.moved, self._memory.steady(), row.tablet
        )
        return self._sessions[door]

    def _program(self, token: str) -> Principal | None:
        if not token or len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        door = door_of(token)
        row = staff.find_token(self._store.reader, token)
        if row is None or row.role not in GIVEN:
            return None
        member = self._memory.floor.member(row.staff) if row.staff else None
        if row.staff and member is None:
            return None
        name = member.name if member else f"{row.role} program"
        return Principal(row.staff or f"program-{door[:8]}", name, (row.role,), row.staff, door, by_cookie=False)


def _in_order(roles: frozenset[str]) -> tuple[Role, ...]:
    return tuple(r for r in GIVEN if r in roles)
