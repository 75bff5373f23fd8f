"""The page that says how a tablet comes to trust this house: without TLS, as who needs it cannot take ours yet.

It gives the authority's certificate and the steps, and nothing else; it knows nobody, and sets no cookie.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from hashlib import sha256
from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.console.pairing import picture
from gateway.console.trust_texts import TEXTS, Texts

CERTIFICATE = "/moments-ca.crt"
CHALLENGE = "/.well-known/acme-challenge/"
LANGUAGES = {"zh-CN": "en", "en": "zh-CN"}  # each, and the other
STYLE = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1.5rem;color:#1d1d1f;"
    "background:#fff}h1{font-size:1.75rem}h2{font-size:1.25rem;margin:2rem 0 .5rem}code{word-break:break-all;"
    "font-size:1rem}a.get{display:inline-block;padding:.75rem 1.5rem;border-radius:.75rem;background:#1f4fd8;"
    "color:#fff;text-decoration:none;min-height:1.5rem}li{margin:.5rem 0}img{width:12rem;height:12rem;background:#fff}"
    "@media(prefers-color-scheme:dark){body{color:#f2f2f4;background:#161618}a{color:#8fb0ff}}"
)
_HOST = re.compile(r"(\[[0-9a-fA-F:]{2,45}\]|[A-Za-z0-9.-]{1,253})(:\d{1,5})?", re.ASCII)


def policy(style: str, *, forms: str = "'none'") -> str:
    """What a browser lets a page do that is this style, pictures of its own, and nothing else; where forms go."""
    allowed = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; "
        f"form-action {forms}; frame-ancestors 'none'"
    )


HEADERS = {
    "content-security-policy": policy(STYLE),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def trust_page(
    authority: Callable[[], bytes] | None,
    console_port: Callable[[], int],
    token: Callable[[str], str | None] | None = None,
) -> ASGIApp:
    """The application; ``authority`` gives the certificate that tablets are to trust, DER, where they need one.

    ``token`` gives what an ACME authority looks for.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        answer = _to_acme(Request(scope), token) or await _answer(Request(scope), authority, console_port())
        answer.headers.update(HEADERS)
        await answer(scope, receive, send)

    return app


def _to_acme(request: Request, token: Callable[[str], str | None] | None) -> Response | None:
    """What an authority that looks for a token is told; None where it is not one of ours."""
    if token is None or request.method != "GET" or not request.url.path.startswith(CHALLENGE):
        return None
    text = token(request.url.path.removeprefix(CHALLENGE))
    return None if text is None else Response(text, media_type="application/octet-stream")


async def _answer(request: Request, authority: Callable[[], bytes] | None, console_port: int) -> Response:
    if request.method not in ("GET", "HEAD"):
        return PlainTextResponse("GET\n", 405, {"allow": "GET, HEAD"})
    if authority is None or request.url.path not in ("/", CERTIFICATE):
        return PlainTextResponse("not here\n", 404)
    der = await asyncio.to_thread(authority)
    if request.url.path == CERTIFICATE:
        named = {"content-disposition": 'attachment; filename="moments-ca.crt"'}
        return Response(der, media_type="application/x-x509-ca-cert", headers=named)
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        return PlainTextResponse("bad Host\n", 400)
    language = language_of(request)
    return Response(_page(language, host, der, console_port), media_type="text/html; charset=utf-8")


def language_of(request: Request) -> str:
    """The language that was asked for, else that of the browser; English where it is neither."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    first = request.headers.get("accept-language", "").strip().lower()
    return "zh-CN" if first.startswith("zh") else "en"


def _page(language: str, host: str, der: bytes, console_port: int) -> str:
    text: Texts = TEXTS[language]
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    console, here = escape(f"https://{name}:{console_port}/"), f"http://{host}/"
    devices = "".join(
        f"<h2>{escape(each.name)}</h2><ol>{''.join(f'<li>{escape(step)}</li>' for step in each.steps)}</ol>"
        for each in text.devices
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(text.title)}</title><style>{STYLE}</style></head><body>"
        f'<p><a href="/?lang={LANGUAGES[language]}">{escape(text.other)}</a></p>'
        f"<h1>{escape(text.title)}</h1><p>{escape(text.why)}</p>"
        f'<p><a class="get" href="{CERTIFICATE}">{escape(text.get)}</a></p>'
        f"<p>{escape(text.compare)}</p><p><code>{sha256(der).digest().hex(':').upper()}</code></p>"
        f'{devices}<h2>{escape(text.done)}</h2><p><a href="{console}">{console}</a></p><p>{escape(text.fleet)}</p>'
        f'<p><img alt="{escape(here)}" src="{escape(picture(here))}"></p><p>{escape(text.show)}</p></body></html>'
    )
