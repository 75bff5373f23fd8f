"""Reader drivers: bytes and messages in, sightings out. Knows nothing of customers."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module

from reader_drivers.driver import Decoder, Driver, MessageDecoder, ReaderLost, Settings, Status
from reader_drivers.sighting import Found, Ignored, Rejected, Sensed, Sighting


class Drivers(MutableMapping[str, type[Driver]]):
    """Drivers by name; the module of one is imported when it is first asked for, since a house has two or three."""

    def __init__(self, places: dict[str, str]) -> None:
        self._there: dict[str, str | type[Driver]] = {**places}

    def __getitem__(self, name: str) -> type[Driver]:
        there = self._there[name]
        if isinstance(there, str):
            module, _, made = there.partition(":")
            there = self._there[name] = getattr(import_module(f"reader_drivers.{module}"), made)
        return there

    def __setitem__(self, name: str, driver: type[Driver]) -> None:
        self._there[name] = driver

    def __delitem__(self, name: str) -> None:
        del self._there[name]

    def __contains__(self, name: object) -> bool:
        return name in self._there

    def __iter__(self) -> Iterator[str]:
        return iter(self._there)

    def __len__(self) -> int:
        return len(self._there)


DRIVERS = Drivers(
    {
        "m100": "rfid.m100:M100",
        "em4100": "rfid.em4100:Em4100",
        "uhfreader18": "rfid.uhfreader18:Uhfreader18",
        "uhf_prime": "rfid.uhf_prime:UhfPrime",
        "thingmagic": "rfid.thingmagic:Thingmagic",
        "pn532": "rfid.pn532:Pn532",
        "llrp": "rfid.llrp:Llrp",
        "espresense": "phone.espresense:Espresense",
        "impinj_iot": "rfid.impinj_iot:ImpinjIot",
        "zebra_iotc": "rfid.zebra_iotc:ZebraIotc",
        "theengs": "phone.theengs:Theengs",
        "room_assistant": "phone.room_assistant:RoomAssistant",
        "owntracks": "phone.owntracks:OwnTracks",
        "ble_gateway": "phone.ble_gateway:BleGateway",
        "json": "json_messages:JsonMessages",
    }
)
"""Every driver by the name it has in ``[[readers]]``: where it is, as ``module:class``."""

__all__ = [
    "DRIVERS",
    "Decoder",
    "Driver",
    "Drivers",
    "Found",
    "Ignored",
    "MessageDecoder",
    "ReaderLost",
    "Rejected",
    "Sensed",
    "Settings",
    "Sighting",
    "Status",
]
