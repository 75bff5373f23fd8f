"""Who asks, and what they may do: one table of roles, held against every route."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request, params
from starlette.requests import HTTPConnection

from gateway.console.problems import Problem
from gateway.console.scopes import rights_of, scopes_with
from gateway.console.zones import refuse_elsewhere

log = logging.getLogger(__name__)

Role = Literal["floor", "crew", "manager", "it", "integration", "local"]
GIVEN: tuple[Role, ...] = ("manager", "it", "crew", "floor", "integration")  # the first that a person has is theirs
ROLES: tuple[Role, ...] = (*GIVEN, "local")  # the last is nobody's: only the data folder's own socket gives it

# What each right is for, and who has it. Every route asks for exactly one; a test walks all of them with every role.
RIGHTS: dict[str, frozenset[Role]] = {
    **dict.fromkeys(
        ("see", "presence", "alerts", "facts", "service", "words", "serve", "answer", "learn"),
        frozenset({"floor", "crew", "manager", "integration", "local"}),
    ),
    # Whoever stands before the customer may ask them and be their witness.
    **dict.fromkeys(("agree", "agreed"), frozenset({"floor", "crew", "manager", "it", "integration", "local"})),
    "people": frozenset({"manager", "it", "integration", "local"}),
    "merge": frozenset({"manager", "local"}),
    "page": frozenset({"manager", "it", "local"}),  # no program: whoever has the link does what the customer may
    "carry": frozenset({"manager", "local"}),  # everything about one person, out of the house and in
    "glass": frozenset({"floor", "crew", "manager", "it"}),  # a named officer may be anybody; the house knows who
    "anyway": frozenset({"floor", "crew", "manager", "local"}),
    "find": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "withdraw": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "colleagues": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "staff": frozenset({"manager", "it", "integration", "local"}),
    "reset": frozenset({"manager", "it", "local"}),
    "expect": frozenset({"manager", "integration", "local"}),
    "cater": frozenset({"crew", "manager", "integration", "local"}),
    "readers": frozenset({"floor", "crew", "manager", "it", "integration", "local"}),
    "lead": frozenset({"manager", "local"}),
    "lay-out": frozenset({"manager", "it", "local"}),
    "equip": frozenset({"manager", "it", "local"}),
    "programs": frozenset({"manager", "it", "local"}),
    "admit": frozenset({"manager", "local"}),
    "own": frozenset({"local"}),
    "signed-in": frozenset(ROLES),
}
# Whom each role may hire, change, give a PIN and let go: people all of whose roles stand here.
GRANTS: dict[Role, frozenset[str]] = {
    "local": frozenset(GIVEN),
    "manager": frozenset(GIVEN),
    "it": frozenset({"floor", "crew", "it"}),
    "integration": frozenset({"floor", "crew"}),
}
FOR_ALL = frozenset({"signed-in", "words"})
"""Rights of whoever is let in: to know who they are, and the words of the house."""
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_ORIGIN = 200
LONGEST_WHY = 600  # characters: headers are what strangers write
MOST_TOLD = 50  # pages that were refused, of which the log says so: once each
KINDS = frozenset({"application/json", "text/csv", "application/zip"})  # of bodies: a page's form sends none


@dataclass(slots=True, frozen=True)
class Principal:
    """Who is on the other side: a person signed in on a tablet, or a program with a token."""

    id: str
    name: str
    roles: tuple[Role, ...]
    staff: str | None
    door: str
    """What let them in; ending it closes their sockets."""
    by_cookie: bool
    scopes: frozenset[str] | None = None
    """What a program was given; None: all that its role has."""

    @property
    def role(self) -> Role:
        """The first of their roles."""
        return next(r for r in ROLES if r in self.roles)

    def may(self, right: str) -> bool:
        """Whether one of their roles has this right, and a program's scopes leave it."""
        return not RIGHTS[right].isdisjoint(self.roles) and (
            self.scopes is None or right in FOR_ALL or right in rights_of(self.scopes)
        )

    def may_grant(self, roles: Iterable[str]) -> bool:
        """Whether they may make or change somebody with these roles: nobody makes anybody more than they may."""
        return frozenset(roles) <= frozenset().union(*(GRANTS.get(role, frozenset()) for role in self.roles))

    @property
    def program(self) -> bool:
        """Not a person, nor a program that stands for one."""
        return "integration" in self.roles

    @property
    def lead(self) -> bool:
        """May act on what a colleague holds."""
        return self.may("lead")


