"""``moments token``, ``token list`` and ``token revoke``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import click

from gateway.commands.alone import REFUSED, opened
from gateway.commands.ending import fail
from gateway.console.secrets import door_of, new_token
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.operations.control import NotRunning, ask
from gateway.records import staff as records
from gateway.records.store import reading


def run(role: str, staff: str | None, data: Path) -> None:
    """Makes a token, through the gateway where one runs, and prints it once; what is kept is its hash."""
    try:
        try:
            secret = str(ask(data, "POST", "/api/tokens", {"role": role, "staff": staff})["token"])
        except NotRunning:
            secret = _make_alone(data, role, staff)
    except REFUSED as error:
        fail(str(error))
    click.echo(secret)


def _make_alone(data: Path, role: str, staff: str | None) -> str:
    secret = new_token()
    with opened(data) as alone:
        if staff is not None and records.get_staff(alone.store.reader, staff) is None:
            fail(f"there is no member of staff {staff!r}")
        token = new_id()
        facts = {"token": token, "hash": door_of(secret), "role": role, "staff": staff}
        alone.record([News("token.made", token, facts)])
    return secret


def listed(data: Path) -> None:
    """Prints the tokens that are good, one a line; never the token itself, which nobody keeps."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            tokens = records.list_tokens(reader)
    except REFUSED as error:
        fail(str(error))
    for token in tokens:
        click.echo(f"{token.id}  {token.role:<11}  {token.staff or '-':<16}  {iso(token.created_at)}")
    if not tokens:
        click.echo("no token is good", err=True)


def revoke(token: str, data: Path) -> None:
    """Ends a token, through the gateway where one runs; ends with 1 where there is no such good token."""
    try:
        try:
            ask(data, "DELETE", f"/api/tokens/{quote(token, safe='')}")
        except NotRunning:
            with opened(data) as alone:
                if not any(each.id == token for each in records.list_tokens(alone.store.reader)):
                    fail(f"there is no good token {token!r}; moments token list names them")
                alone.record([News("token.revoked", token, {"token": token})])
    except REFUSED as error:
        fail(str(error))
    click.echo("revoked")
