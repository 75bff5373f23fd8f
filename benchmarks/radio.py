"""The load: simulated lines and nodes in a process of their own, as slow as told or as fast as they are read.

Frames and payloads are those of ``reader_drivers.simulated``. On the lines here nothing is ever lost: what does not fit
waits, so that what is counted at the other end can be compared with what was sent.
"""

from __future__ import annotations

import json
import os
import random
import selectors
import socket
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol

from benchmarks.customers import customer, phone, tag
from reader_drivers.simulated import SimulatedEspresense, SimulatedM100

FRAME = 24  # bytes: 7 around the parameters, which are RSSI, PC (2), EPC (12), CRC (2)
STRANGERS = 0.8  # of all sightings; the others are of customers who are present
HEARTBEAT = 0.3  # seconds between words of an idle module, which real ones say 30 times a second
TICK = 0.005
ROUND = 1000  # sightings made in advance on each line and topic, sent again and again
ROUNDS = 4  # so many of them in one go at most, or a reader that keeps up would be all that is listened to
NODES = "espresense"
DESK = "desk"

STOP, IDENTIFY, REGION, START, POWER = 0x28, 0x03, 0x07, 0x27, 0xB6


class Pipe(Protocol):
    """This process's end of a multiprocessing pipe."""

    def send(self, what: Any) -> None: ...
    def recv(self) -> Any: ...
    def poll(self, timeout: float = 0.0) -> bool: ...
    def fileno(self) -> int: ...


def zone_of(number: int, lines: int) -> int:
    """Where a customer of the bench stays."""
    return number % lines


def frames(line: int, present: Sequence[int], lines: int, count: int = ROUND) -> list[bytes]:
    """What the module of one line says: its share of the present customers among strangers."""
    chance = random.Random(line)
    module = SimulatedM100(f"/nowhere/{line}")
    near = cycle([n for n in present if zone_of(n, lines) == line] or [None])
    made = []
    for i in range(count):
        known = next(near) if i % 10 >= STRANGERS * 10 else None
        epc = tag(known) if known is not None else f"E280{chance.getrandbits(80):020X}"
        made.append(module.tag(epc, -55 + chance.gauss(0, 1.5)))
    return made


def messages(present: Sequence[int], rooms: int, prefix: str = NODES, count: int = ROUND) -> list[bytes]:
    """What the nodes of all rooms say, as MQTT packets of QoS 0: present customers among strangers."""
    chance = random.Random(prefix)
    nodes = SimulatedEspresense("mqtt://127.0.0.1:1", [])
    near = cycle(present or [None])
    made = []
    for i in range(count):
        known = next(near) if i % 10 >= STRANGERS * 10 else None
        device = phone(known) if known is not None else f"{chance.getrandbits(48):012x}"
        room = f"r{chance.randrange(rooms) if known is None else zone_of(known, rooms)}"
        made.append(packet(f"{prefix}/devices/{device}/{room}", nodes.sighting(device, room, 2.0)))
    return made


def packet(topic: str, payload: str) -> bytes:
    """One MQTT 3.1.1 PUBLISH of QoS 0."""
    name, body = topic.encode(), payload.encode()
    rest = len(name).to_bytes(2, "big") + name + body
    length = bytearray()
    left = len(rest)
    while True:
        left, low = divmod(left, 128)
        length.append(low | (0x80 if left else 0))
        if not left:
            return b"\x30" + bytes(length) + rest


class Line:
    """The device's end of a pty with an M100 behind it."""

    def __init__(self, link: Path, said: list[bytes]) -> None:
        self.device, self._port = os.openpty()
        tty.setraw(self._port)
        os.set_blocking(self.device, False)
        link.symlink_to(os.ttyname(self._port))
        self._module = SimulatedM100(link)
        self._frames = cycle(said)
        self._round = b"".join(said)
        self._rest = memoryview(b"")
        self._spoke_at = 0.0
        self.scanning = False
        self.sent = 0

    def say(self, count: int) -> None:
        """Some more tags."""
        self.sent += count
        self.write(b"".join(next(self._frames) for _ in range(count)))

    def flood(self) -> None:
        """As many tags as the line takes, up to some thousands."""
        for _ in range(ROUNDS):
            if not self.flush():
                break
            self._rest = memoryview(self._round)
            self.sent += len(self._round) // FRAME

    def write(self, data: bytes) -> None:
        """Sends; what does not fit goes first the next time."""
        self._rest = memoryview(bytes(self._rest) + data)
        self.flush()

    def flush(self) -> bool:
        """Whether everything has gone."""
        while self._rest:
            try:
                self._rest = self._rest[os.write(self.device, self._rest) :]
            except BlockingIOError:
                return False
        return True

    def live(self, now: float) -> None:
        """An empty round now and then, so that a silent module is not taken for a dead one."""
        if self.scanning and now - self._spoke_at > HEARTBEAT and self.flush():
            self._spoke_at = now
            self.write(self._module.frame(1, 0xFF, b"\x15"))

    def hear(self) -> None:
        """Does what the driver says, as far as it matters here."""
        with suppress(BlockingIOError):
            heard = os.read(self.device, 4096)
            while len(heard) >= 7:
                command, length = heard[2], int.from_bytes(heard[3:5], "big")
                parameters, heard = heard[5 : 5 + length], heard[7 + length :]
                if command in (STOP, REGION, POWER):
                    self.write(self._module.frame(1, command, b"\x00"))
                elif command == IDENTIFY:
                    self.write(self._module.frame(1, command, parameters[:1] + b"bench"))
                self.scanning = command == START or (self.scanning and command != STOP)

    def close(self) -> None:
        """The device is gone."""
        os.close(self.device)
        os.close(self._port)


