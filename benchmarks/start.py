"""How long after exec a guest at a reader is known, and how long until the console answers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.customers import tag
from benchmarks.report import Table, median, spread
from benchmarks.scale import Scale
from benchmarks.served import ROOT, Served, cpu, folder, prepare, rows_of
from gateway.records.day import events
from gateway.records.store import reading
from reader_drivers.simulated import SimulatedM100

CUSTOMERS = 1_000
BARE = "from fastapi import FastAPI; import uvicorn, pydantic, sqlite3; app = FastAPI(); print('there', flush=True)"


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """Starts again and again, each with another guest at the reader, beside a program that imports a web framework."""
    reads, answers, spent, idle, bare = [], [], [], [], []
    with folder() as place, at_the_reader(place / "door") as present:
        reader = {"id": "door", "driver": "m100", "link": str(place / "door"), "role": "tap", "zone": "z0"}
        readers = rows_of([{key: f'"{value}"' for key, value in reader.items()}])
        config, data, port = prepare(place, min(CUSTOMERS, 20 * scale.customers[0]), readers)
        for number in range(1 if scale.name == "tiny" else 3 * scale.runs):
            bare.append(_bare())
            present(tag(number))
            began = time.time()
            with Served(config, data, port, profile) as gateway:
                answers.append(gateway.started_in)
                spent.append(cpu(gateway.pid))
                gateway.wait_for(lambda seen=number: len(_arrivals(data)) > seen, 30.0)  # type: ignore[misc]
                reads.append(_arrivals(data)[-1] - began)
                time.sleep(1.0)
                idle.append(gateway.memory())
    table = Table(
        f"Start with {CUSTOMERS:,} customers, one of them at a reader",
        ("first read s", "first /health s", "processor s", "bare s", "read/bare", "health/bare", "RSS MiB"),
    )
    ratios = [[one / other for one, other in zip(each, bare, strict=True)] for each in (reads, answers)]
    table.rows.append(
        (spread(reads), spread(answers), spread(spent), spread(bare), *map(spread, ratios), f"{median(idle):.0f}")
    )
    table.notes.append("from exec to the time of the arrival; bare: a process that imports FastAPI and uvicorn")
    return [table]


@contextmanager
def at_the_reader(link: Path) -> Iterator[Callable[[str], None]]:
    """A module behind a pseudo-terminal that answers as an M100 does; what is given says which tag is held to it."""
    loop, there, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    devices: list[SimulatedM100] = []

    async def play() -> None:
        async with SimulatedM100(link) as device:
            devices.append(device)
            there.set()
            await over.wait()

    def present(epc: str) -> None:
        loop.call_soon_threadsafe(devices[0].present, epc, -45.0)

    playing = threading.Thread(target=lambda: loop.run_until_complete(play()))
    playing.start()
    there.wait()
    try:
        yield present
    finally:
        loop.call_soon_threadsafe(over.set)
        playing.join()
        loop.close()


def _arrivals(data: Path) -> list[float]:
    with closing(reading(data)) as reader, closing(reader.keyring):
        return [event.time for event in events(reader, ("visit.arrived",), 0.0, 4e9)]


def _bare() -> float:
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", BARE], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return time.perf_counter() - began
