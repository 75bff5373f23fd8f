"""Any pyserial URL as chunks of bytes; reconnects belong to whoever keeps the reader."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import urlsplit

import serial

from reader_drivers.driver import ReaderLost
from reader_drivers.link_faults import in_words
from reader_drivers.raw import TAP
from reader_drivers.tls_line import TlsLine, keep_alive

CHUNK = 65536
HOLD = 262_144  # bytes kept for a driver that is slow; beyond that the kernel holds them, and then the sender waits
OPEN_TIMEOUT = 5.0  # seconds for a host to answer
WRITE_TIMEOUT = 2.0  # seconds; a command of 12 bytes needs 1 ms at 115200 baud
POLL = 0.2  # seconds a reading thread may take to notice that it is to end


class TakesNothing(ReaderLost):
    """What is written stays where it is: the other end reads nothing."""


class SerialLink:
    """One open serial port, pseudo-terminal or serial server, as an async context.

    ``url`` is a device path, ``tcp://host:port``, ``tls://host:port`` or any pyserial URL (``socket://host:port``,
    ``rfc2217://``, ``loop://`` …); ``baud`` is bits per second; ``trust`` says who is believed over TLS. Whatever is
    wrong with it is raised as ReaderLost with a reason for a person.
    """

    def __init__(self, url: str, baud: int = 9600, trust: ssl.SSLContext | None = None) -> None:
        self.url = url
        self._baud = baud
        self._trust = trust
        self.heard_at = self._opened_at = time.monotonic()
        """When the last bytes came, or the line was opened; seconds of the monotonic clock."""
        self._held = bytearray()
        self._lost: str | None = None
        self._wanted: asyncio.Future[None] | None = None
        self._line: _Line | None = None
        self._tap = TAP.get()

    async def __aenter__(self) -> SerialLink:
        try:
            if self.url.startswith("tls://"):
                if self._trust is None:
                    self._trust = await asyncio.to_thread(ssl.create_default_context)  # it reads many files
                self._line = await TlsLine.open(*_host_and_port(self.url), self._trust, OPEN_TIMEOUT)
            else:
                self._line = await self._in_thread()
        except Exception as fault:
            reason = in_words(fault, self.url)
            if reason is None:
                raise
            raise ReaderLost(reason) from fault
        self.heard_at = self._opened_at = time.monotonic()
        self._line.start(self._arrived, self._ended)
        return self

    async def _in_thread(self) -> _Line:
        opening = asyncio.get_running_loop().run_in_executor(None, _open, self.url, self._baud)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)  # the thread cannot be called back; what it opens can be closed
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        line, self._line = self._line, None
        self._lost = self._lost or "closed"
        if line:
            await line.close()

    def __aiter__(self) -> SerialLink:
        return self

    async def __anext__(self) -> bytes:
        return await self.read()

    async def read(self, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - a silence is an answer, not an error
        """All bytes that have arrived, at least one; ``b""`` after ``timeout`` seconds of silence."""
        if not self._held and self._lost is None:
            await self._something(timeout)
        if self._held:
            chunk = bytes(self._held)
            self._held.clear()
            if self._line:
                self._line.resume()
            return chunk
        if self._lost is not None:
            raise ReaderLost(self._lost)
        return b""

    async def write(self, data: bytes, within: float | None = None) -> None:
        """Returns when the operating system has taken all of ``data``; TakesNothing where it does not ``within``."""
        if self._line is None or self._lost is not None:
            raise ReaderLost(self._lost or "closed")
        if self._tap:
            self._tap("out", data)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT if within is None else within):
                await self._line.write(data)
        except TimeoutError:
            raise TakesNothing(f"{self.url} takes no data") from None
        except (OSError, serial.SerialException) as fault:
            raise ReaderLost(in_words(fault, self.url, is_open=True) or str(fault)) from fault

    def streams(self, within: float) -> bool:
        """Whether bytes have come within the last so many seconds."""
        return self.heard_at > self._opened_at and time.monotonic() - self.heard_at < within

    async def _something(self, timeout: float | None) -> None:  # noqa: ASYNC109
        loop = asyncio.get_running_loop()
        wanted = self._wanted = loop.create_future()
        timer = loop.call_later(timeout, _resolve, wanted) if timeout is not None else None
        try:
            await wanted
        finally:
            self._wanted = None
            if timer:
                timer.cancel()

    def _arrived(self, chunk: bytes) -> None:
        self.heard_at = time.monotonic()
        self._held += chunk
        if self._tap:
            self._tap("in", chunk)
        if len(self._held) >= HOLD and self._line:
            self._line.pause()
        if self._wanted:
            _resolve(self._wanted)

    def _ended(self, fault: BaseException | None) -> None:
        if self._lost is None:
            ended = "closed the connection" if "://" in self.url else "was unplugged"
            self._lost = (fault and in_words(fault, self.url, is_open=True)) or f"{self.url} {ended}"
            if self._wanted:
                _resolve(self._wanted)


Arrived = Callable[[bytes], None]
Ended = Callable[[BaseException | None], None]


class _Line(Protocol):
    """An open line: after ``start`` it calls ``arrived`` and ``ended`` on the loop."""

    def start(self, arrived: Arrived, ended: Ended) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    async def write(self, data: bytes) -> None: ...
    async def close(self) -> None: ...
    def abandon(self) -> None: ...


class _Watched:
    """A line with a descriptor: the loop watches it."""

    # ``port`` is kept because a collected Serial closes its descriptor without an error.
    def __init__(self, port: Any, *, is_terminal: bool) -> None:
        self._port = port
        self._fd: int = port.fileno()
        self._is_terminal = is_terminal
        self._watching = False

    def start(self, arrived: Arrived, ended: Ended) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived, self._ended = arrived, ended
        self.resume()

    def pause(self) -> None:
        if self._watching:
            self._loop.remove_reader(self._fd)
            self._watching = False

    def resume(self) -> None:
        if not self._watching:
            self._loop.add_reader(self._fd, self._readable)
            self._watching = True

    async def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                await self._writable()

    async def close(self) -> None:
        self.pause()
        self._loop.remove_writer(self._fd)
        await asyncio.shield(self._loop.run_in_executor(None, self.abandon))  # close() of a tty may wait for its output

    def abandon(self) -> None:
        with suppress(OSError, serial.SerialException):
            self._port.close()

    async def _writable(self) -> None:
        ready = self._loop.create_future()
        self._loop.add_writer(self._fd, _resolve, ready)
        try:
            await ready
        finally:
            self._loop.remove_writer(self._fd)

    def _readable(self) -> None:
        try:
            chunk = os.read(self._fd, CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as fault:
            self._end(fault)
            return
        if chunk:
            self._arrived(chunk)
        elif not self._is_terminal or self._hung_up():
            self._end(None)

    def _hung_up(self) -> bool:
        # A terminal read with VMIN 0 says "nothing" and "gone" in the same way.
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))

    def _end(self, fault: OSError | None) -> None:
        self.pause()
        self._ended(fault)


class _Threaded:
    """A line without a descriptor (rfc2217://, loop://): a thread of its own reads it."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self._running = threading.Event()  # cleared: the driver is slow, wait
        self._running.set()
        self._closing = False

    def start(self, arrived: Arrived, ended: Ended) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived, self._ended = arrived, ended
        self._thread = threading.Thread(target=self._read, name=f"serial {self._port.portstr}", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        self._running.clear()

    def resume(self) -> None:
        self._running.set()

    async def write(self, data: bytes) -> None:
        await self._loop.run_in_executor(None, self._port.write, data)

    async def close(self) -> None:
        self._closing = True
        self._running.set()
        await asyncio.shield(self._loop.run_in_executor(None, self.abandon))

    def abandon(self) -> None:
        with suppress(OSError, serial.SerialException):
            self._port.close()
        if hasattr(self, "_thread"):
            self._thread.join()

    def _read(self) -> None:
        try:
            while not self._closing:
                self._running.wait()
                chunk = self._port.read(1)
                if chunk:
                    self._tell(self._arrived, chunk + self._port.read(min(self._port.in_waiting, CHUNK)))
        except Exception as fault:
            # pyserial's handlers raise TypeError and AttributeError too when a port is closed under them.
            self._tell(self._ended, fault)

    def _tell(self, hear: Callable[[Any], None], what: object) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(hear, what)


def _open(url: str, baud: int) -> _Line:
    # pyserial's own socket:// throws away what a server says first and sleeps 0.3 s in close(); a socket does neither.
    if urlsplit(url).scheme.lower() in ("socket", "tcp"):
        return _Watched(_connect(*_host_and_port(url)), is_terminal=False)
    port = serial.serial_for_url(url, baudrate=baud, do_not_open=True)
    if isinstance(port, serial.Serial):
        port.timeout = 0
        port.exclusive = True
        port.open()
        return _Watched(port, is_terminal=True)
    port.timeout = POLL  # before open: rfc2217 negotiates everything anew at each change after it
    port.open()
    return _Threaded(port)


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if not parts.hostname or parts.port is None:
        raise ValueError(f"a socket needs a host and a port: {parts.scheme}://host:port")
    return parts.hostname, parts.port


def _connect(host: str, number: int) -> socket.socket:
    connection = socket.create_connection((host, number), timeout=OPEN_TIMEOUT)
    connection.setblocking(False)
    keep_alive(connection)
    return connection


def _close_unwanted(opening: asyncio.Future[_Line]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        threading.Thread(target=opening.result().abandon, daemon=True).start()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
