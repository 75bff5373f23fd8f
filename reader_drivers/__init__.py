"""Reader drivers: bytes and messages in, sightings out. Knows nothing of customers."""

from __future__ import annotations

from reader_drivers.driver import Decoder, Driver, MessageDecoder, ReaderLost, Settings, Status
from reader_drivers.json_messages import JsonMessages
from reader_drivers.phone.ble_gateway import BleGateway
from reader_drivers.phone.espresense import Espresense
from reader_drivers.phone.owntracks import OwnTracks
from reader_drivers.phone.room_assistant import RoomAssistant
from reader_drivers.phone.theengs import Theengs
from reader_drivers.rfid.em4100 import Em4100
from reader_drivers.rfid.impinj_iot import ImpinjIot
from reader_drivers.rfid.llrp import Llrp
from reader_drivers.rfid.m100 import M100
from reader_drivers.rfid.pn532 import Pn532
from reader_drivers.rfid.thingmagic import Thingmagic
from reader_drivers.rfid.uhf_prime import UhfPrime
from reader_drivers.rfid.uhfreader18 import Uhfreader18
from reader_drivers.rfid.zebra_iotc import ZebraIotc
from reader_drivers.sighting import Found, Ignored, Rejected, Sensed, Sighting

DRIVERS: dict[str, type[Driver]] = {
    "m100": M100,
    "em4100": Em4100,
    "uhfreader18": Uhfreader18,
    "uhf_prime": UhfPrime,
    "thingmagic": Thingmagic,
    "pn532": Pn532,
    "llrp": Llrp,
    "espresense": Espresense,
    "impinj_iot": ImpinjIot,
    "zebra_iotc": ZebraIotc,
    "theengs": Theengs,
    "room_assistant": RoomAssistant,
    "owntracks": OwnTracks,
    "ble_gateway": BleGateway,
    "json": JsonMessages,
}
"""Every driver by the name it has in ``[[readers]]``."""

__all__ = [
    "DRIVERS",
    "Decoder",
    "Driver",
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
