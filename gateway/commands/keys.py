"""``moments keys list``, ``export`` and ``rotate``."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from gateway.commands.alone import REFUSED, Alone, opened
from gateway.commands.ending import fail, settings
from gateway.consent.signatures import groups
from gateway.events.times import iso, now, seconds
from gateway.operations.control import NotRunning, ask
from gateway.operations.doors_rotation import DoorsRotation
from gateway.records import aliases, customers, receipt_keys, rotation
from gateway.records.store import reading

AT_THE_DOORS = frozenset({"broker", "ca"})


def listed(data: Path) -> None:
    """Prints every kind of key, one a line, and then the keys that sign receipts."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            kinds = rotation.kinds(reader.keyring, reader, now())
            every = receipt_keys.every(reader.keyring)
    except REFUSED as error:
        fail(str(error))
    for kind in kinds:
        since = "never" if kind["rotated_at"] is None else iso(kind["rotated_at"])[:10]
        state = "under way" if kind["under_way"] else "due" if kind["overdue"] else ""
        click.echo(f"{kind['what']:<9} {since:<11} every {kind['due_days']:>4} days  {state}".rstrip())
    for key in every:
        stolen = f", stolen at {key.stolen['at']}" if key.stolen else ""
        sign = f" {groups(key.certified['key'])}" if key.use == "operator" else ""
        click.echo(f"{key.use} {key.kid}{sign}: {key.begins} to {key.ends or '…'}{stolen}")


def export(data: Path, out: Path | None) -> None:
    """Writes the public keys as JSON, beside a gateway that runs too."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            said = receipt_keys.exported(reader.keyring)
    except REFUSED as error:
        fail(str(error))
    if not said["operators"]:
        fail("no key signs receipts here yet: it is made when the gateway starts")
    text = json.dumps(said, indent=1) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text)
    except OSError as error:
        fail(f"{out}: {error.strerror}")


def rotate(data: Path, config: Path, what: str, customer: str | None, stolen_at: str | None) -> None:
    """Makes keys anew, through the gateway where one runs; ends with 1 and why where that cannot be."""
    if (what == "customer") != (customer is not None):
        fail("ID: expected the customer's id, and only for customer", 2)
    if stolen_at is not None and what not in ("receipts", "operator"):
        fail("--stolen-at: only keys that sign receipts say since when they were stolen", 2)
    try:
        stolen = seconds(stolen_at)
    except ValueError:
        fail("--stolen-at: expected a time such as 2026-11-28T12:00:00Z", 2)
    body = {"what": what, "customer": customer, "stolen_at": stolen}
    try:
        try:
            told = ask(data, "POST", "/api/keys/rotate", body, within=None)["told"]
        except NotRunning:
            venue = settings(config) if what in AT_THE_DOORS else None
            doors = DoorsRotation(lambda: venue) if venue is not None else None
            with opened(data) as alone:
                _rotate_alone(alone, what, customer, stolen, doors)
            told = doors.told if doors else {}
    except REFUSED as error:
        fail(str(error))
    for name, secret in told.items():
        click.echo(f"{name}  {secret}")
    click.echo(AFTER.get(what, f"{what}: made anew"), err=bool(told))


AFTER = {
    "operator": "operator: made anew; hang up the new door sign, and export the keys for whoever checks receipts",
    "receipts": "receipts: made anew; export the keys for whoever checks receipts",
    "pins": "pins: each PIN is hashed anew when it is typed next",
    "broker": "broker: made anew; each of these signs in with the password beside it, which nobody is told again",
    "ca": "ca: made anew; tablets go on trusting it until the end of the old one",
    "master": "master: made anew; copies from before come back with the recovery key, as ever",
}


def _rotate_alone(
    alone: Alone, what: str, customer: str | None, stolen: float | None, doors: DoorsRotation | None
) -> None:
    store = alone.store
    if what == "customer":
        found = customers.get_customer(store.reader, aliases.ours(store.reader, customer or ""))
        if found is None:
            raise rotation.CannotRotate("there is no such customer")
        alone.record([rotation.of_customer(found.id)])
        return
    if doors is not None and (why := doors.refusal(what, store.folder)):
        raise rotation.CannotRotate(why)
    also = doors.steps if doors else None
    rotation.rotate(store, what, lambda news: alone.record([news]), at=now(), stolen=stolen, also=also)
