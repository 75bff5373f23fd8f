"""Zebra IoT Connector (FX7500, FX9600, ATR7000, FXR) and RFD40 and RFD90 sleds.

Source: Zebra IoT Connector documents and captures; RFD MQTT API reference. The operator chooses the topics. A payload
is one JSON object, an array of them, or several glued together ``}{``:

    {"type": mode, "timestamp": ISO, "data": {"idHex": hex, "format": "epc" | "uii" | "fastID", "antenna": 1…14,
        "peakRssi": dBm, "MAC": of the reader, "hostName": text, "TID": hex}}                     a tag
    {"type": "heartbeat", "timestamp": ISO, "data": {"radio_control": {"radioActivity": text}}}   every 10 s if chosen
    {"type": mode, "timestamp": ISO, "data": {"tagData": [{"EPCid": hex, "peakRssi": dBm}]}}      a sled
    {"eventName": "heartbeat", "timestamp": ISO, "data": {…}}                                     a sled's
    {"command": …} and {"response": …}                                                            what others ask of it

``antenna`` and ``peakRssi`` come only when chosen. A ``fastID`` is EPC and TID in one, the TID the last 24 digits.
Programs on the reader leave the wrapping away: ``{"idHex": hex, "antenna": 1…, "timestamp": ms}``. A reader keeps up
to 150,000 events during an outage and sends them with their own times. Choose a mode that goes on telling a tag that
stays. A reader that was told to report TIDs and no EPCs is heard by those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from reader_drivers import driver
from reader_drivers.hardened_json import as_object, number, parse_all, whole, words
from reader_drivers.messages import ANTENNA, RSSI, Messages, MqttReader, NoSighting, below, connection, each
from reader_drivers.reader_clock import Clocks
from reader_drivers.sighting import Found, Sighting
from reader_drivers.spelling import chip, digits, tag_code

MANAGEMENT = {"heartbeat", "gpi", "error", "warning", "hello", "cloud", "firmwareUpdateProgress", "userapp", "userapps"}
TID_DIGITS = 24  # at the end of a fastID
TID_BEGINS = "E2"  # the class of every Gen2 chip
HEARTBEATS = {"heartbeat", "heartBeatEVT"}


class Heartbeats:
    """Whether the reader still beats, once it has begun to; it need not."""

    def __init__(self, quiet_after: float) -> None:
        self._quiet_after = quiet_after
        self._beat = False
        self._heard_at = 0.0
        self._radio: str | None = None

    def heard(self, at: float) -> None:
        """Anything live came from the reader at ``at``, seconds."""
        self._heard_at = max(self._heard_at, at)

    def reads(self) -> None:
        """It has just read a tag."""
        self._radio = None

    def beat(self, data: object) -> None:
        """A heartbeat and what is in it."""
        self._beat = True
        radio = data.get("radio_control") if isinstance(data, dict) else None
        if not isinstance(radio, dict):
            return
        self._radio = None
        if radio.get("radioConnection") == "disconnected":
            self._radio = "its radio is disconnected"
        elif radio.get("radioActivity") == "inactive":
            self._radio = "its radio is not reading"

    def quiet(self, now: float) -> str | None:
        """Why the reader is deaf at ``now``, seconds."""
        if self._beat and now - self._heard_at > self._quiet_after:
            return f"no heartbeat for {now - self._heard_at:.0f} s"
        return self._radio


class ZebraIotcDecoder(Messages):
    """Events of a Zebra reader in, sightings out."""

    def __init__(self, reader: str, settings: ZebraIotc.Settings, clocks: Clocks) -> None:
        self._reader = reader
        self._settings = settings
        self._clocks = clocks
        self.heartbeats = Heartbeats(settings.quiet_after_s)

    def quiet(self, now: float) -> str | None:
        """Why the reader is deaf at ``now``: no heartbeat where there was one, or a radio that rests."""
        return self.heartbeats.quiet(now)

    def _meanings(self, topic: str, payload: bytes, at: float, retained: bool) -> Iterable[Found]:
        if connection(payload) is not None:
            raise NoSighting("a greeting or the last will of the reader's connection")
        return each(parse_all(payload), lambda row: self._event(row, topic, at, retained))

    def _event(self, row: dict[str, Any], topic: str, at: float, retained: bool) -> Iterator[Found]:
        if "command" in row or "response" in row:
            raise NoSighting("a command to the reader, or its answer")
        kind = words(row, "type") or words(row, "eventName")
        data = row.get("data")
        if not retained:
            self.heartbeats.heard(at)
        if kind in HEARTBEATS or not row.keys().isdisjoint(HEARTBEATS):
            if not retained:
                self.heartbeats.beat(data)
            raise NoSighting("a heartbeat")
        if kind in MANAGEMENT:
            raise NoSighting(f"an event of the reader, {kind}")
        data = as_object(row if data is None and "idHex" in row else data, "data")
        if "barcodeData" in data and "tagData" not in data:
            raise NoSighting("barcodes")
        rows = data.get("tagData", [data])
        if not isinstance(rows, list):
            raise ValueError("tagData: not a list")
        yield from each(rows, lambda tag: self._tag(tag, row.get("timestamp"), topic, at, retained))

    def _tag(self, tag: dict[str, Any], sent: object, topic: str, at: float, retained: bool) -> Iterator[Found]:
        device = words(tag, "MAC") or words(tag, "hostName") or topic
        antenna = whole(tag, "antenna", *ANTENNA)
        rssi = number(tag, "peakRssi", *RSSI)
        identifiers, tid = self._identifiers(tag)
        heard = self._clocks.at(device, sent, at, retained=retained)
        if heard is None:
            raise NoSighting("a retained read without a time: nobody knows how old it is")
        if not retained:
            self.heartbeats.reads()
        for identifier in identifiers:
            yield Sighting(self._reader, antenna, identifier, rssi, None, heard, tid)

    def _identifiers(self, tag: dict[str, Any]) -> tuple[list[str], str | None]:
        """What customers may be enrolled by, and the chip's own number."""
        key = "idHex" if "idHex" in tag else "EPCid"
        if tag.get(key) in (None, ""):
            if chip(tag.get("TID")) is not None:  # the reader was told to report only that
                return [tag_code("tid", tag["TID"], "TID")], chip(tag["TID"])
            if "eventNum" in tag and key == "EPCid":
                raise NoSighting("a record without an EPC: the reader has to be told to report it")
            raise ValueError("idHex: missing")
        epc, tid = digits(tag[key], key, most=256), tag.get("TID")
        if words(tag, "format") == "tid" or self._settings.id_holds == "tid":
            return [tag_code("tid", epc, key)], chip(epc)
        both = words(tag, "format") == "fastID" or self._settings.id_holds == "epc+tid"
        # A tag without FastID answers with its EPC alone.
        if both and len(epc) > TID_DIGITS and epc[-TID_DIGITS:].startswith(TID_BEGINS):
            epc, tid = epc[:-TID_DIGITS], epc[-TID_DIGITS:]
        found = [tag_code("epc", epc, key)] if self._settings.identify in ("epc", "both") else []
        if self._settings.identify in ("tid", "both") and tid is not None:
            found.append(tag_code("tid", tid, "TID"))
        if not found:
            raise NoSighting("a tag without a TID: the reader has to be told to report it")
        return found, chip(tid)


class ZebraIotc(MqttReader):
    """One Zebra reader; its link is the topic chosen for its events, or a prefix of all its topics."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of a Zebra reader."""

        id_holds: Literal["epc", "epc+tid", "tid"] = "epc"
        """What ``idHex`` holds where the reader does not say so itself (``fastID``), as FXR readers do not."""
        identify: Literal["epc", "tid", "both"] = "epc"
        """Which of a tag's two numbers customers are enrolled by."""
        quiet_after_s: float = Field(default=60.0, ge=1, le=86400)
        """Seconds without a word after which a reader that has sent heartbeats is missed."""

    settings: ClassVar[type[driver.Settings]] = Settings

    @staticmethod
    def decoder(reader: str, settings: ZebraIotc.Settings, clocks: Clocks | None = None) -> ZebraIotcDecoder:
        """Events in, sightings of ``reader`` out."""
        return ZebraIotcDecoder(reader, settings, clocks or Clocks())

    def _filters(self) -> list[str]:
        return below(self._link)

    def _decoder(self) -> ZebraIotcDecoder:
        return self.decoder(self._reader, self._settings, self._clocks)
