"""The embedded broker's door: a device says CONNECT in time, and none takes the connections of all others.

mosquitto waits a minute and a half for a CONNECT, and counts connections without asking whose they are. So it listens
on this machine alone, and what comes from outside is handed to it once it has begun as MQTT begins. On the way each
packet loses the mark that has a broker keep it, and its client id becomes one of its user's own.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import cast

from gateway.operations.entrance import Entrance
from gateway.operations.gate import Gate, Guest
from gateway.operations.mqtt_passage import Malformed, Passage, length_of, not_retained, of_its_own

CONNECT = 0x10
CONNECT_WITHIN = 10.0  # seconds
LONGEST_CONNECT = 65_536  # bytes, with its will
INNER_WITHIN = 5.0  # seconds for mosquitto to accept


class Device(asyncio.Protocol):
    """The connection of a device, and on its other end ours to mosquitto."""

    def __init__(self, gate: Gate, target: tuple[str, int], guest: Guest) -> None:
        self._gate = gate
        self._target = target
        self._guest = guest
        self._said = bytearray()
        self._passage = Passage()
        self._inner: asyncio.Transport | None = None
        self._joining: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to wait for its CONNECT."""
        self.transport = cast(asyncio.Transport, transport)
        self._guest.close = self.transport.abort
        self._deadline = asyncio.get_running_loop().call_later(CONNECT_WITHIN, self._late)

    def data_received(self, data: bytes) -> None:
        """What it says, to mosquitto; nothing of it before its CONNECT is whole."""
        if self._inner is not None:
            self._pass_on(data)
            return
        self._said += data
        length = length_of(self._said) if self._said[0] == CONNECT else None
        if length is None or length > LONGEST_CONNECT:
            self.transport.abort()  # no MQTT, or none that we take
        elif 0 < length <= len(self._said) and self._joining is None:
            self._no_deadline()
            self._gate.speaks(self._guest)
            self.transport.pause_reading()
            self._joining = asyncio.create_task(self._join())

    async def _join(self) -> None:
        try:
            async with asyncio.timeout(INNER_WITHIN):
                inner, _ = await asyncio.get_running_loop().create_connection(lambda: _Inner(self), *self._target)
        except (OSError, TimeoutError):  # it is being started again: devices come back by themselves
            self.transport.abort()
            return
        if self.transport.is_closing():
            inner.abort()
            return
        self._inner = inner
        length = length_of(self._said) or 0
        inner.write(of_its_own(not_retained(self._said[:length])))
        self._pass_on(bytes(self._said[length:]))
        self._said.clear()
        self.transport.resume_reading()

    def _pass_on(self, data: bytes) -> None:
        try:
            passed = self._passage.of(data)
        except Malformed:
            self.transport.abort()
            return
        if passed and self._inner is not None:
            self._inner.write(passed)

    def pause_writing(self) -> None:
        """It reads too slowly: mosquitto waits, and drops what it must itself."""
        if self._inner is not None:
            self._inner.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        if self._inner is not None and not self._inner.is_closing():
            self._inner.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, and for mosquitto too."""
        self._no_deadline()
        self._gate.leave(self._guest)
        if self._inner is not None:
            self._inner.close()

    def _late(self) -> None:
        self._deadline = None
        self._gate.slow(self._guest)
        self.transport.abort()

    def _no_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Inner(asyncio.Protocol):
    """Our connection to mosquitto for one device."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def data_received(self, data: bytes) -> None:
        self._device.transport.write(data)

    def pause_writing(self) -> None:
        self._device.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self._device.transport.is_closing():
            self._device.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._device.transport.close()


def door(
    gate: Gate, listening: socket.socket, target: tuple[str, int], tls: Callable[[], ssl.SSLContext] | None = None
) -> Entrance:
    """Lets devices in on ``listening``, over TLS where ``tls`` says how, and hands them to mosquitto at ``target``."""
    return Entrance(gate, listening, lambda guest: Device(gate, target, guest), tls, says=b"")
