"""The page on which a machine becomes a house: plain HTML, no script, no cookie, and a one-time code for all of it.

Nothing is kept until all is answered; what is shown once is shown to whoever sent the code.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.console.pairing import bare, new_code
from gateway.console.setup_form import POLICY, SENDS, Said, done_page, form_page, opening_page, shown_page
from gateway.console.setup_texts import TEXTS, Texts
from gateway.console.trust_page import HEADERS, language_of
from gateway.pins import weak
from gateway.settings.mistakes import BadConfig

LENGTH = 8  # 40 bits, and a handful of tries
TRIES = 5
LARGEST = 16 * 1024  # bytes of what a form sends
FIELDS = ("code", "lang", "kind", "name_zh", "name_en", "timezone", "manager", "pin", "network", "noted", "sure")
_PIN = re.compile(r"[0-9]{4,12}", re.ASCII)


Found = Callable[[Mapping[str, Any], str | None, str], Said]
"""Makes the house of what was answered, with this PIN, for whoever came by this host; raises BadConfig and OSError."""


@dataclass(slots=True)
class SetUp:
    """One set-up: its code, what was said, and when it is over. ``tell`` shows the code on the machine itself.

    ``hosts`` are the names it is reached by; ``here`` and ``network`` where the console will listen, for this machine
    alone and for tablets.
    """

    found: Found
    tell: Callable[[str], None]
    refused: tuple[type[Exception], ...]
    hosts: frozenset[str]
    here: str
    network: str
    zone: str = "UTC"
    code: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _said: Said | None = None
    _sure: str = ""
    _wrong: int = 0
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    def new_code(self) -> None:
        """From now on another code is asked for, and shown on the machine."""
        self.code, self._wrong = new_code(LENGTH), 0
        self.tell(f"{self.code[:4]}-{self.code[4:]}")

    def knows(self, given: str) -> bool:
        """Whether this is the code; the fifth wrong one ends it, and another one is shown."""
        if hmac.compare_digest(bare(given).encode(), self.code.encode()):
            return True
        self._wrong += 1
        if self._wrong >= TRIES:
            self.new_code()
        return False


def setup_page(set_up: SetUp) -> ASGIApp:
    """The application, until ``set_up.over``."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        answer = await _answer(set_up, Request(scope, receive))
        answer.headers.update(OURS)
        await answer(scope, receive, send)

    return app


# With no Referer at all a browser does not say either where a form comes from.
OURS = {**HEADERS, "content-security-policy": POLICY, "referrer-policy": "same-origin"}


async def _answer(set_up: SetUp, request: Request) -> Response:
    host = urlsplit(f"//{request.headers.get('host', '')}")
    if (host.hostname or "") not in set_up.hosts:
        return PlainTextResponse("bad Host\n", 400)
    if request.url.path not in ("/", SENDS):
        return PlainTextResponse("not here\n", 404)
    if request.method in ("GET", "HEAD"):
        language = language_of(request)
        if set_up._said is not None:
            return _page(shown_page(language, TEXTS[language]))
        begun = {"code": request.query_params.get("code", "")[:32], "timezone": set_up.zone, "kind": "store"}
        return _page(form_page(language, TEXTS[language], begun, []))
    if request.method != "POST":
        return PlainTextResponse("GET, POST\n", 405, {"allow": "GET, HEAD, POST"})
    if not _from_here(request):
        return PlainTextResponse("another page sent this\n", 403)
    values = await _values(request)
    if values is None:
        return PlainTextResponse("a form of this page is expected\n", 400)
    async with set_up._one:
        return await _sent(set_up, values, host.hostname or "")


async def _sent(set_up: SetUp, values: dict[str, str], host: str) -> Response:
    language = values.get("lang", "en")
    language = language if language in TEXTS else "en"
    text = TEXTS[language]
    said = set_up._said
    if said is not None:
        if not hmac.compare_digest(values.get("sure", "").encode(), set_up._sure.encode()):
            return _page(shown_page(language, text))
        if not values.get("noted"):
            return _page(done_page(language, text, said, set_up._sure))
        set_up.over.set()
        return _page(opening_page(language, text, said))
    if not set_up.knows(values.get("code", "")):
        words = text.wrong_code if set_up._wrong else text.new_code
        return _page(form_page(language, text, values, [words]), 403)
    if mistakes := _mistakes(text, values):
        return _page(form_page(language, text, values, mistakes), 422)
    try:
        said = await asyncio.to_thread(
            set_up.found, _answers(set_up, values, language), values.get("pin") or None, host
        )
    except BadConfig as bad:
        return _page(form_page(language, text, values, [text.unfit, *bad.mistakes]), 422)
    except set_up.refused as error:
        return _page(form_page(language, text, values, [text.failed, str(error)]), 500)
    set_up._said, set_up._sure = said, secrets.token_urlsafe(18)
    return _page(done_page(language, text, said, set_up._sure))


def _mistakes(text: Texts, values: Mapping[str, str]) -> list[str]:
    found = []
    if not values.get("name_zh", "").strip() and not values.get("name_en", "").strip():
        found.append(text.no_name)
    if not values.get("manager", "").strip():
        found.append(text.no_manager)
    pin = values.get("pin", "")
    if pin and (not _PIN.fullmatch(pin) or weak(pin)):
        found.append(text.bad_pin)
    return found


def _answers(set_up: SetUp, values: Mapping[str, str], language: str) -> dict[str, Any]:
    """What was typed, as a file of answers has it."""
    names = {"zh-CN": values.get("name_zh", "").strip(), "en": values.get("name_en", "").strip()}
    table: dict[str, Any] = {"name": {tag: name for tag, name in names.items() if name}}
    table |= {"kind": values.get("kind", "store"), "timezone": values.get("timezone", "UTC")}
    listen = set_up.network if values.get("network") == "tablets" else set_up.here
    answers: dict[str, Any] = {"venue": table, "console": {"listen": listen}}
    answers["manager"] = {"name": values["manager"].strip(), "language": language}
    return answers


def _from_here(request: Request) -> bool:
    """Whether the form is this page's own: a browser says where it comes from."""
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('host', '')}"


async def _values(request: Request) -> dict[str, str] | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=len(FIELDS) + 5)
    except ValueError:
        return None
    return {key: value for key, value in pairs if key in FIELDS}


def _page(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status)
