"""Who is signed in: people by PIN with a cookie, programs by bearer token. Only hashes of either are kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from starlette.requests import HTTPConnection

from gateway.console.pairing import Codes, link
from gateway.console.security import ROLES, Principal, Role
from gateway.core.state import Memory
from gateway.records import staff, tablets
from gateway.records.store import Store, Tx
from gateway.settings.venue import VenueConfig

LONGEST_TOKEN = 200  # ours are 43 characters; a longer header is not looked at


@dataclass(slots=True)
class _Session:
    secret: str
    staff: str
    began: float
    used: float
    tablet: str | None = None
    sockets: int = 0


def door_of(secret: str) -> str:
    """What names a session or token where its secret must not stand."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


class Sessions:
    """Looks up who sends a request; sessions live in memory and in the store, so that a restart signs nobody out."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store) -> None:
        self._memory = memory
        self._store = store
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

    def pair_by(self, address: str) -> Callable[[str], str]:
        """Makes links by which a tablet pairs itself at this address, from the name it will have."""
        return lambda name: link(address, self.codes.new(name, "gateway", self._memory.now())[0])

    @property
    def tablet_cookie(self) -> str:
        """The name of the cookie that says which paired tablet this is."""
        return f"{self.cookie}-tablet"

    def tablet(self, connection: HTTPConnection) -> str | None:
        """The paired tablet that sends this request; None for any other device."""
        secret = connection.cookies.get(self.tablet_cookie)
        found = tablets.find(self._store.reader, secret) if secret and len(secret) <= LONGEST_TOKEN else None
        return found.id if found else None

    def tablet_of(self, door: str) -> str | None:
        """The paired tablet on which a session began."""
        session = self._sessions.get(door)
        return session.tablet if session else None

    def of_tablet(self, tablet: str) -> list[str]:
        """The doors of the sessions on this tablet."""
        return [door for door, s in self._sessions.items() if s.tablet == tablet]

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
        header = connection.headers.get("authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            return self._program(token.strip()) if scheme.lower() == "bearer" else None
        cookie = connection.cookies.get(self.cookie)
        return self._person(cookie) if cookie else None

    async def begin(self, staff_id: str, tablet: str | None = None) -> str:
        """A new session of this person, on this paired tablet; returns the cookie's value."""
        secret = secrets.token_urlsafe(32)
        now = self._memory.now()

        def change(tx: Tx) -> None:
            staff.add_session(tx, secret, staff_id, now, tablet)
            if tablet is not None:
                tablets.seen(tx, tablet, now)

        await self._store.write(change)
        self._sessions[door_of(secret)] = _Session(secret, staff_id, now, now, tablet)
        return secret

    async def end(self, door: str) -> None:
        """Signs out."""
        session = self._sessions.pop(door, None)
        now = self._memory.now()
        if session is not None:
            await self._store.write(lambda tx: staff.end_session(tx, session.secret, now))

    def of_staff(self, staff_id: str) -> list[str]:
        """The doors of this person's sessions."""
        return [door for door, s in self._sessions.items() if s.staff == staff_id]

    def watching(self, principal: Principal, sockets: int) -> None:
        """A live socket opened (+1) or closed (-1): while one is open the session does not idle."""
        session = self._sessions.get(principal.door)
        if session is not None:
            session.sockets += sockets
            session.used = self._memory.now()

    async def end_all(self, staff_id: str) -> list[str]:
        """Signs a member of staff out everywhere; answers the doors that are shut now."""
        doors = self.of_staff(staff_id)
        for door in doors:
            await self.end(door)
        return doors

    async def end_expired(self) -> list[tuple[str, str]]:
        """Ends the sessions that have run out; answers their doors, and whose they were."""
        over = [(door, s.staff) for door, s in self._sessions.items() if not self._live(s)]
        for door, _ in over:
            await self.end(door)
        return over

    def _live(self, session: _Session) -> bool:
        now = self._memory.now()
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
        session.used = self._memory.now()
        return Principal(member.id, member.name, _in_order(member.roles), member.id, door, by_cookie=True)

    def _from_before(self, cookie: str, door: str) -> _Session | None:
        """A session from before this start; its idle time begins anew."""
        row = staff.find_session(self._store.reader, cookie)
        if row is None:
            return None
        self._sessions[door] = _Session(cookie, row.staff, row.created_at, self._memory.now(), row.tablet)
        return self._sessions[door]

    def _program(self, token: str) -> Principal | None:
        if not token or len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        door = door_of(token)
        row = staff.find_token(self._store.reader, token)
        if row is None:
            return None
        member = self._memory.floor.member(row.staff) if row.staff else None
        if row.staff and member is None:
            return None
        role = cast(Role, row.role)
        name = member.name if member else f"{role} program"
        return Principal(row.staff or f"program-{door[:8]}", name, (role,), row.staff, door, by_cookie=False)


def _in_order(roles: frozenset[str]) -> tuple[Role, ...]:
    return tuple(r for r in ROLES if r in roles)


def new_token() -> str:
    """A bearer token: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)
