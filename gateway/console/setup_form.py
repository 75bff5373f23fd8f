"""How the set-up page looks: the form, what is shown once, and the way on."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

from gateway.console.pairing import picture
from gateway.console.setup_texts import Texts
from gateway.console.trust_page import LANGUAGES, policy

SENDS = "/set-up"  # another path than the console's, which a browser would else take for the page that it has
OPENS_AFTER = 1  # seconds: who comes before the gateway serves waits at its door
STYLE = (
    ":root{color-scheme:light dark;--ink:#1d1d1f;--paper:#fff;--soft:#f2f2f5;--line:#8a8a94;--act:#1f4fd8;"
    "--bad:#a4161a}@media(prefers-color-scheme:dark){:root{--ink:#f2f2f4;--paper:#161618;--soft:#242428;--act:#8fb0ff;"
    "--bad:#ff9a9a}}*{box-sizing:border-box}body{font:1.125rem/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;"
    "padding:1.5rem;color:var(--ink);background:var(--paper)}h1{font-size:1.75rem;margin:.5rem 0}"
    "h2{font-size:1.25rem;margin:1.5rem 0 .25rem}label,legend{display:block;font-weight:600;margin:1rem 0 .25rem}"
    "fieldset{border:0;padding:0;margin:0}fieldset label{font-weight:400;margin:0;padding:.6rem 0}"
    "input[type=text],input[type=password],select{width:100%;font:inherit;padding:.6rem .75rem;min-height:3rem;"
    "border:1px solid var(--line);border-radius:.6rem;background:var(--soft);color:inherit}"
    "input[name=code]{font-size:1.5rem;letter-spacing:.15em;text-transform:uppercase}"
    "input[type=radio],input[type=checkbox]{width:1.4rem;height:1.4rem;vertical-align:-.25rem;margin-right:.6rem}"
    "small{display:block;color:inherit;opacity:.8}.two{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem}"
    "button{font:inherit;font-weight:600;margin:1.5rem 0;padding:.9rem 2rem;min-height:3.25rem;border:0;"
    "border-radius:.75rem;background:var(--act);color:var(--paper)}a{color:var(--act)}"
    ".bad{border-left:.3rem solid var(--bad);padding:.25rem 1rem;margin:1rem 0}.pin{font-size:2rem;font-weight:700;"
    "letter-spacing:.1em}ol.words{columns:3;font-family:ui-monospace,monospace;padding-left:2.5rem}"
    "img{width:14rem;height:14rem;background:#fff;display:block;margin:1rem 0}"
    "@media(max-width:34rem){.two{display:block}ol.words{columns:2}}@media print{button,nav,.no-print{display:none}}"
)
POLICY = policy(STYLE, forms="'self'")


@dataclass(frozen=True, slots=True)
class Said:
    """What a new house says once, and where it is reached: ``opens`` by this browser, ``trust`` by other tablets."""

    manager: str
    pin: str
    words: list[str]
    picture: str
    opens: str
    trust: str | None
    automatic: bool
    """Whether this browser goes there by itself, because it trusts what it will find."""


@cache
def _zones() -> list[str]:
    return sorted(zoneinfo.available_timezones())


def form_page(language: str, text: Texts, values: Mapping[str, str], mistakes: Sequence[str]) -> str:
    """What is asked, as it was answered so far, with what is wrong."""
    bad = "".join(f"<p>{escape(each)}</p>" for each in mistakes)
    wrong = f'<div class="bad" role="alert"><p><strong>{escape(text.again)}</strong></p>{bad}</div>' if bad else ""
    network = values.get("network") == "tablets"
    zone, kind = values.get("timezone", "UTC"), values.get("kind", "store")
    return _page(
        language, text, text.title,
        f"<p>{escape(text.why)}</p>{wrong}"
        f'<form method="post" action="{SENDS}"><input type="hidden" name="lang" value="{language}">'
        f"{_field('code', text.code, values, text.code_is, required=True)}"
        f"{_choice('kind', text.kind, text.kinds, kind)}"
        f'<div class="two"><div>{_field("name_zh", text.name_zh, values)}</div>'
        f"<div>{_field('name_en', text.name_en, values)}</div></div>"
        f"{_choice('timezone', text.zone, {each: each for each in _zones()}, zone)}"
        f'<div class="two"><div>{_field("manager", text.manager, values, required=True)}</div>'
        f"<div>{_field('pin', text.pin, values, text.pin_is, kind='password')}</div></div>"
        f"<fieldset><legend>{escape(text.who)}</legend>"
        f"{_radio('network', 'here', text.here, chosen=not network)}"
        f"{_radio('network', 'tablets', text.network, chosen=network)}</fieldset>"
        f'<button type="submit">{escape(text.go)}</button></form>',
    )  # fmt: skip


def done_page(language: str, text: Texts, said: Said, sure: str) -> str:
    """What is shown once, and the button behind which it is gone."""
    words = "".join(f"<li>{escape(each)}</li>" for each in said.words)
    return _page(
        language, text, text.done,
        f'<div class="bad"><p><strong>{escape(text.written)}</strong></p></div>'
        f"<h2>{escape(text.sign_in)}</h2><p><strong>{escape(said.manager)}</strong></p>"
        f'<p class="pin" data-shown="pin">{escape(said.pin)}</p>'
        f"<h2>{escape(text.key)}</h2><p>{escape(text.key_is)}</p>"
        f'<ol class="words">{words}</ol><img alt="{escape(text.key)}" src="{escape(picture(said.picture))}">'
        f'<form method="post" action="{SENDS}"><input type="hidden" name="lang" value="{language}">'
        f'<input type="hidden" name="sure" value="{escape(sure)}">'
        f'<label class="no-print"><input type="checkbox" name="noted" value="yes" required>{escape(text.noted)}</label>'
        f'<button type="submit">{escape(text.open)}</button></form>',
    )  # fmt: skip


def opening_page(language: str, text: Texts, said: Said) -> str:
    """The way on: by itself where this browser trusts the house already, else by what a tablet does first."""
    there = escape(said.opens)
    first = f'<p>{escape(text.first)}</p><p><a href="{there}">{there}</a></p>'
    trust = ""
    if said.trust is not None:
        here = escape(said.trust)
        trust = f'<h2>{escape(text.trust)}</h2><p><a href="{here}">{here}</a></p>'
        trust += f'<img alt="{here}" src="{escape(picture(said.trust))}">'
    refresh = f'<meta http-equiv="refresh" content="{OPENS_AFTER};url={there}">' if said.automatic else ""
    told = text.opens if said.automatic else text.opened
    body = f"<p>{escape(told)}</p>{trust}{first}<p>{escape(text.readers)}</p>"
    return _page(language, text, text.done, body, refresh)


def shown_page(language: str, text: Texts) -> str:
    """For who comes again when all has been shown."""
    return _page(language, text, text.done, f"<p>{escape(text.shown)}</p>")


def _page(language: str, text: Texts, title: str, body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{head}'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f'<nav><a href="/?lang={LANGUAGES[language]}" lang="{LANGUAGES[language]}">{escape(text.other)}</a></nav>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def _field(
    name: str, label: str, values: Mapping[str, str], about: str = "", *, kind: str = "text", required: bool = False
) -> str:
    value = "" if kind == "password" else escape(values.get(name, ""))
    digits = ' inputmode="numeric"' if kind == "password" else ""
    needed = " required" if required else ""
    small = f"<small>{escape(about)}</small>" if about else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" value="{value}" autocomplete="off" maxlength="200"'
        f"{digits}{needed}>{small}"
    )


def _choice(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    rows = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(shown)}</option>'
        for value, shown in options.items()
    )
    return f'<label for="{name}">{escape(label)}</label><select id="{name}" name="{name}">{rows}</select>'


def _radio(name: str, value: str, label: str, *, chosen: bool) -> str:
    checked = " checked" if chosen else ""
    return f'<label><input type="radio" name="{name}" value="{value}"{checked}>{escape(label)}</label>'