class Publisher:
    """A connection to a broker that only publishes: packets made in advance go out as they are."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = f"load-{os.getpid()}".encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name
        self._socket.sendall(bytes((0x10, len(body))) + body)
        if self._socket.recv(4)[3:] != b"\x00":
            raise ConnectionError("the broker refuses the load generator")
        self.sent = 0

    def send(self, packets: Sequence[bytes]) -> None:
        """Sends packets."""
        self._socket.sendall(b"".join(packets))
        self.sent += len(packets)

    def close(self) -> None:
        """No goodbye: nobody waits for one."""
        self._socket.close()


@dataclass(slots=True)
class Air:
    """What there is to be heard: eight lines and a desk, nodes and a desk over MQTT."""

    lines: list[Path]
    desk: Path
    broker: int
    present: list[int]
    """Numbers of the customers who are here and heard all the time."""


@dataclass(slots=True)
class Arrival:
    """One deciding read: whose, on which link, and when its bytes were written (seconds since 1970 UTC)."""

    customer: str
    over: str
    wrote_at: float


@dataclass(slots=True)
class _Plan:
    rate: float = 0.0
    since: float = 0.0
    done: int = 0
    arrivals: Iterator[tuple[int, str]] = field(default_factory=lambda: iter(()))
    every: float = 0.0
    next_at: float = float("inf")
    told: list[Arrival] = field(default_factory=list)


def play(pipe: Pipe, air: Air) -> None:
    """The load of the latency bench, until told to end; runs in a process of its own.

    Hears ``("rate", sightings a second)``, ``("arrive", [(customer, link), …], every)`` and ``("end",)``; answers
    the second with the arrivals once they are all told.
    """
    count = len(air.lines)
    lines = [Line(link, frames(n, air.present, count)) for n, link in enumerate(air.lines)]
    desk = Line(air.desk, [])
    publisher = Publisher(air.broker)
    heard = cycle(messages(air.present, count))
    plan = _Plan()
    with selectors.DefaultSelector() as selector:
        for line in (*lines, desk):
            selector.register(line.device, selectors.EVENT_READ, line.hear)
        selector.register(pipe.fileno(), selectors.EVENT_READ)
        pipe.send("ready")
        while True:
            for key, _ in selector.select(TICK):
                if key.data is not None:
                    key.data()
            if pipe.poll() and not _obey(plan, pipe.recv()):
                break
            now = time.monotonic()
            _keep_up(plan, now, lines, publisher, heard)
            for line in (*lines, desk):
                line.live(now)
            _arrive(plan, now, desk, publisher, pipe)
    publisher.close()
    for line in (*lines, desk):
        line.close()


def _keep_up(plan: _Plan, now: float, lines: list[Line], publisher: Publisher, heard: Iterator[bytes]) -> None:
    """Sends what is due by now, one sighting to a line, the next to the broker, line after line."""
    before, plan.done = plan.done, int((now - plan.since) * plan.rate)
    over_mqtt = (plan.done + 1) // 2 - (before + 1) // 2
    for n, line in enumerate(lines):
        share = (plan.done // 2 + n) // len(lines) - (before // 2 + n) // len(lines)
        if share:
            line.say(share)
    if over_mqtt:
        publisher.send([next(heard) for _ in range(over_mqtt)])


def _obey(plan: _Plan, told: tuple[Any, ...]) -> bool:
    match told:
        case ("rate", rate):
            plan.rate, plan.since, plan.done = rate, time.monotonic(), 0
        case ("arrive", who, every):
            plan.arrivals, plan.every, plan.told = iter(who), every, []
            plan.next_at = time.monotonic()
        case _:
            return False
    return True


def _arrive(plan: _Plan, now: float, desk: Line, publisher: Publisher, pipe: Pipe) -> None:
    if now < plan.next_at:
        return
    number, over = next(plan.arrivals, (-1, ""))
    if number < 0:
        plan.next_at = float("inf")
        pipe.send(plan.told)
        return
    plan.next_at += plan.every
    if over == "pty":
        frame = SimulatedM100("/nowhere/desk").tag(tag(number), -40)
        wrote_at = time.time()
        desk.write(frame)
    else:
        sighting = {"id": phone(number), "rssi": -40.0, "distance": 0.3}
        told = packet(f"{DESK}/devices/{phone(number)}/{DESK}", json.dumps(sighting))
        wrote_at = time.time()
        publisher.send([told])
    plan.told.append(Arrival(customer(number), over, wrote_at))
