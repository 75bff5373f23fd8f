"""A line over TLS: asyncio's own transport, since records cannot be watched as bytes are."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import cast

CLOSES_WITHIN = 1.0  # seconds for the other end to say goodbye


class TlsLine(asyncio.Protocol):
    """An open line with TLS; after ``start`` it calls ``arrived`` and ``ended`` on the loop."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._arrived: Callable[[bytes], None] | None = None
        self._ended: Callable[[BaseException | None], None] | None = None
        self._drained = asyncio.Event()
        self._drained.set()
        self._closed = asyncio.Event()
        self._fault: BaseException | None = None

    @classmethod
    async def open(cls, host: str, port: int, context: ssl.SSLContext, within: float) -> TlsLine:
        """Connects, shakes hands and looks at the certificate within so many seconds; OSError says what went wrong."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(within):
            _, line = await loop.create_connection(cls, host, port, ssl=context, server_hostname=host)
        return line

    def start(self, arrived: Callable[[bytes], None], ended: Callable[[BaseException | None], None]) -> None:
        """From now on what comes is told."""
        self._arrived, self._ended = arrived, ended
        if self._closed.is_set():
            ended(self._fault)
        else:
            self.resume()

    def pause(self) -> None:
        """Holds the sender up."""
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Lets it send."""
        if self._transport is not None and not self._transport.is_closing() and not self._transport.is_reading():
            self._transport.resume_reading()

    async def write(self, data: bytes) -> None:
        """Returns when the transport has taken all of ``data``."""
        if self._transport is None or self._closed.is_set():
            raise ConnectionResetError(*(self._fault.args if self._fault else ("closed",)))
        self._transport.write(data)
        await self._drained.wait()

    async def close(self) -> None:
        """Hangs up."""
        if self._transport is not None:
            self._transport.close()
            try:
                async with asyncio.timeout(CLOSES_WITHIN):
                    await self._closed.wait()
            except TimeoutError:
                self.abandon()

    def abandon(self) -> None:
        """Hangs up without a word."""
        if self._transport is not None:
            self._transport.abort()

    # --- what asyncio calls -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing is read until ``start``."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.pause_reading()
        self._transport.set_write_buffer_limits(high=0)
        keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._arrived:
            self._arrived(data)

    def pause_writing(self) -> None:
        """The other end does not take what was written."""
        self._drained.clear()

    def resume_writing(self) -> None:
        """Now it has."""
        self._drained.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line has ended."""
        self._fault = exc
        self._drained.set()
        self._closed.set()
        if self._ended:
            self._ended(exc)


def keep_alive(connection: socket.socket) -> None:
    """A far end that loses power closes nothing: ask after 10 s, give up after 3 unanswered questions."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 3)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