def rights_in(role: Role, scopes: Collection[str] | None) -> frozenset[str]:
    """What a program may do that has these scopes (None: all) of this role."""
    its = frozenset(name for name, roles in RIGHTS.items() if role in roles and name not in FOR_ALL)
    return its if scopes is None else its & rights_of(scopes)


_refused: set[str] = set()

COMMAND_LINE = Principal("command-line", "command line", ("local",), None, "local", by_cookie=False)
"""Who asks on the data folder's own socket."""


def foreign(connection: HTTPConnection) -> str | None:
    """Why a browser's request is not from our own pages, for a person, and told once in the log; None where it is.

    A program says nothing, which is fine. A browser that says ``same-origin`` has compared what a proxy may change.
    """
    origin, host = connection.headers.get("origin"), connection.headers.get("host", "")
    site = connection.headers.get("sec-fetch-site")
    if site == "same-origin":
        return None
    if site not in (None, "none"):
        return _told(f"this request comes from another site: {origin or 'a page'!r} is {site} to Host {host!r}")
    if origin is None or (_where(origin)[0] and _where(origin) == _where(f"{origin.partition(':')[0]}://{host}")):
        return None
    return _told(
        f"this request comes from another site: Host {host!r} is not Origin {origin!r}; "
        "if it is our own page, the proxy must pass Host with its port (nginx: proxy_set_header Host $http_host)"
    )


def _where(origin: str) -> tuple[str | None, int | None]:
    """Host and port of an origin, the usual port filled in."""
    try:
        parts = urlsplit(origin)
        return parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None, None


def _told(why: str) -> str:
    why = why if len(why) <= LONGEST_WHY else why[:LONGEST_WHY] + "…"
    if why not in _refused and len(_refused) < MOST_TOLD:
        _refused.add(why)
        log.warning("refused: %s", why)
    return why


def our_own_page(request: HTTPConnection) -> None:
    """Raises Problem(403), with why, where a browser says that another site's page sends this."""
    why = foreign(request)
    if why is not None:
        note_origin(request)
        raise Problem(403, why)


def note_origin(connection: HTTPConnection) -> None:
    """A page of another site tried something: whoever leads is told, once in a while."""
    connection.app.state.overruns.note("origin", connection.headers.get("origin", "no origin")[:LONGEST_ORIGIN])


async def principal(request: Request) -> Principal:
    """Who asks; raises Problem(401), or Problem(403) where a foreign page uses the tablet's cookie."""
    return await _principal(request)


async def leaving(request: Request) -> Principal:
    """The same, also of a session that is locked: who leaves needs no PIN."""
    return await _principal(request, behind_cover=True)


async def _principal(request: Request, *, behind_cover: bool = False) -> Principal:
    found: Principal | None = await request.app.state.sessions.asks(request, behind_cover=behind_cover)
    if found is None:
        raise Problem(401, "sign in, or send a bearer token", headers={"WWW-Authenticate": "Bearer"})
    if found.by_cookie and request.method in UNSAFE:
        our_own_page(request)
        sent = request.headers.get("content-type", "")
        if (request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers) and sent.split(
            ";"
        )[0].strip() not in KINDS:
            raise Problem(415, "send application/json")
    return found


Who = Annotated[Principal, Depends(principal)]
Leaving = Annotated[Principal, Depends(leaving)]


def right(name: str) -> params.Depends:
    """A route dependency: lets in only who has this right."""
    if name not in RIGHTS:
        raise KeyError(name)

    async def check(who: Who, request: Request) -> None:
        if not who.may(name):
            if who.scopes is not None:
                needs = " or ".join(scopes_with({name})) or "a person"
                raise Problem(403, f"this program's token does not allow this: it needs {needs}")
            raise Problem(403, f"your role does not allow this ({', '.join(who.roles)})")
        refuse_elsewhere(name, who, request)

    check.right = name  # type: ignore[attr-defined]  # read by the test that walks all routes
    return params.Depends(check)
