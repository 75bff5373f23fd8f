"""The club's commands: whether its settings and books are right, what they say, and what other rules would say."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.club import keeping, reading
from gateway.club.ledger import Ledger, RulesChanged
from gateway.club.problems import Refused
from gateway.club.replay import NoLine
from gateway.club.replay import replay as replayed
from gateway.club.verify import verify as verified
from gateway.club.writing import text_of
from gateway.commands.ending import fail
from gateway.commands.hub import REFUSED, settings_of
from gateway.settings import club
from gateway.settings.mistakes import BadConfig
from gateway.settings.toml_file import read

T = TypeVar("T")


def _rules_of(config: Path) -> club.ClubConfig:
    """The club's settings: of a ``club.toml``, or of the one beside a ``hub.toml``."""
    try:
        if config.name == club.FILE or (config.is_file() and "club" in read(config)):
            return club.load(config)
        return club.load(config.parent / club.FILE)
    except BadConfig as bad:
        fail(str(bad), 2)


def _with_ledger(config: Path, data: Path, does: Callable[[Ledger], Awaitable[T]]) -> T:
    rules = _rules_of(config)
    hub = settings_of(config.with_name("hub.toml") if config.name == club.FILE else config)

    async def opened_and_done() -> T:
        async with keeping.opened(rules, hub.store, data) as ledger:
            return await does(ledger)

    try:
        return asyncio.run(opened_and_done())
    except Refused as refused:
        fail(str(refused))
    except (*REFUSED, RulesChanged) as refused:
        fail(str(refused))


def _now() -> int:
    return int(time.time() * 1000)


def _print(found: Any) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def check(config: Path, data: Path) -> None:
    """Says whether the club could be served: settings, rows that were used, guards."""

    async def look(ledger: Ledger) -> list[str]:
        return await ledger.database.unguarded()

    rules = _rules_of(config)
    missing = _with_ledger(config, data, look)
    if missing:
        fail(f"{rules.club.id}: unguarded: the store lacks {', '.join(missing)}")
    click.echo(f"{rules.club.id}: all is well; {len(rules.partners)} partners, the books are guarded")


def verify(config: Path, data: Path) -> None:
    """Makes chain, balances and statements once more; exit 1 names the first position that is wrong."""
    found = _with_ledger(config, data, verified)
    if found.wrong is not None:
        fail(f"position {found.wrong}: {found.why}")
    click.echo(f"verified, position {found.position:,}")


def statement(config: Path, data: Path, id_: str, through: int | None) -> None:
    """Prints a statement, or what one would say."""

    async def look(ledger: Ledger) -> str:
        if through is None:
            return await reading.statement(ledger, id_)
        return text_of(await reading.statement_through(ledger, id_, through))

    click.echo(_with_ledger(config, data, look))


def explain(config: Path, data: Path, member: str) -> None:
    """Prints what a member has, and why: lots, and every transfer."""

    async def look(ledger: Ledger) -> dict[str, Any]:
        now = _now()
        stands = await reading.member(ledger, member, now)
        lots = await reading.lots(ledger, member, now)
        return {**stands, "lots": lots["lots"], "transfers": await reading.history(ledger, member)}

    _print(_with_ledger(config, data, look))


def liability(config: Path, data: Path) -> None:
    """Prints what is still open."""

    async def look(ledger: Ledger) -> dict[str, Any]:
        return await reading.liability(ledger, _now())

    _print(_with_ledger(config, data, look))


def replay(config: Path, file: Path) -> None:
    """Plays the requests of a file on an empty ledger."""
    rules = _rules_of(config)

    async def play() -> None:
        with file.open(encoding="utf-8") as lines:
            async for said in replayed(rules, lines):
                click.echo(json.dumps(said, ensure_ascii=False))

    try:
        asyncio.run(play())
    except NoLine as wrong:
        fail(str(wrong), 2)
