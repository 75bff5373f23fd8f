"""``moments decode``."""

from __future__ import annotations

import json
from typing import IO

import click
from pydantic import ValidationError

from gateway.commands.ending import fail
from gateway.settings.mistakes import nearest
from reader_drivers import DRIVERS
from reader_drivers.decode import decode_lines, decode_message
from reader_drivers.hardened_json import parse


def run(driver: str, topic: str | None, settings: str, file: IO[bytes]) -> None:
    """One JSON line for each sighting, each rejected frame and each message that is no sighting."""
    cls = DRIVERS.get(driver)
    if cls is None:
        fail(f"--driver: there is no driver {driver!r}; {nearest(driver, DRIVERS)}", 2)
    try:
        chosen = cls.settings.model_validate(parse(settings.encode("utf-8")))
    except ValidationError as error:
        words = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        fail("\n".join(f"--settings: {each}" for each in words), 2)
    except ValueError as error:
        fail(f"--settings: {error}", 2)
    if cls.over == "mqtt":
        if topic is None:
            fail(f"--topic: {driver} reads MQTT messages, and the topic says who heard them", 2)
        rows = decode_message(driver, chosen, topic, file.read())
    else:
        rows = decode_lines(driver, chosen, file)
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))
