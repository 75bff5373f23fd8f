"""A real mosquitto for tests: a child on a loopback port that can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

PROGRAM = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
PASSWORDS = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
START_WITHIN = 5.0  # seconds; it takes some 10 ms


class Mosquitto:
    """One broker; ``start`` and ``stop`` may be called again and again, its port stays the same."""

    def __init__(self, folder: Path, port: int, users: Mapping[str, str] | None, extra: str) -> None:
        self.port = port
        self.url = f"mqtt://127.0.0.1:{port}"
        self._configuration = folder / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        lines = [f"listener {port} 127.0.0.1", f"allow_anonymous {'false' if users else 'true'}", "log_dest none"]
        if os.geteuid() == 0:
            lines.append("user root")  # as its own user it could not read the folder of the test
        if users:
            passwords = folder / "passwords"
            passwords.touch(mode=0o600)
            for name, password in users.items():
                subprocess.run([PASSWORDS, "-b", str(passwords), name, password], check=True, capture_output=True)
            lines.append(f"password_file {passwords}")
        self._configuration.write_text("\n".join([*lines, extra, ""]))

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when the broker takes connections."""
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [PROGRAM, "-c", str(self._configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        give_up = time.monotonic() + START_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(f"mosquitto does not start (exit {self._process.poll()})") from None
                time.sleep(0.01)

    def stop(self, *, how: signal.Signals = signal.SIGKILL) -> None:
        """Ends the broker; by default without a goodbye to anyone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(timeout=40)
            self._process = None

    def freeze(self) -> None:
        """The broker keeps its connections and says nothing more; ``stop`` ends that too."""
        os.kill(self.pid, signal.SIGSTOP)


@contextmanager
def mosquitto(port: int | None = None, users: Mapping[str, str] | None = None, extra: str = "") -> Iterator[Mosquitto]:
    """A running broker; with ``users`` (name: password) nobody else is let in; ``extra`` is more configuration."""
    with tempfile.TemporaryDirectory(prefix="mosquitto-") as folder:
        broker = Mosquitto(Path(folder), port or free_port(), users, extra)
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()
