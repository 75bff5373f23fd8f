"""As fast as it goes: floods of lines and of a broker, and the barest programs that can read them."""

from __future__ import annotations

import os
import selectors
import time
import tty
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.radio import FRAME, TICK, Line, Pipe, Publisher, frames, messages

BURST = 100  # messages sent in one go
CHUNK = 65_536

Count = Any  # a multiprocessing RawValue of a 64-bit number, whose type has no public name


def flood(pipe: Pipe, lines: list[list[Path]], broker: int, topics: list[str], present: list[int], seen: Count) -> None:
    """Floods on command, in a process of its own: ``("lines", group)`` or ``("topic", prefix, window, rate)``, until
    ``("stop",)``, which is answered with how much was sent; ends with ``("end",)``.

    Of a topic no more than ``window`` messages are under way: ``seen`` is how many of them the other end has counted.
    With a rate there is no window: so many a second, come what may.
    """
    groups = [[Line(link, frames(n, present, len(g))) for n, link in enumerate(g)] for g in lines]
    made = {prefix: messages(present, len(groups[0]), prefix) for prefix in topics}
    publisher = Publisher(broker)
    everyone = [line for group in groups for line in group]
    target: tuple[Any, ...] = ("stop",)
    with selectors.DefaultSelector() as selector:
        for line in everyone:
            selector.register(line.device, selectors.EVENT_READ, line)
        selector.register(pipe.fileno(), selectors.EVENT_READ)
        pipe.send("ready")
        while target[0] != "end":
            busy = _send(target, groups, publisher, made, seen)
            for key, _ in selector.select(0 if busy else TICK / 5):
                if key.data is not None:
                    key.data.hear()
            for line in everyone:
                line.live(time.monotonic())
            if pipe.poll():
                target = _turn(target, pipe, groups, publisher)
    publisher.close()
    for line in everyone:
        line.close()


def _send(
    target: tuple[Any, ...], groups: list[list[Line]], publisher: Publisher, made: dict[str, list[bytes]], seen: Count
) -> bool:
    """Sends what may be sent now; whether there was anything."""
    match target:
        case ("lines", group):
            before = sum(line.sent for line in groups[group])
            for line in groups[group]:
                line.flood()
            return bool(sum(line.sent for line in groups[group]) > before)
        case ("topic", prefix, window, rate, began):
            if rate:
                room = int((time.monotonic() - began) * rate) - publisher.sent
            else:
                room = window - (publisher.sent - seen.value)
            if room < BURST:
                return False
            first = publisher.sent % (len(made[prefix]) - BURST)
            publisher.send(made[prefix][first : first + BURST])
            return True
    return False


def _turn(target: tuple[Any, ...], pipe: Pipe, groups: list[list[Line]], publisher: Publisher) -> tuple[Any, ...]:
    told: tuple[Any, ...] = pipe.recv()
    match told:
        case ("lines", group):
            for line in groups[group]:
                line.sent = 0
            return told
        case ("topic", _, _, _):
            publisher.sent = 0
            return (*told, time.monotonic())
        case ("stop",):
            sent = publisher.sent
            if target[0] == "lines":
                group = groups[target[1]]
                while not all(line.flush() for line in group):
                    time.sleep(TICK)
                sent = sum(line.sent for line in group)
            pipe.send(sent)
    return told


def read_ptys(pipe: Pipe, links: list[Path], count: Count) -> None:
    """The barest reader of ptys: what is there is read and cut into frames, nobody looks into them."""
    rests: dict[int, bytes] = {}
    with selectors.DefaultSelector() as selector:
        for link in links:
            descriptor = os.open(link, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
            tty.setraw(descriptor)
            rests[descriptor] = b""
            selector.register(descriptor, selectors.EVENT_READ)
        selector.register(pipe.fileno(), selectors.EVENT_READ)
        pipe.send("ready")
        while not pipe.poll():
            for key, _ in selector.select():
                if key.fd in rests:
                    held = rests[key.fd] + os.read(key.fd, CHUNK)
                    cut = [held[i : i + FRAME] for i in range(0, len(held) - FRAME + 1, FRAME)]
                    rests[key.fd] = held[len(cut) * FRAME :]
                    count.value += len(cut)
    for descriptor in rests:
        os.close(descriptor)


def subscribe(pipe: Pipe, broker: int, prefix: str, count: Count) -> None:
    """The barest subscriber: paho, with a callback that counts."""
    client = paho.Client(CallbackAPIVersion.VERSION2)

    def came(_client: paho.Client, _user: object, _message: paho.MQTTMessage) -> None:
        count.value += 1

    def subscribed(*_: object) -> None:
        pipe.send("ready")

    client.on_message = came
    client.on_subscribe = subscribed
    client.connect("127.0.0.1", broker)
    client.subscribe(f"{prefix}/devices/#")
    client.loop_start()
    pipe.recv()
    client.disconnect()
    client.loop_stop()
