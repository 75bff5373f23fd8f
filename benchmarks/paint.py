"""How long after its event a card is on the glass of a slow tablet, and how soon the app shows anything."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, Route

from benchmarks.report import Table, median, quantile
from benchmarks.scale import Scale
from staff_console import DIST
from tests.browser.chromium import LANDSCAPE, PORTRAIT, chromium

SLOWER = 4  # times: a tablet of 200 euros beside this machine
FULL_HOUSE = 60
KEEP = ("arrival", "alert", "claim")
ANNA = {
    "staff": "anna", "name": "Anna", "role": "floor", "roles": ["floor"], "zones": [], "languages": ["en"],
    "on_shift": True, "shift": {"zones": [], "until": None},
}  # fmt: skip
NOBODY: dict[str, Any] = {"accept_by": None, "aged_s": 0, "about": None, "rated": None, "outcome": None, "note": None}
# The socket of the page is a plain object: what is timed is the app, from the message to the second frame after it.
SOCKET = """
  window.WebSocket = class {
    static OPEN = 1;
    readyState = 1;
    constructor() {
      window.live = this;
      setTimeout(() => { this.onopen?.(); this.onmessage?.({ data: window.hello }); });
    }
    send() {}
    close() {}
  };
  window.said = (text) => window.live.onmessage({ data: text });
  window.timed = (text) => new Promise((done) => {
    const begun = performance.now();
    if (text) window.said(text);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)));
  });
"""


def bench(scale: Scale, _profile: Path | None = None) -> list[Table]:
    """Times cards on a page whose processor is four times slower, in an empty house and in a full one."""
    paint = Table(
        f"From an event to the glass, ms, processor {SLOWER} times slower",
        ("house", "event", "p50", "p95", "max", "bare p50", "ratio"),
    )
    first = Table(f"From the address to the glass, ms, processor {SLOWER} times slower", ("what", "p50", "max"))
    if not (DIST / "index.html").exists():
        paint.notes.append("the console is not built: make install")
        return [paint, first]
    asyncio.run(_measure(scale, paint, first))
    paint.notes.append("bare: two frames with nothing to do, in the same page")
    return [paint, first]


async def _measure(scale: Scale, paint: Table, first: Table) -> None:
    turns = max(2, scale.arrivals // 4)
    with served() as url:
        async with chromium() as browser:
            for size, held in ((LANDSCAPE, "landscape"), (PORTRAIT, "portrait")):
                for full in (0, FULL_HOUSE):
                    async with tablet(browser, url, size, full) as (page, _):
                        times = await _events(page, full, turns)
                    bare = median(times.pop("bare"))
                    for event, took in times.items():
                        values = [median(took), quantile(took, 0.95), max(took), bare]
                        ratio = f"{median(took) / bare:.1f}"
                        paint.rows.append((f"{full} cards, {held}", event, *(f"{v:.0f}" for v in values), ratio))
            seen = [await _start(browser, url) for _ in range(max(2, scale.runs * 3))]
    for name, times_of in zip(("first paint", "first card"), zip(*seen, strict=True), strict=True):
        first.rows.append((name, f"{median(times_of):.0f}", f"{max(times_of):.0f}"))


async def _events(page: Page, full: int, turns: int) -> dict[str, list[float]]:
    """Milliseconds by kind of event, for guests who come one by one and go again."""
    times: dict[str, list[float]] = {"bare": [], **{kind: [] for kind in KEEP}}
    sequence = 1
    for turn in range(turns + 1):
        who = f"new-{turn}"
        events = (
            ("arrival", "visit.arrived", presence(who)),
            ("alert", "alert.opened", alert(who, to=["anna"])),
            ("claim", "alert.claimed", {**alert(who, to=["anna"]), "state": "claimed", "by": "anna"}),
            ("", "alert.closed", {**alert(who, to=[]), "state": "closed", "outcome": "greeted"}),
            ("", "visit.departed", {"visit": f"v-{who}", "customer": who, "zone": "bar", "reason": "gone"}),
        )
        bare = await page.evaluate("window.timed('')")
        for kind, type_, data in events:
            sequence += 1
            took = await page.evaluate("text => window.timed(text)", event(type_, who, data, sequence))
            if kind and turn:  # the first of each kind compiles what the others use
                times[kind].append(took)
            if kind == "alert":
                await page.locator(f'[data-testid="card-a-{who}"]').wait_for()
        if turn:
            times["bare"].append(bare)
    assert await page.locator("[data-customer]").count() >= full
    return times


async def _start(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds to the first paint and to the first card of a full house, nothing cached."""
    async with tablet(browser, url, LANDSCAPE, FULL_HOUSE) as (page, card):
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        return float(await page.evaluate(paint)), card


