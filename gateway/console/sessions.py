"""Who is signed in: people by PIN with a cookie, programs by bearer token. Only hashes of either are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection, Request

from gateway.addresses import network_of
from gateway.console import proofs
from gateway.console.pairing import Codes
from gateway.console.pin_codes import PinCodes
from gateway.console.problems import Problem
from gateway.console.programs import Programs
from gateway.console.proofs import Proofs, Unproven
from gateway.console.roles import COMMAND_LINE, GIVEN, Principal, Role
from gateway.console.secrets import door_of, new_token
from gateway.core.action import Action
from gateway.core.state import Memory
from gateway.events.event import GATEWAY, News
from gateway.operations.control import LOCAL
from gateway.records import staff, tablets
from gateway.records.errors import DiskFull, StoreFull
from gateway.records.store import Store
from gateway.service.alert import Refused
from gateway.settings.venue import VenueConfig

Act = Callable[[Callable[[], Action], str], Awaitable[Action]]
"""Decides, and writes down what happened and who did it; returns when the disk has it."""
Because = Literal["signed_out", "expired", "new_pin", "removed", "tablet_revoked", "role_changed"]

KEYLESS = (
    "this browser keeps no key, which a tablet needs: open the console over TLS (https), or on the gateway's own "
    "machine; [console] keyless_tablets = true lets it in without"
)
LONGEST_TOKEN = 200  # ours are 43 characters; a longer header is not looked at


@dataclass(slots=True)
class _Session:
    """Times are steady ones: nobody is signed out because the clock was set."""

    staff: str
    began: float
    used: float
    """When a person last did something with it."""
    tablet: str | None = None
    key: bytes | None = None
    """Whose signature each of its requests bears; None on a device that can keep no key."""
    locked: bool = False
    """Whether it is written down that the PIN is asked again."""
    sockets: int = 0
    heard: float = 0.0
    """When the last of its sockets closed."""


class Sessions:
    """Looks up who sends a request; sessions live in memory and in the store, so that a restart signs nobody out."""

    def __init__(self, config: VenueConfig, memory: Memory, store: Store, act: Act) -> None:
        self._memory = memory
        self._store = store
        self._act = act
        self._idle = config.console.session_idle_minutes * 60
        self._longest = config.console.session_hours * 3600
        self._secure = config.console.secure
        self._sessions: dict[str, _Session] = {}
        self.programs = Programs(memory, store, act)
        """Those with a token."""
        self.codes = Codes()
        """The one-time codes by which tablets are paired."""
        self.pin_codes = PinCodes()
        """The one-time codes with which people choose a new PIN."""
        self.paired_only = config.console.paired_tablets
        """Whether people sign in on paired tablets alone."""
        self.keyless = config.console.keyless_tablets or not config.console.paired_tablets
        """Whether a device that can keep no key may be signed in on."""
        self.proofs = Proofs(memory.steady)
        """By which a tablet shows that it is the one its cookie was given to."""
        self.unproven: Callable[[str], None] = lambda _: None
        """Who is told whose cookie was used without the key of its tablet."""

    @property
    def cookie(self) -> str:
        """The cookie's name; with TLS the browser itself holds it to this host."""
        return "__Host-moments" if self._secure else "moments"

    @property
    def tablet_cookie(self) -> str:
        """The name of the cookie that says which paired tablet this is."""
        return f"{self.cookie}-tablet"

    def tablet(self, connection: HTTPConnection) -> tablets.Tablet | None:
        """The paired tablet whose cookie this request bears; None for any other device."""
        secret = self._tablet_secret(connection)
        return tablets.find(self._store.reader, secret) if secret else None

    def let_go(self, connection: HTTPConnection) -> tablets.Tablet | None:
        """The tablet that sends this request, where it was let go."""
        secret = self._tablet_secret(connection)
        return tablets.find_revoked(self._store.reader, secret) if secret else None

    def _tablet_secret(self, connection: HTTPConnection) -> str | None:
        secret = connection.cookies.get(self.tablet_cookie)
        return secret if secret and len(secret) <= LONGEST_TOKEN else None

    def source(self, connection: HTTPConnection) -> str:
        """Who tries to sign in or to pair: a paired tablet, a browser in which somebody was signed in, an address."""
        tablet = self.tablet(connection)
        if tablet is not None:
            return f"tablet {tablet.id}"
        cookie = connection.cookies.get(self.cookie)
        whose = staff.whose_session(self._store.reader, cookie) if cookie and len(cookie) <= LONGEST_TOKEN else None
        return self.browser_of(whose) if whose else network_of(connection.client.host if connection.client else None)

    @staticmethod
    def browser_of(staff_id: str) -> str:
        """What ``source`` says of a browser in which this person was signed in."""
        return f"a browser of {staff_id}"

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
            source = network_of(connection.client.host if connection.client else None)
            return self.programs.who(token.strip(), source) if scheme.lower() == "bearer" else None
        cookie = connection.cookies.get(self.cookie)
        return self._person(cookie) if cookie else None

    async def begin(
        self, staff_id: str, tablet: str | None, key: bytes | None, then: Callable[[], Collection[News]],
        first: Callable[[], Collection[News]] = tuple,
    ) -> str:  # fmt: skip
        """A new session of this person, on this paired tablet, what comes ``first`` and ``then``; the cookie's value.

        ``key`` signs its requests from now on. Raises Refused where they do not work here any more.
        """
        secret = new_token()
        now, door = self._memory.steady(), door_of(secret)
        data = {"session": door, "staff": staff_id, "tablet": tablet, "key": key.hex() if key else None}
        began = News("session.began", staff_id, data)

        def decide() -> Action:
            if self._memory.floor.member(staff_id) is None:
                raise Refused(401, "wrong PIN")
            if tablet is not None and all(each.id != tablet for each in tablets.every(self._store.reader)):
                raise Refused(403, "this tablet is not paired")
            return Action(None, news=[*first(), began, *then()], rests_on=frozenset({tablet} if tablet else ()))

        await self._act(decide, staff_id)
        self._sessions[door] = _Session(staff_id, now, now, tablet, key, heard=now)
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
        """A live socket opened (+1) or closed (-1): that is no use of a session, but it does not end meanwhile."""
        session = self._sessions.get(principal.door)
        if session is not None:
            session.sockets += sockets
            session.heard = self._memory.steady()

    def touched(self, door: str, ago: float = 0.0) -> None:
        """A person did something on this screen, so many seconds ago; a session that is locked stays so."""
        session = self._sessions.get(door)
        if session is not None and not self._locked(session):
            session.used = max(session.used, self._memory.steady() - max(0.0, ago))

    def is_locked(self, door: str) -> bool:
        """Whether nobody has touched it for too long: until the PIN is given it shows nobody."""
        session = self._sessions.get(door)
        return session is not None and self._locked(session)

    def locking(self) -> list[News]:
        """What is told of sessions that have come to be locked since this was asked last."""
        over = [(door, s) for door, s in self._sessions.items() if not s.locked and self._locked(s)]
        for _, session in over:
            session.locked = True
        return [News("session.locked", s.staff, {"session": door, "staff": s.staff}) for door, s in over]

    def unlock(self, door: str) -> list[News]:
        """Somebody gave the PIN of whose session this is; what is told of it."""
        session = self._sessions.get(door)
        if session is None:
            return []
        told = [News("session.unlocked", session.staff, {"session": door, "staff": session.staff})]
        was, session.used, session.locked = session.locked, self._memory.steady(), False
        return told if was else []

    def key_of(self, door: str) -> bytes | None:
        """Whose signature the requests of this session bear."""
        session = self._sessions.get(door)
        return session.key if session else None

    def ends_at(self, door: str) -> float:
        """The steady time at which this session ends in any case."""
        session = self._sessions.get(door)
        return (session.began if session else self._memory.steady()) + self._longest

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
        """Whether it has not ended: who holds a screen that is covered may open it with the PIN."""
        now = self._memory.steady()
        idle = now - max(session.used, session.heard) >= self._idle
        return now - session.began < self._longest and (session.sockets > 0 or not idle)

    def _locked(self, session: _Session) -> bool:
        return session.locked or self._memory.steady() - session.used >= self._idle

    async def asks(self, connection: HTTPConnection, *, behind_cover: bool = False) -> Principal | None:
        """Who sends this request, proven by the key of their device; None for nobody we know.

        A session that is locked is nobody's, but ``behind_cover``. Raises Problem(401), with a challenge, where a
        cookie is used without that key; and where the tablet was let go, with word that it must wipe what it keeps.
        """
        who = self.who(connection)
        if who is None or not who.by_cookie:
            if who is None and self.let_go(connection) is not None:
                raise wiped_problem()
            return who
        session = self._sessions[who.door]
        if session.key is not None:
            await self.prove(connection, session.key, who.id)
        elif not self.keyless:
            raise Problem(401, KEYLESS)
        if self._locked(session):
            if not behind_cover:
                raise Problem(401, "nobody has touched this for too long: the PIN is asked again", locked=True)
            return who
        if isinstance(connection, Request):
            self.touched(who.door, _idle_of(connection))
        return who

    async def prove(self, connection: HTTPConnection, key: bytes, whose: str) -> None:
        """Holds a request against this key; raises Problem(401) with the challenge that the next proof answers."""
        if isinstance(connection, Request):
            proof, method, body = connection.headers.get(proofs.HEADER), connection.method, await connection.body()
        else:
            proof, method, body = connection.query_params.get(proofs.QUERY), "GET", b""
        try:
            self.proofs.check(proof, key, method, _target(connection), body)
        except Unproven as unproven:
            if not unproven.stale:
                self.unproven(whose)
            told = {"Moments-Challenge": self.proofs.challenge()}
            raise Problem(401, f"this request is refused: {unproven}", headers=told, prove=True) from None

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
        return Principal(member.id, member.name, _in_order(member.roles), member.id, door, by_cookie=True)

    def _from_before(self, cookie: str, door: str) -> _Session | None:
        """A session from before this start; its idle time begins anew."""
        row = staff.find_session(self._store.reader, cookie)
        if row is None:
            return None
        now = self._memory.steady()
        began = row.created_at - self._memory.clock.moved
        locked = row.locked_at is not None
        self._sessions[door] = _Session(row.staff, began, now, row.tablet, row.key, locked, heard=now)
        return self._sessions[door]


def wiped_problem() -> Problem:
    """What a tablet that was let go is answered, whatever it asks: its page wipes what it keeps, and says so.

    A page that knows nothing of this loses its storage all the same, where it came over TLS.
    """
    headers = {"Moments-Wipe": "1", "Clear-Site-Data": '"cache", "storage"'}
    return Problem(401, "this tablet was let go: what it keeps is to be wiped", headers=headers, wipe=True)


def _idle_of(request: Request) -> float:
    """For how many seconds nobody has touched the screen that sends this; what says nothing was a person's act."""
    said = request.headers.get("moments-idle", "0")
    return float(said) if said.isascii() and said.isdigit() and len(said) < 8 else 0.0


def _target(connection: HTTPConnection) -> str:
    """The path below which we stand, and the query, as they were asked for; without the proof itself."""
    query = connection.scope.get("query_string", b"").decode("latin-1")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith(f"{proofs.QUERY}="))
    return f"{connection.scope['path']}?{kept}" if kept else str(connection.scope["path"])


def _in_order(roles: frozenset[str]) -> tuple[Role, ...]:
    return tuple(r for r in GIVEN if r in roles)
