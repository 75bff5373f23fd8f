"""The real gateway as a process of its own, seen from outside: HTTP, /proc, signals."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import gateway
from benchmarks.customers import fill
from tests.ports import free_port

T = TypeVar("T")

ROOT = Path(gateway.__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
START_WITHIN = 300.0  # seconds; a million customers are read from the disk first
STOP_WITHIN = 30.0
ZONES = 8
STAFF = 10

BROKER = "set_tcp_nodelay true\nmax_queued_messages 10000"
"""As the embedded broker has it: without the first a message may wait 40 ms for the one before it."""

# A spawned process inherits nothing of this one: what it costs is its own.
spawned = get_context("spawn")


class Failed(Exception):
    """The gateway did not do what a bench needs; the text holds what it said last."""


def venue(port: int, readers: str = "", broker: int | None = None) -> str:
    """A venue.toml with eight zones; alerts stay where they are, since nobody here claims them."""
    zones = "".join(f'[[zones]]\nid = "z{n}"\nname = {{ zh-CN = "区{n}", en = "Zone {n}" }}\n' for n in range(ZONES))
    mqtt = f'[mqtt]\nurl = "mqtt://127.0.0.1:{broker}"\n' if broker else ""
    return (
        f'[venue]\nid = "bench"\nname = {{ zh-CN = "测速", en = "Bench" }}\n'
        f'[console]\nlisten = "127.0.0.1:{port}"\n{mqtt}{zones}{readers}'
        f"[alerts]\nescalate_after_s = [3600, 7200]\n"
    )


class Served:
    """A running gateway; a context. ``profile`` is a file for what cProfile finds in its loop's thread."""

    def __init__(self, config: Path, data: Path, port: int, profile: Path | None = None) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        under = ["-m", "cProfile", "-o", str(profile)] if profile else []
        command = [sys.executable, *under, "-m", "gateway", "serve", "--config", str(config), "--data", str(data)]
        self.port = port
        began = time.perf_counter()
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log)
        self.pid = self._process.pid
        try:
            self.wait_for(lambda: self.health() is not None, START_WITHIN)
        except BaseException:
            self.stop()
            raise
        self.started_in = time.perf_counter() - began
        """Seconds from exec to the first answer of /health."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it as systemd would; raises Failed if it does not end well."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise Failed(f"the gateway does not stop within {STOP_WITHIN:.0f} s") from None
        if self._process.returncode:
            raise Failed(self._said())
        self._log.close()

    def wait_for(self, done: Callable[[], bool], seconds: float) -> None:
        """Returns once ``done``; raises Failed after so many seconds, or when the gateway has ended."""
        give_up = time.monotonic() + seconds
        while not done():
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise Failed(self._said())
            time.sleep(0.01)

    def get(self, path: str) -> bytes | None:
        """The body of one GET; None where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def health(self) -> dict[str, Any] | None:
        """What /health answers; None while nobody does."""
        body = self.get("/health")
        return json.loads(body) if body else None

    def well(self) -> bool:
        """Whether /health says that all is."""
        health = self.health()
        return health is not None and health["status"] == "ok"

    def metrics(self) -> dict[str, float]:
        """Everything of ours in /metrics, by its name and labels as they stand there."""
        lines = (self.get("/metrics") or b"").decode().splitlines()
        return {name: float(value) for name, _, value in (x.rpartition(" ") for x in lines if x.startswith("moments_"))}

    def sightings(self, reader: str = "") -> int:
        """Sightings counted since the links were opened, of readers whose id begins so."""
        start = f'moments_sightings_total{{reader="{reader}'
        return int(sum(value for name, value in self.metrics().items() if name.startswith(start)))

    def memory(self) -> float:
        """Resident memory, MiB."""
        return memory(self.pid)

    def cpu(self) -> float:
        """Seconds of processor time it has used, all threads."""
        return cpu(self.pid)

    def _said(self) -> str:
        self._log.seek(0)
        words = self._log.read().decode(errors="replace").strip()
        return f"the gateway (exit {self._process.poll()}) said last: {words[-2000:]}"


def memory(pid: int) -> float:
    """Resident memory of a process, MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def apart(target: Callable[..., None], *arguments: object) -> None:
    """Runs a function in a process of its own and waits for it; raises Failed if it fails."""
    process = spawned.Process(target=target, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise Failed(f"{target.__name__} failed")


def answer_of(function: Callable[..., T], *arguments: object) -> T:
    """What a function returns in a process of its own."""
    with spawned.Pool(1) as pool:
        return pool.apply(function, arguments)


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder for one bench."""
    with tempfile.TemporaryDirectory(prefix="moments-bench-") as name:
        yield Path(name)


def prepare(place: Path, customers: int, readers: str = "", broker: int | None = None) -> tuple[Path, Path, int]:
    """Writes venue.toml and fills the data folder: their paths, and the port on which the gateway will serve."""
    port = free_port()
    config, data = place / "venue.toml", place / "data"
    config.write_text(venue(port, readers, broker), "utf-8")
    apart(fill, data, customers, {})
    return config, data, port


def tokens() -> dict[str, str]:
    """New bearer tokens for the staff of the bench, by id."""
    return {f"s-{n}": secrets.token_urlsafe(32) for n in range(STAFF)}


def rows_of(readers: Sequence[dict[str, str]]) -> str:
    """Tables ``[[readers]]``; every value is TOML already."""
    return "".join("[[readers]]\n" + "".join(f"{k} = {v}\n" for k, v in each.items()) for each in readers)