@asynccontextmanager
async def tablet(browser: Browser, url: str, size: tuple[int, int], full: int) -> AsyncIterator[tuple[Page, float]]:
    """A page that shows a house with so many cards, and when (ms from the address) the first was there."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
    page = await context.new_page()
    hello = {"type": "hello", "sequence": 1, "build": "bench", "stopped": [], "state": house(full)}
    await page.add_init_script(f"{SOCKET}\nwindow.hello = {json.dumps(json.dumps(hello))};")
    await page.route("**/api/**", _answer)
    slow: CDPSession = await context.new_cdp_session(page)
    await slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(url, wait_until="commit")
    shown = "[data-customer]" if full else "[data-testid=connected]"
    when = await page.evaluate(
        """shown => new Promise((done) => {
          const look = () => document.querySelector(shown) ? done(performance.now()) : requestAnimationFrame(look);
          look();
        })""",
        shown,
    )
    try:
        yield page, float(when)
    finally:
        await context.close()


async def _answer(route: Route) -> None:
    await route.fulfill(json=ANNA if route.request.url.endswith("/session") else [])


@contextmanager
def served() -> Iterator[str]:
    """The built console as files, without a gateway."""
    handler = partial(_Quiet, directory=str(DIST))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def handle(self) -> None:
        """A page that is closed in the middle of an answer is no fault of anybody's."""
        with suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        """Neither is what was still to be sent to it."""
        with suppress(ConnectionError):
            super().finish()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


# --- a house of the shapes the gateway sends -------------------------------------------------------------------------


def house(full: int) -> dict[str, Any]:
    """A state with so many guests, each with a card."""
    guests = [f"guest-{n}" for n in range(full)]
    zones = [{"id": id_, "name": {"zh-CN": id_, "en": id_.capitalize()}} for id_ in ("entrance", "bar", "lounge")]
    facts = {who: [*card(who)["avoid"], *card(who)["likes"]] for who in guests}
    return {
        "venue": {"id": "v", "name": {"zh-CN": "V", "en": "V"}, "kind": "lounge", "timezone": "UTC", "zones": zones},
        "me": ANNA, "present": [presence(who) for who in guests], "alerts": [alert(who, to=[]) for who in guests],
        "asks": [], "promises": [], "complaints": [], "preferences": facts, "readers": [], "plan": None,
        "places": [], "expected": [], "menus": [], "rounds": [], "served": {},
        "staff": [{"id": "anna", "name": "Anna", "on_shift": True, "connected": True}],
        "alerting": {"escalate_after_s": [8, 15]},
    }  # fmt: skip


def event(type_: str, subject: str, data: dict[str, Any], sequence: int) -> str:
    """One CloudEvent as the live socket sends it."""
    return json.dumps({"type": type_, "subject": subject, "sequence": sequence, "time": _now(), "data": data})


def presence(who: str) -> dict[str, Any]:
    """A guest at the bar."""
    return {
        "customer": who, "name": f"Guest {who}", "address_as": f"Ms {who}", "language": "en", "tier": "gold",
        "wishes": [], "visit": f"v-{who}", "zone": "bar", "since": _now(), "confidence": 0.97, "reason": "3 reads",
        "evidence": {"kind": "tap", "reader": None}, "state": "present", "party": None, "companions": 0,
    }  # fmt: skip


def card(who: str) -> dict[str, Any]:
    """A card with two things to avoid and five that are liked."""

    def fact(nth: int, polarity: str) -> dict[str, Any]:
        return {
            "id": f"{who}-{polarity}-{nth}", "customer": who, "visit": None, "category": "drink",
            "value": f"green tea, {nth}", "polarity": polarity, "basis": "stated", "scope": "standing",
            "by": "anna", "by_name": "Anna", "at": _now(9),
        }  # fmt: skip

    return {
        **presence(who), "associate": "anna", "verify": False, "asks": [], "promises": [], "complaints": [],
        "avoid": [fact(0, "allergy"), fact(1, "avoid")], "likes": [fact(n, "do") for n in range(5)],
        "last_visit": _now(20), "suggestion": {"kind": "offer", "value": "green tea", "basis": "stated", "at": _now(9)},
        "visits": 4, "new": [],
    }  # fmt: skip


def alert(who: str, *, to: list[str]) -> dict[str, Any]:
    """The alert of a guest's arrival, told to these."""
    return {
        **NOBODY, "alert": f"a-{who}", "kind": "arrival", "stage": "card", "state": "open", "visit": f"v-{who}",
        "customer": who, "zone": "bar", "card": card(who), "to": to, "by": None, "opened_at": _now(), "level": 0,
        "claimed_at": None, "party": None,
    }  # fmt: skip


def _now(days_ago: float = 0) -> str:
    return (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
