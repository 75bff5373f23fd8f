"""What is told to many tablets at once is encoded once and framed once."""

from __future__ import annotations

from websockets.frames import Frame, Opcode


class Encoded:
    """A message as compact JSON, and the WebSocket frame that carries it (RFC 6455 section 5.6), made once for all."""

    __slots__ = ("_frame", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """The whole message as one text frame of a server, unmasked."""
        if self._frame is None:
            self._frame = Frame(Opcode.TEXT, self.text.encode()).serialize(mask=False)
        return self._frame
