"""What do these bytes mean? The pure part of ``moments decode``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from reader_drivers import DRIVERS
from reader_drivers.driver import Decoder, Driver, MessageDecoder
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting

Row = dict[str, Any]
Clock = Callable[[], float]


def decode_lines(
    name: str, lines: Iterable[str], settings: Mapping[str, Any] | None = None, now: Clock = time.time
) -> Iterator[Row]:
    """Rows for a serial or TCP driver; each line is a chunk in hex, as it arrived; a bad one is named and passed over.

    KeyError: no driver of this name. ValueError: a driver that takes messages, or settings that it does not take.
    """
    driver = _driver(name, messages=False)
    decoder = cast(Decoder, driver.decoder(name, driver.settings.model_validate(dict(settings or {}))))
    return _rows_of_lines(decoder, lines, now)


def decode_message(
    name: str, topic: str, payload: bytes, settings: Mapping[str, Any] | None = None, now: Clock = time.time
) -> Iterator[Row]:
    """Rows for one MQTT message. KeyError and ValueError as ``decode_lines``."""
    driver = _driver(name, messages=True)
    decoder = cast(MessageDecoder, driver.decoder(name, driver.settings.model_validate(dict(settings or {}))))
    return map(row, decoder.message(topic, payload, now()))


def row(found: Found) -> Row:
    """One result as the object that is printed for it; absent facts are None."""
    match found:
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
        raise ValueError(f"{name} reads {'chunks of bytes' if messages else 'MQTT messages: a topic is needed'}")
    return driver


def _rows_of_lines(decoder: Decoder, lines: Iterable[str], now: Clock) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        try:
            chunk = bytes.fromhex(line)
        except ValueError:
            yield {"error": f"line {number}: not hex, two digits a byte"}
            continue
        if chunk:
            yield from map(row, decoder.feed(chunk, now()))
    while silence := list(decoder.idle(now())):
        yield from map(row, silence)
