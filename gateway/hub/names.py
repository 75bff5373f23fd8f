"""How the house's venues are called, as each said in its hello: what another venue shows of whom they lend."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.hub.database import Tx, among, first

_OF = "SELECT v.id, v.names FROM venues v WHERE v.id IN (SELECT origin FROM events WHERE subject = ?)"


async def keep(tx: Tx, venue: str, names: Mapping[str, str]) -> None:
    """Notes how a venue is called; one that does not say keeps the name it had."""
    if not names:
        return
    text = json.dumps(dict(names), ensure_ascii=False, sort_keys=True)
    row = await first(tx, "SELECT names FROM venues WHERE id = ?", venue)
    if row is None or row[0] != text:
        sql = "INSERT INTO venues VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET names = excluded.names"
        await tx.run(sql, venue, text)


async def of_venues(tx: Tx, venues: set[str]) -> dict[str, Any]:
    """The names of these venues, as far as they are known."""
    return {
        id_: json.loads(names)
        for id_, names in sorted(await among(tx, "SELECT id, names FROM venues WHERE id", venues))
    }


async def every(tx: Tx) -> dict[str, dict[str, str]]:
    """The names of all venues that have said one."""
    return {id_: json.loads(names) for id_, names in await tx.all("SELECT id, names FROM venues ORDER BY id")}


async def of_customer(tx: Tx, customer: str) -> dict[str, Any]:
    """The names of the venues that wrote of a customer."""
    return {id_: json.loads(names) for id_, names in sorted(await tx.all(_OF, customer))}
