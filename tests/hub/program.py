"""``moments hub`` as a process, or several over one store."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from gateway.cli_hub import hub as hub_command
from tests.ports import free_port
from tests.program import REPOSITORY, Ended, command_line

START_WITHIN = 90.0  # seconds; the machine may be busy

SETTINGS = """
[hub]
id = "maison"
name = {{ zh-CN = "美颂集团", en = "Maison" }}
listen = "127.0.0.1:{port}"
handshakes_per_s = 200
{more}
[store]
url = "{url}"
timeout_s = 20
[[brands]]
id = "aurelia"
name = {{ en = "Aurelia" }}
"""


class Program:
    """A hub with its settings and its data folder, and the processes that serve it."""

    def __init__(
        self, folder: Path, url: str = "sqlite", more: str = "", brands: str = "", ca: Path | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        self.config = folder / "hub.toml"
        self.port = free_port()
        self.ca = ca
        self.url = f"{'https' if ca else 'http'}://127.0.0.1:{self.port}"
        self.config.write_text(SETTINGS.format(port=self.port, url=url, more=more) + brands, "utf-8")
        self.processes: list[subprocess.Popen[bytes]] = []

    def command(self, *words: str) -> Ended:
        """Runs one of the hub's commands: in a thread, where it has a loop of its own, and not each in a process."""
        places = ["--config", str(self.config), "--data", str(self.data)]
        with ThreadPoolExecutor(1) as thread:
            done = thread.submit(CliRunner().invoke, hub_command, [*words, *places]).result()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ended(done.exit_code, done.stdout, done.stderr)

    def invite(self, venue: str, *more: str) -> str:
        """An invitation for a venue's box."""
        done = self.command("invite", venue, *more)
        assert done.code == 0, done
        return done.out.strip()

    def start(self, port: int | None = None) -> str:
        """Starts a process, on another port where one is given; its address, once it serves."""
        listen = [] if port is None else ["--listen", f"127.0.0.1:{port}"]
        words = command_line("hub", "--config", self.config, "--data", self.data, *listen)
        process = subprocess.Popen(words, cwd=REPOSITORY, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        url = self.url.replace(str(self.port), str(port or self.port))
        give_up = time.monotonic() + START_WITHIN
        while True:
            try:
                health(url, self.ca)
                return url
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(f"the hub does not start (exit {process.poll()})") from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> list[int]:
        """Ends every process; their exit codes."""
        for process in self.processes:
            process.send_signal(how)
        codes = [process.wait(timeout=40) for process in self.processes]
        self.processes.clear()
        return codes


def health(url: str, ca: Path | None = None) -> dict[str, Any]:
    """What a process says of itself; ``ca``: who vouches for it."""
    trust = ssl.create_default_context(cafile=str(ca)) if ca else None
    with urllib.request.urlopen(f"{url}/hub/v1/health", timeout=40, context=trust) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def hub(
    folder: Path, url: str = "sqlite", more: str = "", brands: str = "", ca: Path | None = None
) -> Iterator[Program]:
    """A hub that serves; ended with the test."""
    program = Program(folder, url, more, brands, ca)
    program.start()
    try:
        yield program
    finally:
        program.stop(signal.SIGKILL)
