"""The device's end of a serial line: a pseudo-terminal that can be pulled out and plugged in again."""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class SimulatedLine:
    """A pseudo-terminal behind a path that stays the same, as ``/dev/serial/by-id`` does.

    ``link`` is the path that a driver opens; None chooses one among the temporary files. ``heard`` is called on the
    loop with what a driver writes. What nobody reads is lost, as on a wire.
    """

    def __init__(self, link: str | os.PathLike[str] | None, heard: Callable[[bytes], None]) -> None:
        self.link = os.fspath(link or f"{tempfile.gettempdir()}/reader-{secrets.token_hex(8)}")
        self._heard = heard
        self._device = self._port = -1

    @property
    def plugged(self) -> bool:
        """Whether a driver finds a device behind ``link``."""
        return self._device >= 0

    def plug(self) -> None:
        """A device appears behind ``link``."""
        if self.plugged:
            return
        self._device, self._port = (
            os.openpty()
        )  # the driver's end stays open here too: with nobody there, ours hangs up
        tty.setraw(self._port)
        os.set_blocking(self._device, False)
        new = Path(f"{self.link}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(self._port))
        new.replace(self.link)
        asyncio.get_running_loop().add_reader(self._device, self._readable)

    def unplug(self) -> None:
        """The device is gone, in the midst of whatever it was saying."""
        if self.plugged:
            asyncio.get_running_loop().remove_reader(self._device)
            Path(self.link).unlink(missing_ok=True)
            os.close(self._device)
            os.close(self._port)
            self._device = self._port = -1

    def write(self, data: bytes) -> None:
        """Sends to the driver."""
        if self.plugged:
            with suppress(BlockingIOError):
                os.write(self._device, data)

    def _readable(self) -> None:
        with suppress(BlockingIOError):
            self._heard(os.read(self._device, 4096))
