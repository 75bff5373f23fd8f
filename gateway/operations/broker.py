"""The embedded MQTT broker: the real mosquitto, as a child of ours.

On the loopback address any program on this machine may publish sightings and read nothing; beyond it there is TLS, and
every reader signs in as itself. It keeps nothing on the disk, and retains nothing that came in through its doors.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import signal
import socket
import ssl
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Self

from gateway.operations.broker_door import door
from gateway.operations.broker_settings import (
    GATEWAY,
    READERS,
    BrokerSettings,
    Credentials,
    write_settings,
    write_users,
)
from gateway.operations.broker_users import hashed
from gateway.operations.entrance import Entrance
from gateway.operations.gate import Gate
from gateway.operations.overruns import Overruns

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
LOOPBACKS = frozenset({LOOPBACK, "::1", "localhost"})
EVERYWHERE = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - not bound to: where we ourselves find a broker that listens everywhere
USUAL_PORT = 1883  # what beacons and programs try first (IANA)
START_WITHIN = 5.0  # seconds; mosquitto takes some 10 ms, a busy box a hundred times that
STOP_WITHIN = 3.0
FREE_PORT_TRIES = 5  # between choosing a free port and mosquitto taking it another program may

# Becomes mosquitto after it has asked the kernel to be ended when we are, even by SIGKILL. A program of its own: what
# runs between fork and exec of a process with threads may hang. 1 is PR_SET_PDEATHSIG; who has another parent by now
# has asked too late.
ENDS_WITH_US = """
import ctypes, os, signal, sys
os.environ.pop("NOTIFY_SOCKET", None)  # it would tell our service manager how we are
ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""

# Of what mosquitto says of connections, what somebody must mend: each is logged once, with the client's name.
TO_MEND = ("oversize packet", "not authorised", "protocol error", "malformed packet")
MOST_WARNINGS = 100
NOTICES = (
    "Reloading config", "New c", "Client ", "Outgoing ", "Socket error", "mosquitto version", "Config loaded",
    "Opening ",
)  # fmt: skip

_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")  # Debian keeps it out of a user's PATH


class BrokerMissing(Exception):
    """The program mosquitto is not installed; the text says how to install it."""


class BrokerFailed(Exception):
    """mosquitto did not come up or went down; the text says why, in its own words where it gave any."""


