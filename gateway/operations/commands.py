"""What the command line may ask of a gateway that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.gateway import Gateway
from gateway.operations.control import Handler
from gateway.operations.keeper import Keeper


def commands(gateway: Gateway, keepers: Sequence[Keeper]) -> Mapping[str, Handler]:
    """The handlers by command."""

    async def readers(_: dict[str, Any]) -> dict[str, Any]:
        return {"readers": [k.shape() for k in keepers]}

    async def import_customers(asked: dict[str, Any]) -> dict[str, Any]:
        return await import_into(gateway, Path(asked["file"]), partial=bool(asked["partial"]))

    return {"readers": readers, "import": import_customers}


async def import_into(gateway: Gateway, file: Path, *, partial: bool) -> dict[str, Any]:
    """Imports a CSV file while the gateway serves; who is in it is recognised from now on."""
    from gateway.deeds.people import re_enrol
    from gateway.records import exchange

    rows, problems = exchange.read_csv(file)
    told = [{"line": p.line, "reason": p.reason} for p in problems]
    if problems and not partial:
        return {"imported": 0, "problems": told}
    now = gateway.memory.now()
    await gateway.store.write(lambda tx: exchange.import_rows(tx, rows, at=now))
    for row in rows:
        re_enrol(gateway, row.customer, now)
    return {"imported": len(rows), "problems": told}
