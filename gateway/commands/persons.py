"""``moments customers export-person`` and ``import-person``: everything about one person, out and in."""

from __future__ import annotations

import json
import tomllib
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from gateway.commands.alone import REFUSED, opened
from gateway.commands.console_log import one_line
from gateway.commands.ending import fail
from gateway.commands.private import private_bytes
from gateway.consent.trust import BadTrust
from gateway.core import persons
from gateway.events import venue_time
from gateway.events.event import News
from gateway.events.times import now
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import aliases, customers, journal_rows, merges, person_file, person_rows
from gateway.records.person_file import NoPerson
from gateway.service.alert import Refused

ZIP = "application/zip"


def export_person(customer: str, data: Path, config: Path, out: Path | None, reason: str) -> None:
    """Writes everything about one person; a file readable for its owner alone. What leaves is recorded before it does.

    Ends with 1 where there is no such customer.
    """
    venue_time.use_that_of(data, config)
    try:
        raw = _exported(customer, data, brand_of(config), reason)
        out = out or Path(f"person-{customer}.zip")
        private_bytes(out, raw)
    except (*REFUSED, Refused) as error:
        fail(str(error))
    click.echo(f"{out}: all that this house keeps about {customer}, in clear", err=True)


def _exported(customer: str, data: Path, brand: str, reason: str) -> bytes:
    path = f"/api/customers/{quote(customer, safe='')}/export?{urlencode({'reason': reason})}"
    try:
        return bytes(ask(data, "GET", path, raw=True, within=None))
    except NotRunning:
        pass
    with opened(data) as alone, closing(alone.store.open_reader()) as reader:
        person = merges.root(reader, aliases.ours(reader, customer))
        if customers.get_customer(reader, person) is None:
            raise Refused(404, "there is no such customer")
        tables = {table: person_rows.columns(reader, table) for table in person_rows.tables(reader)}
        house = {"id": journal_rows.newest_epoch(reader)[1]}
        file = person_file.gathered(reader, persons.records_of(reader, person), brand, house, now())
        raw = person_file.written(file, tables)
        told = {"customer": person, "by": "staff", "reason": reason, "document": person_file.document_of(raw)}
        alone.record([News("person.exported", person, told)])
        return raw


def import_person(file: Path, data: Path, config: Path, reason: str, *, check: bool, trust: Path | None) -> None:
    """Takes in everything about one person; with ``check`` it only says what that would bring.

    Ends with 1 where nothing was imported, and says why.
    """
    venue_time.use_that_of(data, config)
    try:
        keys = json.loads(trust.read_text("utf-8")) if trust is not None else None
        done = _brought(file.read_bytes(), data, brand_of(config), reason, keys, check=check)
    except json.JSONDecodeError:
        fail(f"{trust}: expected what moments keys export writes", 2)
    except (NoPerson, BadTrust) as wrong:
        fail(f"{file}: {wrong}\nnothing was imported")
    except (*REFUSED, Refused) as error:
        fail(f"{file}: {error}\nnothing was imported")
    rows = ", ".join(f"{count} {table}" for table, count in done["rows"].items())
    said = f"{done['customer']} from {done['house']}: {rows}; {done['consents']} consents count here"
    click.echo(one_line(said))  # by whose words it is from where nobody knows
    if done["left_out"]:
        click.echo(one_line(f"no receipt of this brand bears out: {', '.join(done['left_out'])}; ask again"), err=True)
    if check:
        click.echo("that is what an import would bring; nothing was recorded")


def _brought(raw: bytes, data: Path, brand: str, reason: str, keys: object, *, check: bool) -> dict[str, Any]:
    try:
        asked = {"reason": reason, "check": "true" if check else "false"}
        query = urlencode(asked if keys is None else {**asked, "trust": json.dumps(keys)})
        return dict(ask(data, "POST", f"/api/customers/import?{query}", raw, kind=ZIP, within=None))
    except NotRunning:
        pass
    except GatewayRefused as refused:
        if refused.status == 422:
            raise NoPerson(str(refused).removesuffix("; nothing was imported")) from None
        raise
    file = person_file.read(raw)
    with opened(data) as alone, closing(alone.store.open_reader()) as reader:
        known = persons.trusting(alone.store.keyring, keys)
        found = persons.plan(reader, file, person_file.document_of(raw), brand, known, reason)
        if not check:
            alone.record([found.news])
        return {**found.shape(), "house": file.house["id"]}


def brand_of(config: Path) -> str:
    """The usual brand of the house whose settings these are; empty where it has one alone, or no settings are there."""
    with suppress(OSError, ValueError, KeyError, TypeError, IndexError):
        return str(tomllib.loads(config.read_text("utf-8"))["privacy"]["brands"][0])
    return ""
