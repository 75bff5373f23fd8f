"""What the command line may ask of a gateway that runs."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.deeds.people import re_enrol
from gateway.gateway import Gateway
from gateway.operations.control import Handler
from gateway.operations.keeper import Keeper
from gateway.operations.recorder import Recorder
from gateway.records import exchange
from reader_drivers import Sighting

IMPORT_AT_ONCE = 200  # rows in one transaction, some 30 ms of the writer


def commands(gateway: Gateway, keepers: Sequence[Keeper]) -> Mapping[str, Handler]:
    """The handlers by command."""

    async def readers(_: dict[str, Any]) -> dict[str, Any]:
        return {"readers": [k.shape() for k in keepers]}

    async def import_customers(asked: dict[str, Any]) -> dict[str, Any]:
        return await _import(gateway, Path(asked["file"]), partial=bool(asked["partial"]))

    recording: list[Recorder] = []

    async def record(asked: dict[str, Any]) -> dict[str, Any]:
        if recording:
            return {"error": "a recording is under way already"}
        recorder = Recorder(Path(asked["out"]), gateway.config)
        recording.append(recorder)

        def see(sighting: Sighting) -> None:
            recorder.hear(sighting)
            gateway.see(sighting)

        for keeper in keepers:
            keeper.see = see
        return {}

    async def record_end(_: dict[str, Any]) -> dict[str, Any]:
        if not recording:
            return {"error": "nothing is being recorded"}
        for keeper in keepers:
            keeper.see = gateway.see
        recorder = recording.pop()
        recorder.close()
        return {"reads": recorder.reads}

    return {"readers": readers, "import": import_customers, "record": record, "record-end": record_end}


async def _import(gateway: Gateway, file: Path, *, partial: bool) -> dict[str, Any]:
    """Imports a CSV file while the gateway serves; who is in it is recognised from now on."""
    rows, problems = await asyncio.to_thread(exchange.read_csv, file)
    if problems and not partial:
        return outcome(problems, [])
    now = gateway.memory.now()
    done = []
    for some in batches(rows):
        done.append(await gateway.store.write(functools.partial(exchange.import_rows, rows=some, at=now)))
        for row in some:
            re_enrol(gateway, row.customer, now)
    return outcome(problems, done)


def batches(rows: Sequence[exchange.Row]) -> Iterator[Sequence[exchange.Row]]:
    """A large file in parts, so that between two the doors and tablets have their turn."""
    return (rows[start : start + IMPORT_AT_ONCE] for start in range(0, len(rows), IMPORT_AT_ONCE))


def outcome(problems: Sequence[exchange.Problem], done: Sequence[exchange.Imported]) -> dict[str, Any]:
    """What an import did, as JSON."""
    return {
        "customers": sum(d.customers for d in done),
        "credentials": sum(d.credentials for d in done),
        "consents": sum(d.consents for d in done),
        "problems": told([*problems, *(p for d in done for p in d.problems)]),
    }


def told(problems: Sequence[exchange.Problem]) -> list[dict[str, Any]]:
    """Problems as JSON."""
    return [asdict(p) for p in problems]
