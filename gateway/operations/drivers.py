"""From a configured reader to its driver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar, Literal

from gateway.events import venue_time
from gateway.settings.venue import ReaderConfig
from reader_drivers import DRIVERS, Decoder, Driver, MessageDecoder, ReaderLost, Settings, Sighting, Status
from reader_drivers.messages import MqttReader
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.private_address import Resolver


def make_driver(
    reader: ReaderConfig, broker: Broker | None, no_broker: str | None = None, *, resolver: Resolver | None = None
) -> Driver:
    """The driver of a configured reader; ``no_broker`` is why there is none, for readers that need one.

    ``resolver`` knows enrolled phones under their private addresses, for drivers that hear raw ones.
    """
    cls: Any = DRIVERS[reader.driver]
    if cls.over == "mqtt" and broker is None:
        return NoBroker(reader, no_broker or "no broker is configured")
    arguments = (broker,) if cls.over == "mqtt" else ()
    driver: Driver = cls(reader.id, reader.link, _settings(reader), *arguments)
    if hasattr(driver, "resolver"):
        driver.resolver = resolver
    if isinstance(driver, MqttReader):
        driver.in_zone(venue_time.zone())
    return driver


def _settings(reader: ReaderConfig) -> Settings:
    """The driver's settings; one that asks for rooms is told those of the venue, so that it misses a silent one."""
    settings = reader.settings
    if not reader.rooms or "rooms" not in type(settings).model_fields or "rooms" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"rooms": tuple(reader.rooms)})


class NoBroker:
    """Stands where an MQTT reader would be while there is no broker to hear it from: lost, with the reason."""

    over: ClassVar[Literal["serial", "mqtt", "tcp"]] = "mqtt"
    settings: ClassVar[type[Settings]] = Settings

    def __init__(self, reader: ReaderConfig, reason: str) -> None:
        self.status = Status()
        self._reader = reader
        self._reason = reason

    async def listen(self) -> AsyncIterator[list[Sighting]]:
        """Raises ReaderLost."""
        if self._reason:
            raise ReaderLost(self._reason)
        yield []

    @staticmethod
    def decoder(reader: str, settings: Any) -> Decoder | MessageDecoder:
        """Nothing to decode."""
        raise NotImplementedError("there is no broker to hear from")
