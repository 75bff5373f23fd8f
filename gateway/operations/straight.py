"""A live socket that takes whole frames at once: what is told to a thousand tablets wakes no task for each."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "moments.straight"

Straight = Callable[[bytes], bool]
"""Writes a frame now, where the socket is open and has taken all there was before; whether it did."""


class LiveSocket(WebSocketsSansIOProtocol):
    """uvicorn's, with a way for the application to write a frame that was made once for many sockets."""

    async def run_asgi(self) -> None:
        """Runs the application, which finds that way in its scope."""
        self.scope["extensions"][EXTENSION] = {"write": self._write}
        await super().run_asgi()

    def _write(self, frame: bytes) -> bool:
        if not self.handshake_complete or self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        if self.transport.get_write_buffer_size():
            return False
        self.transport.write(frame)
        return True


def straight_of(scope: Scope) -> Straight | None:
    """How to write whole frames to this socket; None where the server has no such way."""
    found: Straight | None = scope.get("extensions", {}).get(EXTENSION, {}).get("write")
    return found
