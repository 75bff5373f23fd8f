"""``moments token``, ``token list`` and ``token revoke``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from gateway.commands.alone import REFUSED, opened
from gateway.commands.ending import fail
from gateway.console.giving import SCOPES_OF_A_ROLE, more_than
from gateway.console.secrets import door_of, new_token
from gateway.events.event import News
from gateway.events.times import DAY, iso, new_id, now
from gateway.operations.control import NotRunning, ask
from gateway.records import staff as records
from gateway.records.store import reading

if TYPE_CHECKING:
    from gateway.console.bodies import NewToken


def run(wanted: dict[str, Any], data: Path) -> None:
    """Makes a token as ``bodies.NewToken`` has it, through the gateway where one runs, and prints it once.

    What is kept is its hash.
    """
    from pydantic import ValidationError

    from gateway.console.bodies import NewToken

    try:
        body = NewToken.model_validate({name: value for name, value in wanted.items() if value is not None})
    except ValidationError as wrong:
        fail(
            "\n".join(
                f"--{str(each['loc'][0]).removesuffix('s')}: {each['msg'].removeprefix('Value error, ')}"
                for each in wrong.errors()
            ),
            2,
        )
    try:
        try:
            secret = str(ask(data, "POST", "/api/tokens", body.model_dump())["token"])
        except NotRunning:
            secret = _make_alone(data, body)
    except REFUSED as error:
        fail(str(error))
    click.echo(secret)


def _make_alone(data: Path, body: NewToken) -> str:
    from gateway.settings.access import Programs

    secret = new_token()
    with opened(data) as alone:
        member = records.get_staff(alone.store.reader, body.staff) if body.staff is not None else None
        if body.staff is not None and member is None:
            fail(f"there is no member of staff {body.staff!r}")
        if member is not None and (more := more_than(body.acts_as, member.roles, body.staff)):
            fail(more)
        if body.scopes is not None and body.acts_as != "integration":
            fail(SCOPES_OF_A_ROLE)
        token, at = new_id(), now()
        facts = {"token": token, "hash": door_of(secret), "role": body.acts_as, "staff": body.staff}
        until = at + (body.days or Programs().days) * DAY
        alone.record([
            News("token.made", token, {**facts, "name": body.name or "", "scopes": body.scopes, "until": iso(until)})
        ])  # fmt: skip
    return secret


def listed(data: Path) -> None:
    """Prints the tokens that are good, one a line; never the token itself, which nobody keeps."""
    try:
        with closing(reading(data)) as reader, closing(reader.keyring):
            tokens = records.list_tokens(reader)
    except REFUSED as error:
        fail(str(error))
    for token in tokens:
        until = iso(token.until) if token.until is not None else "no end"
        used = iso(token.used_at) if token.used_at is not None else "never used"
        what = ",".join(token.scopes) if token.scopes is not None else f"all of {token.role}"
        whose = f"{token.id}  {token.role:<11}  {token.staff or '-':<16}  {iso(token.created_at)}"
        click.echo(f"{whose}  {until:<24}  {used:<24}  {what}  {token.name}".rstrip())
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
                alone.record([News("token.revoked", token, {"token": token, "because": "ended"})])
    except REFUSED as error:
        fail(str(error))
    click.echo("revoked")
