"""``moments staff``: who works here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from pydantic import ValidationError

from gateway.commands.alone import REFUSED, Alone, opened
from gateway.commands.ending import fail
from gateway.console.bodies import StaffFacts
from gateway.events.event import News
from gateway.operations.control import NotRunning, ask
from gateway.pins import hash_now, random_pin, weak
from gateway.records import passkeys
from gateway.records.ids import staff_id
from gateway.records.staff import get_staff

PIN_DIGITS = 6


def add(
    data: Path,
    staff: str,
    name: str | None,
    roles: list[str],
    zones: list[str],
    languages: list[str],
    pin: str | None,
) -> None:
    """Makes or changes a member of staff, through the gateway where one runs, and prints the PIN once."""
    chosen = pin or random_pin(PIN_DIGITS)
    if not (chosen.isascii() and chosen.isdigit() and 4 <= len(chosen) <= 12):
        fail("the PIN: expected 4 to 12 digits", 2)
    if too_easy := weak(chosen):
        fail(f"the PIN: {too_easy}", 2)
    try:
        staff = staff_id(staff)
        said = StaffFacts(name=name or staff, roles=roles, zones=zones, languages=languages, pin=chosen)  # type: ignore[arg-type]  # checked right here
    except ValidationError as wrong:
        told = [
            (str(each["loc"][0]).removesuffix("s"), each["msg"].removeprefix("Value error, "))
            for each in wrong.errors()
        ]
        fail("\n".join(f"--{option}: {why}" for option, why in told), 2)
    except ValueError as wrong:
        fail(f"ID: {str(wrong).removeprefix('is no id; ')}", 2)
    facts = said.model_dump(exclude={"pin"})
    try:
        try:
            ask(data, "PUT", f"/api/staff/{quote(staff, safe='')}", {**facts, "pin": chosen})
        except NotRunning:
            with opened(data) as alone:
                hire(alone, staff, facts, chosen)
    except REFUSED as error:
        fail(str(error))
    click.echo(f"{facts['name']}: PIN {chosen}")


def hire(alone: Alone, staff: str, facts: Mapping[str, Any], pin: str) -> None:
    """Makes or changes a member of staff, with this PIN, in a folder that no gateway holds."""
    reader = alone.store.reader
    pin_hash = hash_now(pin, alone.store.keyring.secrets)
    kept = {"pin_hash": pin_hash, "hired": get_staff(reader, staff) is None, "new_pin": True, "signs_out": False}
    ended = passkeys.ended_with_pin(reader, staff)
    alone.record([News("staff.changed", staff, {"staff": staff, **facts, **kept}), *ended])
