"""What the command line may ask of a gateway that runs."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.core.actions import staff
from gateway.core.actions.customers import re_enrol
from gateway.core.gateway import Gateway
from gateway.operations.control import Handler
from gateway.operations.listeners import Listeners
from gateway.operations.recorder import Recorder
from gateway.operations.toolbox import NoSuchReader, Toolbox
from gateway.records import exchange
from gateway.records import staff as records
from gateway.records.staff import Staff

Asked = dict[str, Any]
Answer = dict[str, Any]

IMPORT_AT_ONCE = 200  # rows in one transaction, some 30 ms of the writer


def commands(
    gateway: Gateway,
    tools: Toolbox,
    shut: Callable[[str], None],
    sign_out: Callable[[str], Awaitable[None]],
    pair: Callable[[str], str],
) -> Mapping[str, Handler]:
    """The handlers by command.

    ``shut`` ends the sockets of a door, ``sign_out`` every session of a person, ``pair`` makes a link for a tablet.
    """

    async def tablet_pair(asked: Asked) -> Answer:
        return {"link": pair(asked["name"])}

    async def import_customers(asked: Asked) -> Answer:
        return await _import(gateway, Path(asked["file"]), partial=bool(asked["partial"]))

    async def put_staff(asked: Asked) -> Answer:
        unknown = set(asked["zones"]) - {z.id for z in gateway.config.zones}
        if unknown:
            return {"error": f"there is no zone {sorted(unknown)[0]!r}"}
        await gateway.act(staff.put(gateway, Staff(**asked), gateway.memory.now()), "gateway")
        await sign_out(asked["id"])  # the command always gives a new PIN
        return {}

    async def revoke_token(asked: Asked) -> Answer:
        token, now = asked["id"], gateway.memory.now()
        door = await gateway.store.write(lambda tx: records.revoke_token(tx, token, now))
        if door is None:
            return {"error": f"there is no good token {token!r}; moments token list names them"}
        shut(door)
        return {}

    return {
        "revoke-token": revoke_token,
        "tablet-pair": tablet_pair,
        "import": import_customers,
        "staff": put_staff,
        **_reading(tools),
        **_recording(gateway, tools.listeners),
        **_walking(gateway, tools),
    }


def _reading(tools: Toolbox) -> dict[str, Handler]:
    async def readers(_: Asked) -> Answer:
        return {"readers": tools.readers()}

    async def raw(asked: Asked) -> Answer:
        try:
            return {"frames": await tools.raw(asked["reader"], float(asked["seconds"]))}
        except NoSuchReader as missing:
            return {"error": str(missing)}

    return {"readers": readers, "raw": raw}


def _recording(gateway: Gateway, listeners: Listeners) -> dict[str, Handler]:
    recording: list[Recorder] = []

    async def record(asked: Asked) -> Answer:
        if recording:
            return {"error": "a recording is under way already"}
        try:
            recorder = Recorder(Path(asked["out"]), gateway.config)
        except OSError as error:
            return {"error": f"the gateway cannot write {asked['out']}: {error.strerror or error}"}
        recording.append(recorder)
        listeners.lend(recorder.hear)
        return {}

    async def record_end(_: Asked) -> Answer:
        if not recording:
            return {"error": "nothing is being recorded"}
        recorder = recording.pop()
        listeners.take_back(recorder.hear)
        recorder.close()
        return {"reads": recorder.reads}

    return {"record": record, "record-end": record_end}


def _walking(gateway: Gateway, tools: Toolbox) -> dict[str, Handler]:
    now = gateway.memory.now

    async def start(asked: Asked) -> Answer:
        return tools.start_walk(asked.get("identifier"), now())  # whoever walked before has gone

    async def look(_: Asked) -> Answer:
        return tools.look_at_walk(now()) or {"error": "no walk test is under way"}

    async def end(_: Asked) -> Answer:
        return tools.end_walk() or {}

    return {"walk-test": start, "walk-test-look": look, "walk-test-end": end}


async def _import(gateway: Gateway, file: Path, *, partial: bool) -> dict[str, Any]:
    """Imports a CSV file while the gateway serves; who is in it is recognised from now on."""
    rows, problems = await asyncio.to_thread(exchange.read_csv, file)
    if problems and not partial:
        return outcome(problems, [])
    now, tiers, done = gateway.memory.now(), gateway.config.alerts.tiers, []
    for some in batches(rows):
        change = functools.partial(exchange.import_rows, rows=some, at=now, tiers=tiers)
        done.append(await gateway.store.write(change))
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
        "problems": as_json([*problems, *(p for d in done for p in d.problems)]),
        "doubts": as_json([p for d in done for p in d.doubts]),
    }


def as_json(problems: Sequence[exchange.Problem]) -> list[dict[str, Any]]:
    """Problems, a table each."""
    return [asdict(p) for p in problems]