class EmbeddedBroker:
    """A running mosquitto that ends with us, however we end.

    ``folder`` is made where it is missing and is for the broker alone; ``topics`` are the filters that the gateway may
    read and readers may write; ``host`` is the address to listen on; ``port`` None takes the usual one, or a free one
    where that is taken, and keeps it. ``published`` are the filters that the gateway may write and Home Assistant may
    read, ``subscribed`` those of the other direction. ``readers`` are the users beyond this machine, each with the
    filters that it may write; ``hashes`` is asked for the hashed passwords. ``tls`` says how to speak TLS on ``host``,
    and ``plain`` is an address without it, for who knows none.
    """

    def __init__(
        self,
        folder: Path,
        topics: Iterable[str],
        *,
        host: str = LOOPBACK,
        port: int | None = None,
        published: Iterable[str] = (),
        subscribed: Iterable[str] = (),
        readers: Mapping[str, tuple[str, ...]] | None = None,
        hashes: Callable[[], Mapping[str, str]] = dict,
        tls: Callable[[], ssl.SSLContext] | None = None,
        plain: tuple[str, int] | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.topics = tuple(topics)
        self.published = tuple(published)
        self.subscribed = tuple(subscribed)
        self.host = host
        self.port = port or USUAL_PORT
        self._readers = dict(readers or {})
        self._hashes = hashes
        self._tls = tls
        self._plain = plain
        self._any_port = not port
        self._gate = gate or Gate(Overruns(), trusts=LOOPBACKS)
        self._doors: list[Entrance] = []
        self._inner_port = _free_port(LOOPBACK)
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[str] = deque(maxlen=20)
        self._warned: set[str] = set()
        self._listener: asyncio.Task[None] | None = None
        self._passwords = {user: secrets.token_urlsafe(24) for user in (GATEWAY, READERS)}

    def admit(self, topics: Iterable[str], readers: Mapping[str, tuple[str, ...]], published: Iterable[str]) -> None:
        """From ``take_up`` on these may be written by these users; may take a while."""
        self.topics, self._readers, self.published = tuple(topics), dict(readers), tuple(published)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The broker's address, as devices reach it from this machine."""
        found = f"[{self.found_at}]" if ":" in self.found_at else self.found_at
        return f"{'mqtts' if self._tls else 'mqtt'}://{self.username}@{found}:{self.port}"

    @property
    def inner_url(self) -> str:
        """The gateway's own, past the door at which devices wait: no crowd there keeps it from its broker."""
        return f"mqtt://{self.username}@{LOOPBACK}:{self._inner_port}"

    @property
    def found_at(self) -> str:
        """The address under which this machine reaches it."""
        return EVERYWHERE.get(self.host, self.host)

    @property
    def open_to_this_machine(self) -> bool:
        """Whether it can be reached from this machine only, so that readers on it need not sign in."""
        return self.host in LOOPBACKS and (self._plain is None or self._plain[0] in LOOPBACKS)

    @property
    def username(self) -> str:
        """The gateway's user name; it may read the topics."""
        return GATEWAY

    @property
    def password(self) -> str:
        """The gateway's password; new with each start of the gateway, and on no disk."""
        return self._passwords[GATEWAY]

    @property
    def reader_credentials(self) -> Credentials:
        """What programs on this machine may sign in with; they may write the topics and read nothing."""
        return Credentials(READERS, self._passwords[READERS])

    @property
    def pid(self) -> int | None:
        """The process id of mosquitto while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Returns when mosquitto has accepted the gateway's user; raises BrokerMissing or BrokerFailed.

        Called again after it died: same port, same passwords.
        """
        await self.stop()
        program = _program()
        listening = [(self._bound(), self._tls)]
        try:
            if self._plain is not None:
                listening.append((self._bound_plain(*self._plain), None))
            await self._start_inner(program)
        except BaseException:
            for each, _ in listening:
                each.close()
            await self.stop()
            raise
        self._doors = [door(self._gate, each, (LOOPBACK, self._inner_port), tls) for each, tls in listening]

    def take_up(self) -> None:
        """Has it read passwords and rights again: who came in with an old password is out."""
        write_users(self._settings())
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)

    async def _start_inner(self, program: str) -> None:
        for attempt in range(1, FREE_PORT_TRIES + 1):
            if attempt > 1:  # else the one it had: the gateway's link looks for it there
                self._inner_port = _free_port(LOOPBACK)
            write_settings(self._settings())
            try:
                await self._launch(program)
                return
            except BrokerFailed as error:
                await self.stop()
                if "in use" not in str(error) or attempt == FREE_PORT_TRIES:
                    raise

    def _bound(self) -> socket.socket:
        """Where devices come in; another port where another program has the usual one, and any will do."""
        try:
            bound = _listening(self.host, self.port)
        except OSError as error:
            if not self._any_port:
                raise BrokerFailed(f"port {self.port} cannot be had: {os.strerror(error.errno or 0)}") from None
            log.warning("port %d is in use by another program: the embedded broker takes another", self.port)
            bound = _listening(self.host, 0)
        self.port = bound.getsockname()[1]
        return bound

    @staticmethod
    def _bound_plain(host: str, port: int) -> socket.socket:
        try:
            return _listening(host, port)
        except OSError as error:
            raise BrokerFailed(f"port {port} cannot be had: {os.strerror(error.errno or 0)}") from None

    def _settings(self) -> BrokerSettings:
        own = {user: hashed(password) for user, password in self._passwords.items()}
        return BrokerSettings(
            self.folder, LOOPBACK, self._inner_port, self.open_to_this_machine, self.topics,
            self.published, self.subscribed, self._readers, {**self._hashes(), **own},
        )  # fmt: skip

    async def died(self) -> str:
        """Waits until mosquitto has ended without having been stopped, and says what it said last."""
        if self._process is None:
            raise BrokerFailed("mosquitto was not started")
        code = await self._process.wait()
        if self._listener:
            await asyncio.wait([self._listener], timeout=1)
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"mosquitto ended ({how})" + (f": {self._said[-1]}" if self._said else "")

    async def stop(self) -> None:
        """Ends mosquitto and waits for it; does nothing where it has ended."""
        process, listener, entrances = self._process, self._listener, self._doors
        self._process = self._listener = None
        self._doors = []
        for entrance in entrances:
            await entrance.stop()
        try:
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                try:
                    async with asyncio.timeout(STOP_WITHIN):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()
        finally:
            if listener is not None:
                listener.cancel()
                await asyncio.wait([listener])

    async def _launch(self, program: str) -> None:
        self._said.clear()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-ISc", ENDS_WITH_US, str(os.getpid())),
            *(program, "-c", str(self.folder / "mosquitto.conf")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is for us; the broker goes last
        )
        self._listener = asyncio.create_task(self._listen(self._process.stderr))
        greeting = asyncio.create_task(self._accepted())
        death = asyncio.create_task(self.died())
        try:
            await asyncio.wait({greeting, death}, timeout=START_WITHIN, return_when=asyncio.FIRST_COMPLETED)
            if death.done():
                raise BrokerFailed(death.result())
            if not greeting.done():
                raise BrokerFailed(
                    f"mosquitto did not answer on {LOOPBACK}:{self._inner_port} within {START_WITHIN:.0f} s"
                )
            greeting.result()
        finally:
            greeting.cancel()
            death.cancel()
            await asyncio.wait({greeting, death})

    async def _listen(self, stderr: asyncio.StreamReader | None) -> None:
        while stderr is not None and (line := await stderr.readline()):
            text = line.decode(errors="replace").strip().partition(": ")
            said = text[2] if text[0].isdecimal() else "".join(text)  # without mosquitto's own time stamp
            self._hear(said)

    def _hear(self, said: str) -> None:
        if any(fault in said for fault in TO_MEND):
            if said not in self._warned and len(self._warned) < MOST_WARNINGS:
                self._warned.add(said)
                log.warning("mosquitto: %s", said)
        elif "as root" not in said and not said.startswith(NOTICES):
            self._said.append(said)
            log.warning("mosquitto: %s", said)

    async def _accepted(self) -> None:
        user = Credentials(self.username, self.password)
        while not await _connack(LOOPBACK, self._inner_port, user):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


# --- the process --------------------------------------------------------------------------------------------------


def _program() -> str:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_PLACES])
    program = shutil.which("mosquitto", path=path)
    if program is None:
        raise BrokerMissing("the MQTT broker mosquitto is not installed; on Debian: sudo apt-get install mosquitto")
    return program


def _listening(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(512)
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


async def _connack(host: str, port: int, credentials: Credentials) -> bool:
    """Whether an MQTT 3.1.1 CONNECT with these credentials is accepted; False while nobody listens yet."""
    fields = [b"", credentials.username.encode(), credentials.password.encode()]
    user_password_clean = 0b1100_0010
    body = b"\x00\x04MQTT\x04" + bytes([user_password_clean, 0, 10])
    body += b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        writer.write(b"\x10" + bytes([len(body)]) + body)
        answer = await reader.readexactly(4)
        if answer == b"\x20\x02\x00\x00":
            writer.write(b"\xe0\x00")
            return True
        raise BrokerFailed(f"another program listens on port {port}, or mosquitto refused its own user")
    except (OSError, asyncio.IncompleteReadError):
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
