"""What a reader sends, as it comes, for whoever mends it: kept only while asked for, and never with an identifier.

What the reader's own decoder finds in the bytes is masked wherever it stands. Where that cannot be told, as in a frame
with a bad check, all is masked but the ends. Of a JSON message the shape is shown, and numbers that follow nobody.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, cast

from gateway.events.times import iso
from gateway.settings.venue import ReaderConfig
from reader_drivers import DRIVERS, Decoder, Ignored, Sighting

MOST = 200  # chunks or messages of one look
MOST_BYTES = 65_536
LONGEST = 2_000  # characters of one message
MASK = "··"
FIRST, LAST = 2, 1  # bytes at the ends that tell a protocol and no tag

SHOWN_NUMBERS = re.compile(
    r"rssi|dist|^ant|antenna|^port$|chan|^count$|seencount|interval|power|eventnum|battery|uptime|^int$|^var$|^raw$",
    re.I,
)
SHOWN_WORDS = frozenset(
    {"eventType", "event_type", "type", "_type", "status", "state", "format", "ver", "firm", "model"}
)
SHOWN_LEVELS = frozenset({"devices", "rooms", "telemetry", "status", "events", "event", "home", "BTtoMQTT", "tevents"})
PLAIN_KEY = re.compile(r"(?![0-9A-Fa-f]{8,})[A-Za-z_@][\w@ .-]{0,31}", re.ASCII).fullmatch


class Chunk(NamedTuple):
    """What came at once: when (seconds since 1970 UTC), from where (a topic, ``in``, ``out``), and the bytes."""

    at: float
    where: str
    data: bytes


class RawFrames:
    """The tap of one reader."""

    def __init__(self, reader: ReaderConfig, now: Callable[[], float], shown: Callable[[float], float] = float) -> None:
        self._reader = reader
        self._now = now
        self._shown = shown
        self._kept: list[Chunk] | None = None
        self._room = 0
        self._enough = asyncio.Event()

    def __call__(self, where: str, data: bytes) -> None:
        """Hears something; drops it unless somebody looks."""
        if self._kept is None or self._enough.is_set():
            return
        self._kept.append(Chunk(self._now(), where, data))
        self._room -= len(data)
        if len(self._kept) >= MOST or self._room <= 0:
            self._enough.set()

    async def look(self, seconds: float) -> list[dict[str, Any]]:
        """What comes within so many seconds, masked: ``at``, ``from``, ``bytes`` and ``shown`` of each.

        Raises RuntimeError where somebody looks already.
        """
        if self._kept is not None:
            raise RuntimeError(f"somebody looks at {self._reader.id} already")
        self._kept, self._room = [], MOST_BYTES
        self._enough.clear()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._enough.wait()
            kept = self._kept
        finally:
            self._kept = None
        return [
            {"at": iso(self._shown(each.at)), "from": where, "bytes": len(each.data), "shown": shown}
            for each, (where, shown) in zip(kept, masked(self._reader, kept), strict=True)
        ]


def masked(reader: ReaderConfig, chunks: Sequence[Chunk]) -> list[tuple[str, str]]:
    """From where each of the chunks came, and what may be shown of it."""
    if reader.over == "mqtt":
        return [(_topic(each.where, reader), _message(each.data)) for each in chunks]
    heard = [each for each in chunks if each.where == "in"]
    decoder = cast(Decoder, DRIVERS[reader.driver].decoder(reader.id, reader.settings))
    shown = iter([text for group in _groups(heard, decoder) for text in group])
    return [(each.where, next(shown) if each.where == "in" else _hex(each.data)) for each in chunks]


# --- bytes of a line --------------------------------------------------------------------------------------------------


def _groups(chunks: Sequence[Chunk], decoder: Decoder) -> Iterator[list[str]]:
    """Chunks that belong together, since frames are cut anywhere, and what is shown of each."""
    group: list[bytes] = []
    identifiers: set[str] = set()
    clean = True
    for place, chunk in enumerate(chunks):
        group.append(chunk.data)
        for found in decoder.feed(chunk.data, chunk.at):
            if isinstance(found, Sighting):
                identifiers.add(found.identifier)
            else:
                clean = clean and isinstance(found, Ignored)
        holding = bool(getattr(decoder, "holding", True))
        if not holding or place == len(chunks) - 1:
            yield _shown(group, identifiers, clean=clean and not holding)
            group, identifiers, clean = [], set(), True


def _shown(group: Sequence[bytes], identifiers: set[str], *, clean: bool) -> list[str]:
    stream = b"".join(group)
    hidden = bytearray(len(stream))
    for identifier in identifiers:
        places = [span for form in forms(identifier) for span in _everywhere(form, stream)]
        clean = clean and bool(places)
        for start, end in places:
            hidden[start:end] = b"\1" * (end - start)
    if not clean:
        hidden = bytearray(b"\1" * len(stream))
        if len(stream) > 2 * (FIRST + LAST):
            hidden[:FIRST] = bytes(FIRST)
            hidden[-LAST:] = bytes(LAST)
    texts, place = [], 0
    for chunk in group:
        texts.append(_hex(chunk, hidden[place : place + len(chunk)]))
        place += len(chunk)
    return texts


def forms(identifier: str) -> list[bytes]:
    """How an identifier may stand in the bytes of a serial or TCP reader."""
    value = identifier.partition(":")[2]
    found = [value.upper().encode(), value.lower().encode()]
    with suppress(ValueError):
        code = bytes.fromhex(value)
        found += [code, code[::-1]]
    return found


def _everywhere(form: bytes, stream: bytes) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(re.escape(form), stream)] if form else []


def _hex(data: bytes, hidden: Sequence[int] = ()) -> str:
    return " ".join(MASK if place < len(hidden) and hidden[place] else f"{byte:02X}" for place, byte in enumerate(data))


# --- messages ---------------------------------------------------------------------------------------------------------


def _topic(topic: str, reader: ReaderConfig) -> str:
    known = {*reader.link.split("/"), *(reader.rooms or {}), *SHOWN_LEVELS}
    return "/".join(level if level in known else MASK for level in topic.split("/"))


def _message(payload: bytes) -> str:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return f"{len(payload)} bytes that are no JSON"
    return json.dumps(_outline(value, ""), ensure_ascii=False, separators=(",", ":"))[:LONGEST]


def _outline(value: Any, key: str, depth: int = 0) -> Any:
    if depth > 8:
        return MASK
    if isinstance(value, dict):
        return {
            (name if PLAIN_KEY(name) else MASK): _outline(each, name, depth + 1)
            for name, each in list(value.items())[:50]
        }
    if isinstance(value, list):
        return [_outline(each, key, depth + 1) for each in value[:20]]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value[:40] if key in SHOWN_WORDS and value.isascii() and not any(map(str.isdigit, value)) else MASK
    return value if SHOWN_NUMBERS.search(key) and abs(value) < 100_000 else "#"
