"""What do these bytes mean? The pure part of ``moments decode``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from reader_drivers import DRIVERS
from reader_drivers.driver import Decoder, Driver, MessageDecoder, Settings
from reader_drivers.sighting import Found, Ignored, Left, Rejected, Sensed, Sighting

Row = dict[str, Any]


def decode_lines(
    name: str, settings: Settings, lines: Iterable[str | bytes], now: Callable[[], float] = time.time
) -> Iterator[Row]:
    """Rows for a serial or TCP driver; each line is a chunk in hex, as it arrived; a bad one is named and passed over.

    ``settings`` is an instance of the driver's own. KeyError: no driver of this name. ValueError: it takes messages.
    """
    driver = _driver(name, messages=False)
    return _rows_of_lines(cast(Decoder, driver.decoder(name, settings)), lines, now)


def decode_message(
    name: str, settings: Settings, topic: str, payload: bytes, now: Callable[[], float] = time.time
) -> Iterator[Row]:
    """Rows for one MQTT message. KeyError: no driver of this name. ValueError: it takes chunks of bytes."""
    driver = _driver(name, messages=True)
    return map(row, cast(MessageDecoder, driver.decoder(name, settings)).message(topic, payload, now()))


def row(found: Found) -> Row:
    """One result as the object that is printed for it; absent facts are None."""
    match found:
        case Left():
            return {"ignored": "it says that it has left: no sighting"}
        case Sensed():
            return {
                "sensed": found.kind,
                "on": found.on,
                "antenna": found.antenna,
                "at": found.at,
                "reader": found.reader,
            }
        case Sighting():
            return {
                "identifier": found.identifier,
                "rssi": found.rssi,
                "antenna": found.antenna,
                "distance": found.distance,
                "at": found.at,
                "reader": found.reader,
            }
        case Rejected():
            return {"error": found.reason}
        case Ignored():
            return {"ignored": found.reason}


def _driver(name: str, *, messages: bool) -> type[Driver]:
    driver = DRIVERS[name]
    if (driver.over == "mqtt") is not messages:
        raise ValueError(f"{name} reads {'chunks of bytes' if messages else 'MQTT messages'}")
    return driver


def _rows_of_lines(decoder: Decoder, lines: Iterable[str | bytes], now: Callable[[], float]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        try:
            chunk = bytes.fromhex(line if isinstance(line, str) else line.decode("ascii"))
        except ValueError:
            yield {"error": f"line {number}: not hex, two digits a byte"}
            continue
        if chunk:
            yield from map(row, decoder.feed(chunk, now()))
    while silence := list(decoder.idle(now())):
        yield from map(row, silence)
