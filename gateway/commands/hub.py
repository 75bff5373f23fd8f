"""``moments hub`` and its commands."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from gateway.commands.ending import fail
from gateway.events import times
from gateway.hub import invitations, receipts
from gateway.hub.club_roll import roll_of
from gateway.hub.database import StoreLost
from gateway.hub.office import ROLES
from gateway.hub.own_keys import OwnKeys
from gateway.hub.serving import CannotServe, books, opened, serve
from gateway.hub.store import HubStore
from gateway.records.errors import DataFolderInUse, WrongMasterKey
from gateway.settings.club import ClubConfig, beside
from gateway.settings.hub import HubConfig, load, parse
from gateway.settings.mistakes import BadConfig
from gateway.settings.toml_file import read

T = TypeVar("T")
REFUSED = (CannotServe, DataFolderInUse, StoreLost, WrongMasterKey, PermissionError)


def settings_of(path: Path, listen: str | None = None) -> HubConfig:
    """The settings in a file; ends with 2 and every mistake in words."""
    try:
        if listen is None:
            return load(path)
        data = read(path)
        if isinstance(data.get("hub"), dict):
            data["hub"]["listen"] = listen
        return parse(data, path)
    except BadConfig as bad:
        fail(str(bad), 2)


def club_of(config: Path) -> ClubConfig | None:
    """The club beside a hub's settings; ends with 2 and every mistake in words."""
    try:
        return beside(config)
    except BadConfig as bad:
        fail(str(bad), 2)


def _with_store(config: HubConfig, data: Path, does: Callable[[HubStore, OwnKeys], Awaitable[T]]) -> T:
    async def opened_and_done() -> T:
        async with opened(config, data) as (store, keys):
            return await does(store, keys)

    try:
        return asyncio.run(opened_and_done())
    except REFUSED as refused:
        fail(str(refused))


def _now_ms() -> int:
    return int(time.time() * 1000)


def run(config: Path, data: Path, listen: str | None) -> None:
    """Serves until a signal."""
    found, club = settings_of(config, listen), club_of(config)
    try:
        asyncio.run(serve(found, data, club))
    except REFUSED as refused:
        fail(str(refused))


def check(config: Path, data: Path) -> None:
    """Says whether the hub could serve."""
    found = settings_of(config)

    async def look(store: HubStore, _: OwnKeys) -> int:
        return len(await store.members.boxes())

    boxes = _with_store(found, data, look)
    where = "SQLite in the data folder" if found.store.embedded else "PostgreSQL"
    click.echo(f"{found.hub.id}: all is well; the store is {where}, {boxes} boxes")


def invite(config: Path, data: Path, venue: str, role: str, brand: str | None) -> None:
    """Prints an invitation."""
    found = settings_of(config)
    if not invitations.VENUE.fullmatch(venue):
        fail(f"{venue!r} is no venue's id; expected letters, digits and '-'", 2)
    ids = [each.id for each in found.brands]
    if brand is None and len(ids) > 1:
        fail(f"this house has several brands: say --brand {', --brand '.join(ids)}", 2)
    if brand is not None and brand not in ids:
        fail(f"{brand!r} is no brand of this house; expected {', '.join(ids) or 'none, there are no [[brands]]'}", 2)
    chosen = brand or (ids[0] if ids else "")

    async def make(store: HubStore, keys: OwnKeys) -> str:
        secret = await store.members.invite(venue, role, chosen, _now_ms())
        return invitations.code(secret, keys.sign)

    click.echo(_with_store(found, data, make))


def boxes(config: Path, data: Path) -> None:
    """Prints every box."""

    async def look(store: HubStore, _: OwnKeys) -> list[str]:
        stands = await store.members.stands()
        lines = []
        for box in await store.members.boxes():
            heard = times.iso(box.heard / 1000) if box.heard else "never heard"
            state = f"revoked {times.iso(box.revoked / 1000)}" if box.revoked else heard
            told = ", ".join(stands.get(box.venue, []))
            lines.append("\t".join(filter(None, (box.id, box.venue, box.role, box.brand, state, told))))
        return lines

    for line in _with_store(settings_of(config), data, look):
        click.echo(line)


def revoke(config: Path, data: Path, box: str) -> None:
    """Ends a box."""

    async def end(store: HubStore, _: OwnKeys) -> bool:
        return await store.members.revoke(box, _now_ms())

    if not _with_store(settings_of(config), data, end):
        fail(f"{box}: there is no such box, or it was revoked before")


def rewrap(config: Path, data: Path) -> None:
    """Seals every key anew."""

    found, club = settings_of(config), club_of(config)

    async def seal(store: HubStore, keys: OwnKeys) -> int:
        async with books(found, club, data) as ledger:
            if ledger is not None:
                store.wraps.also = (await roll_of(ledger, store, keys)).reseal
            return await store.wraps.rewrap(_now_ms())

    click.echo(f"{_with_store(found, data, seal)} keys sealed anew")


def office_add(config: Path, data: Path, who: str, roles: tuple[str, ...], partner: str | None = None) -> None:
    """Makes an account of head office, or a new PIN for one, and prints it."""
    roles = _roles(config, roles, partner)
    if not invitations.VENUE.fullmatch(who):
        fail(f"{who!r} is no account; expected letters, digits and '-'", 2)

    async def add(store: HubStore, _: OwnKeys) -> str:
        return await store.office.add(who, frozenset(roles or ROLES), _now_ms())

    click.echo(_with_store(settings_of(config), data, add))


def _roles(config: Path, roles: tuple[str, ...], partner: str | None) -> tuple[str, ...]:
    """Roles as they are kept: whose numbers a partner's person sees stands in the role."""
    club = club_of(config)
    if club is None and (partner or {"club", "partner"} & set(roles)):
        fail("there is no club beside these settings: expected club.toml", 2)
    if ("partner" in roles) != (partner is not None):
        fail("--role partner and --partner ID go together", 2)
    ids = [each.id for each in club.partners] if club is not None else []
    if partner is not None and partner not in ids:
        fail(f"{partner!r} is no partner of the club; expected {', '.join(ids)}", 2)
    return tuple(f"partner:{partner}" if role == "partner" else role for role in roles)


def office_list(config: Path, data: Path) -> None:
    """Prints every account of head office."""

    async def look(store: HubStore, _: OwnKeys) -> list[str]:
        return [f"{each.id}\t{', '.join(sorted(each.roles))}" for each in await store.office.listed()]

    for line in _with_store(settings_of(config), data, look):
        click.echo(line)


def office_remove(config: Path, data: Path, who: str) -> None:
    """Ends an account of head office."""

    async def remove(store: HubStore, _: OwnKeys) -> bool:
        return await store.office.remove(who)

    if not _with_store(settings_of(config), data, remove):
        fail(f"{who}: there is no such account")


def receipt(config: Path, data: Path, id_: str) -> None:
    """Prints a receipt."""
    found = settings_of(config)

    async def look(store: HubStore, keys: OwnKeys) -> dict[str, Any] | None:
        facts = await store.receipt(id_)
        return None if facts is None else receipts.signed(facts, found.retention.backup_days, keys)

    printed = _with_store(found, data, look)
    if printed is None:
        _none(id_)
    click.echo(json.dumps(printed, ensure_ascii=False, indent=1))


def _none(id_: str) -> NoReturn:
    fail(f"{id_}: the hub knows no such erasure")
