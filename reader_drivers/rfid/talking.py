"""What drivers of readers that are talked to have in common: a decoder that keeps replies, and the way to listen."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, ClassVar, Literal

from reader_drivers import driver
from reader_drivers.driver import ReaderLost, Status
from reader_drivers.framing import Framer
from reader_drivers.legibility import Legibility
from reader_drivers.rfid.conversation import STALLED_AFTER, Conversation, Reply
from reader_drivers.serial_link import SerialLink, TakesNothing
from reader_drivers.sighting import Found, Rejected, Sighting
from reader_drivers.steady import steady

log = logging.getLogger(__name__)

UNTAKEN = 4096  # replies kept while nobody takes them, as when a recording is decoded
STOP_WITHIN = 0.3  # seconds that a reader has to say that it stopped
STREAMS = 5.0  # seconds: one that takes no command and was heard so lately is heard on
TRIED = 0.05  # seconds for the next command to a reader that has taken none


class TalkingDecoder:
    """Bytes of a reader in, sightings out; keeps what the reader replies until someone takes it."""

    def __init__(self, reader: str, framer: Framer) -> None:
        self._reader = reader
        self._framer = framer
        self._replies: list[Reply] = []

    @property
    def holding(self) -> int:
        """Bytes that wait for more; 0 when silence would change nothing."""
        return self._framer.holding

    def feed(self, chunk: bytes, at: float) -> list[Found]:
        """What is complete after this chunk, which arrived at ``at``, seconds since 1970 UTC."""
        return self._meanings(self._framer.feed(chunk), at)

    def idle(self, at: float) -> list[Found]:
        """The line has been silent for 0.1 s: an unfinished frame will not be finished."""
        return self._meanings(self._framer.idle(), at)

    def take_replies(self) -> list[Reply]:
        """What the reader said since the last call, in order."""
        replies, self._replies = self._replies, []
        return replies

    def _meanings(self, frames: list[bytes | Rejected], at: float) -> list[Found]:
        found: list[Found] = []
        for each in frames:
            if isinstance(each, Rejected):
                found.append(each)
            else:
                found += self._meaning(each, at)
        return found

    def _reply(self, command: int, status: int = 0, data: bytes = b"", dialect: int = 0) -> None:
        if len(self._replies) < UNTAKEN:
            self._replies.append(Reply(command, status, data, dialect))

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        """What a good frame holds; a protocol's own."""
        raise NotImplementedError


class TalkingReader:
    """A reader on a serial port or behind a serial server that is asked and set up, and then heard."""

    over: ClassVar[Literal["serial", "mqtt", "tcp"]] = "serial"
    settings: ClassVar[type[driver.Settings]]

    def __init__(self, reader: str, link: str, settings: Any) -> None:
        self.status = Status()
        self._reader = reader
        self._link = link
        self._settings = settings
        self._takes_nothing = False

    @staticmethod
    def decoder(reader: str, settings: Any) -> TalkingDecoder:
        """Bytes in, sightings of ``reader`` out; a protocol's own."""
        raise NotImplementedError

    def _conversation(self, now: float) -> Conversation:
        raise NotImplementedError

    async def listen(self) -> AsyncGenerator[list[Sighting], None]:
        """Starts the reader and yields its tags in batches; an empty first batch says that it answered."""
        decoder = self.decoder(self._reader, self._settings)
        talk = self._conversation(time.monotonic())
        legibility = Legibility(talk.advice)
        answered = self._takes_nothing = False
        async with SerialLink(self._link, self._settings.baud) as link:
            try:
                while True:
                    for frame in self._due(talk, legibility):
                        await self._say(frame, link)
                    self.status.quiet = legibility.complaint or talk.quiet
                    chunk = await link.read(talk.wait(time.monotonic(), holding=bool(decoder.holding)))
                    batch = self._hear(chunk, time.monotonic() - link.heard_at, decoder, talk, legibility)
                    if batch or (talk.answered and not answered):
                        answered = True
                        yield batch
            finally:
                with suppress(ReaderLost):
                    await self._stop(link, decoder, talk)

    async def _say(self, frame: bytes, link: SerialLink) -> None:
        """A reader that streams and takes no command is heard as it was left."""
        try:
            await link.write(frame, TRIED if self._takes_nothing else None)
            self._takes_nothing = False
        except TakesNothing:
            if not link.streams(STREAMS):
                raise
            if not self._takes_nothing:
                log.warning("%s: takes no commands, and is heard as it was left", self._reader)
            self._takes_nothing = True

    def _due(self, talk: Conversation, legibility: Legibility) -> list[bytes]:
        try:
            return talk.due(time.monotonic())
        except ReaderLost as lost:
            raise legibility.explain(lost) from None

    def _hear(
        self, chunk: bytes, silence: float, decoder: TalkingDecoder, talk: Conversation, legibility: Legibility
    ) -> list[Sighting]:
        at, now = steady(), time.monotonic()
        if not chunk and silence < STALLED_AFTER:
            return []
        found = decoder.feed(chunk, at) if chunk else decoder.idle(at)
        sightings = self.status.tally(found, at)
        replies = decoder.take_replies()
        self.status.bytes_in += len(chunk)
        legibility.heard(len(chunk), len(replies))
        if replies:
            talk.heard(now)
        for reply in replies:
            talk.replied(reply, now)
        self.status.firmware = talk.firmware or self.status.firmware
        return sightings

    async def _stop(self, link: SerialLink, decoder: TalkingDecoder, talk: Conversation) -> None:
        # The reader's field must not stay on; tags heard now belong to nobody any more.
        if not talk.closing:
            return
        await link.write(talk.closing, TRIED if self._takes_nothing else None)
        give_up = time.monotonic() + STOP_WITHIN
        while talk.closed_by is not None and (left := give_up - time.monotonic()) > 0:
            decoder.feed(await link.read(left), steady())
            if any(reply.command == talk.closed_by for reply in decoder.take_replies()):
                return
