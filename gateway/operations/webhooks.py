"""Events for other programs: CloudEvents by HTTP POST, signed as Standard Webhooks asks, in order, tried again.

A hook keeps in the data folder how far it is, so that it goes on where it was after a restart; its receiver may get an
event twice, and knows it by its ``webhook-id``. The standard library's client in a thread of its own does the talking:
it is here already, follows no redirect and takes no proxy, and no request ever holds the loop.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import http.client
import json
import logging
import random
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from gateway import __version__
from gateway.operations import outward
from gateway.settings.venue import Webhook

log = logging.getLogger(__name__)

FOLDER = "webhooks"
LOOK_EVERY = 0.2  # seconds between looks for news; an event is on its way within so long
CONNECTS = 5.0  # seconds; nothing can end an attempt to connect sooner, and a gateway that stops must not wait longer
TIMEOUT = 10.0  # seconds for each step of a request
PATIENCE = 30.0  # seconds for all of it
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds between tries
LONGEST_ASKED = 300.0  # seconds that a receiver may ask us to wait
GONE = 410
REFUSALS = 5  # tries of an event that the receiver finds wrong; then the next has its turn
LARGEST_ANSWER = 65_536  # bytes read of an answer, so that the connection can be used again
OURS_TO_MEND = {401, 403, 404, 407, 408, 409, 425, 429}  # of 4xx: not the event's fault, so it waits

Event = dict[str, Any]
Missed = Callable[[int], list[Event] | None]
"""Every event after a number, in order, as this receiver may see it; one it may not see has no data. None where that
number is not known any more."""


class Answer(NamedTuple):
    """What became of one try: the status (0: none came), why it is no success, and how long we are asked to wait."""

    status: int
    fault: str | None
    wait: float | None = None


class Cursor:
    """How far a hook is: the number of the last event that it is done with, in a file."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / FOLDER / f"{name}.json"

    def read(self) -> int | None:
        """The number; None for a hook that is new."""
        try:
            done = json.loads(self._file.read_text())["done"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return done if isinstance(done, int) and not isinstance(done, bool) else None

    def ended(self) -> str | None:
        """The receiver that wants no more events, by its URL; None where there is none."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            return str(json.loads(self._file.read_text())["ended"])
        return None

    def write(self, done: int, ended: str | None = None) -> None:
        """Keeps the number, whole or not at all, and who wants no more."""
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"done": done} if ended is None else {"done": done, "ended": ended}))
        fresh.replace(self._file)


class Sender:
    """Posts to one receiver, in the calling thread; keeps its connection open between posts."""

    def __init__(self, url: str, secret: str) -> None:
        self._parts = urlsplit(url)
        self._secret = key(secret)
        self._connection: http.client.HTTPConnection | None = None

    def post(self, event: Event, now: float) -> Answer:
        """One try; raises nothing that a network or a receiver can bring about."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": f"moments/{__version__}",
            **signed(self._secret, event["id"], int(now), body),
        }
        used = self._connection is not None
        try:
            try:
                return self._try(body, headers)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
                if not used:
                    raise
                return self._try(body, headers)  # a connection that was kept may have been closed meanwhile
        except (OSError, http.client.HTTPException, ValueError) as fault:
            self.close()
            return Answer(0, _in_words(fault))

    def close(self) -> None:
        """Lets go of the connection, whatever it is doing."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()

    def abort(self) -> None:
        """From another thread: ends the post under way."""
        connection = self._connection
        wire = connection.sock if connection is not None else None
        if wire is not None:
            with suppress(OSError):
                wire.shutdown(2)

    def _try(self, body: bytes, headers: dict[str, str]) -> Answer:
        if self._connection is None:
            self._connection = _connection(self._parts)
            self._connection.connect()
            self._connection.sock.settimeout(TIMEOUT)
        target = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        self._connection.request("POST", target, body, headers)
        with self._connection.getresponse() as answer:
            answer.read(LARGEST_ANSWER)
            if not answer.isclosed() or answer.will_close:
                self.close()
            if 200 <= answer.status < 300:
                return Answer(answer.status, None)
            wait = _asked(answer.headers.get("Retry-After", ""), time.time())
            return Answer(answer.status, f"it answers {answer.status} {answer.reason}".strip()[:80], wait)


def _asked(text: str, now: float) -> float | None:
    """How many seconds a receiver asks us to wait, at most what we bear; None where it does not say, or in no way."""
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_ASKED)
    with suppress(ValueError, TypeError, OverflowError):
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - now), LONGEST_ASKED)
    return None


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """A connection to where a URL leads, not opened."""
    host = parts.hostname or ""
    if parts.scheme == "https":
        return outward.Secure(host, parts.port, timeout=CONNECTS, context=ssl.create_default_context())
    return outward.Plain(host, parts.port, timeout=CONNECTS)


class Hook:
    """One webhook; ``sequence`` is the number of the newest event when it began."""

    def __init__(
        self, config: Webhook, secret: str, folder: Path, missed: Missed, sequence: int, *, now: Callable[[], float],
        tell: Callable[[str], None] = lambda _: None, delivered: Callable[[Event], None] = lambda _: None,
        withheld: Callable[[Event], bool] = lambda _: False, outward: Callable[[Event], Event] = lambda event: event,
    ) -> None:  # fmt: skip
        self.config = config
        self.fault: str | None = None
        """Why its receiver is lost, for a person; None while all is well."""
        self._sender = Sender(config.url, secret)
        self._cursor = Cursor(folder, config.name)
        self._missed = missed
        self._now = now
        self._tell = tell
        self._delivered = delivered
        self._withheld = withheld
        self._outward = outward
        kept = self._cursor.read()
        refused = self._cursor.ended()
        self.ended = refused == config.url
        """Whether its receiver wants no more events: one with another URL may, from now on."""
        self.done = sequence if kept is None or refused is not None else kept
        self._kept = kept
        self._lost_at = 0.0
        self._wait = FIRST_WAIT
        self._refusals = 0
        self._again: int | None = None
        self._now_please = asyncio.Event()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=f"webhook {config.name}")

    def waiting(self, newest: int) -> int:
        """How many events it is not done with, wanted ones and others; ``newest`` is the number of the newest."""
        return 0 if self.ended else max(0, newest - self.done)

    def at_once(self) -> None:
        """What waits is tried now, and not when the wait between two tries is over."""
        self._wait = FIRST_WAIT
        self._now_please.set()

    def replay(self, events: int, newest: int) -> int:
        """Sends so many of the last events once more, as far as they are known; after which number it begins."""
        begin = max(0, newest - events)
        while begin < self.done and self._missed(begin) is None:
            begin += max(1, (self.done - begin) // 2)
        self._again = min(begin, self.done)
        self.at_once()
        return self._again

    async def run(self, newest: Callable[[], int]) -> None:
        """Sends until cancelled; ``newest`` is the number of the newest event."""
        looked = None
        try:
            while True:
                if self._again is not None:
                    self.done, self._again, looked = self._again, None, None
                number = newest()
                if number != looked and await self._catch_up(number):
                    looked = number  # not the last event's: after a kill numbers go on far beyond it
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self._sender.abort()
            self._threads.submit(self._sender.close)
            self._threads.shutdown(wait=False)

    async def _catch_up(self, newest: int) -> bool:
        """Whether everything so far is done with."""
        if self.ended:
            self.done = newest
            return True
        events = self._missed(self.done)
        if events is None:
            log.error("webhook %s: events after number %d are gone; it goes on from now", self.config.name, self.done)
            self.done, events = newest, []
        for event in events:
            if self._wants(event) and not await self._deliver(event):
                return False  # the events are looked up anew: who was erased meanwhile is in none of them
            self.done = event["sequence"]
            if self._again is not None:
                return False
        if self.done != self._kept:
            await self._in_thread(self._keep, self.done)
        return True

    def _wants(self, event: Event) -> bool:
        """Whether it is for this receiver, asked as its turn comes: its customer may have stopped while it waited."""
        return "data" in event and self.config.wants(event["type"]) and not self._withheld(event)

    async def _deliver(self, event: Event) -> bool:
        """Whether the receiver has the event, or has refused it for good; if not, the time to wait is over."""
        answer = await self._post(event)
        if answer.fault is None:
            self._back()
            self._delivered(event)
            await self._in_thread(self._keep, event["sequence"])
            return True
        if answer.status == GONE:
            await self._end(event["sequence"])
            return False
        self._lost(answer.fault)
        self._refusals += 400 <= answer.status < 500 and answer.status not in OURS_TO_MEND
        if self._refusals >= REFUSALS:
            log.error("webhook %s: event %d is refused and passed over", self.config.name, event["sequence"])
            self._refusals, self._wait = 0, FIRST_WAIT
            return True
        self._now_please.clear()
        wait, self._wait = self._wait, min(2 * self._wait, LONGEST_WAIT)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(answer.wait or 0.0, wait * random.uniform(1.0, 1.3))):
                await self._now_please.wait()
        return False

    async def _end(self, done: int) -> None:
        """The receiver is gone for good, and says so: it is sent nothing more."""
        self.ended, self.fault, self.done = True, None, done
        log.error("webhook %s: its receiver answers 410 Gone; it is sent nothing more", self.config.name)
        await self._in_thread(self._keep, done)
        self._tell(self.config.name)

    async def _post(self, event: Event) -> Answer:
        posting = self._in_thread(self._sender.post, self._outward(event), self._now())
        done, _ = await asyncio.wait([posting], timeout=PATIENCE)
        if done:
            answer: Answer = posting.result()
            return answer
        self._sender.abort()  # a receiver that trickles: the thread is free as soon as its socket is shut
        await asyncio.wait([posting])
        return Answer(0, f"no answer within {PATIENCE:g} s")

    def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    def _keep(self, done: int) -> None:
        try:
            self._cursor.write(done, self.config.url if self.ended else None)
            self._kept = done
        except OSError as fault:  # a full disk: the receiver gets some events twice after a restart
            log.warning("webhook %s: its place cannot be kept (%s)", self.config.name, fault.strerror)

    def _lost(self, fault: str) -> None:
        if self.fault is None:
            self._lost_at = time.monotonic()
            log.warning("webhook %s: lost (%s)", self.config.name, fault)
        self.fault = fault

    def _back(self) -> None:
        self._refusals, self._wait = 0, FIRST_WAIT
        if self.fault is not None:
            self.fault = None
            log.info("webhook %s: back after %.0f s", self.config.name, time.monotonic() - self._lost_at)


def key(secret: str) -> bytes:
    """The key of a secret: base64 after ``whsec_``, as Standard Webhooks writes them; any other is its own text."""
    if secret.startswith("whsec_"):
        with suppress(ValueError):
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return secret.encode()


def signed(secret: bytes, identity: str, at: int, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows that an event is ours, fresh and whole."""
    digest = hmac.digest(secret, f"{identity}.{at}.".encode() + body, "sha256")
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _in_words(fault: Exception) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {fault.verify_message}"
    if isinstance(fault, TimeoutError):
        return f"no answer within {TIMEOUT:g} s"
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror.lower()
    return f"no HTTP: {type(fault).__name__}" if isinstance(fault, http.client.HTTPException) else str(fault)[:80]


def check(url: str) -> str | None:
    """Why nobody can be reached there, for a person; None where somebody listens. Sends nothing."""
    connection = _connection(urlsplit(url))
    try:
        connection.connect()
    except (OSError, ValueError) as fault:
        return _in_words(fault)
    finally:
        connection.close()
    return None
