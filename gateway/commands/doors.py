"""``moments tls show`` and ``moments reader password``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import segno

from gateway.commands.alone import REFUSED, opened
from gateway.commands.ending import fail, settings
from gateway.events.event import News
from gateway.operations import broker_users
from gateway.operations.control import NotRunning, ask
from gateway.operations.presented import last_day, running_out
from gateway.operations.tls_folder import GIVEN, TLS


def show(config: Path, data: Path) -> None:
    """Says which certificate tablets meet, and how they come to trust it; on a terminal with a picture to scan."""
    console = settings(config).console
    if not console.speaks_tls:
        click.echo("this house speaks no TLS itself: " + _why_plain(console.behind_proxy, beyond=console.beyond))
        return
    if console.tls is not None:
        click.echo(f"certificate: {console.tls.cert} (yours; taken anew when it changes)")
        _days(Path(console.tls.cert))
        return
    if console.acme is not None:
        click.echo(f"certificate: by ACME from {console.acme.directory}, for {', '.join(console.hosts)}")
        _days(data / TLS / "console.pem")
        return
    try:
        der = (data / TLS / GIVEN).read_bytes()
    except FileNotFoundError:
        fail("this house has no certificate yet: the gateway makes it when it starts")
    except OSError as error:
        fail(f"{data / TLS / GIVEN}: {error.strerror}")
    click.echo(f"authority:   SHA-256 {sha256(der).digest().hex(':').upper()}")
    _days(data / TLS / "console.pem")
    try:
        page = ask(data, "GET", "/api/trust")["page"]
    except REFUSED:
        click.echo("The page for new tablets is there while the gateway runs.", err=True)
        return
    if page is not None:
        click.echo(f"new tablets: {page}")
        if sys.stdout.isatty():
            segno.make(page, error="m").terminal(compact=True)


def _why_plain(behind_proxy: bool, *, beyond: bool) -> str:
    if behind_proxy:
        return "a proxy in front of it does"
    return "venue.toml says so in so many words" if beyond else "only programs of this machine reach it"


def _days(cert: Path) -> None:
    until = last_day(cert)
    if until is not None:
        click.echo(f"good until:  {until:%Y-%m-%d}")
    if words := running_out(cert, datetime.now(UTC)):
        click.echo(words, err=True)


def password(name: str, config: Path, data: Path) -> None:
    """Gives a reader, or home-assistant, new passwords at the embedded broker, and prints them this once."""
    try:
        try:
            made = ask(data, "POST", f"/api/readers/{quote(name, safe='')}/password")["passwords"]
        except NotRunning:
            made = _alone(name, config, data)
    except REFUSED as error:
        fail(str(error))
    for each in made:
        click.echo(f"{each['user']}  {each['password']}")
    click.echo("shown this once; what they had before is good no longer", err=True)


def _alone(name: str, config: Path, data: Path) -> list[dict[str, Any]]:
    venue = settings(config)
    if venue.mqtt is not None and not venue.mqtt.embedded:
        fail("the broker is not ours: passwords are made where it runs")
    users = broker_users.of_reader(venue, name)
    if not users:
        known = ", ".join(broker_users.users_of(venue)) or "none"
        fail(f"there is no reader {name!r} at the broker; its users are: {known}")
    with opened(data, venue.venue.id) as alone:
        alone.record([News("reader.password_made", name, {"reader": name, "users": users})])
        made = broker_users.new_passwords(data, users)
    return [{"user": user, "password": password} for user, password in made.items()]
