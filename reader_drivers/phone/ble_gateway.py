"""Bluetooth gateways that publish what they hear as it is: Minew, MOKO, Shelly, April Brother, KKM, Ingics, Ruuvi.

The operator chooses the topics; each make writes in its own way (``ble_gateway_formats``). What was heard is told by
the beacon it announces, or by its address where that is a fixed one or belongs to an enrolled phone. A gateway is an
antenna, by the twelve hex digits of its own address in lower case; a Shelly by the name it gives, where it gives one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from reader_drivers import driver
from reader_drivers.messages import Messages, MqttReader, NoSighting, below, connection
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.advertisement import owner
from reader_drivers.phone.ble_gateway_formats import FORMATS, Heard, Parcel, make_of, values_of
from reader_drivers.phone.private_address import Resolver
from reader_drivers.reader_clock import Clocks
from reader_drivers.rooms import MOST_ROOMS, Rooms
from reader_drivers.sighting import Found, Ignored, Sighting
from reader_drivers.spelling import address
from reader_drivers.steady import steady

RUUVI_STATUS = "gw_status"


class BleGatewayDecoder(Messages):
    """One message of any of the gateways in, what it means out; ``rooms`` learns from it which gateways live."""

    def __init__(
        self, reader: str, settings: BleGateway.Settings, rooms: Rooms, clocks: Clocks, resolver: Resolver | None = None
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._clocks = clocks
        self._resolver = resolver
        self._nameless = False
        self.rooms = rooms

    def quiet(self, now: float) -> str | None:
        """Which gateways are deaf at ``now``, seconds since 1970 UTC; those without a name are not watched."""
        return None if self._nameless and not self.rooms else self.rooms.quiet(now)

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> Iterable[Found]:
        if topic.endswith("/" + RUUVI_STATUS):
            return [Ignored("word of the gateway itself")]
        if connection(payload) is not None:
            raise NoSighting("a greeting or the last will of a gateway's connection")
        values = values_of(payload)
        if not values:
            return []
        make = make_of(values, topic) if self._settings.format == "auto" else self._settings.format
        tell = partial(self._tell, topic, at, retained)
        return FORMATS[make](Parcel(topic, values, tell, partial(self._alive, at, retained), self._version))

    def _tell(self, topic: str, at: float, retained: bool, heard: Heard) -> Sighting:
        device = heard.gateway or topic
        moment = self._clocks.at(device, heard.told, at, retained=retained)
        if moment is None:
            raise NoSighting("a retained sighting without a time: nobody knows how old it is")
        self._nameless = self._nameless or heard.gateway is None
        name = heard.beacon if self._settings.identify == "beacon" else None
        identifier = name or owner(heard.address, random=None, resolver=self._resolver, now=at)
        return Sighting(self._reader, heard.gateway, identifier, heard.rssi, None, moment)

    def _alive(self, at: float, retained: bool, gateway: str) -> None:
        if not retained:
            self.rooms.alive(gateway, at)

    def _version(self, firmware: str) -> None:
        self.firmware = firmware


class BleGateway(MqttReader):
    """All gateways of one make, or of several, under one topic prefix; each gateway is an antenna."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of Bluetooth gateways."""

        format: Literal["auto", "minew", "moko", "shelly", "aprilbrother", "kgateway", "ingics", "ruuvi"] = "auto"
        """Who wrote the messages; auto: told by their shape, each by its own."""
        identify: Literal["beacon", "address"] = "beacon"
        """How a device is told: by the beacon it announces where it does, or always by its address."""
        gateways: tuple[str, ...] = Field(default=(), max_length=MOST_ROOMS)
        """Addresses of gateways that are missed even if they never speak; others from their first word."""
        quiet_after_s: float = Field(default=120.0, ge=10, le=86400)
        """Seconds without a word after which a gateway is missed."""

        @field_validator("gateways")
        @classmethod
        def _addresses(cls, gateways: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(address(each) for each in gateways)

    settings: ClassVar[type[driver.Settings]] = Settings

    def __init__(
        self, reader: str, link: str, settings: BleGateway.Settings, broker: Broker, *, resolver: Resolver | None = None
    ) -> None:
        super().__init__(reader, link, settings, broker)
        self.resolver = resolver
        """Who private addresses belong to; None: nobody's are resolved."""

    @staticmethod
    def decoder(
        reader: str, settings: BleGateway.Settings, clocks: Clocks | None = None, resolver: Resolver | None = None
    ) -> BleGatewayDecoder:
        """Messages in, sightings of ``reader`` out."""
        rooms = Rooms(settings.gateways, steady(), settings.quiet_after_s)
        return BleGatewayDecoder(reader, settings, rooms, clocks or Clocks(), resolver)

    def _filters(self) -> list[str]:
        return below(self._link)

    def _decoder(self) -> BleGatewayDecoder:
        return self.decoder(self._reader, self._settings, self._clocks, self.resolver)
