"""Who asks: held against the table of rights at every route."""

from __future__ import annotations

import logging
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, params
from starlette.requests import HTTPConnection

from gateway.console.problems import Problem
from gateway.console.roles import RIGHTS, Principal
from gateway.console.scopes import scopes_with
from gateway.console.zones import refuse_elsewhere

log = logging.getLogger(__name__)

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LONGEST_ORIGIN = 200
LONGEST_WHY = 600  # characters: headers are what strangers write
MOST_TOLD = 50  # pages that were refused, of which the log says so: once each
KINDS = frozenset({"application/json", "text/csv", "application/zip"})  # of bodies: a page's form sends none

_refused: set[str] = set()


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
