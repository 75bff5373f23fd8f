"""A PostgreSQL of the tests' own: a private cluster for the session, on a Unix socket, and a database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

START_WITHIN = 30.0  # seconds
ROOM = 2 << 30  # bytes that memory has to spare for a cluster: a database for each test is most of what a test takes


@cache
def programs() -> Path | None:
    """Where Debian keeps the server's programs of version 15 or newer; None where it is not installed."""
    found = [each for each in Path("/usr/lib/postgresql").glob("*/bin/initdb") if int(each.parts[-3]) >= 15]
    return max(found, key=lambda each: int(each.parts[-3])).parent if found else None


def _user() -> pwd.struct_passwd | None:
    """Whom the server runs as where we are root, which it refuses; None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


class Cluster:
    """One server; ``database`` makes an empty database and says its address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._sockets = folder / "s"
        self._user = _user()
        self._as: Any = {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid}
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        where = programs()
        assert where is not None
        found: subprocess.CompletedProcess[bytes] = subprocess.run(
            [where / program, *arguments], cwd="/", capture_output=True, check=True, timeout=60, **self._as
        )
        return found

    def make(self) -> None:
        """Makes the cluster: folders of the server's own user, short paths, no passwords on the socket."""
        for each in (self._data, self._sockets):
            each.mkdir(mode=0o700)
            if self._user is not None:
                os.chown(each, self._user.pw_uid, self._user.pw_gid)
        self._folder.chmod(0o711)
        self._run("initdb", "-D", str(self._data), "-U", "moments", "-A", "trust", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        """Returns when the server takes connections."""
        where = programs()
        assert where is not None
        self._process = subprocess.Popen(
            [where / "postgres", "-D", self._data, "-k", self._sockets, "-c", "listen_addresses=",
             "-c", "max_connections=60", "-c", "shared_buffers=32MB"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._as,
        )  # fmt: skip
        give_up = time.monotonic() + START_WITHIN
        while subprocess.run([where / "pg_isready", "-q", "-h", self._sockets], check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"PostgreSQL does not start (exit {self._process.poll()})")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends the server: by default without waiting for its clients."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None

    def send(self, what: signal.Signals) -> None:
        """Sends a signal to every process of the server."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in (*map(int, children), self._process.pid):
            os.kill(pid, what)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql says to one statement."""
        done = self._run("psql", "-h", str(self._sockets), "-U", "moments", "-d", database, "-Atc", statement)
        return done.stdout.decode().strip()

    def database(self) -> str:
        """The address of a new, empty database."""
        self._count += 1
        name = f"hub{self._count}"
        self.sql(f"CREATE DATABASE {name}")
        return f"postgresql://moments@/{name}?host={self._sockets}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server in a folder of its own, which goes with it."""
    memory = Path("/dev/shm")
    large = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=memory if large else "/tmp"))
    found = Cluster(folder)
    try:
        found.make()
        found.start()
        yield found
    finally:
        found.stop(signal.SIGQUIT)  # its folder goes too: nothing has to be written first
        shutil.rmtree(folder, ignore_errors=True)
