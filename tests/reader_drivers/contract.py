"""Every driver on a real link with its simulated device, and what it offers: what the contract is held against."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.commands.demo_devices import GATEWAYS, NETWORK, SERIAL, SETTINGS, SOURCES, Field, Guest, Spot, serial_spot
from reader_drivers import DRIVERS, ReaderLost, Sighting
from reader_drivers.mqtt_link import Broker
from reader_drivers.raw import TAP
from tests.mosquitto import Mosquitto, mosquitto
from tests.reader_drivers.readers import until

READER = "door"
ROOM = "lounge"
ANNA = Guest(
    "anna",
    tag="epc:30751FEB705C5904E3D50D70",
    fob="em:0700ABCDEF",
    card="nfc:04A1B2C3D4E5F6",
    phone="ibeacon:1de4b189-115e-45f6-b44e-509352269977-7-9",
    app="owntracks:anna/phone",
)
CARRIED = {ANNA.tag, ANNA.fob, ANNA.card, ANNA.phone, ANNA.app}
QUICK: dict[str, dict[str, Any]] = {"llrp": {"keepalive_s": 0.2, "dead_after_s": 1.0}}


@dataclass(slots=True)
class Stand:
    """One driver, its device, and the link between them, which can be cut and joined again."""

    name: str
    device: Any
    spot: Spot
    make: Callable[[], Any]
    cut: Callable[[], Any]
    join: Callable[[], Any]

    def present(self) -> None:
        """Anna comes near."""
        self.spot.come(ANNA, ROOM, -50.0)


async def settle(maybe: Any) -> None:
    """Waits for what a cut or a join began, where there is something to wait for."""
    if asyncio.iscoroutine(maybe):
        await maybe


@asynccontextmanager
async def stand(name: str, folder: Path) -> AsyncIterator[Stand]:
    """A driver that is not listening yet, before a device that is switched on."""
    made: Any = DRIVERS[name]
    settings = made.settings.model_validate({**SETTINGS.get(name, {}), **QUICK.get(name, {})})
    async with AsyncExitStack() as stack:
        if name in SERIAL:
            device = await stack.enter_async_context(SERIAL[name](folder / "reader"))
            _quicken(device)
            spot = serial_spot(name, device)
            yield Stand(
                name, device, spot, lambda: made(READER, str(device.link), settings), device.unplug, device.plug
            )
        elif name in NETWORK:
            device = await stack.enter_async_context(NETWORK[name]())
            _quicken(device)
            spot = Field(device, lambda guest: guest.tag, lambda _, rssi: (rssi,))
            yield Stand(name, device, spot, lambda: made(READER, device.link, settings), device.unplug, device.plug)
        else:
            server = stack.enter_context(mosquitto())
            yield await _over_mqtt(name, made, settings, server, stack)


def _quicken(device: Any) -> None:
    """Has a device tell everything ten times as often as it would."""
    for name in ("round_s", "every_s", "_every_s"):
        if hasattr(device, name):
            setattr(device, name, getattr(device, name) / 10)


async def _over_mqtt(name: str, made: Any, settings: Any, server: Mosquitto, stack: AsyncExitStack) -> Stand:
    source = SOURCES[name]
    rooms = [ROOM]
    link = source.link.format(reader=READER)
    device = source.make(server.url, link, rooms, {"username": None, "password": None})
    _quicken(device)
    device = await stack.enter_async_context(device)
    broker = await stack.enter_async_context(Broker(server.url))
    return Stand(
        name,
        device,
        source.spot(device),
        lambda: made(READER, link, settings, broker),
        lambda: asyncio.to_thread(server.stop),
        lambda: asyncio.to_thread(server.start),
    )


@dataclass(slots=True)
class Session:
    """What came of listening once: sightings, what the link carried, and why it ended."""

    driver: Any
    sightings: list[Sighting] = field(default_factory=list)
    carried: list[tuple[str, bytes, float]] = field(default_factory=list)
    batches: int = 0
    lost: str | None = None

    def received(self) -> list[tuple[str, bytes, float]]:
        """What came from the reader: topic or ``in``, bytes, when."""
        return [each for each in self.carried if each[0] != "out"]


@asynccontextmanager
async def listening(driver: Any) -> AsyncIterator[Session]:
    """Listens in the background while the context lasts, and hears what the link carries."""
    session = Session(driver)

    async def listen() -> None:
        TAP.set(lambda where, data: session.carried.append((where, data, time.time())))
        try:
            async with aclosing(driver.listen()) as batches:
                async for batch in batches:
                    session.batches += 1
                    session.sightings += batch
        except ReaderLost as lost:
            session.lost = str(lost)

    task = asyncio.create_task(listen())
    try:
        yield session
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (fault := task.exception()):
            raise fault


def decoder(name: str) -> Any:
    """A fresh decoder with the settings of the stand."""
    made: Any = DRIVERS[name]
    return made.decoder(READER, made.settings.model_validate(SETTINGS.get(name, {})))


def decode(pure: Any, where: str, data: bytes, at: float) -> list[Any]:
    """One chunk or message through a decoder."""
    return list(pure.feed(data, at) if where == "in" else pure.message(where, data, at))


def sightings(found: list[Any]) -> list[Sighting]:
    return [each for each in found if isinstance(each, Sighting)]


# --- the ladder: what a driver offers --------------------------------------------------------------------------------


async def offers(name: str, folder: Path) -> dict[str, bool]:
    """Which criteria of the ladder this driver meets, as seen on its device."""
    async with stand(name, folder) as one:
        one.present()
        async with listening(one.make()) as session:
            await until(lambda: session.batches, within=20)
            await _power_cycle(one)  # what it says once when it is switched on
            await until(lambda: len(session.sightings) >= 2, within=20)
            await until(lambda: session.driver.status.firmware or len(session.sightings) >= 5, within=20)
            firmware = session.driver.status.firmware
            seen, carried = list(session.sightings), session.received()
            silence = await _notices_silence(one, session, carried)
    fields = DRIVERS[name].settings.model_fields
    return {
        "silence": silence,
        "firmware": firmware is not None,
        "strength": any(each.rssi is not None for each in seen),
        "place": any(each.antenna is not None for each in seen),
        "clock": _keeps_old_times(name, carried),
        "power": "power_dbm" in fields,
    }


async def _power_cycle(one: Stand) -> None:
    if DRIVERS[one.name].over == "mqtt":
        rooms = [ROOM] if one.name == "espresense" else []
        await one.device.drop(*rooms)
        one.device.start(*rooms)
        one.present()


async def _notices_silence(one: Stand, session: Session, carried: list[tuple[str, bytes, float]]) -> bool:
    if DRIVERS[one.name].over == "mqtt":
        pure = decoder(one.name)
        for where, data, at in carried:
            decode(pure, where, data, at)
        if pure.quiet(time.time() + 86_400) is not None:
            return True
        before = len(session.carried)
        await one.device.drop()
        with suppress(AssertionError):
            await until(lambda: len(session.carried) > before, within=2)  # a last will, where it has one
        for where, data, at in session.carried[before:]:
            decode(pure, where, data, at)
        return pure.quiet(time.time()) is not None
    if not hasattr(one.device, "stall"):
        return False
    one.device.stall()
    try:
        await until(lambda: session.lost or session.driver.status.quiet, within=20)
    except AssertionError:
        return False
    return True


def _keeps_old_times(name: str, carried: list[tuple[str, bytes, float]]) -> bool:
    """Whether what arrives an hour late is told with the time when it was read."""
    last = [each for each in carried if sightings(decode(decoder(name), *each))][-1]
    where, data, at = last
    in_time, late = decoder(name), decoder(name)
    for each in carried:
        decode(in_time, *each)
    again = [*sightings(decode(in_time, where, data, at + 3600)), *sightings(decode(late, where, data, at + 3600))]
    return any(each.at < at + 60 for each in again)


__all__ = [
    "ANNA",
    "CARRIED",
    "GATEWAYS",
    "Session",
    "Stand",
    "decode",
    "decoder",
    "listening",
    "offers",
    "settle",
    "stand",
]
