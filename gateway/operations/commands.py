"""What the command line may ask of a gateway that runs."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.deeds import staff
from gateway.deeds.people import re_enrol
from gateway.gateway import Gateway
from gateway.operations.control import Handler
from gateway.operations.keeper import Keeper
from gateway.operations.recorder import Recorder
from gateway.operations.walk_test import WalkTest
from gateway.records import exchange
from gateway.records.staff import Staff
from reader_drivers import Sighting

Hear = Callable[[Sighting], None]
Asked = dict[str, Any]
Answer = dict[str, Any]

IMPORT_AT_ONCE = 200  # rows in one transaction, some 30 ms of the writer


LOOK_LONGEST = 30.0  # seconds of one look at what a reader sends


class Ears:
    """Lets others hear what the readers hear; while nobody does, a read costs nothing more."""

    def __init__(self, keepers: Sequence[Keeper], first: Hear) -> None:
        self._keepers = keepers
        self._first = first
        self._others: list[Hear] = []

    def lend(self, hear: Hear) -> None:
        """From now on ``hear`` hears every read, before the gateway does."""
        self._others.append(hear)
        self._set()

    def take_back(self, hear: Hear) -> None:
        """No longer."""
        self._others.remove(hear)
        self._set()

    def _set(self) -> None:
        hearers = [*self._others, self._first]

        def see(sighting: Sighting) -> None:
            for hear in hearers:
                hear(sighting)

        for keeper in self._keepers:
            keeper.see = see if self._others else self._first


def commands(gateway: Gateway, keepers: Sequence[Keeper]) -> Mapping[str, Handler]:
    """The handlers by command."""
    ears = Ears(keepers, gateway.see)

    async def readers(_: Asked) -> Answer:
        return {"readers": [k.details() for k in keepers]}

    async def raw(asked: Asked) -> Answer:
        keeper = next((k for k in keepers if k.config.id == asked["reader"]), None)
        if keeper is None:
            return {"error": f"there is no reader {asked['reader']!r}: {', '.join(k.config.id for k in keepers)}"}
        return {"frames": await keeper.raw.look(min(float(asked["seconds"]), LOOK_LONGEST))}

    async def import_customers(asked: Asked) -> Answer:
        return await _import(gateway, Path(asked["file"]), partial=bool(asked["partial"]))

    async def put_staff(asked: Asked) -> Answer:
        unknown = set(asked["zones"]) - {z.id for z in gateway.config.zones}
        if unknown:
            return {"error": f"there is no zone {sorted(unknown)[0]!r}"}
        await gateway.act(staff.put(gateway, Staff(**asked), gateway.memory.now()), "gateway")
        return {}

    return {
        "readers": readers,
        "raw": raw,
        "import": import_customers,
        "staff": put_staff,
        **_recording(gateway, ears),
        **_walking(gateway, ears),
    }


def _recording(gateway: Gateway, ears: Ears) -> dict[str, Handler]:
    recording: list[Recorder] = []

    async def record(asked: Asked) -> Answer:
        if recording:
            return {"error": "a recording is under way already"}
        recorder = Recorder(Path(asked["out"]), gateway.config)
        recording.append(recorder)
        ears.lend(recorder.hear)
        return {}

    async def record_end(_: Asked) -> Answer:
        if not recording:
            return {"error": "nothing is being recorded"}
        recorder = recording.pop()
        ears.take_back(recorder.hear)
        recorder.close()
        return {"reads": recorder.reads}

    return {"record": record, "record-end": record_end}


def _walking(gateway: Gateway, ears: Ears) -> dict[str, Handler]:
    walking: list[WalkTest] = []

    async def end(_: Asked) -> Answer:
        for walk in walking:
            ears.take_back(walk.hear)
        last = walking.pop().look() if walking else {}
        walking.clear()
        return last

    async def start(asked: Asked) -> Answer:
        await end({})  # whoever walked before has gone, or would have ended it
        walking.append(WalkTest(gateway.config.readers, asked.get("identifier")))
        ears.lend(walking[0].hear)
        return walking[0].look()

    async def look(_: Asked) -> Answer:
        return walking[0].look() if walking else {"error": "no walk test is under way"}

    return {"walk-test": start, "walk-test-look": look, "walk-test-end": end}


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
